/* Formulas about time: of a normalizer beside batch norm, alone and in a network that trains, and
 * of one folded into the weights. Two arms take turns, so that what slows the machine down hits
 * both; a turn gives a ratio, the turns its median and the interval of that. */
#include <float.h>
#include <math.h>

#include "base/clock.h"
#include "base/sort.h"
#include "judge/check/norm_folding.h"
#include "judge/compute/formulas_family.h"
#include "lab/bench/bench_data.h"

/* ---- turns ---- */

enum { TURNS = 25 };

/* The median of the turns' ratios. Its interval is that between two of them, counted from either
 * end: the true median lies outside of it if 7 or fewer of 25 turns come out on its one side, which
 * has probability 2 * .0216 whatever the distribution (Conover 1999, Practical nonparametric
 * statistics, 3.2). */
static struct measured measured_in_turns(double ratios[TURNS]) {
    enum { OUTSIDE = 7 };
    sort_numbers(ratios, TURNS);
    return (struct measured){ratios[TURNS / 2], ratios[OUTSIDE], ratios[TURNS - 1 - OUTSIDE]};
}

/* The quickest of a few: somebody else's share of the processor is no part of it. */
static double quickest(double (*seconds_of)(void *arm), void *arm) {
    enum { TRIES = 3 };
    double best = DBL_MAX;
    for (int i = 0; i < TRIES; i++)
        best = fmin(best, seconds_of(arm));
    return best;
}

/* Each turn the other one goes first; the turn before the first is not counted. */
static struct measured take_turns(double (*seconds_of)(void *arm), void *first, void *second) {
    double ratios[TURNS];
    for (int i = -1; i < TURNS; i++) {
        void *const arms[2] = {first, second};
        double seconds[2];
        int begin = i & 1;
        seconds[begin] = quickest(seconds_of, arms[begin]);
        seconds[1 - begin] = quickest(seconds_of, arms[1 - begin]);
        if (i >= 0)
            ratios[i] = seconds[0] / seconds[1];
    }
    return measured_in_turns(ratios);
}

static struct norm_config batch_norm(void) {
    return (struct norm_config){.kind = normalizer_find("batch"),
                                .affine = true,
                                .eps = 1e-5,
                                .momentum = 0.9,
                                .gamma_initial = 1};
}

/* ---- the normalizer alone ---- */

struct kernel {
    struct norm_work work;
    bool training;
};

/* Of some forward and backward passes, or passes in evaluation. */
static double kernel_seconds(void *arm) {
    enum { PASSES = 200 };
    struct kernel *kernel = arm;
    double start = clock_seconds();
    for (int i = 0; i < PASSES; i++) {
        if (kernel->training) {
            norm_work_train(&kernel->work, 0.1);
            norm_work_backward(&kernel->work);
        } else {
            norm_work_evaluate(&kernel->work);
        }
    }
    return clock_seconds() - start;
}

static struct measured kernel_ratio(const struct config *config, const double *a, bool training) {
    struct kernel kernel = {.training = training}, batch = kernel;
    struct norm_config other = batch_norm();
    norm_work_create(&kernel.work, &config->run.norm, (int)a[B], (int)a[D]);
    norm_work_create(&batch.work, &other, (int)a[B], (int)a[D]);
    norm_work_fill(&kernel.work, 0, 0, 1);
    norm_work_fill(&batch.work, 0, 0, 1);
    struct measured ratio = take_turns(kernel_seconds, &kernel, &batch);
    norm_work_free(&kernel.work);
    norm_work_free(&batch.work);
    return ratio;
}

static struct measured time_ratio_training(const struct config *config, const double *a) {
    return kernel_ratio(config, a, true);
}

static struct measured time_ratio_evaluation(const struct config *config, const double *a) {
    return kernel_ratio(config, a, false);
}

/* ---- in a network ---- */

enum { NETWORK_INPUTS = B + 1, NETWORK_OUTPUTS }; /* arguments */

/* As many steps as see 1,280 rows: about a hundredth of a second. */
static double network_seconds(void *arm) {
    enum { ROWS = 1280 };
    struct trainer *trainer = arm;
    double start = clock_seconds();
    trainer_advance(trainer, ROWS / trainer->B > 0 ? ROWS / trainer->B : 1, NULL);
    return clock_seconds() - start;
}

/* At a rate at which neither diverges: the numbers do not change how long a step takes. */
static enum status network_create(const struct config *config, const struct norm_config *norm,
                                  const double *a, const struct bench_data *data,
                                  struct trainer **trainer) {
    struct run_config run = config->run;
    run.norm = *norm;
    run.train.batch_size = (long)a[B];
    run.train.steps = 1L << 40;
    run.optimizer.lr = 1e-6;
    return trainer_create(trainer, &run, data->dataset, 1);
}

static struct measured time_ratio_network(const struct config *config, const double *a) {
    struct measured ratio = {NAN, NAN, NAN};
    struct norm_config other = batch_norm();
    struct trainer *network = NULL, *batch = NULL;
    struct bench_data *data = NULL;
    if (bench_data_create((int)a[NETWORK_INPUTS], (int)a[NETWORK_OUTPUTS], &data))
        return ratio;
    if (!network_create(config, &config->run.norm, a, data, &network) &&
        !network_create(config, &other, a, data, &batch))
        ratio = take_turns(network_seconds, network, batch);
    trainer_free(network);
    trainer_free(batch);
    bench_data_free(data);
    return ratio;
}

/* ---- folded ---- */

enum { INPUTS = D + 1 }; /* an argument */
#define LAYER "B=64 D=100 inputs=100"

static double folding_error(const struct config *config, const double *a) {
    return norm_folding_error(&config->run.norm, (int)a[B], (int)a[D], (int)a[INPUTS]);
}

static struct measured time_ratio_folded(const struct config *config, const double *a) {
    double ratios[TURNS];
    norm_folding_time_ratios(&config->run.norm, (int)a[B], (int)a[D], (int)a[INPUTS], TURNS,
                             ratios);
    return measured_in_turns(ratios);
}

static const struct formula rows[] = {
    {"time_ratio_training", "time of a forward and backward pass over batch norm's", "1",
     "B=64 D=100", .measure = time_ratio_training},
    {"time_ratio_evaluation", "time of a pass in evaluation over batch norm's, not folded", "1",
     "B=64 D=100", .measure = time_ratio_evaluation},
    {"time_ratio_network",
     "time of a training step of a network over that of the same network with batch norm, one "
     "thread",
     "1", "B=64 inputs=784 outputs=10", .measure = time_ratio_network},
    {"fold_error",
     "relative distance of a linear layer into whose weights the evaluation was folded (a slope "
     "and a shift a unit) from layer and normalizer apart; far off where it is none, as layer's or "
     "dyt's",
     "1", LAYER, .compute = folding_error},
    {"time_ratio_folded",
     "time in evaluation of a linear layer with the normalizer over the linear layer alone", "1",
     LAYER, .measure = time_ratio_folded},
};

const struct formulas formulas_cost = FORMULAS(rows);
