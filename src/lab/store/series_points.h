/* The points of a series as a table. */
#pragma once

#include "lab/store/record.h"

/* One row a point of the series "group/name", in which a '*' stands for a number: the columns
 * `carried` of the run's row of /summary; `layer`, where there is a '*'; the scales; `value`. Sets
 * how many of the columns, counted from the end without `value`, say where the point lies.
 * path NULL: the runs are of several files (run_file). ERROR_USAGE: no such column or series. */
enum status results_points(const char *path, const struct table *summary, const char *pattern,
                           int n_carried, const char *const *carried, int *n_places,
                           struct table *points);
/* The same of one record, which need not be in a file: `run`, and no other column of it. No rows:
 * it has no such series. */
enum status record_points(const struct record *record, const char *pattern, int *n_places,
                          struct table *points);
