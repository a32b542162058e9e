/* What two records say differently: two runs, or one that was trained twice. */
#pragma once

#include "lab/store/record.h"

enum diff_part { DIFF_CONFIGURATION, DIFF_ENVIRONMENT, DIFF_METRIC, DIFF_SERIES, DIFF_PARTS };

struct record_difference {
    enum diff_part part;
    const char *name;
    const char *a, *b; /* as texts; of a series where they differ most; "-": it is not there */
    /* Of metrics and series: the largest |a - b| / max(|a|, |b|); INFINITY where that is no number
     * or only one has it. NaN: of the other parts. */
    double relative;
};

struct record_diff {
    struct pool pool;
    int n, capacity;
    struct record_difference *items;
    int n_metrics, n_series; /* that were compared */
};

/* "configuration", "environment", "metric", "series" */
const char *diff_part_name(enum diff_part part);

/* Numbers are equal where their bits are; nan equals nan. Clocks (*_s), `concurrency`, times and
 * command lines are no difference. */
void record_compare(const struct record *a, const struct record *b, struct record_diff *diff);
/* The largest `relative` of metrics and series; 0: all are equal. */
double record_diff_largest(const struct record_diff *diff);
void record_diff_free(struct record_diff *diff);
