/* What a run is measured by in the end: the one list of the metrics in /summary. */
#include "lab/table/summary_columns.h"

#include <string.h>

#include "engine/kernel/loss.h"

#define ROW(n, t, u, d)                                                                            \
    { .name = n, .type = t, .unit = u, .doc = d }
static const struct summary_column columns[METRICS] = {
    [METRIC_STATUS] = ROW("status", TYPE_TEXT, "", "complete | diverged | failed | missing"),
    [METRIC_COLLAPSED] =
        ROW("collapsed", TYPE_BOOL, "1",
            "1 where the final training loss is at least 0.98 of the best constant prediction's"),
    [METRIC_DIVERGED_AT_STEP] = ROW("diverged_at_step", TYPE_INT, "1",
                                    "0-based update whose loss was not finite; -1: none; equal to "
                                    "steps: only the final loss was not"),
    [METRIC_STEPS] = ROW("steps", TYPE_INT, "1", "updates made"),
    [METRIC_LR_EFFECTIVE] = ROW("optimizer.lr_effective", TYPE_REAL, "1",
                                "learning rate after optimizer.lr_scaling, before the schedule"),
    [METRIC_TRAIN_LOSS] = ROW("train_loss", TYPE_REAL, UNIT_OF_LOSS,
                              "loss on the first 10,000 training rows, running statistics"),
    [METRIC_TRAIN_ERROR] =
        ROW("train_error", TYPE_REAL, "1",
            "share of wrong answers on the first 10,000 training rows, running statistics"),
    [METRIC_VALIDATION_LOSS] = ROW("validation_loss", TYPE_REAL, UNIT_OF_LOSS,
                                   "loss on the validation rows, running statistics"),
    [METRIC_VALIDATION_ERROR] =
        ROW("validation_error", TYPE_REAL, "1",
            "share of wrong answers on the validation rows, running statistics"),
    [METRIC_TEST_LOSS] =
        ROW("test_loss", TYPE_REAL, UNIT_OF_LOSS, "loss on the test rows, running statistics"),
    [METRIC_TEST_ERROR] = ROW(
        "test_error", TYPE_REAL, "1",
        "share of wrong answers on the test rows, running statistics; nan where the run diverged"),
    [METRIC_TEST_ERROR_SCORED] =
        ROW("test_error_scored", TYPE_REAL, "1",
            "test_error, with a diverged run counted as the best constant prediction"),
    [METRIC_TEST_ERROR_DEBIASED] =
        ROW("test_error_debiased", TYPE_REAL, "1",
            "share of wrong answers on the test rows with the running statistics without what is "
            "left in them of their initial value; nan without running statistics"),
    [METRIC_TEST_ERROR_POPULATION] =
        ROW("test_error_population", TYPE_REAL, "1",
            "share of wrong answers on the test rows with the statistics of eval.population_rows "
            "training rows in place of the running ones; nan without running statistics"),
    [METRIC_TEST_ERROR_BATCH] =
        ROW("test_error_batch", TYPE_REAL, "1",
            "share of wrong answers on the test rows in mini-batches of eval.batch_rows, each with "
            "its own statistics; nan where the normalizer does not mix rows"),
    [METRIC_VALIDATION_ERROR_DEBIASED] = ROW("validation_error_debiased", TYPE_REAL, "1",
                                             "as test_error_debiased, on the validation rows"),
    [METRIC_VALIDATION_ERROR_POPULATION] = ROW("validation_error_population", TYPE_REAL, "1",
                                               "as test_error_population, on the validation rows"),
    [METRIC_VALIDATION_ERROR_BATCH] = ROW("validation_error_batch", TYPE_REAL, "1",
                                          "as test_error_batch, on the validation rows"),
    [METRIC_TRAIN_S] = ROW("train_s", TYPE_REAL, "s", "time in training steps"),
    [METRIC_EVAL_S] = ROW("eval_s", TYPE_REAL, "s", "time in evaluation"),
    [METRIC_LOG_S] = ROW("log_s", TYPE_REAL, "s", "time in probes"),
    [METRIC_CONCURRENCY] =
        ROW("concurrency", TYPE_INT, "1", "runs that shared the machine when this one began"),
};
#undef ROW

int summary_column_count(void) {
    return METRICS;
}

const struct summary_column *summary_column_get(int index) {
    return &columns[index];
}

const char *bank_metric(const char *name) {
    static const char group[] = "bank/";
    size_t size = strlen(group);
    return strncmp(name, group, size) ? NULL : name + size;
}
