/* Evaluation of a trainer's network on parts of its data set. Never touches training state. */
#pragma once

#include "engine/nn/trainer.h"

struct evaluation {
    double loss;  /* mean over the rows */
    double error; /* share of wrong answers; a row with an output that is not a number is wrong */
};

/* Evaluation mode over the first n rows of a part, with normalizer state `states` (NULL: the
 * running state). n 0 gives NaN. Which of the rows were wrong, of classes, goes into `wrong`
 * [evaluate_words(n)]: row r is bit r % 64 of word r / 64, and bits beyond n are 0 (NULL: nobody
 * asks). ERROR_RUN: out of memory. */
enum status evaluate(const struct trainer *trainer, enum data_part part, long n, float *states,
                     uint64_t *wrong, struct evaluation *result);

/* Words of n rows at a bit each, and what sets the bit of a row. */
static inline size_t evaluate_words(long n) {
    return ((size_t)n + 63) / 64;
}
static inline void evaluate_mark(uint64_t *wrong, long row) {
    wrong[row / 64] |= (uint64_t)1 << row % 64;
}

/* Statistics of the first n training rows taken as one mini-batch in training mode, layer by layer
 * (each layer sees rows normalized by the population), into states [mlp.n_states]. */
enum status evaluate_population_states(const struct trainer *trainer, long n, float *states);

/* Rows of it that a configuration asks for: eval.population_rows, or all there are. */
long evaluate_population_rows(const struct trainer *trainer);

/* Running state without what is left of its initial value, into states [mlp.n_states]: the
 * network's own (member -1) or one of the bank. False, and nothing written, where there is nothing
 * else in it, or nothing is left of it because the state is the population's. */
bool evaluate_debiased_states(const struct trainer *trainer, int member, float *states);

/* Training mode, state left alone, over the first rows of a part in mini-batches of eval.batch_rows
 * in the order of the file, each with its own statistics. Rows that make no whole mini-batch are
 * left out; NaN where there is none. ERROR_RUN: out of memory. */
enum status evaluate_batches(const struct trainer *trainer, enum data_part part,
                             struct evaluation *result);

/* Bytes that each takes at most, of a trainer that may be an outline: the same counting passes. Of
 * evaluate_batches 0 where that is never asked for, because rows are not mixed. */
size_t evaluate_memory(const struct trainer *trainer);
size_t evaluate_population_memory(const struct trainer *trainer);
size_t evaluate_batches_memory(const struct trainer *trainer);

enum { EVALUATE_ROWS = 10000 }; /* training rows that the final metrics are of */
