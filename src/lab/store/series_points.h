/* Questions to a results file: which run is meant, which series there are, and the points of a
 * series as a table. (Which keys vary: varied.h.) */
#pragma once

#include "lab/store/record.h"
#include "lab/table/table.h"

/* The full id that begins with `prefix`, copied into `id`. ERROR_USAGE: none, or several. */
enum status results_find_run(const struct table *summary, const char *prefix, char id[RUN_ID_SIZE]);
/* Has this row a group in /runs, or is it only planned? */
bool results_has_run(const struct table *summary, int row);

/* A series as it stands in all runs: layer0, layer1, ... are one, "layer*". */
struct series_info {
    const char *name; /* "group/name" */
    const char *unit, *doc;
    int n_dims;
    const char *dim_names[SERIES_DIMS];
    size_t min_dims[SERIES_DIMS], max_dims[SERIES_DIMS];
    int n_runs; /* that have it */
};

struct series_list {
    struct pool pool;
    int n, capacity;
    struct series_info *items;
};

/* Of one run, or with id NULL of all runs of the summary. Scales are left out. */
enum status results_list_series(const char *path, const struct table *summary, const char *id,
                                struct series_list *list);
void series_list_free(struct series_list *list);

/* One row a point of the series "group/name", in which a '*' stands for a number: the columns
 * `carried` of the run's row of /summary; `layer`, where there is a '*'; the scales; `value`. Sets
 * how many of the columns, counted from the end without `value`, say where the point lies.
 * ERROR_USAGE: no such column or series. */
enum status results_points(const char *path, const struct table *summary, const char *pattern,
                           int n_carried, const char *const *carried, int *n_places,
                           struct table *points);
