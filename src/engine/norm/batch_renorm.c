/* Batch renormalization: batch norm, corrected towards its running statistics.
 *
 *     mean_B, sigma_B = sqrt(var_B + eps)     of the mini-batch, or of sub-batches of norm.rows
 *
 *     r    = clip(sigma_B / sigma, 1/r_max, r_max)
 *     d    = clip((mean_B - mean) / sigma, -d_max, d_max)
 *     xhat = (x - mean_B) / sigma_B          y = gamma (r xhat + d) + beta
 *
 *     mean  <- mean + update (mean_B - mean)           afterwards
 *     sigma <- sigma + update (sigma_B - sigma)
 *
 * Ioffe 2017, algorithm 1. The running deviation sigma is an average of deviations, not of
 * variances, and has eps in it already. r and d count as constants in the backward pass; where they
 * are not clipped, training gives what evaluation gives with the same running statistics. r_max = 1
 * and d_max = 0 is batch norm, and with those it begins. */
#include <math.h>

#include "engine/kernel/reduce.h"
#include "engine/norm/by_columns.h"

enum { RUNNING_MEAN, RUNNING_DEVIATION };
enum { ROWS, R_MAX, D_MAX, RELAX_FROM, R_MAX_AT, D_MAX_AT }; /* own keys */

/* The shares are steps 5,000, 40,000 and 25,000 of the paper's 130,000. */
static const struct key own_keys[] = {
    NORM_ROWS_KEY,
    {.name = "norm.r_max",
     .type = KEY_REAL,
     .min = 1,
     .max = 1e6,
     .initial = "3",
     .unit = "1",
     .doc = "Bound of the factor r = sigma_B / sigma at the end of its schedule; 1 is batch norm's "
            "scale.",
     .elsewhere = "Ioffe 2017: 3"},
    {.name = "norm.d_max",
     .type = KEY_REAL,
     .min = 0,
     .max = 1e6,
     .initial = "5",
     .unit = "1",
     .doc = "Bound of the shift d = (mean_B - mean) / sigma at the end of its schedule; 0 is batch "
            "norm's mean.",
     .elsewhere = "Ioffe 2017: 5"},
    {.name = "norm.relax_from",
     .type = KEY_REAL,
     .min = 0,
     .max = 1,
     .initial = "0.04",
     .unit = "",
     .doc = "Share of the steps that are plain batch norm, before the bounds of r and d rise "
            "linearly.",
     .elsewhere = "Ioffe 2017: 5,000 of 130,000 steps"},
    {.name = "norm.r_max_at",
     .type = KEY_REAL,
     .min = 0,
     .max = 1,
     .initial = "0.31",
     .unit = "",
     .doc = "Share of the steps after which the bound of r is norm.r_max.",
     .elsewhere = "Ioffe 2017: 40,000 of 130,000 steps"},
    {.name = "norm.d_max_at",
     .type = KEY_REAL,
     .min = 0,
     .max = 1,
     .initial = "0.19",
     .unit = "",
     .doc = "Share of the steps after which the bound of d is norm.d_max.",
     .elsewhere = "Ioffe 2017: 25,000 of 130,000 steps"},
    {0},
};

static enum status check(const struct norm_config *config, int B, int D) {
    (void)D;
    return columns_check(config, B, "batch_renorm");
}

/* saved: xhat [B, D]; inv_std, r and d [sub-batches, D] each. */
static size_t saved_size(const struct norm_config *config, int B, int D) {
    return (size_t)(B + 3 * columns_parts(config, B)) * (size_t)D;
}

/* What a sub-batch that begins at row b has in `saved`, at a tile. */
struct part {
    float *xhat, *inv_std, *r, *d; /* xhat from column 0 */
};

static struct part part_at(const struct norm *norm, struct span tile, int B, int rows, int b) {
    long D = norm->D, parts = B / rows;
    float *inv_std = norm->saved + (B + b / rows) * D + tile.begin;
    return (struct part){norm->saved + b * D, inv_std, inv_std + parts * D,
                         inv_std + 2 * parts * D};
}

/* ---- the bounds ---- */

struct bounds {
    double r, d;
};

/* From `first` to `last`, linearly between two shares of the run. */
static double relaxed(double share, double from, double at, double first, double last) {
    if (share < from)
        return first;
    return share < at ? first + (last - first) * (share - from) / (at - from) : last;
}

static struct bounds bounds_at(const struct norm_config *config, const struct norm_step *step) {
    const double *own = config->own;
    if (step->measure)
        return (struct bounds){1, 0};
    double share = (double)step->step / (double)step->total_steps;
    return (struct bounds){
        relaxed(share, own[RELAX_FROM], own[R_MAX_AT], 1, own[R_MAX]),
        relaxed(share, own[RELAX_FROM], own[D_MAX_AT], 0, own[D_MAX]),
    };
}

static double clip(double value, double low, double high) {
    return value < low ? low : value > high ? high : value;
}

static void correct(const struct norm *norm, struct span tile, struct bounds bounds,
                    const double *mean, const double *sigma, struct part part) {
    const float *running_mean = norm->state[RUNNING_MEAN] + tile.begin;
    const float *running_sigma = norm->state[RUNNING_DEVIATION] + tile.begin;
    for (int j = 0; j < span_size(tile); j++) { /* hot */
        double inv = 1 / (double)running_sigma[j];
        part.r[j] = (float)clip(sigma[j] * inv, 1 / bounds.r, bounds.r);
        part.d[j] = (float)clip((mean[j] - (double)running_mean[j]) * inv, -bounds.d, bounds.d);
    }
}

/* ---- forward ---- */

/* x <- gamma (r xhat + d) + beta */
static void scale(const struct norm *norm, struct span tile, int rows, struct part part, float *x) {
    const float *gamma = columns_at(norm->param[GAMMA], tile);
    const float *beta = columns_at(norm->param[BETA], tile);
    float gain[TILE], shift[TILE];
    for (int j = 0; j < span_size(tile); j++) {
        gain[j] = gamma ? gamma[j] * part.r[j] : part.r[j];
        shift[j] = gamma ? gamma[j] * part.d[j] + beta[j] : part.d[j];
    }
    columns_scale(tile, rows, norm->D, part.inv_std, gain, shift, x, part.xhat);
}

static void running_updates(const struct norm *norm, const struct norm_step *step, struct span tile,
                            double parts, const double *means, const double *sigmas) {
    int n = span_size(tile);
    if (step->update == 0)
        return;
    columns_running(step->update, n, means, 1 / parts, norm->state[RUNNING_MEAN] + tile.begin);
    columns_running(step->update, n, sigmas, 1 / parts,
                    norm->state[RUNNING_DEVIATION] + tile.begin);
}

static void forward_tile(const struct norm *norm, const struct norm_step *step, struct span tile,
                         int B, float *x) {
    int D = norm->D, n = span_size(tile), rows = columns_rows(norm, step, B);
    struct bounds bounds = bounds_at(norm->config, step);
    double means[TILE], sigmas[TILE], more[2][TILE], eps = norm->config->eps;
    for (int b = 0; b < B; b += rows) {
        double *mean = b ? more[0] : means, *sigma = b ? more[1] : sigmas;
        struct part part = part_at(norm, tile, B, rows, b);
        columns_centre(tile, rows, D, x + (long)b * D, mean, sigma);
        for (int j = 0; j < n; j++) { /* hot */
            sigma[j] = sqrt(sigma[j] + eps);
            part.inv_std[j] = (float)(1 / sigma[j]);
        }
        if (!step->hold)
            correct(norm, tile, bounds, mean, sigma, part);
        scale(norm, tile, rows, part, x + (long)b * D);
        if (b > 0) {
            columns_add(n, mean, means);
            columns_add(n, sigma, sigmas);
        }
    }
    running_updates(norm, step, tile, (double)B / rows, means, sigmas);
}

static void forward_train(const struct norm *norm, const struct norm_step *step,
                          struct span columns, int B, float *x) {
    BY_TILES (columns, tile)
        forward_tile(norm, step, tile, B, x);
}

/* y = gamma (x - mean) / sigma + beta */
static void forward_eval(const struct norm *norm, float *const state[], struct span columns, int B,
                         float *x) {
    BY_TILES (columns, tile) {
        const float *gamma = columns_at(norm->param[GAMMA], tile);
        const float *sigma = state[RUNNING_DEVIATION] + tile.begin;
        float slope[TILE];
        for (int j = 0; j < span_size(tile); j++)
            slope[j] = (gamma ? gamma[j] : 1.0f) / sigma[j];
        columns_evaluate(norm, tile, B, state[RUNNING_MEAN] + tile.begin, slope, x);
    }
}

/* ---- backward ---- */

/* dx = gamma r inv_std (g - 1/B sum_b g - xhat 1/B sum_b g xhat) */
static void backward_part(const struct norm *norm, struct span tile, int rows, struct part part,
                          float *g, double *sum_g, double *sum_gx) {
    int D = norm->D;
    const float *gamma = columns_at(norm->param[GAMMA], tile);
    float mean_g[TILE], mean_gx[TILE], slope[TILE];
    reduce_columns_and_dot(tile.begin, tile.end, rows, D, g, part.xhat, sum_g, sum_gx);
    for (int j = 0; j < span_size(tile); j++) {
        mean_g[j] = (float)(sum_g[j] / rows);
        mean_gx[j] = (float)(sum_gx[j] / rows);
        slope[j] = gamma ? gamma[j] * part.r[j] * part.inv_std[j] : part.r[j] * part.inv_std[j];
    }
    columns_project(tile, rows, D, slope, mean_g, mean_gx, part.xhat, g);
}

/* dbeta = sum_b g, dgamma = sum_b g (r xhat + d), over all rows */
static void backward_tile(const struct norm *norm, struct span tile, int B, float *g) {
    int D = norm->D, n = span_size(tile), rows = B / columns_parts(norm->config, B);
    double dbeta[TILE], dgamma[TILE], more[2][TILE];
    for (int b = 0; b < B; b += rows) {
        double *sum_g = b ? more[0] : dbeta, *sum_gx = b ? more[1] : dgamma;
        struct part part = part_at(norm, tile, B, rows, b);
        backward_part(norm, tile, rows, part, g + (long)b * D, sum_g, sum_gx);
        for (int j = 0; j < n; j++)
            sum_gx[j] = (double)part.r[j] * sum_gx[j] + (double)part.d[j] * sum_g[j];
        if (b > 0) {
            columns_add(n, sum_g, dbeta);
            columns_add(n, sum_gx, dgamma);
        }
    }
    columns_keep_gradients(norm, tile, dgamma, dbeta);
}

static void backward(const struct norm *norm, struct span columns, int B, float *g) {
    BY_TILES (columns, tile)
        backward_tile(norm, tile, B, g);
}

const struct normalizer normalizer_batch_renorm = {
    .name = "batch_renorm",
    .summary = "batch renormalization: batch norm, corrected towards its running statistics within "
               "bounds",
    .source = "Ioffe 2017, arXiv:1702.03275",
    .axis = NORM_COLUMNS,
    .mixes_rows = true,
    .uses_eps = true,
    .stops_gradient = true,
    .takes_one_row = true,
    .own_keys = own_keys,
    .param = {GAMMA_FIELD, BETA_FIELD},
    .state = {{.name = "running_mean", .unit = "1", .doc = "running mean of a unit"},
              {.name = "running_deviation",
               .unit = "1",
               .doc = "running deviation of a unit",
               .initial = 1}},
    .check = check,
    .saved_size = saved_size,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward = backward,
};
