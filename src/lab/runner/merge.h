/* From run files to the merged file: the rows of /summary, and the folders of one plan put
 * together. */
#pragma once

#include "lab/plan/plan_file.h"
#include "lab/table/table.h"

/* A planned run and what there is of it. */
struct merge_run {
    const char *id, *label;
    const struct cell *cell;
    struct log_config log;
    const char *path;   /* its file; NULL: none that is finished */
    const char *status; /* complete | diverged | failed | missing */
};

/* What is merged, wherever it was planned. */
struct merge {
    struct pool pool;
    const char *name, *title, *yaml, *resolved;
    int n_runs, n_missing;
    struct merge_run *runs;
    const char *stamp;     /* hash of all of the above: equal stamps, equal contents */
    struct plan_file plan; /* where it came from folders: owns what runs point to */
};

/* The runs of a plan as they are in `dir`. */
void merge_plan(struct merge *merge, const struct plan *plan, const char *dir);
/* The runs of the folders' common plan.json; a run is taken from the first folder that has it
 * finished. ERROR_RESULTS: no plan.json, or the folders are parts of different experiments. */
enum status merge_folders(struct merge *merge, int n_dirs, const char *const *dirs);
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
void merge_free(struct merge *merge);

/* One row a run: `run`, every key that applies to at least one of them, the final figures. */
enum status merge_summary(const struct merge *merge, struct table *summary);
/* Is the file at `path` this merge, and newer than every run file in it? */
bool merge_is_current(const struct merge *merge, const char *path);
