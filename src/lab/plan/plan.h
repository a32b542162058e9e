/* From an experiment to the list of its runs. */
#pragma once

#include "lab/config/identity.h"
#include "lab/plan/experiment.h"
#include "lab/plan/plan_data.h"

struct planned_run {
    char id[RUN_ID_SIZE];
    struct cell cell;
    struct config config;
    const char *canonical;
    const struct dataset *dataset; /* shared between runs of the same data configuration */
    long total_steps;
    double cost; /* static estimate, the same on every machine: about seconds on one core */
};

struct plan {
    struct pool pool;
    const struct experiment *experiment;
    int n_runs;
    struct planned_run *runs;
    int n_merged; /* cells that became equal to another */
    int n_excluded;
    int n_warnings;
    const char **warnings; /* an exclusion that matches nothing, ... */
    /* the keys whose values differ between runs, in the order of the axes */
    int n_varied;
    const int *varied;
    struct plan_data data; /* what is loaded, freed with the plan */
};

/* Crosses the axes, drops what is excluded, merges equal cells, checks each cell as a whole (a
 * normalizer that cannot run with its batch size, a split larger than the file: ERROR_USAGE with
 * the position of the value), loads the data and computes identities. */
enum status plan_create(const struct experiment *experiment, struct plan *plan);
/* The same runs in the same order without a look at the data, in no time: cells that data or a
 * whole cell would forbid are among them; ids are not those of results, `dataset` is NULL, and
 * nobody knows what a run costs. */
enum status plan_outline(const struct experiment *experiment, struct plan *plan);
void plan_free(struct plan *plan);

/* Short label of a run: the keys that differ within the plan, "norm.kind=batch train.batch_size=2
 * seed=4". */
const char *plan_label(const struct plan *plan, int run, struct pool *pool);
/* The keys whose values differ within the plan; returns their number, indices into keys
 * [key_count()]. */
int plan_varied(const struct plan *plan, int *keys);
