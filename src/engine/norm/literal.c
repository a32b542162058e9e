/* Formulas of the course notes, taken literally: batch norm's, where a square or a root is
 * misplaced. They are here to be measured beside the right one.
 *
 *     literal_variance   xhat = (z - mean) / (var + eps)            the root is missing
 *     literal_square     xhat = (z - mean) / sqrt(square + eps)     square = 1/B sum_b z^2: not of
 *     literal_both       xhat = (z - mean) / (square + eps)         what is left after the mean
 *
 * and y = gamma xhat + beta. The notes have no eps there: norm.literal_eps says whether it is
 * added; without it a unit that is the same on all rows gives 0/0. Evaluation is the same map with
 * running statistics. Gradients are those of each formula (docs/backward.md). */
#include <math.h>

#include "engine/kernel/reduce.h"
#include "engine/norm/by_columns.h"

extern const struct normalizer normalizer_literal_variance, normalizer_literal_square,
    normalizer_literal_both;

enum { RUNNING_MEAN, RUNNING_SPREAD };
enum { LITERAL_EPS }; /* own keys */

static const struct key own_keys[] = {
    {.name = "norm.literal_eps",
     .type = KEY_BOOL,
     .initial = "true",
     .unit = "",
     .doc = "Add norm.eps to the denominator (inside the root, where there is one), or leave it "
            "out as the notes do: then a unit that does not vary gives 0/0."},
    {0},
};

static enum status check(const struct norm_config *config, int B, int D) {
    (void)D;
    return columns_check_least(B, normalizer_get(config->kind)->name);
}

/* ---- the formulas ---- */

static bool of_variance(const struct norm *norm) {
    return norm->kind == &normalizer_literal_variance;
}

static bool has_root(const struct norm *norm) {
    return norm->kind == &normalizer_literal_square;
}

/* One over the denominator: of the variance, or of the mean square, which is var + mean^2. */
static double inverse(const struct norm *norm, double spread) {
    double inside = spread + (norm->config->own[LITERAL_EPS] != 0 ? norm->config->eps : 0);
    return has_root(norm) ? 1 / sqrt(inside) : 1 / inside;
}

/* ---- forward ---- */

/* saved: xhat [B, D]; w (one over the denominator) and c = w mean (0 for the variance's) [D]. */
static size_t saved_size(const struct norm_config *config, int B, int D) {
    (void)config;
    return (size_t)(B + 2) * (size_t)D;
}

static void running_updates(const struct norm *norm, const struct norm_step *step, struct span tile,
                            int B, const double *mean, const double *spread) {
    int n = span_size(tile);
    double correction = of_variance(norm) ? columns_correction(norm->config, B) : 1;
    if (step->update == 0)
        return;
    columns_running(step->update, n, mean, 1, norm->state[RUNNING_MEAN] + tile.begin);
    columns_running(step->update, n, spread, correction, norm->state[RUNNING_SPREAD] + tile.begin);
}

static void forward_tile(const struct norm *norm, const struct norm_step *step, struct span tile,
                         int B, float *x) {
    int D = norm->D, n = span_size(tile);
    float *w = norm->saved + (long)B * D + tile.begin, *c = w + D;
    double mean[TILE], spread[TILE];
    columns_centre(tile, B, D, x, mean, spread);
    for (int j = 0; j < n; j++) {
        double about = of_variance(norm) ? 0 : mean[j];
        spread[j] += about * about;
        double inv = inverse(norm, spread[j]);
        w[j] = (float)inv;
        c[j] = (float)(inv * about);
    }
    columns_scale(tile, B, D, w, columns_at(norm->param[GAMMA], tile),
                  columns_at(norm->param[BETA], tile), x, norm->saved);
    running_updates(norm, step, tile, B, mean, spread);
}

static void forward_train(const struct norm *norm, const struct norm_step *step,
                          struct span columns, int B, float *x) {
    BY_TILES (columns, tile)
        forward_tile(norm, step, tile, B, x);
}

static void forward_eval(const struct norm *norm, float *const state[], struct span columns, int B,
                         float *x) {
    BY_TILES (columns, tile) {
        const float *gamma = columns_at(norm->param[GAMMA], tile);
        const float *spread = state[RUNNING_SPREAD] + tile.begin;
        float slope[TILE];
        for (int j = 0; j < span_size(tile); j++)
            slope[j] = (float)inverse(norm, (double)spread[j]) * (gamma ? gamma[j] : 1.0f);
        columns_evaluate(norm, tile, B, state[RUNNING_MEAN] + tile.begin, slope, x);
    }
}

/* ---- backward ---- */

/* g <- slope (g - mean_g) - (xhat + c) pull */
static void project(struct span tile, int B, int D, const float *slope, const float *mean_g,
                    const float *c, const float *pull, const float *xhat, float *g) {
    for (int b = 0; b < B; b++) {
        float *restrict row = g + (long)b * D + tile.begin;
        const float *kept = xhat + (long)b * D + tile.begin;
        for (int j = 0; j < span_size(tile); j++) /* hot */
            row[j] = slope[j] * (row[j] - mean_g[j]) - (kept[j] + c[j]) * pull[j];
    }
}

/* dx = gamma (w (g - 1/B sum_b g) - k (xhat + c) 1/B sum_b g xhat), where k is w with a root and 2
 * without; dgamma and dbeta are batch norm's */
static void backward_tile(const struct norm *norm, struct span tile, int B, float *g) {
    int D = norm->D, n = span_size(tile);
    const float *w = norm->saved + (long)B * D + tile.begin, *c = w + D;
    const float *gamma = columns_at(norm->param[GAMMA], tile);
    double sum_g[TILE], sum_gx[TILE];
    float slope[TILE], mean_g[TILE], pull[TILE];
    reduce_columns_and_dot(tile.begin, tile.end, B, D, g, norm->saved, sum_g, sum_gx);
    columns_keep_gradients(norm, tile, sum_gx, sum_g);
    for (int j = 0; j < n; j++) {
        float scale = gamma ? gamma[j] : 1, k = has_root(norm) ? w[j] : 2;
        slope[j] = scale * w[j];
        mean_g[j] = (float)(sum_g[j] / B);
        pull[j] = scale * k * (float)(sum_gx[j] / B);
    }
    project(tile, B, D, slope, mean_g, c, pull, norm->saved, g);
}

static void backward(const struct norm *norm, struct span columns, int B, float *g) {
    BY_TILES (columns, tile)
        backward_tile(norm, tile, B, g);
}

/* ---- the rows ---- */

/* What all of them have; a row adds its name, and what is averaged beside the mean. */
#define LITERAL                                                                                    \
    .source = "course notes, taken literally", .axis = NORM_COLUMNS, .mixes_rows = true,           \
    .uses_eps = true, .own_keys = own_keys, .param = {GAMMA_FIELD, BETA_FIELD}, .check = check,    \
    .saved_size = saved_size, .forward_train = forward_train, .forward_eval = forward_eval,        \
    .backward = backward
#define RUNNING_MEAN_FIELD                                                                         \
    { .name = "running_mean", .unit = "1", .doc = "running mean of a unit" }
#define RUNNING_SQUARE_FIELD                                                                       \
    { .name = "running_square", .unit = "1", .doc = "running mean square of a unit", .initial = 1 }

const struct normalizer normalizer_literal_variance = {
    .name = "literal_variance",
    .summary = "a mistaken formula, to be measured: (z - mean) / var, without a root",
    .cancels_bias = true,
    .state =
        {RUNNING_MEAN_FIELD,
         {.name = "running_var", .unit = "1", .doc = "running variance of a unit", .initial = 1}},
    LITERAL,
};

const struct normalizer normalizer_literal_square = {
    .name = "literal_square",
    .summary = "a mistaken formula, to be measured: (z - mean) / sqrt(mean of z^2)",
    .state = {RUNNING_MEAN_FIELD, RUNNING_SQUARE_FIELD},
    LITERAL,
};

const struct normalizer normalizer_literal_both = {
    .name = "literal_both",
    .summary = "a mistaken formula, to be measured: (z - mean) / (mean of z^2)",
    .state = {RUNNING_MEAN_FIELD, RUNNING_SQUARE_FIELD},
    LITERAL,
};
