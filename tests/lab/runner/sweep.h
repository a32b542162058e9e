/* What the runner's tests share: a small sweep on generated data, in a folder of its own. */
#pragma once

#include <sys/types.h>

#include "lab/runner/runner.h"
#include "lab/table/table.h"

/* Four runs of some milliseconds: two normalizers, two seeds. */
extern const char sweep_small[];
/* Six runs, each long enough (some tenths of a second) to be met while it runs. */
extern const char sweep_slow[];

struct sweep {
    char out[64]; /* a new folder under /tmp */
    struct experiment experiment;
    struct plan plan;
    struct runner_options options; /* out, one job and one thread, messages kept */
    char *said;                    /* what went to messages since the last sweep_run began */
    size_t said_size;
};

/* Plans `yaml` with overrides that end with NULL. */
void sweep_create(struct sweep *sweep, const char *yaml, const char *const *overrides);
/* Plans anew in the same folder. */
void sweep_change(struct sweep *sweep, const char *yaml, const char *const *overrides);
/* Removes the folder. */
void sweep_free(struct sweep *sweep);

enum status sweep_run(struct sweep *sweep);
/* The same in a child process that leads a group of its own, for signals; its exit status, or 128 +
 * signal, from sweep_join. */
pid_t sweep_fork(struct sweep *sweep);
int sweep_join(pid_t pid);

/* "<out>/<name>" and what lies in it; texts are good until the next call. */
const char *sweep_dir(const struct sweep *sweep);
const char *sweep_path(const struct sweep *sweep, int run);
const char *sweep_merged(const struct sweep *sweep);
bool sweep_exists(const char *path);
/* Files in the folder whose name has `part` in it. */
int sweep_count_files(const struct sweep *sweep, const char *part);

/* Lines of the journal of that event ("start", "end") and status ("" or NULL: any), of run `run`
 * (-1: all). */
int sweep_count_events(const struct sweep *sweep, int run, const char *event, const char *status);
/* The process of the n-th start in the journal (from 0), waiting for it; *run says of which run. */
pid_t sweep_wait_start(const struct sweep *sweep, int n, int *run);

/* The summary of a merged file; fails the test where it cannot be read. */
void sweep_summary(const char *path, struct table *summary);
/* Equal but for clocks and concurrency? The first difference as a text, NULL: none. */
const char *sweep_difference(const struct table *a, const struct table *b, struct pool *pool);

/* Runs and expects success, and that exactly `n` runs were trained. */
void sweep_trains(struct sweep *sweep, int n);
void sweep_expect_said(const struct sweep *sweep, const char *text);
/* The status of run `id`. */
const char *sweep_status_of(const struct table *summary, const char *id);
