/* How long will it take? Learned from runs that are finished: seconds for a unit of the plan's
 * cost, by class of batch size, because small mini-batches cost more a row than large ones. */
#pragma once

#include <stdbool.h>

enum { ESTIMATE_CLASSES = 16 }; /* batch sizes 1, 2-3, 4-7, ... */

struct estimate {
    double seconds[ESTIMATE_CLASSES], cost[ESTIMATE_CLASSES];
};

/* Learns that a run of that cost took so many seconds. A run of this call (`fresh`) tells more than
 * older ones, which may come from another machine: it halves the weight of what was learned about
 * its class before. */
void estimate_learn(struct estimate *estimate, long batch_size, double cost, double seconds,
                    bool fresh);
/* Seconds of a run. Where nothing was learned about its class: from all classes; where nothing at
 * all: from a constant, for a core of today. */
double estimate_seconds(const struct estimate *estimate, long batch_size, double cost);
/* The class of a batch size. */
int estimate_class(long batch_size);
/* Seconds of runs whose costs are summed by class, one after the other. */
double estimate_sum(const struct estimate *estimate, const double cost[ESTIMATE_CLASSES]);
/* Has anything been learned? */
bool estimate_is_learned(const struct estimate *estimate);
/* Seconds until runs of `seconds` [n] are done, `jobs` at a time: no less than the longest takes.
 */
double estimate_finish(const double *seconds, int n, int jobs);

enum { DURATION_SIZE = 32 };
/* "3 s", "2 min 5 s", "1 h 12 min" */
const char *duration_text(double seconds, char text[DURATION_SIZE]);
