/* The split: how many rows each part has, and where a row of it stands in the files. */
#include "engine/data/split.h"

/* Rows that are for testing, and the others. */
struct sizes {
    long rest, test;
};

static struct sizes sizes_of(const struct data_config *config, const struct data_source *source) {
    long n = source->n_train_rows, n_test = source->n_test_rows, all = n + n_test;
    if (config->split == SPLIT_FILE)
        return (struct sizes){n, n_test};
    long fold = (all - config->fold + SPLIT_FOLDS_N - 1) / SPLIT_FOLDS_N;
    return (struct sizes){all - fold, fold};
}

enum status split_set(const struct data_config *config, const struct data_source *source,
                      struct split *split, long n[3]) {
    struct sizes sizes = sizes_of(config, source);
    long validation = config->validation;
    long train = config->train == -1 ? sizes.rest - validation : config->train;
    long test = config->test == -1 ? sizes.test : config->test;
    if (validation < 0 || validation > sizes.rest)
        return fail_key(ERROR_USAGE, "data.validation", "%ld rows, but there are %ld; 0 to %ld fit",
                        validation, sizes.rest, sizes.rest - 1);
    if (train < 1)
        return fail_key(ERROR_USAGE, "data.train",
                        "no rows are left to train on (%ld in all, %ld for validation)", sizes.rest,
                        validation);
    if (train > sizes.rest - validation)
        return fail_key(ERROR_USAGE, "data.train|data.validation",
                        "%ld + %ld rows, but there are %ld", train, validation, sizes.rest);
    if (test < 0 || test > sizes.test)
        return fail_key(ERROR_USAGE, "data.test", "%ld rows, but there are %ld", test, sizes.test);
    *split = (struct split){.kind = (enum data_split)config->split,
                            .fold = config->split == SPLIT_FILE ? 0 : (int)config->fold,
                            .n_file = source->n_train_rows};
    split->first[PART_VALIDATION] = (size_t)(sizes.rest - validation);
    n[PART_TRAIN] = train;
    n[PART_VALIDATION] = validation;
    n[PART_TEST] = test;
    return OK;
}

/* Row i of the test fold f is row 7 i + f of all. Of each seven rows of all, six are of the rest:
 * its row 6 i + k is row 7 i + k, or the one after that where k >= f. */
static size_t row_of_all(const struct split *split, enum data_part part, size_t at) {
    size_t others = SPLIT_FOLDS_N - 1, fold = (size_t)split->fold;
    if (part == PART_TEST)
        return at * SPLIT_FOLDS_N + fold;
    return at / others * SPLIT_FOLDS_N + at % others + (at % others >= fold);
}

struct row_place split_place_in_folds(const struct split *split, enum data_part part, long row) {
    size_t n = (size_t)split->n_file;
    size_t all = row_of_all(split, part, split->first[part] + (size_t)row);
    return all < n ? (struct row_place){false, all} : (struct row_place){true, all - n};
}

long split_number(const struct split *split, struct row_place place) {
    bool behind = split->kind == SPLIT_FOLDS && place.in_test_file;
    return (long)place.at + (behind ? split->n_file : 0);
}
