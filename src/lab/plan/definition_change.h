/* Were results made from the definition that a claim has now? */
#pragma once

#include "lab/plan/experiment.h"

/* The first part in which the definition stored with results (/experiment/resolved) differs from
 * the experiment: "optimizer.lr", "exclude"; NULL: in none. What only says how much is logged, or
 * where data lie, does not count, nor a key that came later than the results. */
const char *definition_change(const struct experiment *experiment, const char *resolved,
                              struct pool *pool);
