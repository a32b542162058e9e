/* What can be computed for a claim: the table, and its functions. Inputs are normal numbers, the
 * same every time. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "judge/check/norm_work.h"
#include "judge/claim/computation.h"
#include "judge/claim/norm_folding.h"

/* ---- sizes of arrays ---- */

static double mean_of(size_t n, const float *x) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i];
    return sum / (double)n;
}

static double deviation_of(size_t n, const float *x) {
    double mean = mean_of(n, x), square = 0;
    for (size_t i = 0; i < n; i++)
        square += ((double)x[i] - mean) * ((double)x[i] - mean);
    return sqrt(square / (double)n);
}

static double rms(size_t n, const float *x) {
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += (double)x[i] * (double)x[i];
    return sqrt(square / (double)n);
}

/* Root mean square of a - b over that of b. */
static double change(size_t n, const float *a, const float *b) {
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return sqrt(square / (double)n) / rms(n, b);
}

static size_t size_of(const struct norm_work *work) {
    return (size_t)work->B * (size_t)work->D;
}

/* ---- the output of a normalizer in training ---- */

enum { B, D, MEAN, DEVIATION, REST }; /* arguments that most of them begin with */
#define SHAPE "B=64 D=100 mean=0 deviation=1"

static void begin(struct norm_work *work, const struct config *config, const double *a) {
    norm_work_create(work, &config->run.norm, (int)a[B], (int)a[D]);
    norm_work_fill(work, 0, a[MEAN], a[DEVIATION]);
    norm_work_train(work, 0);
}

static double output_mean(const struct config *config, const double *a) {
    struct norm_work work;
    begin(&work, config, a);
    double result = mean_of(size_of(&work), work.y);
    norm_work_free(&work);
    return result;
}

static double output_deviation(const struct config *config, const double *a) {
    struct norm_work work;
    begin(&work, config, a);
    double result = deviation_of(size_of(&work), work.y);
    norm_work_free(&work);
    return result;
}

static double largest_output(const struct config *config, const double *a) {
    struct norm_work work;
    double largest = 0;
    begin(&work, config, a);
    for (size_t i = 0; i < size_of(&work); i++)
        largest = fmax(largest, fabs((double)work.y[i]));
    norm_work_free(&work);
    return largest;
}

static double share_within(const struct config *config, const double *a) {
    struct norm_work work;
    long within = 0;
    begin(&work, config, a);
    for (size_t i = 0; i < size_of(&work); i++)
        within += fabs((double)work.y[i]) < a[REST];
    double share = (double)within / (double)size_of(&work);
    norm_work_free(&work);
    return share;
}

/* The mean of each row's output, root mean square over the rows. */
static double row_mean(const struct config *config, const double *a) {
    struct norm_work work;
    double square = 0;
    begin(&work, config, a);
    for (int b = 0; b < work.B; b++) {
        double mean = mean_of((size_t)work.D, work.y + (long)b * work.D);
        square += mean * mean;
    }
    double result = sqrt(square / work.B);
    norm_work_free(&work);
    return result;
}

/* The first unit is constant: it has no deviation. */
static double finite_share(const struct config *config, const double *a) {
    struct norm_work work;
    long finite = 0;
    norm_work_create(&work, &config->run.norm, (int)a[B], (int)a[D]);
    norm_work_fill(&work, 0, a[MEAN], a[DEVIATION]);
    for (int b = 0; b < work.B && a[REST] != 0; b++)
        work.x[(long)b * work.D] = 1;
    norm_work_train(&work, 0);
    for (size_t i = 0; i < size_of(&work); i++)
        finite += isfinite(work.y[i]) != 0;
    double share = (double)finite / (double)size_of(&work);
    norm_work_free(&work);
    return share;
}

/* ---- what the output does not depend on ---- */

/* How much the output changes when the input becomes scale * x + shift_j. */
static double affine_effect(const struct config *config, const double *a, double scale,
                            double shift) {
    struct norm_work before, after;
    struct random_key key = {0, RANDOM_TEST, 1};
    begin(&before, config, a);
    begin(&after, config, a);
    for (int b = 0; b < after.B; b++)
        for (int j = 0; j < after.D; j++) {
            float *x = &after.x[(long)b * after.D + j];
            *x = (float)(scale * (double)*x + shift * random_normal(key, (uint64_t)j));
        }
    norm_work_train(&after, 0);
    double result = change(size_of(&before), after.y, before.y);
    norm_work_free(&before);
    norm_work_free(&after);
    return result;
}

static double scale_effect(const struct config *config, const double *a) {
    return affine_effect(config, a, a[REST], 0);
}

static double shift_effect(const struct config *config, const double *a) {
    return affine_effect(config, a, 1, a[REST]);
}

/* One unit's input, and no other's, is multiplied. */
static double column_effect(const struct config *config, const double *a) {
    struct norm_work before, after;
    begin(&before, config, a);
    begin(&after, config, a);
    for (int b = 0; b < after.B; b++)
        after.x[(long)b * after.D] *= (float)a[REST];
    norm_work_train(&after, 0);
    double result = change(size_of(&before), after.y, before.y);
    norm_work_free(&before);
    norm_work_free(&after);
    return result;
}

/* How much the first row's output changes when all other rows are exchanged. */
static double company_effect(const struct config *config, const double *a, bool training) {
    struct norm_work here, there;
    begin(&here, config, a);
    begin(&there, config, a);
    norm_work_fill(&there, 1, a[MEAN], a[DEVIATION]);
    memcpy(there.x, here.x, (size_t)here.D * sizeof *here.x);
    if (training) {
        norm_work_train(&there, 0);
    } else {
        norm_work_evaluate(&here);
        norm_work_evaluate(&there);
    }
    double result = change((size_t)here.D, there.y, here.y);
    norm_work_free(&here);
    norm_work_free(&there);
    return result;
}

static double company_effect_training(const struct config *config, const double *a) {
    return company_effect(config, a, true);
}

static double company_effect_evaluation(const struct config *config, const double *a) {
    return company_effect(config, a, false);
}

/* How much the first row's output differs between training and evaluation, where the running state
 * is what a mini-batch like this one has left in it. */
static double mode_effect(const struct config *config, const double *a) {
    struct norm_work work;
    struct pool pool = {0};
    begin(&work, config, a);
    float *trained = pool_alloc(&pool, size_of(&work) * sizeof *trained);
    memcpy(trained, work.y, size_of(&work) * sizeof *trained);
    norm_work_fill(&work, 1, a[MEAN], a[DEVIATION]);
    norm_work_train(&work, 1);
    norm_work_fill(&work, 0, a[MEAN], a[DEVIATION]);
    norm_work_evaluate(&work);
    double result = change(size_of(&work), work.y, trained);
    norm_work_free(&work);
    pool_free(&pool);
    return result;
}

/* ---- gamma and beta ---- */

static void column_moments(const struct norm_work *work, int j, double *mean, double *variance) {
    *mean = *variance = 0;
    for (int b = 0; b < work->B; b++)
        *mean += (double)work->x[(long)b * work->D + j] / work->B;
    for (int b = 0; b < work->B; b++)
        *variance += pow((double)work->x[(long)b * work->D + j] - *mean, 2) / work->B;
}

/* gamma = sqrt(deviation^power + eps), beta = mean of each unit: how far is the output from the
 * input? */
static double inversion_error(const struct config *config, const double *a) {
    struct norm_work work;
    begin(&work, config, a);
    float *gamma = norm_work_param(&work, "gamma"), *beta = norm_work_param(&work, "beta");
    for (int j = 0; gamma && beta && j < work.D; j++) {
        double mean, variance;
        column_moments(&work, j, &mean, &variance);
        gamma[j] = (float)sqrt(pow(sqrt(variance), a[REST]) + config->run.norm.eps);
        beta[j] = (float)mean;
    }
    norm_work_train(&work, 0);
    double result = gamma && beta ? change(size_of(&work), work.y, work.x) : NAN;
    norm_work_free(&work);
    return result;
}

/* The mean change of the output when every beta rises by 1. */
static double beta_effect(const struct config *config, const double *a) {
    struct norm_work work;
    begin(&work, config, a);
    double before = mean_of(size_of(&work), work.y);
    float *beta = norm_work_param(&work, "beta");
    for (int j = 0; beta && j < work.D; j++)
        beta[j] += 1;
    norm_work_train(&work, 0);
    double result = mean_of(size_of(&work), work.y) - before;
    norm_work_free(&work);
    return result;
}

static double learned_per_unit(const struct config *config, const double *a) {
    (void)a;
    const struct normalizer *kind = normalizer_get(config->run.norm.kind);
    return config->run.norm.affine ? norm_fields(kind->param) : 0;
}

static double state_per_unit(const struct config *config, const double *a) {
    (void)a;
    return norm_fields(normalizer_get(config->run.norm.kind)->state);
}

/* Weights, biases, gamma and beta. */
static long count_parameters(const struct config *config, const struct norm_config *norm,
                             int inputs, int outputs) {
    struct mlp mlp;
    long n = 0;
    mlp_create(&mlp, &config->run.model, norm, inputs, outputs);
    for (int k = 0; k < mlp.n_layers; k++) {
        const struct layer *layer = &mlp.layers[k];
        bool learns = layer->has_norm && norm->affine;
        n += (long)layer->in * layer->out + (layer->has_bias ? layer->out : 0);
        n += learns ? (long)norm_fields(layer->norm.kind->param) * layer->out : 0;
    }
    mlp_free(&mlp);
    return n;
}

/* What the normalizer adds to a network's learned numbers (biases that it makes useless are gone),
 * as a share of what there is without it. */
static double parameter_share(const struct config *config, const double *a) {
    struct norm_config none = {.kind = normalizer_find("none")};
    long without = count_parameters(config, &none, (int)a[0], (int)a[1]);
    long with = count_parameters(config, &config->run.norm, (int)a[0], (int)a[1]);
    return ((double)with - (double)without) / (double)without;
}

/* ---- running statistics ---- */

/* The running mean after many mini-batches, against the weighted sum of all their means, kept in a
 * list: sum_t (1-m) m^(n-1-t) mean_t + m^n * 0. */
static double recursion_error(const struct config *config, const double *a) {
    struct norm_work work;
    struct pool pool = {0};
    double momentum = config->run.norm.momentum, worst = 0;
    int n = (int)a[2];
    norm_work_create(&work, &config->run.norm, (int)a[B], (int)a[D]);
    const float *running = norm_work_state(&work, "running_mean");
    double *sum = pool_alloc(&pool, (size_t)work.D * sizeof *sum);
    for (int t = 0; t < n && running; t++) {
        norm_work_fill(&work, (uint32_t)t, 1, 1);
        norm_work_train(&work, 1 - momentum);
        for (int j = 0; j < work.D; j++) {
            double mean, variance;
            column_moments(&work, j, &mean, &variance);
            sum[j] += (1 - momentum) * pow(momentum, n - 1 - t) * mean;
        }
    }
    for (int j = 0; j < work.D && running; j++)
        worst = fmax(worst, fabs(sum[j] - (double)running[j]));
    bool found = running != NULL;
    norm_work_free(&work);
    pool_free(&pool);
    return found ? worst : NAN;
}

/* Variance of one example's normalized values over random mini-batches of m rows that hold it. */
static double company_variance(const struct config *config, int m, int width, int draws) {
    struct norm_work work;
    struct pool pool = {0};
    norm_work_create(&work, &config->run.norm, m, width);
    double *sum = pool_alloc(&pool, (size_t)width * sizeof *sum);
    double *square = pool_alloc(&pool, (size_t)width * sizeof *square);
    double total = 0;
    for (int t = 0; t < draws; t++) {
        norm_work_fill(&work, (uint32_t)t, 0, 1);
        for (int j = 0; j < width; j++) /* the example: values from -1.5 to 1.5 */
            work.x[j] = (float)(3.0 * (j + 0.5) / width - 1.5);
        norm_work_train(&work, 0);
        for (int j = 0; j < width; j++) {
            sum[j] += (double)work.y[j];
            square[j] += (double)work.y[j] * (double)work.y[j];
        }
    }
    for (int j = 0; j < width; j++)
        total += square[j] / draws - pow(sum[j] / draws, 2);
    norm_work_free(&work);
    pool_free(&pool);
    return total / width;
}

/* Slope of log variance over log m, least squares on m = 8, 16, ..., 256. */
static double noise_slope(const struct config *config, const double *a) {
    enum { SIZES = 6 };
    double x[SIZES], y[SIZES], mean_x = 0, mean_y = 0, xy = 0, xx = 0;
    for (int i = 0; i < SIZES; i++) {
        x[i] = log(8 << i);
        y[i] = log(company_variance(config, 8 << i, 20, (int)a[0]));
        mean_x += x[i] / SIZES;
        mean_y += y[i] / SIZES;
    }
    for (int i = 0; i < SIZES; i++) {
        xy += (x[i] - mean_x) * (y[i] - mean_y);
        xx += (x[i] - mean_x) * (x[i] - mean_x);
    }
    return xy / xx;
}

/* ---- backward ---- */

/* Share of a random gradient's energy that comes through, the factor 1/deviation taken out, mean
 * over units. */
static double kept_gradient(const struct config *config, const double *a) {
    struct norm_work work;
    struct random_key key = {0, RANDOM_TEST, 1};
    double kept = 0;
    begin(&work, config, a);
    for (size_t i = 0; i < size_of(&work); i++)
        work.g[i] = (float)random_normal(key, i);
    struct pool pool = {0};
    float *g = pool_alloc(&pool, size_of(&work) * sizeof *g);
    memcpy(g, work.g, size_of(&work) * sizeof *g);
    norm_work_backward(&work);
    for (int j = 0; j < work.D; j++) {
        double mean, variance, before = 0, after = 0;
        column_moments(&work, j, &mean, &variance);
        for (int b = 0; b < work.B; b++) {
            long i = (long)b * work.D + j;
            before += (double)g[i] * (double)g[i];
            after += (double)work.g[i] * (double)work.g[i] * variance;
        }
        kept += after / before / work.D;
    }
    norm_work_free(&work);
    pool_free(&pool);
    return kept;
}

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

enum { INPUTS = D + 1 };
#define LAYER "B=64 D=100 inputs=100"

static double folding_error(const struct config *config, const double *a) {
    return norm_folding_error(&config->run.norm, (int)a[B], (int)a[D], (int)a[INPUTS]);
}

static double time_ratio_folded(const struct config *config, const double *a) {
    return norm_folding_time_ratio(&config->run.norm, (int)a[B], (int)a[D], (int)a[INPUTS]);
}

/* ---- the table ---- */

static const struct formula table[] = {
    {"output_mean", "mean of a normalizer's output on normal numbers", "1", SHAPE, output_mean},
    {"output_deviation", "standard deviation of a normalizer's output on normal numbers", "1",
     SHAPE, output_deviation},
    {"largest_output", "largest absolute value of the output", "1", SHAPE, largest_output},
    {"share_within", "share of outputs nearer to 0 than `limit`", "1", SHAPE " limit=1",
     share_within},
    {"row_mean", "mean over the units of one row's output (root mean square over rows)", "1", SHAPE,
     row_mean},
    {"finite_share", "share of finite outputs; with constant=1 the first unit has no deviation",
     "1", SHAPE " constant=1", finite_share},
    {"scale_effect", "change of the output when the input is multiplied by `factor`, relative", "1",
     SHAPE " factor=10", scale_effect},
    {"shift_effect", "change of the output when each unit is shifted by `shift` normal numbers",
     "1", SHAPE " shift=3", shift_effect},
    {"column_effect", "change of the output when one unit alone is multiplied by `factor`", "1",
     SHAPE " factor=10000", column_effect},
    {"company_effect_training",
     "change of a row's output in training when the other rows are exchanged, relative", "1", SHAPE,
     company_effect_training},
    {"company_effect_evaluation", "the same in evaluation", "1", SHAPE, company_effect_evaluation},
    {"mode_effect",
     "difference between training and evaluation with another mini-batch's statistics, relative",
     "1", SHAPE, mode_effect},
    {"inversion_error",
     "distance of output from input, relative, with gamma = sqrt(deviation^power + eps) and beta = "
     "mean",
     "1", SHAPE " power=2", inversion_error},
    {"beta_effect", "mean change of the output when every beta rises by 1", "1", SHAPE,
     beta_effect},
    {"learned_per_unit", "learned numbers of the normalizer a unit", "1", "", learned_per_unit},
    {"state_per_unit", "numbers of running state a unit, however many mini-batches there were", "1",
     "", state_per_unit},
    {"parameter_share", "learned numbers that the normalizer adds to a network, as a share", "1",
     "inputs=784 outputs=10", parameter_share},
    {"recursion_error",
     "largest difference between the running mean and the weighted sum of all mini-batches' means",
     "1", "B=64 D=10 batches=100", recursion_error},
    {"noise_slope",
     "slope of the logarithm of the variance of one example's output over mini-batches, against "
     "the logarithm of their size (8 to 256)",
     "1", "draws=500", noise_slope},
    {"kept_gradient", "share of a random gradient's energy that comes through, without 1/deviation",
     "1", SHAPE, kept_gradient},
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

int formula_count(void) {
    return (int)(sizeof table / sizeof *table);
}

const struct formula *formula_get(int index) {
    return &table[index];
}
