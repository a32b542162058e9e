/* The bank's errors as series: along momentum and kind of average, after the run and, at level
 * full, after every epoch. */
#include "lab/worker/observer_bank.h"

#include <string.h>

#include "lab/worker/observer_eval.h"

/* A group of series: rows of the bank's points, or one row without an epoch. */
struct group {
    const struct observer *observer;
    struct record *record;
    const char *name;
    const struct bank_point *rows; /* by_epoch: [n_rows, bank.n] */
    long n_rows;
    bool by_epoch;
};

static bool wants(const struct group *group, enum data_part part) {
    const struct observer *observer = group->observer;
    if (part == PART_VALIDATION)
        return observer->trainer->dataset->n[part] > 0;
    return observer->log.test == LOG_TEST_EPOCH ||
           (!group->by_epoch && observer->log.test == LOG_TEST_FINAL);
}

static double error_of(const struct group *group, enum data_part part, int source, size_t row) {
    struct evaluation_pair pair = group->by_epoch
                                      ? group->rows[row].by[source]
                                      : observer_bank_last(group->observer, (int)row, source);
    return part == PART_VALIDATION ? pair.validation.error : pair.test.error;
}

static void add_errors(const struct group *group, enum data_part part, int source) {
    const struct evaluation_source *row = evaluation_source_get(source);
    const char *word = part == PART_VALIDATION ? "validation" : "test";
    const struct bank *bank = &group->observer->trainer->bank;
    size_t n = (size_t)(group->n_rows * bank->n);
    struct pool pool = {0};
    double *values = pool_alloc(&pool, n * sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = error_of(group, part, source, i);
    struct series series = {
        .group = group->name,
        .name = pool_format(&pool, "%s_error%s", word, row->suffix),
        .unit = "1",
        .doc = pool_format(&pool, "share of wrong answers on the %s rows, the bank's statistics%s",
                           word, row->bank),
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
        record_add_count(group->record, group->name, "epoch",
                         "epochs done, from 1; a last part of an epoch counts as one",
                         (size_t)group->n_rows, 1);
    record_add_scale(group->record, group->name, "momentum",
                     "share of the old value in running statistics (eval.momenta)", SERIES_F64,
                     (size_t)bank->n_momenta, bank->momenta);
    record_add_count(
        group->record, group->name, "average",
        "what is averaged beside the mean (norm.average): 0 variance, 1 deviation, 2 second "
        "moment",
        NORM_AVERAGES, 0);
    for (enum data_part part = PART_VALIDATION; part <= PART_TEST; part++)
        for (int i = 0; i < SOURCE_COUNT && wants(group, part); i++)
            if (evaluation_source_get(i)->bank)
                add_errors(group, part, i);
}

/* The run's last point: of a run that diverged, what observer_kept leaves of it. */
static void write_final(const struct observer *observer, struct record *record) {
    const struct group group = {observer, record, "bank", NULL, 1, false};
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
