/* Can a cell be run, and does a plan make sense? What no key by itself can tell: asked before
 * anything is trained. */
#pragma once

#include "lab/plan/plan.h"

/* ERROR_USAGE with the position of the value that is to blame. */
enum status plan_check(const struct experiment *experiment, const struct cell *cell,
                       const struct config *config, const struct dataset *dataset);

/* A warning where runs have a normalizer but no layer for it to work on: of the first; NULL: none.
 */
const char *plan_idle_norm(const struct plan *plan, struct pool *pool);

/* Puts the position of the key that the thread's message names, else of key `fallback`, in front of
 * it; the file alone where that key is at its default. */
enum status plan_blame(enum status status, const struct experiment *experiment,
                       const struct cell *cell, const char *fallback);
