/* From a table of runs to paired differences: two arms, strata, seeds. */
#pragma once

#include <stdbool.h>

#include "lab/table/table.h"

enum contrast_transform {
    CONTRAST_PLAIN, /* y - x */
    CONTRAST_LOG2,  /* log2 y - log2 x: doublings */
    CONTRAST_RATIO, /* ln y - ln x: 0.05 is about 5 % */
};

/* "none", "log2", "ratio". ERROR_USAGE "no transform 'x' ...". */
enum status contrast_transform_find(const char *word, enum contrast_transform *transform);

/* The runs of one arm: those that meet all conditions, "norm.kind=batch" (table_where). */
struct arm {
    int n;
    const char *const *conditions;
    const char *name; /* in messages; NULL: its conditions */
};

struct contrast_request {
    struct arm first, second; /* d > 0: the first is better */
    int n_by;
    const char *const *by; /* keys; each combination of their values is a stratum; none: "all" */
    const char *metric;    /* a column of numbers */
    enum contrast_transform transform;
    bool higher_is_better; /* default: lower */
    bool drop_missing;     /* rather than fail, leave out strata in which an arm has no run, then
                              seeds that lack a run or a number */
};

/* Arrays [n_strata][n_seeds]. Strata are in the order of the table, seeds too. */
struct contrast {
    struct pool pool;
    int n_strata, n_seeds;
    const char **strata;           /* "train.batch_size=4, norm.placement=before"; "all" */
    const char **by_values;        /* [n_strata][n_by] as in the table */
    const char **seeds;            /* "3"; of several keys "3, seeds.order=1" */
    double *first, *second;        /* the metric */
    int *first_rows, *second_rows; /* where each run stands in the table */
    double *d;                     /* transformed, signed; NaN where a metric is */
    double largest;                /* of the transformed metrics, by size: what d is rounded by */
    bool *failed_first, *failed_second; /* diverged or collapsed */
    int n_dropped;
    const char *
        *dropped; /* [n_dropped] with drop_missing: the runs that were missing, and strata */
    int n_also;
    const char **also; /* [n_also] keys in which the arms differ beyond their conditions:
                          tuned rates, say. Of keys that apply to both. */
};

/* Runs are paired by their seed keys. A key of `by` that does not apply to a run (norm.placement to
 * `none`) leaves it in every stratum. ERROR_USAGE: an unknown column, a metric that is text, no run
 * in an arm, a run in both, several runs for one arm, stratum and seed (names the key to give in
 * `by` or as a condition). ERROR_RESULTS: runs that are missing, named; a logarithm of what is not
 * above 0. */
enum status contrast_build(const struct table *table, const struct contrast_request *request,
                           struct contrast *contrast);
void contrast_free(struct contrast *contrast);
/* The mean over strata of `first`, `second` or `d` of each seed, [n_seeds] in the pool. */
double *contrast_average(const struct contrast *contrast, const double *values, struct pool *pool);
