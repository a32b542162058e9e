/* What was chosen, as a table: one row an arm. */
#pragma once

#include "judge/tune/tune_arms.h"
#include "lab/table/table.h"

/* Keys that differ; the chosen rate, its score; the best of the other rates, its score; edge
 * (none, low, high); seeds, rates, failed (of the chosen rate), trials_failed (of all). */
void tune_table(const struct tune *tune, struct table *table);
/* "none", "low", "high". */
const char *tune_edge_word(enum rate_edge edge);
