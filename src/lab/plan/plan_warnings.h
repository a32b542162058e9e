/* Warnings of a plan: what stands in an experiment but changes no run. */
#pragma once

#include "lab/plan/plan.h"

/* Adds one to the plan; the text is in its pool. */
void plan_warn(struct plan *plan, const char *text);
/* Adds one for each exclusion that has not `matched` [n_exclusions] a cell, for each key that was
 * asked for but applies to no run, and where runs have a normalizer but no layer for it to work on.
 */
void plan_warn_idle(struct plan *plan, const bool *matched);
