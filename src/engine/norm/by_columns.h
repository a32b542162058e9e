/* What the normalizers by columns share: statistics of a unit over the rows of a mini-batch, or of
 * sub-batches of norm.rows rows each.
 *
 * They work on tiles of columns, whose sums live on the stack. Vectors below begin at the tile's
 * first column; x, xhat and g are [B, D] and begin at column 0. */
#pragma once

#include "engine/norm/affine.h"

enum { TILE = 144 };

/* A tile's function, over all columns of the span. */
#define BY_TILES(columns, tile)                                                                    \
    for (struct span tile = columns_tile(columns, (columns).begin); tile.begin < (columns).end;    \
         tile = columns_tile(columns, tile.end))

static inline struct span columns_tile(struct span columns, int begin) {
    return (struct span){begin, begin + TILE < columns.end ? begin + TILE : columns.end};
}

/* ---- sub-batches ---- */

/* The own key of those that know sub-batches; it must be their first. */
#define NORM_ROWS_KEY                                                                              \
    {                                                                                              \
        .name = "norm.rows", .type = KEY_INT, .words = "auto", .min = 2, .max = 2147483647,        \
        .initial = "auto", .unit = "rows",                                                         \
        .doc = "Consecutive rows of a mini-batch that share their statistics (ghost batch norm); " \
               "auto: all of them. Running statistics take the mean of the sub-batches'.",         \
        .since = 2                                                                                 \
    }
enum { OWN_ROWS }; /* its place */

/* Rows that share their statistics; in a measuring step all of them do. */
int columns_rows(const struct norm *norm, const struct norm_step *step, int B);
/* How many sub-batches `saved` must have room for. */
int columns_parts(const struct norm_config *config, int B);
/* ERROR_USAGE for fewer than 2 rows in a mini-batch. `title`: how the message calls the
 * normalizer. */
enum status columns_check_least(int B, const char *title);
/* And for rows that cannot be cut into sub-batches. */
enum status columns_check(const struct norm_config *config, int B, const char *title);

/* ---- kernels ---- */

/* mean = 1/B sum_b x, x <- x - mean, var = 1/B sum_b x^2, the biased variance. In two passes with
 * double sums. */
void columns_centre(struct span tile, int B, int D, float *x, double *mean, double *var);
/* xhat = x inv_std; x <- gain xhat + shift, or xhat where gain is NULL. */
void columns_scale(struct span tile, int B, int D, const float *inv_std, const float *gain,
                   const float *shift, float *x, float *xhat);
/* g <- slope (g - mean_g - xhat mean_gx) */
void columns_project(struct span tile, int B, int D, const float *slope, const float *mean_g,
                     const float *mean_gx, const float *xhat, float *g);
/* sum <- sum + value */
void columns_add(int n, const double *value, double *sum);
/* state <- (1 - update) state + update (value factor) */
void columns_running(double update, int n, const double *value, double factor, float *state);
/* x <- (x - mean) slope + shift */
void columns_map(struct span tile, int B, int D, const float *mean, const float *slope,
                 const float *shift, float *x);

/* Evaluation: x <- (x - mean) slope + beta, with gamma already in the slope. */
void columns_evaluate(const struct norm *norm, struct span tile, int B, const float *mean,
                      const float *slope, float *x);
/* dgamma and dbeta, where they are learned. */
void columns_keep_gradients(const struct norm *norm, struct span tile, const double *dgamma,
                            const double *dbeta);

/* The divisor of the running variance of statistics over `rows` rows, as a factor on the biased
 * one. */
double columns_correction(const struct norm_config *config, double rows);
/* A vector of the normalizer's at the tile, or NULL. */
static inline float *columns_at(float *vector, struct span tile) {
    return vector ? vector + tile.begin : NULL;
}
