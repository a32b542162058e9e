/* What generated sets share: all of it follows from the keys data.*, and noise is f(data.seed, row,
 * feature). Classes are balanced and in random order, drawn over all rows: a longer set does not
 * begin with the rows of a shorter one. */
#pragma once

#include "base/random.h"
#include "engine/data/source.h"

/* One stream of random numbers for each thing that is drawn; a set's own begin at GENERATED_OWN. */
enum generated_stream {
    GENERATED_CENTRES,
    GENERATED_TRAIN_VALUES,
    GENERATED_TEST_VALUES,
    GENERATED_TRAIN_LABELS,
    GENERATED_TEST_LABELS,
    GENERATED_OWN = 16,
};
struct random_key generated_key(const struct data_config *config, unsigned stream);

/* Fills values [n, F] of rows with these labels [n]; `context` is the set's own. */
typedef void generated_function(const struct data_config *config, const void *context,
                                struct random_key key, long n, const uint8_t *labels,
                                float *values);

/* A set of F features in data.classes classes. ERROR_RUN: out of memory. */
enum status generated_fill(const struct data_config *config, int F, generated_function *fill,
                           const void *context, struct data_source *source);
