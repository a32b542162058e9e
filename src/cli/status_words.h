/* What `normlab status` says of a sweep: to a person, as a table of its runs, as JSON. */
#pragma once

#include "cli/output.h"
#include "lab/cluster/slurm_queue.h"
#include "lab/journal/sweep_status.h"

/* What it is asked about. */
struct status_subject {
    const char *dir;  /* the folder of runs */
    const char *file; /* the definition, as a command would name it */
    const char *out;  /* the folder above, for --out; NULL: the one that `run` takes by itself */
    const char *text; /* what the definition says now; NULL: nobody knows */
    bool is_changed;  /* the file is not the one that was planned */
    struct slurm_queue queue; /* what Slurm has of it */
};

/* What the next command would do. */
struct status_next {
    const char *command; /* "": nothing is to be done, but to wait */
    const char *says;    /* "trains 12 runs, 3 of them from a checkpoint" */
    int n_runs;          /* that it trains */
    double seconds;      /* that it takes; 0: none */
};

struct status_next status_next(const struct status_subject *subject,
                               const struct sweep_status *status, struct pool *pool);
/* Does a process live that has runs, or will Slurm start one? */
bool status_is_at_work(const struct status_subject *subject, const struct sweep_status *status);
/* Seconds until the processes that live are through, by their speed; 0: none lives. */
double status_ready_s(const struct sweep_status *status);

/* What became of the runs of a shard. */
struct status_shard {
    int n_runs, n_done, n_running, n_cut, n_missing;
    int n_failed;                          /* timed out, damaged and unreadable among them */
    const struct journal_process *process; /* that is at work on it; NULL: none */
};

/* [status->n_shards] */
const struct status_shard *status_shards(const struct sweep_status *status, struct pool *pool);

void status_print(const struct status_subject *subject, const struct sweep_status *status,
                  FILE *out);
/* A row a run. */
void status_table(const struct sweep_status *status, struct table *table);
void status_json(const struct status_subject *subject, const struct sweep_status *status,
                 FILE *out);
