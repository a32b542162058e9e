/* Sorts the activations of each hidden layer: percentiles, and the entropy of a histogram. */
#include "engine/diagnostics/ranges.h"

#include <math.h>
#include <string.h>

#include "engine/diagnostics/snapshot.h"
#include "engine/kernel/percentile.h"

static void layout(void *state, struct arena *arena, const struct trainer *trainer) {
    struct ranges *ranges = state;
    const struct mlp *mlp = &trainer->mlp;
    size_t rows = (size_t)sample_rows(trainer->dataset->n[PART_TRAIN]);
    int widest = 0;
    for (int k = 0; k < mlp->n_layers - 1; k++)
        widest = mlp->layers[k].out > widest ? mlp->layers[k].out : widest;
    ranges->layers = arena_alloc(arena, (size_t)mlp->n_layers, sizeof *ranges->layers);
    ranges->sorted = arena_floats(arena, rows * (size_t)widest);
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

struct range_layer range_of(size_t n, const float *sorted) {
    if (isnan(sorted[n - 1])) /* they stand last */
        return (struct range_layer){NAN, NAN, NAN, NAN, NAN};
    struct range_layer range = {.smallest = (double)sorted[0],
                                .low = percentile_of(n, sorted, RANGE_LOW),
                                .high = percentile_of(n, sorted, RANGE_HIGH),
                                .largest = (double)sorted[n - 1]};
    range.entropy = entropy(n, sorted, range.low, range.high);
    return range;
}

static enum status measure(void *state, const struct diagnostics *all) {
    const struct ranges *ranges = state;
    const struct sample *sample = diagnostics_state(all, &diagnostic_sample);
    const struct mlp *mlp = &all->trainer->mlp;
    for (int k = 0; k < mlp->n_layers - 1; k++) {
        size_t n = (size_t)sample->rows * (size_t)mlp->layers[k].out;
        memcpy(ranges->sorted, sample->workspace.a[k], n * sizeof *ranges->sorted);
        percentile_sort(n, ranges->sorted);
        ranges->layers[k] = range_of(n, ranges->sorted);
    }
    return OK;
}

const struct diagnostic diagnostic_ranges = {.name = "ranges",
                                             .reads = {&diagnostic_sample},
                                             .size = sizeof(struct ranges),
                                             .layout = layout,
                                             .measure = measure};
