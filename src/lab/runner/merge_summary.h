/* /summary, the table of a merged file. */
#pragma once

#include "lab/runner/merge.h"
#include "lab/table/table.h"

/* One row a run: `run`, every key that applies to at least one of them, the final metrics.
 * ERROR_RESULTS: a run file cannot be read, or is of another configuration than the planned one. */
enum status merge_summary(const struct merge *merge, struct table *summary);
