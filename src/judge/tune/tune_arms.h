/* The arms of a tuning: the cells of an experiment without its seeds, in groups that share a grid
 * of rates, with what their trials came to. */
#pragma once

#include "judge/tune/tune_section.h"
#include "lab/plan/plan.h"

struct tune_arm {
    const struct cell *cell; /* of the experiment */
    struct cell trained;     /* the same with what `set` says */
    int group;
    double *scores; /* [grid.n][n_seeds] */
    bool *failed;   /* [grid.n][n_seeds] */
    struct rate_choice choice;
};

struct tune {
    struct pool pool;
    const struct experiment *experiment;
    struct tuning tuning;
    int n_overrides; /* the key=value words that the experiment was read with: for the comment */
    const char *const *overrides;
    const char *source; /* the experiment's file as seen from the tuned file; NULL: its name */
    struct plan plan;   /* a run a cell: for its warnings, data and cells */
    int n_keys;         /* that differ between arms, in the order of the axes */
    const int *keys;
    int n_groups, n_arms;
    struct rate_grid *grids; /* [n_groups] */
    struct tune_arm *arms;
};

/* ERROR_USAGE with positions: what cannot be tuned. ERROR_DATA. */
enum status tune_create(const struct experiment *experiment, struct tune *tune);
void tune_free(struct tune *tune);

/* The same of the trials, which `set` may have changed; its errors. */
enum status tune_check_trials(const struct tune *tune, const struct plan *plan);

/* Each arm's choice from its scores. */
void tune_choose(struct tune *tune);
/* More rates for all arms of a group where one of them has its optimum at an edge (rate_choice.h):
 * the scores of all are then to be read anew. */
bool tune_extend(struct tune *tune, int group);

/* Does an exclusion speak of seeds, so that it is not yet done where cells are? */
bool tune_excludes_later(const struct exclusion *exclusion);
/* Is the key among those that differ between arms? */
bool tune_differs(const struct tune *tune, int key);
/* An arm's value of a key as text; "" where the key does not apply to it. */
const char *tune_text(const struct tune_arm *arm, int key, struct pool *pool);
/* "train.batch_size=4"; "" where all arms share one grid. */
const char *tune_group_label(const struct tune *tune, int group, struct pool *pool);
/* "norm.kind=batch, train.batch_size=4": an arm by what differs; "" where there is but one. */
const char *tune_cell_label(const struct tune *tune, const struct tune_arm *arm, struct pool *pool);
/* Failed trials of one rate of an arm. */
int tune_failed(const struct tune *tune, const struct tune_arm *arm, int rate);
