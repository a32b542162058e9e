/* The merged file: results/<name>.h5. */
#pragma once

#include "lab/runner/merge.h"

/* May a merged file of experiment `name` be written to `path`? Only in the place of one of the same
 * experiment, or of nothing: ERROR_RESULTS; ERROR_UNREADABLE: nobody can tell now. */
MUST_CHECK enum status merge_check_path(const char *path, const char *name);
/* Runs that were missing are looked for once more. ERROR_RESULTS: a run file cannot be read, or
 * `path` is something else's; ERROR_RUN: cannot write, or the file there has a finished run that
 * this merge has not. */
MUST_CHECK enum status merge_write(struct merge *merge, const char *path);
/* Is the file at `path` this merge, and newer than every run file in it? */
bool merge_is_current(const struct merge *merge, const char *path);
