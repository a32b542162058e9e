/* What `normlab run` is asked for beside the experiment. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "lab/table/table.h"

struct runner_options {
    const char *out;     /* folder of results; default "results" */
    const char *stage;   /* folder on a disk of this machine, for files in the making; NULL: none */
    int jobs, threads;   /* 0: fill the cores the process may use */
    double checkpoint_s; /* between two checkpoints of a run; 0: none, not on a signal either */
    bool dry_run, fail_fast, force;
    double run_limit_s;  /* a run that takes longer is ended; 0: however long */
    int shard, n_shards; /* n_shards 0: all */
    int first_seeds;     /* only runs of the first so many seeds of the axis; 0: all */
    int argc;            /* the command line, for provenance */
    const char *const *argv;
    int n_overrides; /* the key=value words, for plan.json */
    const char *const *overrides;
    bool is_step;         /* of a larger command, which says what comes next */
    FILE *messages;       /* progress and what happened; NULL: say nothing */
    FILE *listing;        /* of dry_run; else the results file's path goes there */
    FILE *events;         /* a line of JSON for each event; NULL: none */
    bool tsv;             /* dry_run lists as tab-separated values */
    struct table *listed; /* dry_run fills it in place of a listing; NULL: it lists */
    bool keys;            /* dry_run lists the keys in place of the runs */
};
