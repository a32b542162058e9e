/* The metrics of a finished run: the columns of /summary beside the configuration keys, in order.
 */
#pragma once

#include "lab/table/table.h"

enum run_metric {
    METRIC_STATUS,
    METRIC_COLLAPSED,
    METRIC_DIVERGED_AT_STEP,
    METRIC_STEPS,
    METRIC_LR_EFFECTIVE,
    METRIC_TRAIN_LOSS,
    METRIC_TRAIN_ERROR,
    METRIC_VALIDATION_LOSS,
    METRIC_VALIDATION_ERROR,
    METRIC_TEST_LOSS,
    METRIC_TEST_ERROR,
    METRIC_TEST_ERROR_SCORED,
    METRIC_TEST_ERROR_DEBIASED,
    METRIC_TEST_ERROR_POPULATION,
    METRIC_TEST_ERROR_BATCH,
    METRIC_VALIDATION_ERROR_DEBIASED,
    METRIC_VALIDATION_ERROR_POPULATION,
    METRIC_VALIDATION_ERROR_BATCH,
    METRIC_TRAIN_S,
    METRIC_EVAL_S,
    METRIC_LOG_S,
    METRIC_CONCURRENCY,
    METRICS,
};

struct summary_column {
    const char *name;
    enum cell_type type;
    const char *unit, *doc;
};

int summary_column_count(void);
const struct summary_column *summary_column_get(int index);

/* "test_error" of "bank/test_error": a metric of the members of the runs' banks; NULL: of the run.
 */
const char *bank_metric(const char *name);
