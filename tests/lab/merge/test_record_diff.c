/* Of two records all that differs is named, and nothing else. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "lab/merge/record_diff.h"

static const double curve[] = {1, 0.5, NAN, -0.25};

static void fill(struct record *record) {
    *record = (struct record){.id = "r0123456789ab"};
    attributes_add_text(record, &record->config, "norm.kind", "batch", NULL);
    attributes_add_int(record, &record->config, "seed", 3, NULL, NULL);
    attributes_add_real(record, &record->final, "test_error", 0.125, "1", "");
    attributes_add_real(record, &record->final, "test_loss", NAN, "nat", "");
    attributes_add_text(record, &record->final, "status", "complete", "");
    attributes_add_real(record, &record->final, "train_s", 7, "s", "");
    attributes_add_text(record, &record->provenance, "compiler", "gcc", NULL);
    attributes_add_text(record, &record->provenance, "started", "today", NULL);
    record_add_count(record, "epoch", "epoch", "", 4, 0);
    struct series series = {"epoch", "test_error", "1", "", SERIES_F64, 1, {4}, {"epoch"}, curve};
    record_add_series(record, &series);
    series.name = "epoch_s";
    record_add_series(record, &series);
}

static struct attribute *find(struct attributes *list, const char *name) {
    return (struct attribute *)(uintptr_t)attributes_find(list, name);
}

static double *numbers(struct record *record, const char *name) {
    const struct series *series = record_find_series(record, "epoch", name);
    return (double *)(uintptr_t)series->data;
}

static void change_setting(struct record *b) {
    find(&b->config, "seed")->integer = 4;
}
static void lose_setting(struct record *b) {
    b->config.n--;
}
static void change_environment(struct record *b) {
    find(&b->provenance, "compiler")->text = "clang";
}
static void change_moment(struct record *b) {
    find(&b->provenance, "started")->text = "tomorrow";
    find(&b->final, "train_s")->real = 8;
    numbers(b, "epoch_s")[0] = 9;
}
static void change_metric(struct record *b) {
    find(&b->final, "test_error")->real = 0.25;
}
static void change_word(struct record *b) {
    find(&b->final, "status")->text = "diverged";
}
static void make_a_number(struct record *b) {
    find(&b->final, "test_loss")->real = 1;
}
static void change_point(struct record *b) {
    numbers(b, "test_error")[0] = 1.0000000000000002;
    numbers(b, "test_error")[3] = -0.2;
}
static void add_series(struct record *b) {
    const struct series series = {"epoch", "more", "1", "", SERIES_F64, 1, {4}, {"epoch"}, curve};
    record_add_series(b, &series);
}
static void change_nothing(struct record *b) {
    (void)b;
}

static const struct {
    void (*change)(struct record *b);
    enum diff_part part;
    const char *name, *a, *b;
    double relative;
} cases[] = {
    {change_nothing, DIFF_PARTS, NULL, NULL, NULL, 0},
    {change_moment, DIFF_PARTS, NULL, NULL, NULL, 0},
    {change_setting, DIFF_CONFIGURATION, "seed", "3", "4", NAN},
    {lose_setting, DIFF_CONFIGURATION, "seed", "3", "-", NAN},
    {change_environment, DIFF_ENVIRONMENT, "compiler", "gcc", "clang", NAN},
    {change_metric, DIFF_METRIC, "test_error", "0.125", "0.25", 0.5},
    {change_word, DIFF_METRIC, "status", "complete", "diverged", INFINITY},
    {make_a_number, DIFF_METRIC, "test_loss", "nan", "1", INFINITY},
    {change_point, DIFF_SERIES, "epoch/test_error", "-0.25", "-0.2", 0.2},
    {add_series, DIFF_SERIES, "epoch/more", "-", "[4 epoch]", INFINITY},
};

Test(record_diff, what_differs_is_named_with_both_values) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct record a, b;
        struct record_diff diff;
        fill(&a);
        fill(&b);
        cases[i].change(&b);
        record_compare(&a, &b, &diff);
        cr_assert(diff.n == (cases[i].name != NULL), "case %zu: %d differences", i, diff.n);
        if (diff.n > 0) {
            const struct record_difference *found = diff.items;
            cr_expect(found->part == cases[i].part && !strcmp(found->name, cases[i].name),
                      "case %zu: %s", i, found->name);
            cr_expect(!strcmp(found->a, cases[i].a) && !strcmp(found->b, cases[i].b),
                      "case %zu: %s, %s", i, found->a, found->b);
            cr_expect(isnan(cases[i].relative) ? isnan(found->relative)
                      : isinf(cases[i].relative)
                          ? isinf(found->relative)
                          : fabs(found->relative - cases[i].relative) < 1e-12,
                      "case %zu: %g", i, found->relative);
        }
        cr_expect(diff.n_metrics >= 3 && diff.n_series >= 2, "case %zu: %d, %d", i, diff.n_metrics,
                  diff.n_series);
        record_diff_free(&diff);
        record_free(&a);
        record_free(&b);
    }
}

Test(record_diff, the_largest_difference_is_of_numbers_alone) {
    struct record a, b;
    struct record_diff diff;
    fill(&a);
    fill(&b);
    change_environment(&b);
    record_compare(&a, &b, &diff);
    cr_expect(record_diff_largest(&diff) == 0, "%g", record_diff_largest(&diff));
    record_diff_free(&diff);
    change_metric(&b);
    record_compare(&a, &b, &diff);
    cr_expect(record_diff_largest(&diff) == 0.5, "%g", record_diff_largest(&diff));
    record_diff_free(&diff);
    record_free(&a);
    record_free(&b);
}
