/* Running averages of each unit's mean and variance over the mini-batches of training, for
 * normalizers whose training never reads them (`averages` in their row).
 *
 * norm.average says what is averaged beside the mean: variances, deviations or second moments.
 * Whichever it is, the state holds the mean and the variance that evaluation uses, so that nothing
 * but this file has to know. */
#pragma once

#include "norm/normalizer.h"

/* Vectors of the state, in this order. */
enum { RUNNING_MEAN, RUNNING_VAR };

/* The state of `norm`, and those that follow it (step->followers), take in one mini-batch of `rows`
 * rows: the means and the variances (divisor `rows`) of the units `columns`, mean[0] being that of
 * columns.begin. */
void average_update(const struct norm *norm, const struct norm_step *step, struct span columns,
                    int rows, const double *mean, const double *var);

/* What `state` would be if its averages had no initial value in them, into `result`: the weight
 * that the declared initial value still has, `left` < 1, is taken out (Kingma & Ba 2015, section 3,
 * do so for moments that start at 0). For every row: vectors that are no such averages are taken
 * for plain moving averages each. */
void average_debias(const struct norm *norm, long average, double left, float *const state[],
                    float *const result[]);
