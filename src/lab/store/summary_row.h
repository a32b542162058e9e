/* What a run's own file gives for its row of /summary. */
#pragma once

#include "lab/config/cell.h"
#include "lab/store/record.h"

/* The final metrics of `record`, and how it was logged: by the names of their columns. Texts are in
 * the pool. ERROR_RESULTS: it is of another configuration than `cell`, or has not the id of its
 * own. */
MUST_CHECK enum status summary_row(const struct record *record, const struct cell *cell,
                                   struct pool *pool, struct attributes *row);
