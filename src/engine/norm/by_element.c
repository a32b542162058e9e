/* Forward and backward of element-wise functions, by tiles of columns. */
#include "engine/norm/by_element.h"

#include "engine/kernel/reduce.h"
#include "engine/norm/by_columns.h"

static float alpha_of(const struct norm *norm) {
    const float *alpha = norm->param[ALPHA];
    return alpha ? *alpha : (float)norm->config->own[OWN_ALPHA_INITIAL];
}

/* What forward keeps: [B, D] each. */
struct kept {
    float *t, *slope; /* f(u), f'(u) */
    float *moved;     /* f'(u) x: what t moves by with alpha */
};

size_t by_element_saved_size(const struct norm_config *config, int B, int D) {
    (void)config;
    return 3 * (size_t)B * (size_t)D;
}

static struct kept kept_of(const struct norm *norm, int B) {
    size_t n = (size_t)B * (size_t)norm->D;
    return (struct kept){norm->saved, norm->saved + n, norm->saved + 2 * n};
}

/* With gamma 1 and beta 0 where they are absent; `kept` begins at the tile. */
static void forward_tile(by_element_function *f, const struct norm *norm, struct span columns,
                         int B, float *x, struct kept kept, long kept_D) {
    float gamma[TILE], beta[TILE];
    for (int j = 0; j < span_size(columns); j++) {
        gamma[j] = norm->param[GAMMA] ? norm->param[GAMMA][columns.begin + j] : 1;
        beta[j] = norm->param[BETA] ? norm->param[BETA][columns.begin + j] : 0;
    }
    struct by_element_tile tile = {.n = span_size(columns),
                                   .B = B,
                                   .D = norm->D,
                                   .kept_D = kept_D,
                                   .alpha = alpha_of(norm),
                                   .s = norm->param[S] ? *norm->param[S] : 0,
                                   .gamma = gamma,
                                   .beta = beta,
                                   .x = x + columns.begin,
                                   .t = kept.t,
                                   .slope = kept.slope,
                                   .moved = kept.moved};
    f(&tile);
}

void by_element_forward_train(by_element_function *f, const struct norm *norm, struct span columns,
                              int B, float *x) {
    struct kept kept = kept_of(norm, B);
    BY_TILES (columns, tile) {
        struct kept here = {kept.t + tile.begin, kept.slope + tile.begin, kept.moved + tile.begin};
        forward_tile(f, norm, tile, B, x, here, norm->D);
    }
}

/* The same, and nothing is kept: rows write over each other. */
void by_element_forward_eval(by_element_function *f, const struct norm *norm, struct span columns,
                             int B, float *x) {
    float t[TILE], slope[TILE], moved[TILE];
    BY_TILES (columns, tile)
        forward_tile(f, norm, tile, B, x, (struct kept){t, slope, moved}, 0);
}

/* What units add to the gradient of one of the layer's numbers: gamma_j sum_b g_bj moved_bj. */
static void keep_shares(const struct norm *norm, int param, struct span tile, int B, const float *g,
                        const float *moved) {
    double *shares = norm->shares[param] + tile.begin;
    const float *gamma = norm->param[GAMMA] + tile.begin;
    reduce_columns_dot(tile.begin, tile.end, B, norm->D, g, moved, shares);
    for (int j = 0; j < span_size(tile); j++)
        shares[j] *= (double)gamma[j];
}

/* dgamma_j = sum_b g_bj t_bj, dbeta_j = sum_b g_bj; dalpha sums gamma g f'(u) x, ds gamma g f'(u),
 * over rows and units. */
static void gradients(const struct norm *norm, struct span tile, int B, const float *g) {
    double dgamma[TILE], dbeta[TILE];
    struct kept kept = kept_of(norm, B);
    reduce_columns_and_dot(tile.begin, tile.end, B, norm->D, g, kept.t, dbeta, dgamma);
    columns_keep_gradients(norm, tile, dgamma, dbeta);
    keep_shares(norm, ALPHA, tile, B, g, kept.moved);
    if (norm->shares[S])
        keep_shares(norm, S, tile, B, g, kept.slope);
}

/* dx = alpha gamma g f'(u) */
static void pass_through(const struct norm *norm, struct span tile, int B, float *g) {
    float factor[TILE], alpha = alpha_of(norm);
    const float *gamma = columns_at(norm->param[GAMMA], tile);
    int n = span_size(tile);
    for (int j = 0; j < n; j++)
        factor[j] = gamma ? alpha * gamma[j] : alpha;
    for (int b = 0; b < B; b++) {
        long at = (long)b * norm->D + tile.begin;
        float *restrict row = g + at;
        const float *slope = kept_of(norm, B).slope + at;
        for (int j = 0; j < n; j++) /* hot */
            row[j] *= factor[j] * slope[j];
    }
}

void by_element_backward(const struct norm *norm, struct span columns, int B, float *g) {
    BY_TILES (columns, tile) {
        if (norm->param[GAMMA])
            gradients(norm, tile, B, g);
        pass_through(norm, tile, B, g);
    }
}
