/* Which test rows a run got wrong, read from its results. */
#pragma once

#include <stdint.h>

#include "lab/store/record.h"

struct wrong_rows {
    long m;   /* test rows */
    int fold; /* of data.split: folds, whose rows they are; -1: those of the test file */
    const uint64_t *bits; /* [(m + 63) / 64]: row r is bit r % 64 of word r / 64; NULL: the run has
                             none of this evaluation (log.probes: rows asks for them) */
};

/* The series with the rows that a metric counts: "rows/wrong_debiased" of test_error_debiased,
 * "rows/wrong" of test_error and test_error_scored, "bank/wrong" of bank/test_error; NULL: it
 * counts none. The text is in the pool. */
const char *wrong_rows_series(const char *metric, struct pool *pool);

/* Those of run `id` in a results file. `metric` is a column of /summary; or the errors of a bank,
 * bank/test_error or bank/test_error_debiased, with conditions that name a member,
 * "momentum=0.999" and "average=0". Of a run that diverged they are those of the best constant
 * prediction. What `rows` refers to is in the pool. ERROR_USAGE: a metric that counts no rows,
 * conditions that do not name one member. ERROR_RESULTS: not as many rows as the metric says, or
 * another shape. */
enum status wrong_rows_read(const char *path, const char *id, const char *metric, int n_where,
                            const char *const *where, struct pool *pool, struct wrong_rows *rows);

/* How many are wrong. */
long wrong_rows_count(const struct wrong_rows *rows);
