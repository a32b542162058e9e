/* Dynamic erf: no statistics, but a function of each value by itself.
 *
 *     y = gamma erf(alpha x + s) + beta
 *
 * Chen, Lu, Zhu, Sun & Liu 2025: alpha and s are one learned number each for the layer, .5 and 0 at
 * first; backward derived in docs/backward.md. Training and evaluation are the same map. */
#include "engine/kernel/squash.h"
#include "engine/norm/by_element.h"

static const struct key own_keys[] = {ALPHA_INITIAL_KEY, {0}};

static void squash_row(int n, float alpha, float s, const float *restrict gamma,
                       const float *restrict beta, float *restrict x, float *restrict t,
                       float *restrict slope, float *restrict moved) {
    for (int j = 0; j < n; j++) { /* hot */
        float value = x[j];
        struct squashed at = squash_erf(alpha * value + s);
        t[j] = at.value;
        slope[j] = at.slope;
        moved[j] = at.slope * value;
        x[j] = gamma[j] * at.value + beta[j];
    }
}

static void squash(const struct by_element_tile *tile) {
    for (long b = 0; b < tile->B; b++)
        squash_row(tile->n, tile->alpha, tile->s, tile->gamma, tile->beta, tile->x + b * tile->D,
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

const struct normalizer normalizer_derf = {
    .name = "derf",
    .summary = "dynamic erf: no statistics; each value by itself through erf(alpha x + s), with "
               "alpha and s "
               "learned for the layer",
    .source = "Chen et al. 2025, arXiv:2512.10938",
    .axis = NORM_COLUMNS,
    .own_keys = own_keys,
    .param = {GAMMA_FIELD,
              BETA_FIELD,
              ALPHA_FIELD,
              {.name = "s",
               .unit = "1",
               .doc = "learned shift of the layer, inside the function",
               .length = NORM_OF_LAYER}},
    .saved_size = by_element_saved_size,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward = backward,
};
