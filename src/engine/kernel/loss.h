/* Losses of one row of K outputs against its target. A table: name, what it is, kernel. */
#pragma once

#include <stdbool.h>

enum loss { LOSS_CROSS_ENTROPY, LOSS_SQUARED };

/* Stands for loss_kind.unit: the unit of a metric that is measured in whatever the run's loss is.
 */
#define UNIT_OF_LOSS "loss"

/* What the outputs of a row should be: a class, or K numbers. */
struct target {
    const float *values; /* [K]; NULL: a class */
    int label;           /* < K */
};

struct loss_kind {
    const char *name, *unit, *doc;
    bool takes_values; /* else targets must be classes */
    /* The loss of outputs z [K]; where g is not NULL also g [K] = scale * dL/dz. */
    double (*row)(const float *z, int K, struct target target, float scale, float *g);
    /* The loss of the best constant prediction, for class frequencies p [K]. */
    double (*baseline)(const double *p, int K);
};

const struct loss_kind *loss_get(long loss);
/* The word of train.loss; NULL past the last. */
const char *loss_name(int index);

/* 1 where the label is not the first largest output, or an output is not a number; else 0. NaN for
 * a target of numbers: no answer to it is right or wrong. */
double loss_error(const float *z, int K, struct target target);
