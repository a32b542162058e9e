/* Sorting, and percentiles by interpolation. */
#include "engine/kernel/percentile.h"

#include <math.h>
#include <stdlib.h>

#include "base/sort.h"

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    if (isnan(x) || isnan(y))
        return isnan(x) - isnan(y);
    return (x > y) - (x < y);
}

void percentile_sort(size_t n, float *x) {
    sort_items(x, n, sizeof *x, ascending);
}

double percentile_of(size_t n, const float *sorted, double p) {
    double at = p / 100 * (double)(n - 1);
    size_t below = (size_t)at, above = below + 1 < n ? below + 1 : below;
    return (double)sorted[below] +
           (at - (double)below) * ((double)sorted[above] - (double)sorted[below]);
}
