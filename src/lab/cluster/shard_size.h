/* How many shards a plan is cut into for a cluster. */
#pragma once

#include "lab/runner/worklist.h"

struct shard_request {
    int n_tasks;    /* so many; 0: as `seconds` says */
    double seconds; /* that a shard may take */
    int most;       /* shards that the cluster takes at a time */
};

struct shard_size {
    int n;            /* shards of the whole plan: i/n with i from 0 */
    int n_todo;       /* those with a run that is not done yet */
    const int *todo;  /* [n_todo] ascending */
    double longest_s; /* of them, by what is known */
    bool is_cut;      /* `most` allows no more; they take longer than was asked for */
};

/* By seconds: as few shards as keep each within the time, and where one run alone takes longer,
 * within that run's. Shards are of all runs, done or not, because a shard must stay the same runs
 * while others are trained; so those with nothing left are not in `todo`. A worklist with nothing
 * to do has none. */
void shard_size_choose(const struct worklist *worklist, const struct shard_request *request,
                       struct pool *pool, struct shard_size *size);
/* "0-3,7,9-11" of the shards to do. Where that is more than sbatch reads (8 KiB of a line), of all
 * shards: those with nothing to do end at once. */
const char *shard_size_indices(const struct shard_size *size, struct pool *pool);
