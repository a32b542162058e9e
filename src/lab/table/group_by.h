/* Statistics over seeds. */
#pragma once

#include "lab/table/table.h"

struct summary_stats {
    int n; /* values that are numbers */
    double median;
    double low, high; /* distribution-free interval of the median from order statistics */
    double coverage;  /* its exact probability under any continuous distribution; below .95 where n
                         is  too small for more: then it is the whole range */
    double min, max, mean, deviation; /* deviation with divisor n-1 */
};

/* Sorts a copy. n 0: all NaN. */
void stats_of(const double *values, int n, struct summary_stats *stats);

/* One row a group of equal values of the `by` columns. For each column of `metrics`: NAME (median),
 * NAME_low, NAME_high, NAME_n (values that are numbers) and, where there are several,
 * NAME_coverage; then n (rows), failed (status diverged or failed, or collapsed), of one metric
 * coverage, and missing (status). Groups keep the order of first appearance. ERROR_USAGE. */
enum status table_by(const struct table *table, int n_by, const char *const *by, int n_metrics,
                     const char *const *metrics, struct table *result);
