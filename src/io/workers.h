/* Worker processes: fork, wait, signals.
 *
 * The parent must have no threads (a fork after a parallel region hangs libgomp) and waits in one
 * place only, with its signals blocked: a request to stop and a worker's end are both events of
 * that loop, and nothing runs in a signal handler. Workers die with the parent. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/status.h"

/* What a worker process does; its status is the process's exit status, its message goes to the
 * parent. */
typedef enum status worker_function(void *argument);

struct worker {
    pid_t pid; /* 0: free */
    int tag;   /* the caller's own: which run */
    int pipe;  /* where the message of a failure arrives */
    double started_s;
};

struct workers {
    int n_slots, n_running;
    struct worker *slots;
    int stop_signal; /* SIGINT, SIGTERM, SIGHUP, unless ignored; 0: none came */
    bool shields;    /* requests to stop that come to the whole group do not reach the workers: the
                        caller answers for them */
    bool catching;
    sigset_t caught, before;
};

struct worker_end {
    int tag;
    pid_t pid;
    enum status status;
    double seconds;
    char reason[2048]; /* "" where status is OK */
};

enum worker_event { WORKER_ENDED, WORKERS_STOP, WORKERS_TIMEOUT };

/* Room for `n_slots` processes at a time; from here to workers_close, signals wait for
 * workers_wait. ERROR_RUN: out of memory. */
enum status workers_open(struct workers *workers, int n_slots);
/* Starts a process in a free slot. ERROR_RUN: the system has none left. */
enum status workers_start(struct workers *workers, int tag, worker_function *function,
                          void *argument, pid_t *pid);
/* Until a worker ended (`end` is filled), a signal asked to stop, or the time is over. After a
 * WORKERS_STOP signals have their default effect again: a second one kills at once. */
enum worker_event workers_wait(struct workers *workers, double timeout_s, struct worker_end *end);
/* Kills the worker with this tag, stopped or not; workers_wait tells of its end. */
void workers_kill(const struct workers *workers, int tag);
/* Kills those still running, waits for them and gives everything back. */
void workers_close(struct workers *workers);
