/* Mean and deviation of each column, over rows that come block by block. */
#pragma once

#include "base/arena.h"

struct unit_moments {
    int D;
    long n;                          /* rows so far */
    double *mean;                    /* [D] */
    double *squares;                 /* [D]: sum (x - mean)^2 */
    double *block_mean, *block_sums; /* [D] */
};

void unit_moments_layout(struct unit_moments *moments, struct arena *arena, int D);
void unit_moments_clear(struct unit_moments *moments);
/* B more rows of x [B, D]. */
void unit_moments_add(struct unit_moments *moments, int B, const float *x);
/* sqrt(1/n sum (x - mean)^2) */
double unit_moments_deviation(const struct unit_moments *moments, int j);
