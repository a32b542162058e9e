/* How far a sweep is, from what lies in its folders alone: the plan, the names of files, the
 * journals. Nothing is opened but these, so that thousands of runs take no time. */
#pragma once

#include "lab/journal/estimate.h"
#include "lab/journal/journals.h"
#include "lab/plan/plan_file.h"

enum sweep_state {
    SWEEP_DONE,     /* its file is there; how it ended, no journal says */
    SWEEP_COMPLETE, /* it is, and its journal says complete */
    SWEEP_DIVERGED,
    SWEEP_RUNNING,     /* a process that lives has it */
    SWEEP_INTERRUPTED, /* the last that had it was asked to stop, or died */
    SWEEP_FAILED,
    SWEEP_TIMED_OUT,
    SWEEP_MISSING,    /* nobody has begun it, or its file is gone */
    SWEEP_DAMAGED,    /* there is a file, and it does not hold this run finished */
    SWEEP_UNREADABLE, /* there is one that cannot be read now */
    SWEEP_STATES
};

struct sweep_run {
    enum sweep_state state;
    bool checkpoint;                /* there is one, to go on from */
    int shard;                      /* of n_shards; -1: they are none */
    const struct journal_run *told; /* what journals say; NULL: nothing */
    const char *why;                /* of one that failed, was timed out, interrupted, is damaged or
                                       lost; "": nobody says */
    long steps, total;              /* of one that runs or was cut; 0: not known */
    double seconds;                 /* that it has run for; -1: not known */
    double left_s;                  /* until it is done, as far as is known; 0: it is */
};

struct sweep_status {
    struct pool pool;
    int n_dirs;
    const char *const *dirs;
    struct plan_file plan;
    struct journals journals;
    struct sweep_run *runs; /* [plan.n_runs] */
    int n_shards;           /* 0: none */
    int counts[SWEEP_STATES];
    struct estimate estimate; /* from the ends that journals tell */
};

/* Of the plan in dirs[0] and the files in all. n_shards: as many shards; 0: those of the process
 * that wrote last. `before`: what was read some time ago, or NULL; journals_read says what for.
 * Errors as of plan_file_read; ERROR_UNREADABLE: a folder or a journal cannot be read now. */
enum status sweep_status_read(int n_dirs, const char *const *dirs, int n_shards,
                              const struct sweep_status *before, struct sweep_status *status);
/* Opens every file of a run: is its seal whole, does it hold the planned run, how did that end? */
void sweep_status_verify(struct sweep_status *status);
void sweep_status_free(struct sweep_status *status);

/* "done", "complete", "diverged", "running", "interrupted", "failed", "timed_out", "missing",
 * "damaged", "unreadable" */
const char *sweep_state_name(enum sweep_state state);
/* Is there a file that holds it, finished? */
bool sweep_state_is_done(enum sweep_state state);
int sweep_status_done(const struct sweep_status *status);
/* The process that has run `run`, or had it last; NULL: none did. */
const struct journal_process *sweep_process(const struct sweep_status *status,
                                            const struct sweep_run *run);
