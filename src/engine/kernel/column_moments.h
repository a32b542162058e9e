/* Mean and deviation of each column, over rows that come block by block. */
#pragma once

#include "base/arena.h"

struct column_moments {
    int D;
    long n;                          /* rows so far */
    double *mean;                    /* [D] */
    double *squares;                 /* [D]: sum (x - mean)^2 */
    double *block_mean, *block_sums; /* [D] */
};

void column_moments_layout(struct column_moments *moments, struct arena *arena, int D);
void column_moments_clear(struct column_moments *moments);
/* B more rows of x [B, D]. */
void column_moments_add(struct column_moments *moments, int B, const float *x);
/* sqrt(1/n sum (x - mean)^2) */
double column_moments_deviation(const struct column_moments *moments, int j);
