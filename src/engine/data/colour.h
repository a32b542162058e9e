/* Colour: what tells rows apart and should not matter. In a grey picture it is brightness: a black
 * row has `strength` taken from every column of the scaled input, a coloured one has it added.
 *
 * The question of the black cats: what does a network learn from a colour that is bound to the
 * class, in the training set or within each mini-batch, and what is left of it where it is not? */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "base/status.h"

/* Whose colour it is. */
enum data_colour {
    COLOUR_NONE,
    COLOUR_ROW,            /* each row's own: the control */
    COLOUR_BATCH,          /* one for all rows of a mini-batch, drawn for it */
    COLOUR_CLASS_IN_BATCH, /* in each mini-batch one for each class, drawn for it */
    COLOUR_CLASS,          /* each class's, in all training and validation rows */
};

/* Of the test rows, where the classes have colours in training. */
enum test_colour {
    TEST_COLOUR_FREE,    /* each row's own */
    TEST_COLOUR_BOUND,   /* as in training */
    TEST_COLOUR_SWAPPED, /* each class has the other colour */
};

/* What the keys data.colour* say. */
struct colour_config {
    long kind; /* enum data_colour */
    double strength;
    const double *black; /* classes; the others are coloured */
    int n_black;
    long seed; /* of rows' own colours */
    long test; /* enum test_colour */
};

struct colour {
    enum data_colour kind;
    enum test_colour test;
    float strength;
    uint64_t seed;
    bool black[UINT8_MAX + 1]; /* by class: labels are bytes */
};

/* A mini-batch of training. */
struct colour_batch {
    uint64_t seed;
    long step;
};

/* ERROR_USAGE: a class that is not among the K, or named twice. */
enum status colour_set(const struct colour_config *config, int K, struct colour *colour);

/* What is added to every column of row `row` of the training or test rows, by its number in the
 * source (split_number); 0 without colours. `batch` NULL: evaluation, where a row that has its
 * mini-batch's colour in training has its own.
 */
float colour_tint(const struct colour *colour, const struct colour_batch *batch, bool test,
                  long row, int label);
