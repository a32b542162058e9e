/* Rows of a summary: which run is meant, and how it ended. */
#pragma once

#include "lab/config/identity.h"
#include "lab/table/table.h"

/* How a run ended, as the column `status` has it; missing: it has not. */
enum run_end { END_COMPLETE, END_DIVERGED, END_FAILED, END_MISSING, RUN_ENDS };
/* "complete", "diverged", "failed", "missing" */
const char *run_end_name(enum run_end end);
/* Without a column `status`: false. */
bool run_ended(const struct table *summary, int row, enum run_end end);
/* How many runs ended so. */
int run_count(const struct table *summary, enum run_end end);
/* Has the run a group in /runs, or is it only planned? */
bool run_has_group(const struct table *summary, int row);
/* A failure: diverged, collapsed or failed. One that is missing may yet do well. */
bool run_went_wrong(const struct table *summary, int row);
/* Where `collapsed` is of runs from before normlab kept `planned_steps` it becomes -1, not known:
 * by the training loss, as it was judged then, it meant another thing. */
void run_forget_collapsed(struct table *summary);
/* The full id that begins with `prefix`, copied into `id`. ERROR_USAGE: none, or several. */
enum status run_find(const struct table *summary, const char *prefix, char id[RUN_ID_SIZE]);
/* The row of run `id`, looked for from row `first` on, behind which the next is mostly found; -1:
 * there is none. */
int run_row(const struct table *summary, const char *id, int first);
