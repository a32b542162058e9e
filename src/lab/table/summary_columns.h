/* The metrics of a finished run: the columns of /summary beside the configuration keys, in order.
 *
 * To add one: a field of struct final_metrics, a row in summary_columns.c, and what fills the
 * field, in lab/worker/final_metrics.c. */
#pragma once

#include "engine/nn/evaluation_sources.h"
#include "lab/table/table.h"

struct final_metrics {
    const char *status;
    long collapsed, diverged_at_step, steps, planned_steps, test_rows, concurrency;
    double lr_effective;
    struct evaluation train;                   /* of the first EVALUATE_ROWS rows */
    struct evaluation_pair last[SOURCE_COUNT]; /* after the last step, by source */
    double test_error_scored;
    double train_s, eval_s, log_s;
};

struct summary_column {
    const char *name;
    enum cell_type type;
    const char *unit, *doc;
    size_t offset; /* in struct final_metrics: a double, a long, or a pointer to a text */
};

int summary_column_count(void);
const struct summary_column *summary_column_get(int index);

/* "test_error" of "bank/test_error": a metric of the members of the runs' banks; NULL: of the run.
 */
const char *bank_metric(const char *name);
