#include "engine/diagnostics/ranges.h"

#include <math.h>
#include <string.h>

#include "engine/kernel/percentile.h"

void range_study_layout(struct range_study *study, struct arena *arena, const struct mlp *mlp,
                        int rows) {
    int widest = 0;
    for (int k = 0; k < mlp->n_layers - 1; k++)
        widest = mlp->layers[k].out > widest ? mlp->layers[k].out : widest;
    study->layers = arena_alloc(arena, (size_t)mlp->n_layers, sizeof *study->layers);
    study->sorted = arena_floats(arena, (size_t)rows * (size_t)widest);
}

/* -sum p ln p over equal bins from low to high; what lies outside counts in the outermost. */
static double entropy(size_t n, const float *sorted, double low, double high) {
    double sum = 0;
    size_t begin = 0;
    if (!(high > low))
        return 0;
    for (int i = 1; i <= RANGE_BINS; i++) {
        double edge = low + (high - low) * i / RANGE_BINS;
        size_t end = begin;
        while (end < n && (i == RANGE_BINS || (double)sorted[end] < edge))
            end++;
        double p = (double)(end - begin) / (double)n;
        sum -= p > 0 ? p * log(p) : 0;
        begin = end;
    }
    return sum;
}

static struct range_layer range_of(size_t n, const float *sorted) {
    if (isnan(sorted[n - 1])) /* they stand last */
        return (struct range_layer){NAN, NAN, NAN, NAN, NAN};
    struct range_layer range = {.smallest = (double)sorted[0],
                                .low = percentile_of(n, sorted, RANGE_LOW),
                                .high = percentile_of(n, sorted, RANGE_HIGH),
                                .largest = (double)sorted[n - 1]};
    range.entropy = entropy(n, sorted, range.low, range.high);
    return range;
}

void range_study_look(struct range_study *study, const struct mlp *mlp,
                      const struct workspace *sample, int rows) {
    for (int k = 0; k < mlp->n_layers - 1; k++) {
        size_t n = (size_t)rows * (size_t)mlp->layers[k].out;
        memcpy(study->sorted, sample->a[k], n * sizeof *study->sorted);
        percentile_sort(n, study->sorted);
        study->layers[k] = range_of(n, study->sorted);
    }
}
