/* Four arrays that are a data set: inputs and targets, to train on and to test on. Whatever their
 * files are, they belong together by the same rules. */
#pragma once

#include "engine/data/source.h"
#include "engine/format/array.h"

enum four { TRAIN_X, TRAIN_Y, TEST_X, TEST_Y, FOUR };

/* The names under which they are handed round; file names have an ending, too. */
enum { FOUR_NAMES = 5 };
extern const char *const four_names[FOUR][FOUR_NAMES];
/* "a, b or c", of names as in four_names. */
const char *four_names_text(const char *const names[FOUR_NAMES], struct pool *pool);
/* All four: "a, b or c; d or e; ...". */
const char *four_names_all(const char *const names[FOUR][FOUR_NAMES], struct pool *pool);

struct named_array {
    const char *name; /* in messages: its file, or the place in one */
    struct array array;
};

/* What a failed call says of the place of data: ERROR_DATA, it is not there; ERROR_UNREADABLE:
 * nobody can tell now. */
enum status data_missing(int error);
/* Is something at `path`? ERROR_UNREADABLE: nobody can tell now. */
enum status data_exists(const char *path, bool *exists);

/* Checks that they belong together, makes labels or numbers of the targets, and sets everything in
 * `source` but the hash. The arrays are the source's from then on, whatever the outcome. Labels are
 * 0, 1, 2, ... without gaps. ERROR_DATA with the names. */
enum status four_arrays_take(const struct data_config *config, struct named_array four[FOUR],
                             struct data_source *source);
