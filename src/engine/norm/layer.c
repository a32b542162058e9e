/* Layer normalization over the units of one example.
 *
 *     mean_b = 1/D sum_j x_bj          var_b = 1/D sum_j (x_bj - mean_b)^2
 *     xhat   = (x - mean) inv_std      inv_std = 1 / sqrt(var + eps)       y = gamma xhat + beta
 *
 * Ba, Kiros & Hinton 2016, equation 3; backward derived in docs/backward.md. Training and
 * evaluation are the same map: no running state, no dependence on the mini-batch. */
#include "engine/norm/by_rows.h"

static const struct by_rows one_group = {.groups = 1, .centred = true};

static enum status check(const struct norm_config *config, int B, int D) {
    (void)config, (void)B;
    if (D < 2)
        return fail(ERROR_USAGE,
                    "layer norm needs at least 2 units in a layer, not %d: one unit against "
                    "itself is always 0",
                    D);
    return OK;
}

static size_t saved_size(const struct norm_config *config, int B, int D) {
    (void)config;
    return by_rows_saved_size(one_group, B, D);
}

static void forward_train(const struct norm *norm, const struct norm_step *step, struct span rows,
                          int B, float *x) {
    (void)step;
    by_rows_forward_train(one_group, norm, rows, B, x);
}

static void forward_eval(const struct norm *norm, float *const state[], struct span rows, int B,
                         float *x) {
    (void)state, (void)B;
    by_rows_forward_eval(one_group, norm, rows, x);
}

static void backward(const struct norm *norm, struct span rows, int B, float *g) {
    by_rows_backward(one_group, norm, rows, B, g);
}

const struct normalizer normalizer_layer = {
    .name = "layer",
    .summary = "layer norm: each example by its mean and variance over the units of the layer",
    .source = "Ba, Kiros & Hinton 2016, arXiv:1607.06450",
    .axis = NORM_ROWS,
    .uses_eps = true,
    .param = {GAMMA_FIELD, BETA_FIELD},
    .check = check,
    .saved_size = saved_size,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward_param = by_rows_backward_param,
    .backward = backward,
};
