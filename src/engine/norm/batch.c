/* Batch normalization over the rows of a mini-batch.
 *
 *     mean_j = 1/B sum_b x_bj          var_j = 1/B sum_b (x_bj - mean_j)^2
 *     xhat   = (x - mean) inv_std      inv_std = 1 / sqrt(var + eps)       y = gamma xhat + beta
 *
 * Ioffe & Szegedy 2015, algorithms 1 and 2; backward: section 3, derived in docs/backward.md. The
 * running variance is unbiased (divisor B - 1) unless asked otherwise; the forward pass uses the
 * biased one.
 *
 * With norm.rows = B' it is ghost batch normalization (Hoffer, Hubara & Soudry 2017, algorithm 1):
 * each sub-batch of B' rows by its own statistics. The running statistics (average.c) take
 * the mean of what the sub-batches have, one update a step. The paper's take them in one after the
 * other, so that (1 - update)^(B/B') of the old value is left after a step. */
#include <math.h>

#include "engine/kernel/reduce.h"
#include "engine/norm/average.h"
#include "engine/norm/by_columns.h"

static const struct key own_keys[] = {NORM_ROWS_KEY, {0}};

static enum status check(const struct norm_config *config, int B, int D) {
    (void)D;
    return columns_check(config, B, "batch norm");
}

/* saved: xhat [B, D], inv_std [sub-batches, D]. */
static size_t saved_size(const struct norm_config *config, int B, int D) {
    return (size_t)(B + columns_parts(config, B)) * (size_t)D;
}

static void forward_tile(const struct norm *norm, const struct norm_step *step, struct span tile,
                         int B, float *x) {
    int D = norm->D, n = span_size(tile), rows = columns_rows(norm, step, B);
    const float *gamma = columns_at(norm->param[GAMMA], tile);
    const float *beta = columns_at(norm->param[BETA], tile);
    double mean[TILE], var[TILE], eps = norm->config->eps;
    struct average_sums sums;
    for (int b = 0; b < B; b += rows) {
        float *inv_std = norm->saved + (long)(B + b / rows) * D + tile.begin;
        columns_centre(tile, rows, D, x + (long)b * D, mean, var);
        for (int j = 0; j < n; j++) /* hot */
            inv_std[j] = (float)(1 / sqrt(var[j] + eps));
        columns_scale(tile, rows, D, inv_std, gamma, beta, x + (long)b * D,
                      norm->saved + (long)b * D);
        average_add(norm, step, n, b == 0, mean, var, &sums);
    }
    average_update(norm, step, tile, B / rows, rows, &sums);
}

static void forward_train(const struct norm *norm, const struct norm_step *step,
                          struct span columns, int B, float *x) {
    BY_TILES (columns, tile)
        forward_tile(norm, step, tile, B, x);
}

/* The same map with the running statistics in place of the mini-batch's. */
static void forward_eval(const struct norm *norm, float *const state[], struct span columns, int B,
                         float *x) {
    BY_TILES (columns, tile) {
        const float *gamma = columns_at(norm->param[GAMMA], tile);
        const float *var = state[RUNNING_VAR] + tile.begin;
        float slope[TILE];
        for (int j = 0; j < span_size(tile); j++) {
            slope[j] = (float)(1 / sqrt((double)var[j] + norm->config->eps));
            slope[j] *= gamma ? gamma[j] : 1.0f;
        }
        columns_evaluate(norm, tile, B, state[RUNNING_MEAN] + tile.begin, slope, x);
    }
}

/* dx = gamma inv_std (g - 1/B sum_b g - xhat 1/B sum_b g xhat), over the rows of a sub-batch, whose
 * sums of g and of g xhat are what dbeta and dgamma are made of. */
static void backward_part(const struct norm *norm, struct span tile, int rows, const float *inv_std,
                          const float *xhat, float *g, double *sum_g, double *sum_gx) {
    int D = norm->D, n = span_size(tile);
    const float *gamma = columns_at(norm->param[GAMMA], tile);
    float mean_g[TILE], mean_gx[TILE], slope[TILE];
    reduce_columns_and_dot(tile.begin, tile.end, rows, D, g, xhat, sum_g, sum_gx);
    for (int j = 0; j < n; j++) {
        mean_g[j] = (float)(sum_g[j] / rows);
        mean_gx[j] = (float)(sum_gx[j] / rows);
        slope[j] = gamma ? gamma[j] * inv_std[j] : inv_std[j];
    }
    columns_project(tile, rows, D, slope, mean_g, mean_gx, xhat, g);
}

/* dbeta = sum_b g, dgamma = sum_b g xhat, over all rows */
static void backward_tile(const struct norm *norm, struct span tile, int B, float *g) {
    int D = norm->D, n = span_size(tile), parts = columns_parts(norm->config, B), rows = B / parts;
    double dbeta[TILE], dgamma[TILE], more[2][TILE];
    for (int b = 0; b < B; b += rows) {
        double *sum_g = b ? more[0] : dbeta, *sum_gx = b ? more[1] : dgamma;
        backward_part(norm, tile, rows, norm->saved + (long)(B + b / rows) * D + tile.begin,
                      norm->saved + (long)b * D, g + (long)b * D, sum_g, sum_gx);
        if (b > 0) {
            columns_add(n, sum_g, dbeta);
            columns_add(n, sum_gx, dgamma);
        }
    }
    columns_keep_gradients(norm, tile, dgamma, dbeta);
}

static void backward(const struct norm *norm, struct span columns, int B, float *g) {
    BY_TILES (columns, tile)
        backward_tile(norm, tile, B, g);
}

const struct normalizer normalizer_batch = {
    .name = "batch",
    .summary = "batch norm: each unit by its mean and variance over the mini-batch; running "
               "statistics for evaluation",
    .source = "Ioffe & Szegedy 2015, arXiv:1502.03167",
    .axis = NORM_COLUMNS,
    .mixes_rows = true,
    .cancels_bias = true,
    .uses_eps = true,
    .averages = true,
    .takes_one_row = true,
    .own_keys = own_keys,
    .param = {GAMMA_FIELD, BETA_FIELD},
    .state =
        {{.name = "running_mean", .unit = "1", .doc = "running mean of a unit"},
         {.name = "running_var", .unit = "1", .doc = "running variance of a unit", .initial = 1}},
    .check = check,
    .saved_size = saved_size,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward = backward,
};
