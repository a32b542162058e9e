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

/* Rows at a time: while one row's sums come to their end, the next one's are on their way. */
enum { GROUP = 4 };

static int group_size(struct span rows, int first) {
    return rows.end - first < GROUP ? rows.end - first : GROUP;
}

/* How a row is normalized. The mean is taken off in two floats, so that nothing is lost where it is
 * large against the deviation. */
struct row_map {
    float mean_high, mean_low, inv_std;
};

static void group_maps(int n, int D, double eps, const float *x, struct row_map maps[GROUP]) {
    double mean[GROUP], var[GROUP];
    for (int i = 0; i < n; i++)
        mean[i] = reduce_sum((size_t)D, x + (long)i * D) / D;
    for (int i = 0; i < n; i++)
        var[i] = reduce_squares((size_t)D, x + (long)i * D, mean[i]) / D;
    for (int i = 0; i < n; i++) {
        float high = (float)mean[i], low = (float)(mean[i] - (double)high);
        maps[i] = (struct row_map){high, low, (float)(1 / sqrt(var[i] + eps))};
    }
}

static inline float normalized(struct row_map map, float x) {
    return ((x - map.mean_high) - map.mean_low) * map.inv_std;
}

/* x <- gamma xhat + beta, or xhat where there is no gamma; keeps xhat. */
static void normalize_and_keep(int D, struct row_map map, const float *restrict gamma,
                               const float *restrict beta, float *restrict x,
                               float *restrict xhat) {
    for (int j = 0; j < D; j++) { /* hot */
        float value = normalized(map, x[j]);
        xhat[j] = value;
        x[j] = gamma ? gamma[j] * value + beta[j] : value;
    }
}

static void normalize(int D, struct row_map map, const float *restrict gamma,
                      const float *restrict beta, float *restrict x) {
    for (int j = 0; j < D; j++) { /* hot */
        float value = normalized(map, x[j]);
        x[j] = gamma ? gamma[j] * value + beta[j] : value;
    }
}

static void forward_train(const struct norm *norm, const struct norm_step *step, struct span rows,
                          int B, float *x) {
    (void)step;
    int D = norm->D;
    float *inv_std = norm->saved + (size_t)B * (size_t)D;
    for (int first = rows.begin; first < rows.end; first += GROUP) {
        int n = group_size(rows, first);
        struct row_map maps[GROUP];
        group_maps(n, D, norm->config->eps, x + (long)first * D, maps);
        for (int i = 0, b = first; i < n; i++, b++) {
            inv_std[b] = maps[i].inv_std;
            normalize_and_keep(D, maps[i], norm->param[GAMMA], norm->param[BETA], x + (long)b * D,
                               norm->saved + (long)b * D);
        }
    }
}

static void forward_eval(const struct norm *norm, float *const state[], struct span rows, int B,
                         float *x) {
    (void)state, (void)B;
    int D = norm->D;
    for (int first = rows.begin; first < rows.end; first += GROUP) {
        int n = group_size(rows, first);
        struct row_map maps[GROUP];
        group_maps(n, D, norm->config->eps, x + (long)first * D, maps);
        for (int i = 0; i < n; i++)
            normalize(D, maps[i], norm->param[GAMMA], norm->param[BETA], x + (long)(first + i) * D);
    }
}

/* dbeta_j = sum_b g_bj, dgamma_j = sum_b g_bj xhat_bj */
static void backward_param(const struct norm *norm, struct span columns, int B, const float *g) {
    enum { TILE = 144 };
    for (int begin = columns.begin; begin < columns.end; begin += TILE) {
        int end = begin + TILE < columns.end ? begin + TILE : columns.end;
        double dgamma[TILE], dbeta[TILE];
        reduce_columns_and_dot(begin, end, B, norm->D, g, norm->saved, dbeta, dgamma);
        for (int j = begin; j < end; j++) {
            norm->grad[GAMMA][j] = (float)dgamma[j - begin];
            norm->grad[BETA][j] = (float)dbeta[j - begin];
        }
    }
}

/* g <- inv_std (h - mean_h - xhat mean_hx), h = gamma g */
static void project(int D, float inv_std, float mean_h, float mean_hx, const float *restrict gamma,
                    const float *restrict xhat, float *restrict g) {
    for (int j = 0; j < D; j++) { /* hot */
        float h = gamma ? gamma[j] * g[j] : g[j];
        g[j] = inv_std * ((h - mean_h) - xhat[j] * mean_hx);
    }
}

/* dx = inv_std (h - 1/D sum_j h - xhat 1/D sum_j h xhat), h = gamma g */
static void backward(const struct norm *norm, struct span rows, int B, float *g) {
    int D = norm->D;
    const float *gamma = norm->param[GAMMA], *xhat = norm->saved;
    const float *inv_std = norm->saved + (size_t)B * (size_t)D;
    for (int first = rows.begin; first < rows.end; first += GROUP) {
        int end = first + group_size(rows, first);
        double sum_h[GROUP], sum_hx[GROUP];
        for (int b = first; b < end; b++)
            reduce_weighted((size_t)D, gamma, g + (long)b * D, xhat + (long)b * D,
                            &sum_h[b - first], &sum_hx[b - first]);
        for (int b = first; b < end; b++)
            project(D, inv_std[b], (float)(sum_h[b - first] / D), (float)(sum_hx[b - first] / D),
                    gamma, xhat + (long)b * D, g + (long)b * D);
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
