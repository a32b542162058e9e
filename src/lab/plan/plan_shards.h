/* Shards: a plan's runs in parts, for as many machines. */
#pragma once

#include "lab/plan/plan.h"

/* The runs of shard `index` of `count` (from 0), balanced by cost; sets take[n_runs]. */
void plan_shard(const struct plan *plan, int index, int count, bool *take);
