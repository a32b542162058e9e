/* Reads which test rows the runs of a question got wrong, and what they have in the scatter. */
#include "judge/claim/answer_rows.h"

#include <string.h>

#include "judge/claim/over.h"
#include "lab/table/table_join.h"

/* ---- is it a share of test rows? ---- */

static const char *metric_name(const struct metric *metric) {
    return metric->column ? metric->column : metric->series;
}

/* `over` may give a key's value in place of an error. */
static bool is_error(const struct metric *metric, struct pool *pool) {
    bool another_number = metric->over && metric->over->number;
    return !metric->minus && !metric->spread && !another_number &&
           wrong_rows_series(metric_name(metric), pool) != NULL;
}

bool answer_rows_apply(const struct claim_question *question) {
    struct pool pool = {0};
    bool both = !question->log2 && is_error(&question->more.metric, &pool) &&
                is_error(&question->less.metric, &pool);
    pool_free(&pool);
    return both;
}

/* Test rows of the runs, as the summary says; *same: of all as many. 0: some run does not say,
 * being of before. */
static long count_test_rows(const struct table *runs, bool *same) {
    const struct column *rows = table_find(runs, "test_rows");
    double m = rows && runs->n_rows ? table_number(rows, 0) : 0;
    *same = true;
    for (int row = 0; m > 0 && row < runs->n_rows; row++) {
        if (!(table_number(rows, row) > 0))
            return 0;
        *same &= table_number(rows, row) == m;
    }
    return m > 0 ? (long)m : 0;
}

/* ---- which are wrong ---- */

static enum status read_arm(const char *path, const struct table *runs, int n, const int *places,
                            const struct metric *metric, struct pool *pool,
                            const struct wrong_rows **result) {
    const struct column *ids = table_find(runs, "run");
    struct wrong_rows *rows = pool_alloc(pool, ((size_t)n + 1) * sizeof *rows);
    enum status status = OK;
    for (int i = 0; i < n && !status; i++)
        status =
            wrong_rows_read(run_file(runs, places[i], path), ids->texts[places[i]],
                            metric_name(metric), metric->n_where, metric->where, pool, &rows[i]);
    *result = rows;
    return status;
}

/* Can each pair be compared row by row? */
static bool all_pair(int n, const struct answer_rows *rows) {
    for (int i = 0; i < n; i++) {
        const struct wrong_rows *more = &rows->more[i], *less = &rows->less[i];
        if (!more->bits || !less->bits || more->m != less->m || more->fold != less->fold)
            return false;
    }
    return true;
}

/* ---- what they have in the scatter ---- */

/* x of every seed, all 0, and its place among the seeds' rows. */
static int **begin_rows(int n, const struct wrong_rows *rows, struct seed_rows *seeds,
                        struct pool *pool) {
    int **x = pool_alloc(pool, (size_t)n * sizeof *x);
    for (int i = 0; i < n; i++) {
        x[i] = pool_alloc(pool, (size_t)rows[i].m * sizeof **x);
        seeds[i] = (struct seed_rows){rows[i].m, rows[i].fold, x[i]};
    }
    return x;
}

static const struct row_parts *find_parts(int n_strata, int n, const struct answer_rows *rows,
                                          struct pool *pool) {
    struct row_parts *parts = pool_alloc(pool, ((size_t)n_strata + 1) * sizeof *parts);
    struct pool work = {0};
    struct seed_rows *one = pool_alloc(&work, (size_t)n * sizeof *one),
                     *all = pool_alloc(&work, (size_t)n * sizeof *all);
    int **x = begin_rows(n, rows->more, one, &work), **sum = begin_rows(n, rows->more, all, &work);
    for (int s = 0; s < n_strata; s++) {
        for (int i = 0; i < n; i++) {
            const struct wrong_rows *more = &rows->more[s * n + i], *less = &rows->less[s * n + i];
            memset(x[i], 0, (size_t)one[i].m * sizeof **x);
            rows_add(more->bits, less->bits, one[i].m, x[i]);
            rows_add(more->bits, less->bits, one[i].m, sum[i]);
        }
        parts[s] = rows_parts(n, one, 1);
    }
    parts[n_strata] = rows_parts(n, all, n_strata);
    pool_free(&work);
    return parts;
}

/* Of a seed all strata have the same rows. */
static bool strata_fit(int n_strata, int n, const struct wrong_rows *rows) {
    for (int i = 0; i < n_strata * n; i++)
        if (rows[i].m != rows[i % n].m || rows[i].fold != rows[i % n].fold)
            return false;
    return true;
}

enum status answer_rows_find(const char *path, const struct table *runs,
                             const struct claim_question *question, const struct contrast *contrast,
                             struct pool *pool, struct answer_rows *result) {
    struct answer_rows rows = {0};
    int n = contrast->n_strata * contrast->n_seeds;
    bool same;
    long m = count_test_rows(runs, &same);
    *result = rows;
    if (!m || !answer_rows_apply(question))
        return OK;
    result->m = rows.m = same ? m : 0;
    enum status status =
        read_arm(path, runs, n, contrast->first_rows, &question->more.metric, pool, &rows.more);
    if (!status)
        status = read_arm(path, runs, n, contrast->second_rows, &question->less.metric, pool,
                          &rows.less);
    if (status || !all_pair(n, &rows) ||
        !strata_fit(contrast->n_strata, contrast->n_seeds, rows.more))
        return status;
    rows.parts = find_parts(contrast->n_strata, contrast->n_seeds, &rows, pool);
    *result = rows;
    return OK;
}
