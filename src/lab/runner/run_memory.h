/* How much memory a run takes, known before it starts. */
#pragma once

#include "lab/plan/plan.h"

/* Bytes that one worker process takes at most for a run on so many threads, beside the shared data
 * and what every process takes. */
size_t run_memory(const struct planned_run *run, int n_threads);
