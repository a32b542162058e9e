/* Population normalization: batch norm's map with the statistics of the training rows in place of
 * the mini-batch's.
 *
 *     mean, var     of a unit over the first norm.population_rows training rows, at the weights of
 *                   the last refresh (engine/nn/population_statistics.h); they stand in the state,
 * and steps only read it xhat = (x - mean) inv_std      inv_std = 1 / sqrt(var + eps)      y =
 * gamma xhat + beta
 *
 * Luo, Wang, Shao & Peng 2019: what is left of batch norm without the noise of its mini-batches. In
 * backward mean and var are constants, so that dx = gamma inv_std g (docs/backward.md says what
 * that leaves out). Training and evaluation are the same map. */
#include <math.h>
#include <string.h>

#include "engine/kernel/reduce.h"
#include "engine/norm/by_columns.h"

enum { RUNNING_MEAN, RUNNING_VAR };

static const float zeros[TILE];

/* saved: xhat [B, D], inv_std [D]. */
static size_t saved_size(const struct norm_config *config, int B, int D) {
    (void)config;
    return (size_t)(B + 1) * (size_t)D;
}

static float inverse(const struct norm *norm, double var) {
    return (float)(1 / sqrt(var + norm->config->eps));
}

static void inverse_of_state(const struct norm *norm, struct span tile, const float *var,
                             float *inv_std) {
    for (int j = 0; j < span_size(tile); j++)
        inv_std[j] = inverse(norm, (double)var[tile.begin + j]);
}

/* The rows are the population: takes their mean off, and puts mean and biased variance into the
 * state. */
static void measure(const struct norm *norm, const struct norm_step *step, struct span tile, int B,
                    float *x, float *inv_std) {
    int n = span_size(tile);
    double mean[TILE], var[TILE];
    columns_centre(tile, B, norm->D, x, mean, var);
    for (int j = 0; j < n; j++)
        inv_std[j] = inverse(norm, var[j]);
    if (step->update == 0)
        return;
    columns_running(step->update, n, mean, 1, norm->state[RUNNING_MEAN] + tile.begin);
    columns_running(step->update, n, var, 1, norm->state[RUNNING_VAR] + tile.begin);
}

static void keep(struct span tile, int B, int D, const float *x, float *xhat) {
    for (int b = 0; b < B; b++)
        memcpy(xhat + (long)b * D + tile.begin, x + (long)b * D + tile.begin,
               (size_t)span_size(tile) * sizeof *x);
}

/* x <- gamma x + beta, where they are */
static void scale(const struct norm *norm, struct span tile, int B, float *x) {
    if (norm->param[GAMMA])
        columns_map(tile, B, norm->D, zeros, norm->param[GAMMA] + tile.begin,
                    norm->param[BETA] + tile.begin, x);
}

static void forward_tile(const struct norm *norm, const struct norm_step *step, struct span tile,
                         int B, float *x) {
    float *inv_std = norm->saved + (long)B * norm->D + tile.begin;
    const float *mean = zeros; /* once they have been centred */
    if (step->measure) {
        measure(norm, step, tile, B, x, inv_std);
    } else {
        mean = norm->state[RUNNING_MEAN] + tile.begin;
        inverse_of_state(norm, tile, norm->state[RUNNING_VAR], inv_std);
    }
    columns_map(tile, B, norm->D, mean, inv_std, zeros, x);
    keep(tile, B, norm->D, x, norm->saved);
    scale(norm, tile, B, x);
}

static void forward_train(const struct norm *norm, const struct norm_step *step,
                          struct span columns, int B, float *x) {
    BY_TILES (columns, tile)
        forward_tile(norm, step, tile, B, x);
}

static void forward_eval(const struct norm *norm, float *const state[], struct span columns, int B,
                         float *x) {
    BY_TILES (columns, tile) {
        float inv_std[TILE];
        inverse_of_state(norm, tile, state[RUNNING_VAR], inv_std);
        columns_map(tile, B, norm->D, state[RUNNING_MEAN] + tile.begin, inv_std, zeros, x);
        scale(norm, tile, B, x);
    }
}

/* dx = gamma inv_std g, dgamma = sum_b g xhat, dbeta = sum_b g */
static void backward_tile(const struct norm *norm, struct span tile, int B, float *g) {
    int D = norm->D, n = span_size(tile);
    const float *gamma = columns_at(norm->param[GAMMA], tile);
    const float *inv_std = norm->saved + (long)B * D + tile.begin;
    double sum_g[TILE], sum_gx[TILE];
    float slope[TILE];
    if (gamma) {
        reduce_columns_and_dot(tile.begin, tile.end, B, D, g, norm->saved, sum_g, sum_gx);
        columns_keep_gradients(norm, tile, sum_gx, sum_g);
    }
    for (int j = 0; j < n; j++)
        slope[j] = gamma ? gamma[j] * inv_std[j] : inv_std[j];
    columns_map(tile, B, D, zeros, slope, zeros, g);
}

static void backward(const struct norm *norm, struct span columns, int B, float *g) {
    BY_TILES (columns, tile)
        backward_tile(norm, tile, B, g);
}

const struct normalizer normalizer_population = {
    .name = "population",
    .summary = "population normalization: each unit by its mean and variance over the training "
               "rows, taken every norm.refresh steps",
    .source = "Luo et al. 2019, arXiv:1809.00846",
    .axis = NORM_COLUMNS,
    .uses_eps = true,
    .needs_population = true,
    .param = {GAMMA_FIELD, BETA_FIELD},
    .state =
        {{.name = "running_mean", .unit = "1", .doc = "running mean of a unit"},
         {.name = "running_var", .unit = "1", .doc = "running variance of a unit", .initial = 1}},
    .saved_size = saved_size,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward = backward,
};
