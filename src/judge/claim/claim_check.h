/* A claim's questions, held against the plan of its experiment: whether there will be runs of both
 * arms to pair, and a number of each. Before anything is trained, and without data. */
#pragma once

#include "judge/claim/claim.h"

/* ERROR_USAGE with file:line:column: an arm, a stratum or a key of `over` that no run has, a metric
 * that is no column or that runs will not have, a series that none will record, arms whose runs
 * cannot be paired. A claim without runs is good. `also`: what runs that are there have logged
 * beyond the file, or NULL.
 *
 * Of a protocol, which may have fewer values and strata, each arm needs runs. */
enum status claim_check(const struct claim *claim, const struct log_config *also);
/* What any finished run of a summary has logged; texts are in the pool. */
struct log_config claim_logged(const struct table *summary, struct pool *pool);
