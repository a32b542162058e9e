/* Running averages of each unit's mean and variance over the mini-batches of training, for
 * normalizers whose training never reads them (`averages` in their row).
 *
 * norm.average says what is averaged beside the mean: variances, deviations or second moments.
 * Whichever it is, the state holds the mean and the variance that evaluation uses, so that nothing
 * but this file has to know. */
#pragma once

#include "engine/norm/normalizer.h"

/* Vectors of the state, in this order. */
enum { RUNNING_MEAN, RUNNING_VAR };

enum { AVERAGE_TILE = 144 }; /* most units at a time */

/* Of the units of a tile: sums over the sub-batches of a mini-batch (it may be one, the whole) of
 * their means, variances, deviations and squared means. */
struct average_sums {
    double mean[AVERAGE_TILE], var[AVERAGE_TILE];
    double deviation[AVERAGE_TILE], square[AVERAGE_TILE]; /* only where somebody averages them */
};

/* Adds one sub-batch, the `first` or a further one: means and biased variances of n units. */
void average_add(const struct norm *norm, const struct norm_step *step, int n, bool first,
                 const double *mean, const double *var, struct average_sums *sums);
/* The state of `norm`, and those that follow it (step->followers), take in a mini-batch of `parts`
 * sub-batches of `rows` rows each: the units of the tile. */
void average_update(const struct norm *norm, const struct norm_step *step, struct span tile,
                    int parts, int rows, const struct average_sums *sums);

/* What `state` would be if its averages had no initial value in them, into `result`: the weight
 * that the declared initial value still has, `left` < 1, is taken out (Kingma & Ba 2015, section 3,
 * do so for moments that start at 0). For every row: vectors that are no such averages are taken
 * for plain moving averages each. */
void average_debias(const struct norm *norm, long average, double left, float *const state[],
                    float *const result[]);
