/* Batch normalization over the rows of a mini-batch.
 *
 *     mean_j = 1/B sum_b x_bj          var_j = 1/B sum_b (x_bj - mean_j)^2
 *     xhat   = (x - mean) inv_std      inv_std = 1 / sqrt(var + eps)       y = gamma xhat + beta
 *
 * Ioffe & Szegedy 2015, algorithms 1 and 2; backward: section 3, derived in docs/backward.md.
 * Statistics in two passes with double sums. The running variance is unbiased (divisor B - 1)
 * unless asked otherwise; the forward pass uses the biased one. How running statistics are kept is
 * in average.c. */
#include <math.h>

#include "kernel/reduce.h"
#include "norm/average.h"

enum { GAMMA, BETA };
enum {
    TILE = AVERAGE_TILE, /* columns at a time: their sums live on the stack */
    LINE = 16,           /* floats in a line of the cache */
    AHEAD = 4,           /* rows that are asked for before they are written */
};

static enum status check(const struct norm_config *config, int B, int D) {
    (void)config, (void)D;
    if (B < 2)
        return fail(ERROR_USAGE,
                    "batch norm needs at least 2 rows in a mini-batch, not %d: the variance of "
                    "one row is 0 and its output would be beta whatever the input",
                    B);
    return OK;
}

/* saved: xhat [B, D], inv_std [D]. */
static size_t saved_size(const struct norm_config *config, int B, int D) {
    (void)config;
    return (size_t)(B + 1) * (size_t)D;
}

/* x <- gamma x inv_std + beta, xhat kept. */
static void scale(const struct norm *norm, struct span columns, int B, float *x) {
    int D = norm->D, n = span_size(columns);
    const float *inv_std = norm->saved + (size_t)B * (size_t)D + columns.begin;
    const float *gamma = norm->param[GAMMA] ? norm->param[GAMMA] + columns.begin : NULL;
    const float *beta = norm->param[BETA] ? norm->param[BETA] + columns.begin : NULL;
    for (int b = 0; b < B; b++) {
        float *restrict row = x + (long)b * D + columns.begin;
        float *restrict xhat = norm->saved + (long)b * D + columns.begin;
        for (int j = 0; j < n; j += LINE)
            __builtin_prefetch(xhat + AHEAD * (long)D + j, 1);
        if (gamma)
            for (int j = 0; j < n; j++) { /* hot */
                xhat[j] = row[j] * inv_std[j];
                row[j] = gamma[j] * xhat[j] + beta[j];
            }
        else
            for (int j = 0; j < n; j++) /* hot */
                row[j] = xhat[j] = row[j] * inv_std[j];
    }
}

static void forward_tile(const struct norm *norm, const struct norm_step *step, struct span columns,
                         int B, float *x) {
    int D = norm->D, n = span_size(columns);
    float *inv_std = norm->saved + (size_t)B * (size_t)D + columns.begin;
    double mean[TILE], var[TILE], eps = norm->config->eps;
    struct average_sums sums;
    reduce_columns(columns.begin, columns.end, B, D, x, mean);
    for (int j = 0; j < n; j++)
        mean[j] /= B;
    reduce_centre(columns.begin, columns.end, B, D, mean, x, var);
    for (int j = 0; j < n; j++) { /* hot */
        var[j] /= B;
        inv_std[j] = (float)(1 / sqrt(var[j] + eps));
    }
    average_add(norm, step, n, true, mean, var, &sums);
    average_update(norm, step, columns, 1, B, &sums);
    scale(norm, columns, B, x);
}

static void forward_train(const struct norm *norm, const struct norm_step *step,
                          struct span columns, int B, float *x) {
    for (int begin = columns.begin; begin < columns.end; begin += TILE) {
        int end = begin + TILE < columns.end ? begin + TILE : columns.end;
        forward_tile(norm, step, (struct span){begin, end}, B, x);
    }
}

/* The same map with the running statistics in place of the mini-batch's. */
static void forward_eval(const struct norm *norm, float *const state[], struct span columns, int B,
                         float *x) {
    int D = norm->D;
    const float *gamma = norm->param[GAMMA], *beta = norm->param[BETA];
    const float *mean = state[RUNNING_MEAN], *var = state[RUNNING_VAR];
    for (int begin = columns.begin; begin < columns.end; begin += TILE) {
        int n = begin + TILE < columns.end ? TILE : columns.end - begin;
        float slope[TILE], shift[TILE];
        for (int j = 0; j < n; j++) {
            slope[j] = (float)(1 / sqrt((double)var[begin + j] + norm->config->eps));
            slope[j] *= gamma ? gamma[begin + j] : 1.0f;
            shift[j] = beta ? beta[begin + j] : 0.0f;
        }
        for (int b = 0; b < B; b++) {
            float *row = x + (long)b * D + begin;
            for (int j = 0; j < n; j++)
                row[j] = (row[j] - mean[begin + j]) * slope[j] + shift[j];
        }
    }
}

/* dbeta = sum_b g, dgamma = sum_b g xhat
 * dx = gamma inv_std (g - 1/B sum_b g - xhat 1/B sum_b g xhat) */
static void backward_tile(const struct norm *norm, struct span columns, int B, float *g) {
    int D = norm->D, n = span_size(columns);
    const float *inv_std = norm->saved + (size_t)B * (size_t)D + columns.begin;
    const float *gamma = norm->param[GAMMA] ? norm->param[GAMMA] + columns.begin : NULL;
    double sum_g[TILE], sum_gx[TILE];
    float mean_g[TILE], mean_gx[TILE], slope[TILE];
    reduce_columns_and_dot(columns.begin, columns.end, B, D, g, norm->saved, sum_g, sum_gx);
    for (int j = 0; gamma && j < n; j++) {
        norm->grad[GAMMA][columns.begin + j] = (float)sum_gx[j];
        norm->grad[BETA][columns.begin + j] = (float)sum_g[j];
    }
    for (int j = 0; j < n; j++) {
        mean_g[j] = (float)(sum_g[j] / B);
        mean_gx[j] = (float)(sum_gx[j] / B);
        slope[j] = gamma ? gamma[j] * inv_std[j] : inv_std[j];
    }
    for (int b = 0; b < B; b++) {
        float *restrict g_row = g + (long)b * D + columns.begin;
        const float *xhat = norm->saved + (long)b * D + columns.begin;
        for (int j = 0; j < n; j++) /* hot */
            g_row[j] = slope[j] * ((g_row[j] - mean_g[j]) - xhat[j] * mean_gx[j]);
    }
}

static void backward(const struct norm *norm, struct span columns, int B, float *g) {
    for (int begin = columns.begin; begin < columns.end; begin += TILE) {
        int end = begin + TILE < columns.end ? begin + TILE : columns.end;
        backward_tile(norm, (struct span){begin, end}, B, g);
    }
}

const struct normalizer normalizer_batch = {
    .name = "batch",
    .summary = "batch norm: each unit by its mean and variance over the mini-batch; running "
               "statistics for "
               "evaluation",
    .source = "Ioffe & Szegedy 2015, arXiv:1502.03167",
    .axis = NORM_COLUMNS,
    .mixes_rows = true,
    .cancels_bias = true,
    .uses_eps = true,
    .averages = true,
    .takes_one_row = true,
    .param = {{"gamma", "1", "learned scale of a unit", 1},
              {"beta", "1", "learned shift of a unit", 0}},
    .state = {{"running_mean", "1", "running mean of a unit", 0},
              {"running_var", "1", "running variance of a unit", 1}},
    .check = check,
    .saved_size = saved_size,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward = backward,
};
