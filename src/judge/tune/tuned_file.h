/* NAME.tuned.yaml: the experiment file with the chosen rates in place of its sections sweep, zip,
 * exclude and tune; every other line as it was. */
#pragma once

#include "judge/tune/tune_arms.h"

/* Can its text be edited line by line? ERROR_USAGE with the position of what is in the way. */
enum status tuned_file_check(const struct tune *tune);
/* The same rates give the same bytes. ERROR_RUN: it does not read back, which is our mistake. */
enum status tuned_file_text(const struct tune *tune, struct pool *pool, const char **text);
