/* Scores of the trials, read from their files. */
#include "judge/tune/tune_trials.h"

#include <math.h>
#include <string.h>

#include "engine/nn/baseline.h"
#include "judge/tune/tune_definition.h"
#include "lab/store/outcome.h"
#include "lab/store/store.h"

/* ---- what a run that gives no number counts as ---- */

static double baseline_score(const char *by, const struct planned_run *run) {
    const struct dataset *dataset = run->dataset;
    return !strcmp(by, "validation_loss")
               ? baseline_loss(dataset, run->config.run.train.loss, PART_VALIDATION,
                               dataset->n[PART_VALIDATION])
               : baseline_error(dataset, PART_VALIDATION);
}

/* ---- the trials' metrics ---- */

/* One trial's run; ERROR_RESULTS where it is not finished. */
static enum status read_trial(const struct tune *tune, const struct planned_run *run,
                              const char *path, double *score, bool *failed) {
    struct record record = {0};
    enum status status = store_peek_run(path, &record);
    if (status)
        return status;
    const struct attribute *word = attributes_find(&record.final, "status");
    const struct attribute *metric = attributes_find(&record.final, tune->tuning.by);
    bool diverged = word && word->type == TYPE_TEXT && !strcmp(word->text, "diverged");
    if (strcmp(record.id, run->id) != 0 || !metric || metric->type != TYPE_REAL)
        status = fail(ERROR_RESULTS, "%s: does not hold the metrics of run %s", path, run->id);
    if (!status) {
        *failed = diverged || outcome_collapsed(&record);
        *score = isfinite(metric->real) ? metric->real : baseline_score(tune->tuning.by, run);
    }
    record_free(&record);
    return status;
}

enum status tune_read_trials(struct tune *tune, const struct plan *plan, const char *out) {
    struct pool pool = {0};
    int n_seeds = tune->tuning.n_seeds, run = 0;
    enum status status = OK;
    for (int i = 0; i < tune->n_arms; i++) {
        struct tune_arm *arm = &tune->arms[i];
        for (int at = 0; at < tune->grids[arm->group].n * n_seeds && !status; at++) {
            status = tune_find_run(tune, plan, arm, at / n_seeds, at % n_seeds, &run);
            if (status)
                break;
            const char *path =
                pool_format(&pool, "%s/%s/%s.h5", out, plan->experiment->name, plan->runs[run].id);
            status = read_trial(tune, &plan->runs[run], path, &arm->scores[at], &arm->failed[at]);
        }
    }
    pool_free(&pool);
    return status;
}
