/* One run in a process of its own: trained, or taken up where a checkpoint stands, and published.
 */
#pragma once

#include "lab/runner/progress.h"
#include "lab/runner/worklist.h"
#include "lab/worker/heartbeat.h"

struct job {
    const struct worklist *worklist;
    const struct runner_options *options;
    struct progress *progress; /* where sentences go */
    struct heartbeat *heartbeat;
    int run;
    int concurrency; /* runs that share the machine now, this one among them */
};

/* A worker_function. STOPPED_TERM: it left because the heartbeat asked. */
enum status job_run(void *job);
