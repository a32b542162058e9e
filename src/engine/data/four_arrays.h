/* Four arrays that are a data set: inputs and targets, to train on and to test on. Whatever their
 * files are, they belong together by the same rules. */
#pragma once

#include "engine/data/source.h"
#include "engine/format/array.h"

enum four { TRAIN_X, TRAIN_Y, TEST_X, TEST_Y, FOUR };

struct named_array {
    const char *name; /* in messages: its file, or the place in one */
    struct array array;
};

/* Checks that they belong together, makes labels or numbers of the targets, and sets everything in
 * `source` but the hash. The arrays are the source's from then on, whatever the outcome. Labels are
 * 0, 1, 2, ... without gaps. ERROR_DATA with the names. */
enum status four_arrays_take(const struct data_config *config, struct named_array four[FOUR],
                             struct data_source *source);
