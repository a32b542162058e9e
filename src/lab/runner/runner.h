/* Runs a plan: worker processes, journal, resume, merge. */
#pragma once

#include "lab/runner/worklist.h"

/* Everything `normlab run` does after the experiment is read and planned. The status is the
 * command's exit status. */
enum status runner_run(const struct plan *plan, const struct runner_options *options);
/* Before anything is trained: nothing of somebody else's is replaced in the end. ERROR_RESULTS: it
 * would be; finished runs that go are told. */
enum status runner_check_merged(const struct worklist *worklist,
                                const struct runner_options *options);
