/* Which series the runs of a results file have. */
#pragma once

#include "lab/store/record.h"
#include "lab/table/table.h"

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
