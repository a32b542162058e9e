/* Can a cell be run? What no key by itself can tell is asked before anything is trained. */
#pragma once

#include "lab/plan/experiment.h"

/* ERROR_USAGE with the position of the value that is to blame. */
enum status plan_check(const struct experiment *experiment, const struct cell *cell,
                       const struct config *config, const struct dataset *dataset);

/* Puts the position of the keys that the last failure blames (`fail_key`), else of key `fallback`,
 * in front of the thread's message: of the first in the table that has one; the file alone where
 * all are at their defaults. */
enum status plan_blame(enum status status, const struct experiment *experiment,
                       const struct cell *cell, const char *fallback);
