/* The listing of a worklist, for `normlab run --dry-run`. */
#pragma once

#include "lab/runner/worklist.h"

/* A line a run of this shard, then sums: steps, time, memory, runs of other versions. */
void dry_run_list(const struct worklist *worklist, FILE *out);
