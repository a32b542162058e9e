/* How the activations of a hidden layer are spread over their range. */
#pragma once

#include "engine/diagnostics/diagnostics.h"

enum { RANGE_BINS = 100 };
#define RANGE_LOW 0.1 /* percentiles between which the bins lie */
#define RANGE_HIGH 99.9

struct range_layer {
    double smallest, low, high, largest;
    double entropy; /* nat */
};

struct ranges {
    struct range_layer *layers; /* [n_layers]: of a[k] of the hidden ones on the sample */
    float *sorted;              /* room for a layer's activations */
};

/* Of n sorted numbers, not-a-number last. */
struct range_layer range_of(size_t n, const float *sorted);

extern const struct diagnostic diagnostic_ranges; /* struct ranges */
