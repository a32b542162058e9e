/* What is to be done: which runs of a plan are finished in its folder, the others in the order in
 * which they start, how many at a time. */
#pragma once

#include "lab/runner/estimate.h"
#include "lab/runner/runner.h"
#include "lab/store/outcome.h"

struct agenda {
    struct pool pool;
    const struct plan *plan;
    const char *out;
    const char *dir;          /* <out>/<name> */
    const char *merged;       /* <out>/<name>.h5 */
    struct planned_run *runs; /* [n_runs]: the plan's, each to log no less than its file has */
    bool *taken, *is_todo;    /* [n_runs]: of this shard; of those, still to be done */
    struct outcome *outcomes; /* [n_runs]: what the folder has */
    int n_taken, n_reused, n_other_build;
    int n_todo;
    int *todo; /* [n_todo] runs, the biggest first, so that no long one is left at the end */
    int cores, jobs, threads; /* threads: of one run, at most */
    struct estimate estimate;
};

void agenda_create(struct agenda *agenda, const struct plan *plan,
                   const struct runner_options *options);
void agenda_free(struct agenda *agenda);

/* Seconds that a run will take, as far as is known. */
double agenda_seconds(const struct agenda *agenda, int run);
/* Where run `run` is or will be: "<dir>/<id>.h5". */
const char *agenda_path(const struct agenda *agenda, int run, struct pool *pool);
/* Files of runs in the folder that are not in the plan: other versions of the definition. */
int agenda_other_versions(const struct agenda *agenda);
/* Removes temporary files that dead processes left, of runs and of the merged file. */
void agenda_sweep(const struct agenda *agenda);
/* What --dry-run prints. */
void agenda_list(const struct agenda *agenda, FILE *out);
