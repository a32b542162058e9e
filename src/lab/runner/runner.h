/* Runs a plan: worker processes, journal, resume, merge. */
#pragma once

#include <stdio.h>

#include "lab/plan/plan.h"

struct runner_options {
    const char *out;   /* folder of results; default "results" */
    int jobs, threads; /* 0: fill the cores the process may use */
    bool dry_run, fail_fast, force;
    int shard, n_shards; /* n_shards 0: all */
    int argc;            /* the command line, for provenance */
    const char *const *argv;
    int n_overrides; /* the key=value words, for plan.json */
    const char *const *overrides;
    FILE *messages; /* progress and what happened; NULL: say nothing */
    FILE *listing;  /* of dry_run; else the results file's path goes there */
};

/* Everything `normlab run` does after the experiment is read and planned. The status is the
 * command's exit status. */
enum status runner_run(const struct plan *plan, const struct runner_options *options);

/* Merges the run files of a plan in `dir` into `path`; missing runs get a row with status
 * "missing". Returns the number of missing runs in n_missing. */
enum status runner_merge(const struct plan *plan, const char *dir, const char *path,
                         int *n_missing);
