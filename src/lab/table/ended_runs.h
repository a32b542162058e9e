/* Runs that ended early have no points of a series at its end, or none at all. Left out of a group,
 * those that survive would look like all of it. */
#pragma once

#include "lab/table/table.h"

/* A number of a run at a place of a series. */
struct run_point {
    int run;
    int place; /* rank among the places; -1: at none of them */
    double value;
    bool counts; /* does a run's having it say that the others would have one there? */
};

struct run_points {
    struct pool pool;
    int n, capacity;
    struct run_point *items;
};

/* Which runs are alike, from the narrowest sense to the widest: runs of one group are of one group
 * in every wider sense, too. */
struct ended_scopes {
    int n_runs;
    const bool *complete; /* [n_runs] did the run reach its end? */
    int n;
    const int *const *group_of; /* [n][n_runs] runs of one group have equal numbers */
};

void run_points_add(struct run_points *points, struct run_point point);

/* Points of all runs, of those that ended early at each place that the complete runs of their
 * narrowest group have; without any complete run there, at each place that runs of the next wider
 * group have. The value is NaN where the run has no point. By run, complete ones in the order
 * given, the others by place. */
void ended_complete(const struct run_points *points, int n_places,
                    const struct ended_scopes *scopes, struct run_points *result);

/* The same with a table: `points` of results_points with `run` and the columns `by` among those
 * carried, n_places before `value`. Groups are runs equal in `by`, then all runs of the summary;
 * `value` is then real. ERROR_USAGE: no such column. */
enum status points_add_ended(const struct table *summary, int n_by, const char *const *by,
                             int n_places, const struct table *points, struct table *result);
