/* What is to be done: which runs of a plan are finished in its folder, the others in the order in
 * which they start, how many at a time. */
#pragma once

#include "lab/journal/estimate.h"
#include "lab/plan/plan.h"
#include "lab/runner/runner_options.h"
#include "lab/store/outcome.h"

struct worklist {
    struct pool pool;
    const struct plan *plan;
    const char *out;
    const char *stage;        /* as in runner_options */
    const char *dir;          /* <out>/<name> */
    const char *merged;       /* <out>/<results>.h5 */
    bool *taken, *is_todo;    /* [n_runs]: of this shard; of those, still to be done */
    struct outcome *outcomes; /* [n_runs]: what the folder has */
    int n_taken, n_reused, n_other_build;
    int n_todo;
    int *todo; /* [n_todo] runs, the biggest first, so that no long one is left at the end */
    int cores, jobs, threads; /* threads: of one run, at most */
    struct estimate estimate;
};

/* Where things are, and which runs are of this shard; what the folder has of them, worklist_look
 * says. */
void worklist_create(struct worklist *worklist, const struct plan *plan,
                     const struct runner_options *options);
/* What is finished, what is to be done, how. ERROR_UNREADABLE: a run's file cannot be read now; it
 * may hold a finished run, so nothing replaces it. */
enum status worklist_look(struct worklist *worklist, const struct runner_options *options);
void worklist_free(struct worklist *worklist);

/* A run of the plan as it is to be trained: where that replaces its file, it logs no less than the
 * file has. What differs from the plan's is in the pool. */
struct planned_run worklist_run(const struct worklist *worklist, int run, struct pool *pool);
/* Seconds that a run will take, as far as is known. */
double worklist_seconds(const struct worklist *worklist, int run);
/* Where run `run` is or will be: "<dir>/<id>.h5". */
const char *worklist_path(const struct worklist *worklist, int run, struct pool *pool);
/* Where its checkpoint is, if there is one: "<dir>/<id>.checkpoint". */
const char *worklist_checkpoint(const struct worklist *worklist, int run, struct pool *pool);
/* Removes checkpoints of runs that are finished and not to be trained again; with `all`, those of
 * the others, too. */
void worklist_drop_checkpoints(const struct worklist *worklist, bool all);
/* Files "<id><ending>" in the folder of runs that are not in the plan: other versions of the
 * definition. */
int worklist_other_versions(const struct worklist *worklist, const char *ending);
/* Removes drafts that nobody holds, of runs, staged ones too, and of the merged file. */
void worklist_sweep(const struct worklist *worklist);
