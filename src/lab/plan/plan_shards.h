/* Parts of a plan: shards, for as many machines; the runs of its first seeds. */
#pragma once

#include "lab/plan/plan.h"

/* Which of `count` shards (from 0) each of n runs belongs to, from what they cost: the same on
 * every machine. Fills shard[n]. */
void shards_assign(int n, const double *cost, int count, int *shard);
/* The runs of shard `index` of `count` (from 0), balanced by cost; sets take[n_runs]. */
void plan_shard(const struct plan *plan, int index, int count, bool *take);
/* Keeps of take[n_runs] the runs of the first n seeds of their axis; all, where there is no axis.
 */
void plan_take_seeds(const struct plan *plan, int n, bool *take);
/* Sorts runs[n], numbers of runs: the longest first, ties in the plan's order. */
void plan_sort_longest(const struct plan *plan, int n, int *runs);
