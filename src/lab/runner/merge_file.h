/* The merged file: results/<name>.h5. */
#pragma once

#include "lab/runner/merge.h"

/* May a merged file of experiment `name` be written to `path`? Only in the place of one of the same
 * experiment, or of nothing: ERROR_RESULTS. */
enum status merge_check_path(const char *path, const char *name);
/* ERROR_RESULTS: a run file cannot be read, or `path` is something else's; ERROR_RUN: cannot write.
 */
enum status merge_write(const struct merge *merge, const char *path);
/* The runs of a plan in `dir`, merged into `path`; missing runs get a row with status "missing".
 * n_missing: their number. */
enum status merge_plan_into(const struct plan *plan, const char *dir, const char *path,
                            int *n_missing);
/* Is the file at `path` this merge, and newer than every run file in it? */
bool merge_is_current(const struct merge *merge, const char *path);
