/* The columns of /summary are written from their fields: each number under its own name. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "lab/worker/final_metrics.h"

static const struct attribute *written(const struct record *record, const char *name) {
    const struct attribute *attribute = attributes_find(&record->final, name);
    cr_assert(attribute, "no column %s", name);
    return attribute;
}

Test(final_metrics, every_column_has_the_number_of_its_field) {
    struct final_metrics metrics = {.status = "diverged",
                                    .collapsed = 1,
                                    .diverged_at_step = 7,
                                    .steps = 8,
                                    .planned_steps = 9,
                                    .concurrency = 3,
                                    .lr_effective = 0.125,
                                    .train = {1.5, 0.25},
                                    .test_error_scored = 0.75,
                                    .train_s = 10,
                                    .eval_s = 11,
                                    .log_s = 12};
    for (int i = 0; i < SOURCE_COUNT; i++)
        metrics.last[i] = (struct evaluation_pair){{20 + i, 30 + i}, {40 + i, 50 + i}};
    static const struct {
        const char *name;
        double value;
    } expected[] = {{"optimizer.lr_effective", 0.125},
                    {"train_loss", 1.5},
                    {"train_error", 0.25},
                    {"validation_loss", 20 + SOURCE_RUNNING},
                    {"validation_error", 30 + SOURCE_RUNNING},
                    {"test_loss", 40 + SOURCE_RUNNING},
                    {"test_error", 50 + SOURCE_RUNNING},
                    {"test_error_scored", 0.75},
                    {"test_error_debiased", 50 + SOURCE_debiased},
                    {"validation_error_debiased", 30 + SOURCE_debiased},
                    {"test_error_population", 50 + SOURCE_population},
                    {"validation_error_batch", 30 + SOURCE_batch},
                    {"train_s", 10},
                    {"eval_s", 11},
                    {"log_s", 12}};
    struct record record = {0};
    final_metrics_write(&metrics, &record);
    cr_assert(record.final.n == summary_column_count(), "%d columns", record.final.n);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        double value = written(&record, expected[i].name)->real;
        cr_assert(value == expected[i].value, "%s is %g, not %g", expected[i].name, value,
                  expected[i].value);
    }
    cr_assert(!strcmp(written(&record, "status")->text, "diverged"), "status");
    cr_assert(written(&record, "collapsed")->type == TYPE_BOOL, "collapsed is yes or no");
    cr_assert(written(&record, "collapsed")->integer == 1, "collapsed");
    cr_assert(written(&record, "diverged_at_step")->integer == 7, "diverged_at_step");
    cr_assert(written(&record, "steps")->integer == 8, "steps");
    cr_assert(written(&record, "planned_steps")->integer == 9, "planned_steps");
    cr_assert(written(&record, "concurrency")->integer == 3, "concurrency");
    record_free(&record);
}
