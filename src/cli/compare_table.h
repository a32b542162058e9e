/* The table of a comparison: what `normlab compare` prints. */
#pragma once

#include "judge/stats/contrast.h"
#include "judge/stats/decision.h"

/* A row for each stratum, then one for all of them; of a single stratum without keys that one
 * alone. `by` [n_by]: the keys of the strata. */
void compare_table(int n_by, const char *const *by, const struct contrast *contrast,
                   const struct decision *decision, struct table *table);
