/* Layer normalization over the units of one example.
 *
 *     mean_b = 1/D sum_j x_bj          var_b = 1/D sum_j (x_bj - mean_b)^2
 *     xhat   = (x - mean) inv_std      inv_std = 1 / sqrt(var + eps)       y = gamma xhat + beta
 *
 * Ba, Kiros & Hinton 2016, equation 3; backward derived in docs/backward.md. Training and
 * evaluation are the same map: no running state, no dependence on the mini-batch. */
#include <math.h>

#include "kernel/reduce.h"
#include "norm/normalizer.h"

enum { GAMMA, BETA };

static enum status check(const struct norm_config *config, int B, int D) {
    (void)config, (void)B;
    if (D < 2)
        return fail(ERROR_USAGE,
                    "layer norm needs at least 2 units in a layer, not %d: one unit against "
                    "itself is always 0",
                    D);
    return OK;
}

/* saved: xhat [B, D], inv_std [B]. */
static size_t saved_size(const struct norm_config *config, int B, int D) {
    (void)config;
    return (size_t)B * (size_t)D + (size_t)B;
}

/* Row x [D] to xhat [D], which may be the same; returns inv_std. The mean is taken off in two
 * floats, so that nothing is lost where it is large against the deviation. */
static float normalize_row(int D, double eps, const float *x, float *xhat) {
    double mean = reduce_sum((size_t)D, x) / D;
    float high = (float)mean, low = (float)(mean - (double)high);
    for (int j = 0; j < D; j++)
        xhat[j] = (x[j] - high) - low;
    float inv_std = (float)(1 / sqrt(reduce_dot((size_t)D, xhat, xhat) / D + eps));
    for (int j = 0; j < D; j++)
        xhat[j] *= inv_std;
    return inv_std;
}

static void affine_row(const struct norm *norm, const float *xhat, float *y) {
    const float *gamma = norm->param[GAMMA], *beta = norm->param[BETA];
    for (int j = 0; j < norm->D; j++)
        y[j] = gamma ? gamma[j] * xhat[j] + beta[j] : xhat[j];
}

static void forward_train(const struct norm *norm, const struct norm_step *step, struct span rows,
                          int B, float *x) {
    (void)step;
    int D = norm->D;
    float *inv_std = norm->saved + (size_t)B * (size_t)D;
    for (int b = rows.begin; b < rows.end; b++) {
        float *xhat = norm->saved + (long)b * D;
        inv_std[b] = normalize_row(D, norm->config->eps, x + (long)b * D, xhat);
        affine_row(norm, xhat, x + (long)b * D);
    }
}

static void forward_eval(const struct norm *norm, float *const state[], struct span rows, int B,
                         float *x) {
    (void)state, (void)B;
    for (int b = rows.begin; b < rows.end; b++) {
        float *row = x + (long)b * norm->D;
        normalize_row(norm->D, norm->config->eps, row, row);
        affine_row(norm, row, row);
    }
}

/* dbeta_j = sum_b g_bj, dgamma_j = sum_b g_bj xhat_bj */
static void backward_param(const struct norm *norm, struct span columns, int B, const float *g) {
    enum { TILE = 128 };
    int D = norm->D;
    for (int begin = columns.begin; begin < columns.end; begin += TILE) {
        int n = begin + TILE < columns.end ? TILE : columns.end - begin;
        double dgamma[TILE] = {0}, dbeta[TILE] = {0};
        for (int b = 0; b < B; b++) {
            const float *g_row = g + (long)b * D + begin, *xhat = norm->saved + (long)b * D + begin;
            for (int j = 0; j < n; j++) {
                dbeta[j] += (double)g_row[j];
                dgamma[j] += (double)g_row[j] * (double)xhat[j];
            }
        }
        for (int j = 0; j < n; j++) {
            norm->grad[GAMMA][begin + j] = (float)dgamma[j];
            norm->grad[BETA][begin + j] = (float)dbeta[j];
        }
    }
}

/* dx = inv_std (h - 1/D sum_j h - xhat 1/D sum_j h xhat), h = gamma g */
static void backward(const struct norm *norm, struct span rows, int B, float *g) {
    int D = norm->D;
    const float *gamma = norm->param[GAMMA];
    const float *inv_std = norm->saved + (size_t)B * (size_t)D;
    for (int b = rows.begin; b < rows.end; b++) {
        float *h = g + (long)b * D;
        const float *xhat = norm->saved + (long)b * D;
        if (gamma)
            for (int j = 0; j < D; j++)
                h[j] *= gamma[j];
        float mean_h = (float)(reduce_sum((size_t)D, h) / D);
        float mean_hx = (float)(reduce_dot((size_t)D, h, xhat) / D);
        for (int j = 0; j < D; j++)
            h[j] = inv_std[b] * ((h[j] - mean_h) - xhat[j] * mean_hx);
    }
}

const struct normalizer normalizer_layer = {
    .name = "layer",
    .summary = "layer norm: each example by its mean and variance over the units of the layer",
    .source = "Ba, Kiros & Hinton 2016, arXiv:1607.06450",
    .axis = NORM_ROWS,
    .uses_eps = true,
    .param = {{"gamma", "1", "learned scale of a unit", 1},
              {"beta", "1", "learned shift of a unit", 0}},
    .check = check,
    .saved_size = saved_size,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward_param = backward_param,
    .backward = backward,
};
