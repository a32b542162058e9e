/* plan.json: what was asked for in a folder of runs, so that the folder can be merged with nothing
 * else: no data, no experiment file. */
#pragma once

#include "lab/plan/plan.h"

struct filed_run {
    const char *id, *label;
    struct cell cell;
    struct config config;
    long total_steps; /* 0: it does not say */
    double cost;      /* as in struct planned_run; 0: it does not say */
};

struct plan_file {
    struct pool pool;
    const char *path, *name, *title;
    const char *results;     /* the merged file's name; NULL: made by an earlier build */
    const char *file, *yaml; /* the definition and where it was read from */
    int n_overrides;
    const char *const *overrides;
    int n_runs;
    struct filed_run *runs;
};

/* Writes `<dir>/plan.json`, whole or not at all. ERROR_RUN. */
MUST_CHECK enum status plan_file_publish(const char *dir, const struct plan *plan, int n_overrides,
                                         const char *const *overrides);
/* ERROR_RESULTS: none there, damaged, changed (a run's id is not that of its configuration and
 * data, the definition's hash not that of the definition), or made by a program that counts
 * differently (schema, numerics). */
enum status plan_file_read(const char *dir, struct plan_file *plan);
void plan_file_free(struct plan_file *plan);
