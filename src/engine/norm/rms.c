/* Root mean square normalization: layer normalization that does not centre.
 *
 *     xhat = x inv_rms      inv_rms_b = 1 / sqrt(1/D sum_j x_bj^2 + eps)       y = gamma xhat
 *
 * Zhang & Sennrich 2019, equation 4; there is no beta, as in the paper. Backward in
 * docs/backward.md. */
#include "engine/norm/by_rows.h"

static const struct by_rows uncentred = {.groups = 1, .centred = false};

static enum status check(const struct norm_config *config, int B, int D) {
    (void)config, (void)B;
    if (D < 2)
        return fail(ERROR_USAGE,
                    "rms norm needs at least 2 units in a layer, not %d: one unit over its own "
                    "size is always +1 or -1",
                    D);
    return OK;
}

static size_t saved_size(const struct norm_config *config, int B, int D) {
    (void)config;
    return by_rows_saved_size(uncentred, B, D);
}

static void forward_train(const struct norm *norm, const struct norm_step *step, struct span rows,
                          int B, float *x) {
    (void)step;
    by_rows_forward_train(uncentred, norm, rows, B, x);
}

static void forward_eval(const struct norm *norm, float *const state[], struct span rows, int B,
                         float *x) {
    (void)state, (void)B;
    by_rows_forward_eval(uncentred, norm, rows, x);
}

static void backward(const struct norm *norm, struct span rows, int B, float *g) {
    by_rows_backward(uncentred, norm, rows, B, g);
}

const struct normalizer normalizer_rms = {
    .name = "rms",
    .summary = "rms norm: each example by the root mean square of its units; nothing is centred",
    .source = "Zhang & Sennrich 2019, arXiv:1910.07467",
    .axis = NORM_ROWS,
    .uses_eps = true,
    .param = {GAMMA_FIELD},
    .check = check,
    .saved_size = saved_size,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward_param = by_rows_backward_param,
    .backward = backward,
};
