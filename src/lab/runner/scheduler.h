/* Trains what a worklist says, each run in a worker process of its own, and keeps the journal. */
#pragma once

#include "io/workers.h"
#include "lab/journal/journal.h"
#include "lab/runner/progress.h"
#include "lab/runner/worklist.h"
#include "lab/worker/heartbeat.h"

/* A run that was started, and what its parent sees of it. */
struct place {
    pid_t pid;
    double started_s; /* of the system's clock, for the estimate */
    double begun_s;   /* of the scheduler's clock, for the limit */
    long steps;       /* of its heartbeat, and when they last moved */
    double moved_s;
    long first_steps; /* where it was when it was first seen to move, and when that was */
    double first_s;
    bool overdue; /* and was told, or killed for it */
};

enum stage { STAGE_NONE, STAGE_RUNNING, STAGE_TRAINED, STAGE_FAILED };

struct scheduler {
    struct worklist *worklist; /* its outcomes and estimate follow what is trained */
    const struct runner_options *options;
    struct workers workers;
    struct journal journal;
    struct progress progress;
    enum stage *stages;           /* [n_runs] */
    struct place *places;         /* [n_runs] */
    struct heartbeat *heartbeats; /* [n_runs], shared with the workers */
    double
        awake_s;   /* the clock of limits: it stands still while this process is stopped (Ctrl-Z) */
    double seen_s; /* when it was last read, of the system's clock */
    double waiting[ESTIMATE_CLASSES]; /* costs of the runs that are not started, by class */
    int n_started, n_trained, n_failed;
    int n_timed_out;   /* of the failed */
    int journal_error; /* why the journal lacks lines, as an errno; 0: it does not */
    const char *journal_path;
    const char *first_failure; /* "<id> <label>: <reason>"; no label: "<id>: <reason>" */
};

/* Trains until all are done or, with options->fail_fast, until one fails. OK: however the runs
 * ended. STOPPED_INT, STOPPED_TERM: asked to stop; workers are gone and the folder is clean.
 * ERROR_RUN: cannot start at all. */
enum status scheduler_run(struct scheduler *scheduler, struct worklist *worklist,
                          const struct runner_options *options);

/* Answers a request to stop: says so on `messages`, ends all workers, sweeps the folders. */
enum status scheduler_stop(struct workers *workers, const struct worklist *worklist,
                           FILE *messages);
