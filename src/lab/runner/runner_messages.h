/* What `normlab run` tells a person: on options->messages, but for the path of the results, which
 * goes to options->listing, where another program reads it. */
#pragma once

#include "lab/runner/scheduler.h"

/* How much there is to do, files that are damaged, runs of another build, too many threads. */
void say_before(const struct worklist *worklist, const struct runner_options *options);
/* Finished runs of an earlier version of the definition that leave the merged file. */
void say_dropped(const struct worklist *worklist, const struct runner_options *options, int n);
/* How the runs ended, those of earlier calls included. */
void say_outcomes(const struct scheduler *scheduler, double seconds);
/* What to do next. `merged`: there is a merged file; `written`: by this call. */
void say_after(const struct scheduler *scheduler, bool merged, bool written);
/* ERROR_RUN where a run failed, with the first failure's reason, or the journal lacks lines. */
enum status fail_runs(const struct scheduler *scheduler);
