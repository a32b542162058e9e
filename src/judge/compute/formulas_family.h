/* For the families of formulas: their tables, and the beginnings that they share. */
#pragma once

#include "judge/check/norm_work.h"
#include "judge/compute/formulas.h"

struct formulas {
    int n;
    const struct formula *rows;
};
#define FORMULAS(array)                                                                            \
    { (int)(sizeof(array) / sizeof *(array)), (array) }

extern const struct formulas formulas_output, formulas_learned, formulas_network, formulas_scale,
    formulas_shift, formulas_cost;

/* Arguments that most of them begin with. */
enum { B, D, MEAN, DEVIATION, REST };
#define SHAPE "B=64 D=100 mean=0 deviation=1"

/* The configured normalizer after a mini-batch of mean and deviation as in the arguments. */
void formula_begin(struct norm_work *work, const struct config *config, const double *a);
size_t formula_size(const struct norm_work *work);
double formula_mean(size_t n, const float *x);
/* Root mean square of a - b over that of b. */
double formula_change(size_t n, const float *a, const float *b);
