/* ScaleNorm with a fixed length, each example by itself: y = length u, u = x r,
 * r = 1 / sqrt(sum_j x_j^2 + eps) (Nguyen & Salazar 2019, section 2.3). README.md builds it. */
#include <math.h>
#include <normlab/plugin.h>

static const struct key own_keys[] = {
    {.name = "norm.length", .type = KEY_REAL, .min = 0.01, .max = 1000, .initial = "10",
     .unit = "1", .doc = "Length of an example's vector after ScaleNorm."},
    {0}}; /* its value: norm->config->own[0] */

/* saved: u [B, D], r [B] */
static size_t saved_size(const struct norm_config *config, int B, int D) {
    (void)config;
    return (size_t)B * (size_t)(D + 1);
}

static void normalize(const struct norm *norm, float *x, float *u, float *r) {
    double squares = norm->config->eps;
    for (int j = 0; j < norm->D; j++)
        squares += (double)x[j] * (double)x[j];
    *r = (float)(1 / sqrt(squares));
    for (int j = 0; j < norm->D; j++) {
        u[j] = x[j] * *r;
        x[j] = (float)norm->config->own[0] * u[j];
    }
}

static void forward_train(const struct norm *norm, const struct norm_step *step, struct span rows,
                          int B, float *x) {
    (void)step;
    float *u = norm->saved, *r = u + (long)B * norm->D;
    for (long b = rows.begin; b < rows.end; b++)
        normalize(norm, x + b * norm->D, u + b * norm->D, r + b);
}

static void forward_eval(const struct norm *norm, float *const state[], struct span rows, int B,
                         float *x) {
    (void)state, (void)B;
    float r; /* and u in the place of x: evaluation writes nothing else */
    for (long b = rows.begin; b < rows.end; b++)
        normalize(norm, x + b * norm->D, x + b * norm->D, &r);
}

/* dx = length r (g - u sum_j u_j g_j) */
static void backward(const struct norm *norm, struct span rows, int B, float *g) {
    for (long b = rows.begin; b < rows.end; b++) {
        const float *u = norm->saved + b * norm->D, r = norm->saved[(long)B * norm->D + b];
        double along = 0, slope = norm->config->own[0] * (double)r;
        for (int j = 0; j < norm->D; j++)
            along += (double)u[j] * (double)g[b * norm->D + j];
        for (int j = 0; j < norm->D; j++)
            g[b * norm->D + j] = (float)(slope * ((double)g[b * norm->D + j] - u[j] * along));
    }
}

static const struct normalizer row = {
    "scale_norm", "each example brought to a fixed length", "arXiv:1910.05895", .axis = NORM_ROWS,
    .uses_eps = true, .own_keys = own_keys, .saved_size = saved_size,
    .forward_train = forward_train, .forward_eval = forward_eval, .backward = backward};
NORMLAB_PLUGIN(row);
