/* Groups of rows with equal keys, and what their values come to. */
#include "lab/table/group_by.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "lab/table/run_rows.h"

enum { METRIC_COLUMNS = 4 };

/* P(exactly k of n values lie below the median) = C(n, k) / 2^n, by way of logarithms: for the n of
 * a long sweep the factors alone leave the range of a double. */
static double binomial_half(int n, int k) {
    return exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) - n * log(2.0));
}

/* The narrowest pair (x(k), x(n+1-k)) that covers the median with at least 95 %:
 *     coverage(k) = 1 - 2 * sum_{i < k} C(n, i) / 2^n
 * (David & Nagaraja, Order Statistics, 7.1). Where even k = 1 does not reach it: the whole range.
 */
static int interval_order(int n, double *coverage) {
    static const double wanted = 0.95;
    int k = 1;
    double outside = 2 * binomial_half(n, 0);
    *coverage = 1 - outside;
    while (2 * (k + 1) <= n) {
        outside += 2 * binomial_half(n, k);
        if (1 - outside < wanted)
            break;
        *coverage = 1 - outside;
        k++;
    }
    return k;
}

static void moments(const double *x, int n, struct summary_stats *stats) {
    double sum = 0, squares = 0;
    for (int i = 0; i < n; i++)
        sum += x[i];
    stats->mean = sum / n;
    for (int i = 0; i < n; i++)
        squares += (x[i] - stats->mean) * (x[i] - stats->mean);
    stats->deviation = n > 1 ? sqrt(squares / (n - 1)) : NAN;
}

void stats_of(const double *values, int n, struct summary_stats *stats) {
    *stats = (struct summary_stats){0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    struct pool pool = {0};
    double *x = pool_alloc(&pool, ((size_t)n + 1) * sizeof *x);
    int m = 0;
    for (int i = 0; i < n; i++)
        if (!isnan(values[i]))
            x[m++] = values[i];
    stats->n = m;
    if (m > 0) {
        sort_numbers(x, (size_t)m);
        int k = interval_order(m, &stats->coverage);
        stats->low = x[k - 1];
        stats->high = x[m - k];
        stats->min = x[0];
        stats->max = x[m - 1];
        stats->median = sorted_quantile(x, (size_t)m, 0.5);
        moments(x, m, stats);
    }
    pool_free(&pool);
}

/* ---- groups ---- */

/* Which rows belong together, groups numbered in the order of first appearance. */
struct groups {
    int n;
    int *of_row; /* [n_rows] */
    int *first;  /* [n]: a row of each */
    int *begin;  /* [n+1]: group g has rows[begin[g]] .. rows[begin[g+1] - 1] */
    int *rows;   /* [n_rows] */
};

/* A row's cells of the `by` columns in one text. */
static const char *row_key(int n_by, struct column *const *by, int row, struct pool *pool) {
    const char *key = "";
    for (int i = 0; i < n_by; i++)
        key = pool_format(pool, "%s%s\t", key, table_text(by[i], row, pool));
    return key;
}

/* FNV-1a: long series have a hundred thousand groups, and comparing each with each would not end.
 */
static size_t hash_text(const char *text) {
    uint64_t hash = 14695981039346656037u;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return (size_t)hash;
}

static void number_groups(const struct table *table, int n_by, struct column *const *by,
                          struct groups *groups) {
    struct pool pool = {0};
    size_t n_rows = (size_t)table->n_rows, n_slots = 2 * n_rows + 1;
    const char **keys = pool_alloc(&pool, (n_rows + 1) * sizeof *keys); /* of each group */
    int *slots = pool_alloc(&pool, n_slots * sizeof *slots);            /* group + 1, 0: free */
    for (int row = 0; row < table->n_rows; row++) {
        const char *key = row_key(n_by, by, row, &pool);
        size_t slot = hash_text(key) % n_slots;
        while (slots[slot] && strcmp(keys[slots[slot] - 1], key) != 0)
            slot = (slot + 1) % n_slots;
        if (!slots[slot]) {
            keys[groups->n] = key;
            groups->first[groups->n++] = row;
            slots[slot] = groups->n;
        }
        groups->of_row[row] = slots[slot] - 1;
    }
    pool_free(&pool);
}

static void find_groups(const struct table *table, int n_by, struct column *const *by,
                        struct pool *pool, struct groups *groups) {
    size_t size = ((size_t)table->n_rows + 1) * sizeof(int);
    *groups = (struct groups){0, pool_alloc(pool, size), pool_alloc(pool, size),
                              pool_alloc(pool, size), pool_alloc(pool, size)};
    number_groups(table, n_by, by, groups);
    for (int row = 0; row < table->n_rows; row++)
        groups->begin[groups->of_row[row] + 1]++;
    for (int g = 0; g < groups->n; g++)
        groups->begin[g + 1] += groups->begin[g];
    int *next = pool_alloc(pool, size);
    memcpy(next, groups->begin, (size_t)groups->n * sizeof *next);
    for (int row = 0; row < table->n_rows; row++)
        groups->rows[next[groups->of_row[row]]++] = row;
}

static void add_counts(const struct table *table, const struct groups *groups,
                       struct table *result) {
    long *n = table_add(result, "n", TYPE_INT, "", "runs in the group")->integers;
    long *failed = table_add(result, "failed", TYPE_INT, "",
                             "failures among them: diverged, collapsed or failed")
                       ->integers;
    for (int row = 0; row < table->n_rows; row++) {
        int g = groups->of_row[row];
        n[g]++;
        failed[g] += run_went_wrong(table, row);
    }
}

static void add_missing(const struct table *table, const struct groups *groups,
                        struct table *result) {
    long *missing = table_add(result, "missing", TYPE_INT, "", "of them: not trained")->integers;
    for (int row = 0; row < table->n_rows; row++)
        missing[groups->of_row[row]] += run_ended(table, row, END_MISSING);
}

/* NAME, NAME_low, NAME_high, NAME_n; `coverage` [groups->n] is set. */
static void add_metric(const struct column *metric, const struct table *table,
                       const struct groups *groups, double *coverage, struct table *result) {
    static const char *const suffix[METRIC_COLUMNS] = {"", "_low", "_high", "_n"};
    static const char *const doc[METRIC_COLUMNS] = {"median", "lower end of the median's interval",
                                                    "upper end of the median's interval",
                                                    "values that are numbers"};
    struct pool pool = {0};
    double *reals[3];
    long *n_numbers = NULL;
    for (int i = 0; i < METRIC_COLUMNS; i++) {
        struct column *column =
            table_add(result, pool_format(&pool, "%s%s", metric->name, suffix[i]),
                      i < 3 ? TYPE_REAL : TYPE_INT, i < 3 ? metric->unit : "",
                      pool_format(&pool, "%s: %s", doc[i], metric->doc));
        if (i < 3)
            reals[i] = column->reals;
        else
            n_numbers = column->integers;
    }
    double *values = pool_alloc(&pool, ((size_t)table->n_rows + 1) * sizeof *values);
    for (int g = 0; g < groups->n; g++) {
        int n = 0;
        for (int i = groups->begin[g]; i < groups->begin[g + 1]; i++)
            values[n++] = table_number(metric, groups->rows[i]);
        struct summary_stats stats;
        stats_of(values, n, &stats);
        reals[0][g] = stats.median;
        reals[1][g] = stats.low;
        reals[2][g] = stats.high;
        n_numbers[g] = stats.n; /* analysis: the fourth column */
        coverage[g] = stats.n > 0 ? stats.coverage : 0;
    }
    pool_free(&pool);
}

static void add_coverage(const struct groups *groups, const char *name, const double *coverage,
                         struct table *result) {
    static const char doc[] = "probability that the interval holds the median";
    double *reals = table_add(result, name, TYPE_REAL, "", doc)->reals;
    memcpy(reals, coverage, (size_t)groups->n * sizeof *reals);
}

static enum status find_columns(const struct table *table, int n, const char *const *names,
                                struct column **columns) {
    for (int i = 0; i < n; i++) {
        enum status status = table_require(table, names[i], &columns[i]);
        if (status)
            return status;
    }
    return OK;
}

static enum status require_numbers(int n, struct column *const *columns) {
    for (int i = 0; i < n; i++)
        if (columns[i]->type == TYPE_TEXT)
            return fail(ERROR_USAGE, "'%s' is text: it has no median", columns[i]->name);
    return OK;
}

enum status table_by(const struct table *table, int n_by, const char *const *by, int n_metrics,
                     const char *const *metrics, struct table *result) {
    struct pool pool = {0};
    struct groups groups;
    struct column **keys = pool_alloc(&pool, ((size_t)n_by + 1) * sizeof(struct column *));
    struct column **values = pool_alloc(&pool, ((size_t)n_metrics + 1) * sizeof(struct column *));
    enum status status = find_columns(table, n_by, by, keys);
    if (!status)
        status = find_columns(table, n_metrics, metrics, values);
    if (!status)
        status = require_numbers(n_metrics, values);
    if (status)
        goto done;
    find_groups(table, n_by, keys, &pool, &groups);
    struct table firsts, grouped;
    table_take(table, groups.n, groups.first, &firsts);
    table_select(&firsts, n_by, by, &grouped); /* cannot fail: the columns were found above */
    table_free(&firsts);
    double *coverage = pool_alloc(&pool, ((size_t)groups.n + 1) * sizeof *coverage);
    for (int i = 0; i < n_metrics; i++) {
        add_metric(values[i], table, &groups, coverage, &grouped);
        if (n_metrics > 1) {
            add_coverage(&groups, pool_format(&pool, "%s_coverage", metrics[i]), coverage,
                         &grouped);
        }
    }
    add_counts(table, &groups, &grouped);
    if (n_metrics == 1)
        add_coverage(&groups, "coverage", coverage, &grouped);
    add_missing(table, &groups, &grouped);
    *result = grouped;
done:
    pool_free(&pool);
    return status;
}
