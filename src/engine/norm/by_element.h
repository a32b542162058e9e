/* What element-wise functions in place of a normalizer share: dyt, derf. No value looks at another:
 *
 *     t = f(u), u = alpha x + s      y = gamma t + beta
 *
 * with alpha and s one learned number each for the layer, gamma and beta one for each unit.
 * Backward is derived in docs/backward.md. */
#pragma once

#include "engine/norm/affine.h"

/* A layer's own numbers, beside GAMMA and BETA: .param = {..., ALPHA_FIELD}, S where there is one.
 */
enum { ALPHA = BETA + 1, S };

#define ALPHA_KEY "norm.alpha_initial"
#define ALPHA_FIELD                                                                                \
    {                                                                                              \
        .name = "alpha", .unit = "1", .doc = "learned factor of the layer, inside the function",   \
        .length = NORM_OF_LAYER, .initial_key = ALPHA_KEY                                          \
    }

/* The own key of both; it must be their first. */
#define ALPHA_INITIAL_KEY                                                                          \
    {                                                                                              \
        .name = ALPHA_KEY, .type = KEY_REAL, .min = 0, .max = 1000, .initial = "0.5", .unit = "1", \
        .doc = "Where the learned number alpha of a layer starts, the factor of x inside tanh "    \
               "(dyt) or erf (derf). With norm.affine false it stays there.",                      \
        .elsewhere = "alpha_init_value of the papers' PyTorch modules, 0.5"                        \
    }
enum { OWN_ALPHA_INITIAL }; /* its place */

/* Rows of a tile of columns, at most TILE: [B, n], D numbers apart, kept_D those of the last three.
 */
struct by_element_tile {
    int n, B;
    long D, kept_D;
    float alpha, s;
    const float *gamma, *beta; /* [n] */
    float *x, *t, *slope, *moved;
};

/* With u = alpha x + s: t <- f(u), slope <- f'(u), moved <- f'(u) x, x <- gamma t + beta. */
typedef void by_element_function(const struct by_element_tile *tile);

size_t by_element_saved_size(const struct norm_config *config, int B, int D);
void by_element_forward_train(by_element_function *f, const struct norm *norm, struct span columns,
                              int B, float *x);
void by_element_forward_eval(by_element_function *f, const struct norm *norm, struct span columns,
                             int B, float *x);
/* Gradients and shares of the parameters too. The same for every f. */
void by_element_backward(const struct norm *norm, struct span columns, int B, float *g);
