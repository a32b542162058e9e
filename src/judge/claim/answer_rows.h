/* The test rows behind a question: where its metric is an error on test rows and the runs have kept
 * which of them they got wrong, arms are compared row by row as well. */
#pragma once

#include "judge/claim/claim_question.h"
#include "judge/stats/contrast.h"
#include "lab/store/wrong_rows.h"

struct answer_rows {
    long m; /* test rows of every run, of which its metric is a share; 0: of another kind, or the
               runs differ in it, or do not say */
    /* [n_strata][n_seeds], of `more` and of `less`; NULL: not kept, or not the same rows in a pair
     */
    const struct wrong_rows *more, *less;
    const struct row_parts *parts; /* [n_strata + 1], as struct question has them; NULL likewise */
};

/* Is it a question of errors on test rows, of which a run can keep the wrong ones? */
bool answer_rows_apply(const struct claim_question *question);
/* `runs` is the table that the contrast was built from, with the summary's columns; the results
 * file `path` has their series. What `rows` refers to is in the pool. ERROR_RESULTS: rows that do
 * not fit the metric. */
enum status answer_rows_find(const char *path, const struct table *runs,
                             const struct claim_question *question, const struct contrast *contrast,
                             struct pool *pool, struct answer_rows *rows);
