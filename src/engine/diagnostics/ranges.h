/* How the activations of a hidden layer are spread over their range. */
#pragma once

#include "base/arena.h"
#include "engine/nn/mlp.h"

enum { RANGE_BINS = 100 };
#define RANGE_LOW 0.1 /* percentiles between which the bins lie */
#define RANGE_HIGH 99.9

struct range_layer {
    double smallest, low, high, largest;
    double entropy; /* nat */
};

struct range_study {
    struct range_layer *layers; /* [n_layers], of the hidden ones */
    float *sorted;              /* room for a layer's activations */
};

void range_study_layout(struct range_study *study, struct arena *arena, const struct mlp *mlp,
                        int rows);
/* Of the activations a[k] of `rows` rows. */
void range_study_look(struct range_study *study, const struct mlp *mlp,
                      const struct workspace *sample, int rows);
