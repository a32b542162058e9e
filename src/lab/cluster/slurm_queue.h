/* The tasks of a sweep that Slurm still has, queued or running. */
#pragma once

#include "base/pool.h"
#include "base/status.h"

struct slurm_task {
    const char *job;    /* of the array: "12" */
    int index;          /* which task of it, its shard; -1: it is no array's */
    const char *state;  /* PENDING, RUNNING, ... */
    const char *reason; /* why it waits, "Resources"; "": it does not */
};

struct slurm_queue {
    int n;
    struct slurm_task *tasks;
    int n_shards;        /* into how many the runs were cut; 0: not known */
    const char *unknown; /* why squeue could not say; NULL: it did, or nothing was sent */
};

/* Of the array job that the last `submit` has sent for the runs in `dir`, by what it keeps there,
 * the tasks that squeue knows. None where it has sent none, squeue is not installed, or all are
 * over. */
void slurm_queue_read(const char *dir, struct pool *pool, struct slurm_queue *queue);
/* The task of this index; NULL: there is none. */
const struct slurm_task *slurm_queue_find(const struct slurm_queue *queue, int index);
