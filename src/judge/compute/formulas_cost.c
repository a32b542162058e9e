/* Formulas about time: of a normalizer beside batch norm, and of one folded into the weights. */
#include <float.h>
#include <math.h>

#include "base/clock.h"
#include "judge/check/norm_folding.h"
#include "judge/compute/formulas_family.h"

/* ---- cost ---- */

/* Seconds of a forward and a backward pass, or of one in evaluation; the quickest of a few. */
static double seconds_of(struct norm_work *work, bool training) {
    enum { TRIES = 7, PASSES = 200 };
    double best = DBL_MAX;
    for (int try = 0; try < TRIES; try++) {
        double start = clock_seconds();
        for (int i = 0; i < PASSES; i++) {
            if (training) {
                norm_work_train(work, 0.1);
                norm_work_backward(work);
            } else {
                norm_work_evaluate(work);
            }
        }
        best = fmin(best, (clock_seconds() - start) / PASSES);
    }
    return best;
}

static double time_ratio(const struct config *config, const double *a, bool training) {
    struct norm_work work, batch;
    struct norm_config other = {.kind = normalizer_find("batch"),
                                .affine = true,
                                .eps = 1e-5,
                                .momentum = 0.9,
                                .gamma_initial = 1};
    norm_work_create(&work, &config->run.norm, (int)a[B], (int)a[D]);
    norm_work_create(&batch, &other, (int)a[B], (int)a[D]);
    norm_work_fill(&work, 0, 0, 1);
    norm_work_fill(&batch, 0, 0, 1);
    double best = DBL_MAX, best_of_batch = DBL_MAX;
    enum { ROUNDS = 3 };
    for (int i = 0; i < ROUNDS; i++) { /* in turn: what slows the machine down hits both */
        best = fmin(best, seconds_of(&work, training));
        best_of_batch = fmin(best_of_batch, seconds_of(&batch, training));
    }
    norm_work_free(&work);
    norm_work_free(&batch);
    return best / best_of_batch;
}

static double time_ratio_training(const struct config *config, const double *a) {
    return time_ratio(config, a, true);
}

static double time_ratio_evaluation(const struct config *config, const double *a) {
    return time_ratio(config, a, false);
}

/* ---- folded ---- */

enum { INPUTS = D + 1 }; /* an argument */
#define LAYER "B=64 D=100 inputs=100"

static double folding_error(const struct config *config, const double *a) {
    return norm_folding_error(&config->run.norm, (int)a[B], (int)a[D], (int)a[INPUTS]);
}

static double time_ratio_folded(const struct config *config, const double *a) {
    return norm_folding_time_ratio(&config->run.norm, (int)a[B], (int)a[D], (int)a[INPUTS]);
}

static const struct formula rows[] = {
    {"time_ratio_training", "time of a forward and backward pass over batch norm's", "1",
     "B=64 D=100", time_ratio_training},
    {"time_ratio_evaluation", "time of a pass in evaluation over batch norm's, not folded", "1",
     "B=64 D=100", time_ratio_evaluation},
    {"fold_error",
     "relative distance of a linear layer into whose weights the evaluation was folded (a slope "
     "and a shift a unit) from layer and normalizer apart",
     "1", LAYER, folding_error},
    {"time_ratio_folded",
     "time in evaluation of a linear layer with the normalizer over the linear layer alone", "1",
     LAYER, time_ratio_folded},
};

const struct formulas formulas_cost = FORMULAS(rows);
