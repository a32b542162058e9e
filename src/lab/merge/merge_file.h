/* The merged file: results/<name>.h5. */
#pragma once

#include "lab/merge/merge.h"

/* May this merge be written to `path`? Only in the place of nothing, or of results of the same
 * experiment; of these not where another file or other overrides have made them, and they have
 * finished runs that the merge does not plan: ERROR_RESULTS, unless merge->force.
 * ERROR_UNREADABLE: nobody can tell now. *n_dropped: finished runs that are in the file now, and in
 * the new one no more. */
MUST_CHECK enum status merge_check_path(const struct merge *merge, const char *path,
                                        int *n_dropped);
/* Runs that were missing are looked for once more. ERROR_RESULTS: a run file cannot be read, two
 * copies of a run differ, or `path` is something else's; ERROR_RUN: cannot write, or the file there
 * has a finished run that this merge has not. */
MUST_CHECK enum status merge_write(struct merge *merge, const char *path);
/* Is the file at `path` this merge, and newer than every run file in it? */
bool merge_is_current(const struct merge *merge, const char *path);
