/* Sums over n contiguous floats, in double, in a fixed order: LANES running sums side by side, so
 * that the compiler may use vectors of any width and the bits stay the same. */
#pragma once

#include <stddef.h>

double reduce_sum(size_t n, const float *x);
double reduce_dot(size_t n, const float *x, const float *y);
/* Column sums of the columns [begin, end) of x [B, D], into sums[end - begin]. */
void reduce_columns(int begin, int end, int B, int D, const float *x, double *sums);
