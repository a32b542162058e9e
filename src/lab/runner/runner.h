/* Runs a plan: worker processes, journal, resume, merge. */
#pragma once

#include "lab/plan/plan.h"
#include "lab/runner/runner_options.h"

/* Everything `normlab run` does after the experiment is read and planned. The status is the
 * command's exit status. */
enum status runner_run(const struct plan *plan, const struct runner_options *options);
