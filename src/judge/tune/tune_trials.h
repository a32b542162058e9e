/* What the trials came to, read from the files of their runs. */
#pragma once

#include "judge/tune/tune_arms.h"

/* Fills scores and failed of every arm from the runs of `plan` in <out>/NAME-tune. A run without a
 * finite metric, diverged or not, scores as the best constant prediction does on the validation
 * rows. ERROR_RESULTS: one is not finished. */
enum status tune_read_trials(struct tune *tune, const struct plan *plan, const char *out);
