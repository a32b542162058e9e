/* Runs that ended early have no points of a series at its end, or none at all. Left out of a group,
 * those that survive would look like all of it. */
#pragma once

#include "lab/table/table.h"

/* `points` of results_points with `run` and the columns `by` among those carried, n_places before
 * `value`. The same with all runs of the summary that did not end well at each place that the
 * complete runs of their group have (without any: that the table has), `value` NaN where they have
 * no point; `value` is then real. ERROR_USAGE: no such column. */
enum status points_add_ended(const struct table *summary, int n_by, const char *const *by,
                             int n_places, const struct table *points, struct table *result);
