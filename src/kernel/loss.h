/* Losses of one row of K outputs against a class label. A table: name, what it is, kernel. */
#pragma once

enum loss { LOSS_CROSS_ENTROPY, LOSS_SQUARED };
#define LOSS_WORDS "cross_entropy|squared"

/* The unit of a figure that is measured in whatever the run's loss is: stands for loss_kind.unit.
 */
#define UNIT_OF_LOSS "loss"

struct loss_kind {
    const char *name, *unit, *doc;
    /* The loss of outputs z [K] for class `label`; where g is not NULL also g [K] = scale * dL/dz.
     */
    double (*row)(const float *z, int K, int label, float scale, float *g);
    /* The loss of the best constant prediction, for class frequencies p [K]. */
    double (*constant)(const double *p, int K);
};

const struct loss_kind *loss_get(long loss);

/* 1 where `label` is not the first largest output, or an output is not a number. */
int loss_error(const float *z, int K, int label);
