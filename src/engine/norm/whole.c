/* One mean and one variance for a whole layer: over all units of all rows of the mini-batch.
 *
 *     mean = 1/(B D) sum_bj x_bj       var = 1/(B D) sum_bj (x_bj - mean)^2
 *     xhat = (x - mean) inv_std        inv_std = 1 / sqrt(var + eps)
 *     y_bj = gamma_j xhat_bj + beta_j
 *
 * What "statistics at the layer and batch level" would be, taken at its word; batch norm has one
 * mean and variance a unit. The running statistics are the same number for every unit. */
#include "engine/kernel/reduce.h"
#include "engine/norm/by_rows.h"

extern const struct normalizer normalizer_batch;

enum { RUNNING_MEAN, RUNNING_VAR };

static enum status check(const struct norm_config *config, int B, int D) {
    (void)config;
    if ((long)B * D < 3)
        return fail_key(ERROR_USAGE, "norm.kind",
                        "whole needs at least 3 values in a layer and mini-batch, not %d x "
                        "%d: two are always +1 and -1",
                        B, D);
    return OK;
}

/* saved: xhat [B, D], inv_std [1]. */
static size_t saved_size(const struct norm_config *config, int B, int D) {
    (void)config;
    return (size_t)B * (size_t)D + 1;
}

/* state <- (1 - update) state + update value, the same for all units */
static void running_update(double update, int D, double value, float *state) {
    for (int j = 0; j < D; j++)
        state[j] = (float)((1 - update) * (double)state[j] + update * value);
}

static void forward_train(const struct norm *norm, const struct norm_step *step, struct span units,
                          int B, float *x) {
    int D = norm->D;
    size_t n = (size_t)B * (size_t)D;
    double m = (double)n, mean = reduce_sum(n, x) / m, var = reduce_squares(n, x, mean) / m;
    struct row_map map = row_map_of(mean, var, norm->config->eps);
    norm->saved[n] = map.inv_std;
    for (int b = 0; b < B; b++)
        row_normalize(D, map, norm->param[GAMMA], norm->param[BETA], x + (long)b * D,
                      norm->saved + (long)b * D);
    if (step->update == 0)
        return;
    double correction = norm->config->running_var == RUNNING_VAR_UNBIASED ? m / (m - 1) : 1;
    running_update(step->update, span_size(units), mean, norm->state[RUNNING_MEAN]);
    running_update(step->update, span_size(units), var * correction, norm->state[RUNNING_VAR]);
}

static void forward_eval(const struct norm *norm, float *const state[], struct span units, int B,
                         float *x) {
    normalizer_batch.forward_eval(norm, state, units, B, x);
}

/* dx = inv_std (h - 1/(B D) sum h - xhat 1/(B D) sum h xhat), h = gamma g */
static void backward(const struct norm *norm, struct span units, int B, float *g) {
    int D = span_size(units);
    size_t n = (size_t)B * (size_t)D;
    const float *gamma = norm->param[GAMMA], *xhat = norm->saved;
    double sum_h = 0, sum_hx = 0;
    for (int b = 0; b < B; b++) {
        double h, hx;
        reduce_weighted((size_t)D, gamma, g + (long)b * D, xhat + (long)b * D, &h, &hx);
        sum_h += h;
        sum_hx += hx;
    }
    for (int b = 0; b < B; b++)
        row_project(D, norm->saved[n], (float)(sum_h / (double)n), (float)(sum_hx / (double)n),
                    gamma, xhat + (long)b * D, g + (long)b * D);
}

const struct normalizer normalizer_whole = {
    .name = "whole",
    .summary = "one mean and variance for all units and rows of a layer's mini-batch together",
    .source = "course notes, taken at their word",
    .axis = NORM_WHOLE,
    .mixes_rows = true,
    .uses_eps = true,
    .param = {GAMMA_FIELD, BETA_FIELD},
    .state = {{.name = "running_mean", .unit = "1", .doc = "running mean of the layer"},
              {.name = "running_var",
               .unit = "1",
               .doc = "running variance of the layer",
               .initial = 1}},
    .check = check,
    .saved_size = saved_size,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward_param = by_rows_backward_param,
    .backward = backward,
};
