/* The bank's errors as series: along momentum and kind of average, after the run and, at level
 * full, after every epoch. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "lab/worker/observer.h"

struct figure {
    const char *name, *doc;
    size_t offset;
};

static const struct figure figures[] = {
    {"validation_error", "share of wrong answers on the validation rows, the bank's statistics",
     offsetof(struct bank_errors, plain.validation)},
    {"validation_error_debiased",
     "share of wrong answers on the validation rows, the bank's statistics without what is left "
     "of their initial value",
     offsetof(struct bank_errors, debiased.validation)},
    {"test_error", "share of wrong answers on the test rows, the bank's statistics",
     offsetof(struct bank_errors, plain.test)},
    {"test_error_debiased",
     "share of wrong answers on the test rows, the bank's statistics without what is left of "
     "their initial value",
     offsetof(struct bank_errors, debiased.test)},
};
enum { FIGURES = sizeof figures / sizeof *figures };

/* A group of series: rows of the bank's points, or one row without an epoch. */
struct group {
    const struct observer *observer;
    struct record *record;
    const char *name;
    const struct bank_errors *rows; /* [n_rows, bank.n]; NULL: there is no point */
    long n_rows;
    bool by_epoch;
};

static bool wants(const struct group *group, const struct figure *figure) {
    const struct observer *observer = group->observer;
    if (!strncmp(figure->name, "validation_", 11))
        return observer->trainer->dataset->n[PART_VALIDATION] > 0;
    return observer->log.test == LOG_TEST_EPOCH ||
           (!group->by_epoch && observer->log.test == LOG_TEST_FINAL);
}

static void add_scale(const struct group *group, const char *name, const char *doc,
                      enum series_type type, long n, const void *values) {
    const struct series scale = {group->name, name, "1", doc, type, 1, {(size_t)n}, {name}, values};
    record_add_series(group->record, &scale);
}

static void add_count(const struct group *group, const char *name, const char *doc, long n,
                      long first) {
    struct pool pool = {0};
    long *values = pool_alloc(&pool, (size_t)n * sizeof *values);
    for (long i = 0; i < n; i++)
        values[i] = first + i;
    add_scale(group, name, doc, SERIES_I64, n, values);
    pool_free(&pool);
}

static double value_of(const struct group *group, const struct figure *figure, size_t row) {
    if (!group->rows)
        return NAN;
    struct bank_errors errors = group->rows[row];
    if (!group->by_epoch) {
        errors.plain = observer_kept(group->observer, errors.plain);
        errors.debiased = observer_kept(group->observer, errors.debiased);
    }
    return *(const double *)(const void *)((const char *)&errors + figure->offset);
}

static void add_figure(const struct group *group, const struct figure *figure) {
    const struct bank *bank = &group->observer->trainer->bank;
    size_t n = (size_t)(group->n_rows * bank->n);
    struct pool pool = {0};
    double *values = pool_alloc(&pool, n * sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = value_of(group, figure, i);
    struct series series = {.group = group->name,
                            .name = figure->name,
                            .unit = "1",
                            .doc = figure->doc,
                            .type = SERIES_F64,
                            .n_dims = 2,
                            .dims = {(size_t)bank->n_momenta, NORM_AVERAGES},
                            .dim_names = {"momentum", "average"},
                            .data = values};
    if (group->by_epoch) {
        series.n_dims = 3;
        memmove(&series.dims[1], &series.dims[0], 2 * sizeof *series.dims);
        memmove(&series.dim_names[1], &series.dim_names[0], 2 * sizeof *series.dim_names);
        series.dims[0] = (size_t)group->n_rows;
        series.dim_names[0] = "epoch";
    }
    record_add_series(group->record, &series);
    pool_free(&pool);
}

static void write_group(const struct group *group) {
    const struct bank *bank = &group->observer->trainer->bank;
    if (group->by_epoch)
        add_count(group, "epoch", "epochs done, from 1; a last part of an epoch counts as one",
                  group->n_rows, 1);
    add_scale(group, "momentum", "share of the old value in running statistics (eval.momenta)",
              SERIES_F64, bank->n_momenta, bank->momenta);
    add_count(group, "average",
              "what is averaged beside the mean (norm.average): 0 variance, 1 deviation, 2 second "
              "moment",
              NORM_AVERAGES, 0);
    for (int i = 0; i < FIGURES; i++)
        if (wants(group, &figures[i]))
            add_figure(group, &figures[i]);
}

/* The run's last point: of a run that diverged, what observer_kept leaves of it. */
static void write_final(const struct observer *observer, struct record *record) {
    struct group group = {observer, record, "bank", NULL, 1, false};
    if (observer->n_bank_points > 0)
        group.rows = observer_bank_row(observer, observer->n_bank_points - 1);
    write_group(&group);
}

void observer_write_bank(const struct observer *observer, struct record *record) {
    if (observer->trainer->bank.n == 0)
        return;
    write_final(observer, record);
    if (observer->log.level < LOG_FULL || observer->n_bank_points == 0)
        return;
    struct group group = {observer, record, "bank_epoch", observer->bank, observer->n_bank_points,
                          true};
    write_group(&group);
}
