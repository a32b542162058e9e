/* What a merge is made of: the planned runs, and the file of each that is finished. */
#pragma once

#include "lab/merge/run_kind.h"
#include "lab/plan/plan_file.h"
#include "lab/store/record.h"

/* A planned run and what there is of it. */
struct merge_run {
    const char *id, *label;
    const struct cell *cell;
    struct log_config log;
    int dir;               /* which folder has it */
    const char *path;      /* its file; NULL: none that is finished */
    const char *status;    /* complete | diverged | failed | missing */
    bool damaged;          /* there is a file, and it is not this run finished */
    struct attributes row; /* what its file gives for /summary */
};

struct merge {
    struct pool pool;
    const char *name, *title, *yaml, *resolved;
    const char *results;          /* the merged file's name, without .h5 */
    const char *file, *overrides; /* of the definition, as in struct store_header */
    bool force;                   /* may it replace what another definition has made? */
    int n_dirs, n_runs, n_missing;
    struct journals *journals; /* [n_dirs] of these, where runs differ; NULL: nobody has asked */
    const char *const *dirs;   /* where the runs' files were looked for */
    struct merge_run *runs;
    struct run_kinds kinds;     /* of those that were found */
    int n_copies, n_differ;     /* runs that were found once more: the same, not the same */
    const char **disagreements; /* [n_differ] "<id> <label>: <value> is ..." */
    int disagreement_capacity;
    const char *stamp;     /* hash of all of the above: equal stamps, equal contents */
    struct plan_file plan; /* of merge_folders: owns what runs point to */
};

/* The experiment's texts, and room for its runs: id, label, cell and log of each are the caller's
 * to fill in before merge_find_files. */
void merge_begin(struct merge *merge, const struct experiment *experiment, int n_runs);
/* Takes each run from the first folder that has it finished, and compares what the others have of
 * it, one run at a time; sets the stamp. Where copies differ, nothing may be merged: that is the
 * caller's to say. ERROR_UNREADABLE: of some run there is only a file that cannot be read now, so
 * nobody knows what is missing; ERROR_RESULTS: a file holds another configuration than the planned
 * one. */
enum status merge_find_files(struct merge *merge, int n_dirs, const char *const *dirs);
/* Looks for the missing ones once more: since then they may have come. Errors: as before. */
enum status merge_look_again(struct merge *merge);
/* The runs of a plan, whose files nobody has looked for yet. */
void merge_begin_plan(struct merge *merge, const struct plan *plan);
/* The same, as they are in `dir`. Errors: as merge_find_files. */
enum status merge_plan(struct merge *merge, const struct plan *plan, const char *dir);
void merge_free(struct merge *merge);
