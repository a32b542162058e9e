/* Which keys have to be strata, where nobody names them. */
#pragma once

#include "judge/stats/contrast.h"

/* The keys that tell runs of one arm apart beside its conditions, the keys of `by`, and seeds: each
 * of their values would be a stratum. A rate that the others determine, having been tuned for each
 * of them, is none. Names in the pool. ERROR_USAGE: a condition that no table can answer. */
enum status contrast_open_keys(const struct table *table, const struct contrast_request *request,
                               struct pool *pool, int *n, const char ***keys);
