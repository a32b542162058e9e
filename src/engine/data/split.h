/* Which rows of a source are for training, for validation and for testing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "engine/data/source.h"

enum data_part { PART_TRAIN, PART_VALIDATION, PART_TEST };

/* SPLIT_FILE: the files' own. SPLIT_FOLDS: all rows, those of the training file first, are dealt
 * out in turn to SPLIT_FOLDS_N folds, row i to fold i mod SPLIT_FOLDS_N; one of them is the test
 * part, the others stay in their order. */
enum data_split { SPLIT_FILE, SPLIT_FOLDS };

enum { SPLIT_FOLDS_N = 7 }; /* of MNIST's 60,000 + 10,000 rows: as many to test on as its own */

struct split {
    enum data_split kind;
    int fold;        /* SPLIT_FOLDS: which is the test part; 0: of SPLIT_FILE */
    long n_file;     /* SPLIT_FOLDS: rows of the training file */
    size_t first[3]; /* of each enum data_part: among the rows of its file; of SPLIT_FOLDS among
                        those of the test fold, or among the rest */
};

/* A row where it stands in the source. */
struct row_place {
    bool in_test_file;
    size_t at;
};

/* Training rows are the first, validation rows the last of what is not for testing; test rows the
 * first of what is. Sets the split and how many rows each part has, n. ERROR_USAGE: more rows asked
 * for than there are, or none left to train on. */
enum status split_set(const struct data_config *config, const struct data_source *source,
                      struct split *split, long n[3]);

struct row_place split_place_in_folds(const struct split *split, enum data_part part, long row);

/* Row `row` of a part. */
static inline struct row_place split_place(const struct split *split, enum data_part part,
                                           long row) {
    return split->kind == SPLIT_FILE
               ? (struct row_place){part == PART_TEST, split->first[part] + (size_t)row}
               : split_place_in_folds(split, part, row);
}

/* A row's number: in its file, or of SPLIT_FOLDS among all rows. */
long split_number(const struct split *split, struct row_place place);
