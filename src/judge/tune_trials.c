#include "judge/tune_trials.h"

#include <math.h>
#include <string.h>

#include "judge/tune_definition.h"
#include "lab/store.h"

/* ---- what a run that gives no number counts as ---- */

/* p [K]: class frequencies of a part. */
static double *frequencies(const struct dataset *dataset, enum data_part part, struct pool *pool) {
    size_t K = (size_t)dataset->n_classes;
    long n = dataset->n[part], *counts = pool_alloc(pool, K * sizeof *counts);
    double *p = pool_alloc(pool, K * sizeof *p);
    dataset_class_counts(dataset, part, n, counts);
    for (size_t k = 0; k < K; k++)
        p[k] = (double)counts[k] / (double)n;
    return p;
}

/* The commonest class of the training rows, answered to every validation row. */
static double constant_error(const struct planned_run *run, struct pool *pool) {
    const double *train = frequencies(run->dataset, PART_TRAIN, pool);
    const double *validation = frequencies(run->dataset, PART_VALIDATION, pool);
    int commonest = 0;
    for (int k = 1; k < run->dataset->n_classes; k++)
        if (train[k] > train[commonest])
            commonest = k;
    return 1 - validation[commonest];
}

static double constant_loss(const struct planned_run *run, struct pool *pool) {
    return loss_get(run->config.run.train.loss)
        ->constant(frequencies(run->dataset, PART_VALIDATION, pool), run->dataset->n_classes);
}

static double constant_score(const char *by, const struct planned_run *run) {
    struct pool pool = {0};
    double score =
        !strcmp(by, "validation_loss") ? constant_loss(run, &pool) : constant_error(run, &pool);
    pool_free(&pool);
    return score;
}

/* ---- the trials' figures ---- */

static bool is_true(const struct attribute *attribute) {
    return attribute && attribute->integer;
}

/* One trial's run; ERROR_RESULTS where it is not finished. */
static enum status read_trial(const struct tune *tune, const struct planned_run *run,
                              const char *path, double *score, bool *failed) {
    struct record record = {0};
    enum status status = store_peek_run(path, &record);
    if (status)
        return status;
    const struct attribute *word = attributes_find(&record.final, "status");
    const struct attribute *figure = attributes_find(&record.final, tune->tuning.by);
    bool diverged = word && word->type == TYPE_TEXT && !strcmp(word->text, "diverged");
    if (strcmp(record.id, run->id) != 0 || !figure || figure->type != TYPE_REAL)
        status = fail(ERROR_RESULTS, "%s: does not hold the figures of run %s", path, run->id);
    if (!status) {
        *failed = diverged || is_true(attributes_find(&record.final, "collapsed"));
        *score = isfinite(figure->real) ? figure->real : constant_score(tune->tuning.by, run);
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
