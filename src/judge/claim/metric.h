/* A number a run: what a question is about. A column of /summary, or a series reduced to one
 * number. */
#pragma once

#include "io/yaml_tree.h"
#include "lab/table/table.h"

struct take;
struct over;

struct metric {
    const struct yaml_node *node; /* where it stands; NULL: it is the default */
    const char *column;           /* of /summary; NULL: */
    const char *series;           /* "group/name", of which `take` makes a number */
    const struct take *take;
    double at;        /* the take's target; NaN: none */
    const char *when; /* another series: the metric is the value, by interpolation, at the step at
                         which that one first falls to when_at (first_below); NULL: by the take */
    double when_at;
    int n_where;
    const char *const *where; /* conditions on a series' points: "layer=1", "step>100" */
    const char *minus;        /* another column of /summary, subtracted; or NULL */
    bool has_diverged;
    double diverged;      /* the number of a run that diverged: where it has no finite one, and
                             always in place of one from a series that broke off (but for a take
                             that is a place). Without it such a series counts as far as it goes */
    bool spread;          /* |metric - its median over the seeds of the arm and stratum| */
    const char *over_key; /* NULL: runs are not chosen among */
    const struct over *over;
    double over_at; /* the target of `over`; NaN: none */
    int n_choosing; /* seeds whose runs choose for all others, and count for nothing else */
    const struct value *choosing;
};

/* The metric of every row of the summary, into values [n_rows]; NaN: it has none, or the run is
 * missing. A run that never got to a take's target counts as `budgets` times its planned steps.
 * Neither `spread` nor `over`. ERROR_USAGE: no such column or series, or a series with several
 * points at a place of which one is to be the last, say. ERROR_RESULTS: a run never got to the
 * target, and its file does not say how many steps it was to make. */
enum status metric_rows(const char *path, const struct table *summary, const struct metric *metric,
                        double budgets, double *values);
/* Can the metric be of these points, of runs one after the other? ERROR_USAGE: an unknown scale in
 * `where`, several points at a place where their order counts, a place that is no step. */
enum status metric_check_points(const struct metric *metric, const struct table *points,
                                int n_places);
/* Is it the step at which a run got to a target, which some never do? */
bool metric_is_place(const struct metric *metric);
/* Is the metric of this row, with more than one budget, that of a run which never got to the
 * target?
 */
bool metric_missed(const struct table *summary, const struct metric *metric, int row, double value);
