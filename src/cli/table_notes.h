/* What a table by groups does not show by itself. */
#pragma once

#include "cli/output.h"

/* Over what the rows of `groups` pool, beside seeds; which runs have no number of a metric, and are
 * in no median of it. `by` and `metrics` are columns of the summary. */
void table_notes(const struct table *summary, const struct words *by, const struct words *metrics,
                 const struct table *groups, struct pool *pool, struct notes *notes);
