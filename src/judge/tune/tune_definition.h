/* The trials of a tuning as an ordinary experiment: every arm with every rate of its grid and every
 * seed, no test data. Its runs are planned, trained and kept like any others. */
#pragma once

#include "judge/tune/tune_arms.h"

/* The text of the experiment NAME-tune. */
const char *tune_definition(const struct tune *tune, struct pool *pool);
/* The index of the run of one trial in a plan of that experiment. ERROR_RUN: not there. */
enum status tune_find_run(const struct tune *tune, const struct plan *plan,
                          const struct tune_arm *arm, int rate, int seed, int *run);
