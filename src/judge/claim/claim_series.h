/* Will runs record the series that a metric is of? Asked of runs that nobody has trained yet. */
#pragma once

#include "judge/claim/metric.h"
#include "lab/plan/plan.h"
#include "lab/store/record.h"

/* What the runs of a plan will record: the same of those that differ in their seeds alone. */
struct rehearsals {
    const struct plan *plan;
    const char *file;       /* that the runs are defined in */
    int *like;              /* [n_runs]: the first run that records the same */
    struct record *records; /* [n_runs], of such first ones, made when they are asked for */
    bool *made;             /* [n_runs] */
};

void rehearsals_create(struct rehearsals *rehearsals, const struct plan *plan, const char *file,
                       struct pool *pool);
void rehearsals_free(struct rehearsals *rehearsals);

/* Can the metric, which is of a series, be had of these runs [n]? ERROR_USAGE with
 * file:line:column: none of them will record the series, or a condition on its points is met by
 * none, or it is not one that the take can be of. Runs among which `over` chooses may lack it, as
 * long as one has it. */
enum status claim_series_check(struct rehearsals *rehearsals, const struct metric *metric, int n,
                               const int *runs);
