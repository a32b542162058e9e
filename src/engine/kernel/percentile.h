/* Order statistics of floats. */
#pragma once

#include <stddef.h>

/* Ascending, not-a-number last. */
void percentile_sort(size_t n, float *x);
/* Linear interpolation between order statistics (Hyndman & Fan 1996, type 7: NumPy's and R's
 * default) of n > 0 sorted values; p in percent. */
double percentile_of(size_t n, const float *sorted, double p);
