/* What a run is measured by in the end: the one list of the metrics in /summary. */
#include "lab/table/summary_columns.h"

#include <stddef.h>
#include <string.h>

#include "engine/kernel/loss.h"

#define OF(field) offsetof(struct final_metrics, field)
#define RUNNING(part) OF(last[SOURCE_RUNNING].part)

#define TEST_ROW(name, applies, states, memory, curve, summary, bank, cost)                        \
    {"test_error_" #name, TYPE_REAL, "1", "share of wrong answers on the test rows " summary,      \
     OF(last[SOURCE_##name].test.error)},
#define VALIDATION_ROW(name, applies, states, memory, curve, summary, bank, cost)                  \
    {"validation_error_" #name, TYPE_REAL, "1", "as test_error_" #name ", on the validation rows", \
     OF(last[SOURCE_##name].validation.error)},

static const struct summary_column columns[] = {
    {"status", TYPE_TEXT, "", "complete | diverged | failed | missing", OF(status)},
    {"collapsed", TYPE_BOOL, "1",
     "1 where the final validation error is at least 90 % of the best constant prediction's; -1: "
     "not known",
     OF(collapsed)},
    {"diverged_at_step", TYPE_INT, "steps",
     "0-based update whose loss was not finite; -1: none; equal to steps: only the final loss was "
     "not",
     OF(diverged_at_step)},
    {"steps", TYPE_INT, "steps", "updates made", OF(steps)},
    {"planned_steps", TYPE_INT, "steps", "updates that the run was to make", OF(planned_steps)},
    {"optimizer.lr_effective", TYPE_REAL, "1",
     "learning rate after optimizer.lr_scaling, before the schedule", OF(lr_effective)},
    {"train_loss", TYPE_REAL, UNIT_OF_LOSS,
     "loss on the first 10,000 training rows, running statistics", OF(train.loss)},
    {"train_error", TYPE_REAL, "1",
     "share of wrong answers on the first 10,000 training rows, running statistics",
     OF(train.error)},
    {"validation_loss", TYPE_REAL, UNIT_OF_LOSS, "loss on the validation rows, running statistics",
     RUNNING(validation.loss)},
    {"validation_error", TYPE_REAL, "1",
     "share of wrong answers on the validation rows, running statistics",
     RUNNING(validation.error)},
    {"test_loss", TYPE_REAL, UNIT_OF_LOSS, "loss on the test rows, running statistics",
     RUNNING(test.loss)},
    {"test_error", TYPE_REAL, "1",
     "share of wrong answers on the test rows, running statistics; nan where the run diverged",
     RUNNING(test.error)},
    {"test_error_scored", TYPE_REAL, "1",
     "test_error, with a diverged run counted as the best constant prediction",
     OF(test_error_scored)},
    {"test_rows", TYPE_INT, "rows",
     "test rows, whose share test errors are (of *_batch: of those in whole mini-batches)",
     OF(test_rows)},
    EVALUATION_SOURCES(TEST_ROW) EVALUATION_SOURCES(VALIDATION_ROW){
        "train_s", TYPE_REAL, "s", "time in training steps", OF(train_s)},
    {"eval_s", TYPE_REAL, "s", "time in evaluation", OF(eval_s)},
    {"log_s", TYPE_REAL, "s", "time in probes", OF(log_s)},
    {"concurrency", TYPE_INT, "runs", "runs that shared the machine when this one began",
     OF(concurrency)},
};

int summary_column_count(void) {
    return sizeof columns / sizeof *columns;
}

const struct summary_column *summary_column_get(int index) {
    return &columns[index];
}

const char *bank_metric(const char *name) {
    static const char group[] = "bank/";
    size_t size = strlen(group);
    return strncmp(name, group, size) ? NULL : name + size;
}
