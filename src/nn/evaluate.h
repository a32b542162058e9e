/* Evaluation of a trainer's network on parts of its data set. Never touches training state. */
#pragma once

#include "nn/trainer.h"

struct evaluation {
    double loss;  /* mean over the rows */
    double error; /* share of wrong answers; a row with an output that is not a number is wrong */
};

/* Evaluation mode over the first n rows of a part, with normalizer state `states` (NULL: the
 * running state). n 0 gives NaN. ERROR_RUN: out of memory. */
enum status evaluate(const struct trainer *trainer, enum data_part part, long n, float *states,
                     struct evaluation *result);

/* Statistics of the first n training rows taken as one mini-batch in training mode, layer by layer
 * (each layer sees rows normalized by the population), into states [mlp.n_states]. */
enum status evaluate_population_states(const struct trainer *trainer, long n, float *states);

/* Bytes that evaluation of a trainer, which may be an outline, takes at most at a time, with states
 * for the population: the same counting passes. */
size_t evaluate_memory(const struct trainer *trainer);

enum { EVALUATE_ROWS = 10000 }; /* rows of final training figures and of population statistics */
