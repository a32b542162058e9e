/* What a run will cost, from its configuration alone. */
#pragma once

#include "lab/config/keys.h"

/* About seconds on one core; the same on every machine, so that shards are. */
double run_cost(const struct config *config, const struct dataset *dataset, long total_steps);
