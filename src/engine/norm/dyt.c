/* Dynamic tanh: no statistics, but a function of each value by itself.
 *
 *     y = gamma tanh(alpha x) + beta
 *
 * Zhu, Chen, He, LeCun & Liu 2025, equation 1: alpha is one learned number for the layer, .5 at
 * first; backward derived in docs/backward.md. Training and evaluation are the same map. */
#include "engine/kernel/squash.h"
#include "engine/norm/by_element.h"

static const struct key own_keys[] = {ALPHA_INITIAL_KEY, {0}};

static void squash_row(int n, float alpha, const float *restrict gamma, const float *restrict beta,
                       float *restrict x, float *restrict t, float *restrict slope,
                       float *restrict moved) {
    for (int j = 0; j < n; j++) { /* hot */
        float value = x[j];
        struct squashed at = squash_tanh(alpha * value);
        t[j] = at.value;
        slope[j] = at.slope;
        moved[j] = at.slope * value;
        x[j] = gamma[j] * at.value + beta[j];
    }
}

static void squash(const struct by_element_tile *tile) {
    for (long b = 0; b < tile->B; b++)
        squash_row(tile->n, tile->alpha, tile->gamma, tile->beta, tile->x + b * tile->D,
                   tile->t + b * tile->kept_D, tile->slope + b * tile->kept_D,
                   tile->moved + b * tile->kept_D);
}

static void forward_train(const struct norm *norm, const struct norm_step *step,
                          struct span columns, int B, float *x) {
    (void)step;
    by_element_forward_train(squash, norm, columns, B, x);
}

static void forward_eval(const struct norm *norm, float *const state[], struct span columns, int B,
                         float *x) {
    (void)state;
    by_element_forward_eval(squash, norm, columns, B, x);
}

static void backward(const struct norm *norm, struct span columns, int B, float *g) {
    by_element_backward(norm, columns, B, g);
}

const struct normalizer normalizer_dyt = {
    .name = "dyt",
    .summary = "dynamic tanh: no statistics; each value by itself through tanh(alpha x), with "
               "alpha learned for "
               "the layer",
    .source = "Zhu et al. 2025, arXiv:2503.10622",
    .axis = NORM_COLUMNS,
    .own_keys = own_keys,
    .param = {GAMMA_FIELD, BETA_FIELD, ALPHA_FIELD},
    .saved_size = by_element_saved_size,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward = backward,
};
