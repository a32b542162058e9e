/* /summary, the table of a merged file. */
#pragma once

#include "lab/merge/merge.h"
#include "lab/table/table.h"

/* One row a run: `run`, every key that applies to at least one of them, the final metrics. */
void merge_summary(const struct merge *merge, struct table *summary);
