/* Seeds are not the only thing that varies: which test rows there are, does too. Two-way analysis
 * of variance of seeds and rows, and the interval over both. */
#pragma once

#include <stdint.h>

#include "judge/stats/statistics.h"

/* x <- x + (row r is wrong in `more`) - (row r is wrong in `less`); x [m], bits [(m + 63) / 64]:
 * row r is bit r % 64 of word r / 64. Once for each stratum of a seed. */
void rows_add(const uint64_t *more, const uint64_t *less, long m, int *x);

/* The rows of one seed. */
struct seed_rows {
    long m;
    int fold;     /* seeds of the same fold were tested on the same rows */
    const int *x; /* [m] difference in each row, summed over strata */
};

/* Of x averaged over n_strata strata; all 0 for n < 2 or m < 2. */
struct row_parts {
    double m; /* rows of a seed, on average */
    double ms_rows, ms_rest;
    double variance; /* V = max(0, ms_rows - ms_rest) / (n m): what the choice of the rows adds to
                        the variance of the estimate */
};

/* With all seeds on the same rows ms_rows and ms_rest are the mean squares of the two-way analysis
 * of variance without repetition (Fisher 1925). With c the mean over seeds of the variance over
 * rows, and k the mean over pairs of seeds of the covariance over rows (divisor m - 1),
 *     ms_rows = c + (n - 1) k,   ms_rest = c - k,   V = max(0, k) / m,
 * which serves folds as well: k of two seeds that share no rows is 0. Sums are of whole numbers,
 * and exact. */
struct row_parts rows_parts(int n, const struct seed_rows *seeds, int n_strata);

/* A one-sided p over seeds and rows: p2 = 1 - Phi(T / sqrt((T/z)^2 + V)) where T > 0 and p < .5,
 * else max(p, .5). p over seeds, z = Phi^-1(1 - p), T the distance of the estimate from what it is
 * tested against. V = 0: p. */
double rows_p(double p, double distance, double variance);

/* The interval over seeds and rows: estimate -/+ sqrt(h^2 + 1.96^2 V), h the distance to the end of
 * the interval over seeds on that side. */
struct interval rows_interval(double estimate, struct interval seeds, double variance);
