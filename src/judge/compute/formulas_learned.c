/* Formulas about what a normalizer learns and remembers, and what its backward pass lets through.
 */
#include <math.h>
#include <string.h>

#include "engine/nn/mlp.h"
#include "judge/compute/formulas_family.h"

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
    formula_begin(&work, config, a);
    float *gamma = norm_work_param(&work, "gamma"), *beta = norm_work_param(&work, "beta");
    for (int j = 0; gamma && beta && j < work.D; j++) {
        double mean, variance;
        column_moments(&work, j, &mean, &variance);
        gamma[j] = (float)sqrt(pow(sqrt(variance), a[REST]) + config->run.norm.eps);
        beta[j] = (float)mean;
    }
    norm_work_train(&work, 0);
    double result = gamma && beta ? formula_change(formula_size(&work), work.y, work.x) : NAN;
    norm_work_free(&work);
    return result;
}

/* The mean change of the output when every beta rises by 1. */
static double beta_effect(const struct config *config, const double *a) {
    struct norm_work work;
    formula_begin(&work, config, a);
    double before = formula_mean(formula_size(&work), work.y);
    float *beta = norm_work_param(&work, "beta");
    for (int j = 0; beta && j < work.D; j++)
        beta[j] += 1;
    norm_work_train(&work, 0);
    double result = formula_mean(formula_size(&work), work.y) - before;
    norm_work_free(&work);
    return result;
}

static double learned_per_unit(const struct config *config, const double *a) {
    (void)a;
    const struct normalizer *kind = normalizer_get(config->run.norm.kind);
    int n = 0;
    for (int i = 0; config->run.norm.affine && i < norm_fields(kind->param); i++)
        n += kind->param[i].length == NORM_OF_UNIT;
    return n;
}

static double state_per_unit(const struct config *config, const double *a) {
    (void)a;
    return norm_fields(normalizer_get(config->run.norm.kind)->state);
}

static long count_learned(const struct norm *norm) {
    long n = 0;
    for (int i = 0; norm && norm->config->affine && i < norm_fields(norm->kind->param); i++)
        n += norm_field_size(&norm->kind->param[i], norm->D);
    return n;
}

/* Weights, biases, and what normalizers learn. */
static long count_parameters(const struct config *config, const struct norm_config *norm,
                             int inputs, int outputs) {
    struct mlp mlp;
    long n = 0;
    mlp_create(&mlp, &config->run.model, norm, inputs, outputs);
    for (int k = 0; k < mlp.n_layers; k++) {
        const struct layer *layer = &mlp.layers[k];
        n += (long)layer->in * layer->out + (layer->has_bias ? layer->out : 0);
        n += count_learned(layer->norm);
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
static double others_variance(const struct config *config, int m, int width, int draws) {
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
        y[i] = log(others_variance(config, 8 << i, 20, (int)a[0]));
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
    formula_begin(&work, config, a);
    for (size_t i = 0; i < formula_size(&work); i++)
        work.g[i] = (float)random_normal(key, i);
    struct pool pool = {0};
    float *g = pool_alloc(&pool, formula_size(&work) * sizeof *g);
    memcpy(g, work.g, formula_size(&work) * sizeof *g);
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

static const struct formula rows[] = {
    {"inversion_error",
     "distance of output from input, relative, with gamma = sqrt(deviation^power + eps) and beta = "
     "mean",
     "1", SHAPE " power=2", .compute = inversion_error},
    {"beta_effect", "mean change of the output when every beta rises by 1", "1", SHAPE,
     .compute = beta_effect},
    {"learned_per_unit",
     "learned numbers of the normalizer a unit, without those of the layer as a whole", "1", "",
     .compute = learned_per_unit},
    {"state_per_unit", "numbers of running state a unit, however many mini-batches there were", "1",
     "", .compute = state_per_unit},
    {"parameter_share", "learned numbers that the normalizer adds to a network, as a share", "1",
     "inputs=784 outputs=10", .compute = parameter_share},
    {"recursion_error",
     "largest difference between the running mean and the weighted sum of all mini-batches' means",
     "1", "B=64 D=10 batches=100", .compute = recursion_error},
    {"noise_slope",
     "slope of the logarithm of the variance of one example's output over mini-batches, against "
     "the logarithm of their size (8 to 256)",
     "1", "draws=500", .compute = noise_slope},
    {"kept_gradient", "share of a random gradient's energy that comes through, without 1/deviation",
     "1", SHAPE, .compute = kept_gradient},
};

const struct formulas formulas_learned = FORMULAS(rows);
