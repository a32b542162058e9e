/* What becomes a run's columns of /summary: the last evaluation, and what divergence leaves of it.
 */
#include "lab/worker/final_metrics.h"

#include <math.h>

#include "base/clock.h"
#include "engine/nn/baseline.h"
#include "lab/table/run_rows.h"
#include "lab/worker/observer_eval.h"

static long training_rows_evaluated(const struct trainer *trainer) {
    long n = trainer->dataset->n[PART_TRAIN];
    return n < EVALUATE_ROWS ? n : EVALUATE_ROWS;
}

/* Is it no better than 90 % of the best constant's? Where one class is all there is, a constant is
 * as good as anything. */
static bool is_no_better(const struct trainer *trainer, enum data_part part, long n,
                         struct evaluation evaluation) {
    const struct dataset *dataset = trainer->dataset;
    double chance = (double)baseline_wrong(dataset, part, n),
           reached = round(evaluation.error * (double)n);
    if (dataset_has_values(dataset)) {
        chance = baseline_loss(dataset, trainer->config.train.loss, part, n);
        reached = evaluation.loss;
    }
    return chance > 0 && 10 * reached >= 9 * chance;
}

/* By the validation rows; where there are none, by the training rows. */
static bool is_collapsed(const struct trainer *trainer, const struct final_metrics *metrics) {
    long n = trainer->dataset->n[PART_VALIDATION];
    return n > 0
               ? is_no_better(trainer, PART_VALIDATION, n, metrics->last[SOURCE_RUNNING].validation)
               : is_no_better(trainer, PART_TRAIN, training_rows_evaluated(trainer),
                              metrics->train);
}

/* Sets train and diverged_at_step. */
static enum status evaluate_training_rows(const struct trainer *trainer,
                                          struct final_metrics *metrics) {
    metrics->train = (struct evaluation){NAN, NAN};
    metrics->diverged_at_step = trainer->diverged_at_step;
    if (metrics->diverged_at_step >= 0)
        return OK;
    enum status status = evaluate(trainer, PART_TRAIN, training_rows_evaluated(trainer), NULL, NULL,
                                  &metrics->train);
    if (!isfinite(metrics->train.loss)) {
        metrics->diverged_at_step = trainer->step; /* the last update or the statistics did it */
        metrics->train = (struct evaluation){NAN, NAN};
    }
    return status;
}

enum status final_metrics_measure(struct observer *observer, struct final_metrics *metrics) {
    const struct trainer *trainer = observer->trainer;
    double begin = clock_seconds();
    enum status status = evaluate_training_rows(trainer, metrics);
    if (status)
        return status;
    observer->diverged = metrics->diverged_at_step >= 0;
    for (int i = 0; i < SOURCE_COUNT; i++)
        metrics->last[i] = observer_last(observer, i);
    metrics->status = run_end_name(observer->diverged ? END_DIVERGED : END_COMPLETE);
    metrics->collapsed = !observer->diverged && is_collapsed(trainer, metrics);
    metrics->steps = trainer->step;
    metrics->planned_steps = trainer->total_steps;
    metrics->test_rows = trainer->dataset->n[PART_TEST];
    metrics->lr_effective = trainer->lr_effective;
    metrics->test_error_scored = observer->diverged && observer->log.test != LOG_TEST_NEVER
                                     ? baseline_error(trainer->dataset, PART_TEST)
                                     : metrics->last[SOURCE_RUNNING].test.error;
    observer->eval_s += clock_seconds() - begin;
    metrics->train_s = observer->train_s;
    metrics->eval_s = observer->eval_s;
    metrics->log_s = observer->log_s;
    return OK;
}

static void write_column(const struct summary_column *column, const void *field,
                         struct record *record) {
    struct attributes *list = &record->final;
    switch (column->type) {
    case TYPE_TEXT:
        attributes_add_text(record, list, column->name, *(const char *const *)field, column->doc);
        break;
    case TYPE_BOOL:
        attributes_add_bool(record, list, column->name, *(const long *)field != 0, column->doc);
        break;
    case TYPE_INT:
        attributes_add_int(record, list, column->name, *(const long *)field, column->unit,
                           column->doc);
        break;
    case TYPE_REAL:
        attributes_add_real(record, list, column->name, *(const double *)field, column->unit,
                            column->doc);
        break;
    }
}

void final_metrics_write(const struct final_metrics *metrics, struct record *record) {
    for (int i = 0; i < summary_column_count(); i++) {
        const struct summary_column *column = summary_column_get(i);
        write_column(column, (const char *)metrics + column->offset, record);
    }
}
