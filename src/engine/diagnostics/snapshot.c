/* What is taken as it is: parameters before a step, passes over the sample and validation rows. */
#include "engine/diagnostics/snapshot.h"

#include <string.h>

#include "engine/kernel/percentile.h"

/* ---- the last step ---- */

static void layout_update(void *state, struct arena *arena, const struct trainer *trainer) {
    struct last_update *update = state;
    update->before = arena_floats(arena, trainer->mlp.n_params);
}

static void keep_parameters(void *state, const struct trainer *trainer) {
    const struct last_update *update = state;
    memcpy(update->before, trainer->mlp.params, trainer->mlp.n_params * sizeof(float));
}

const struct diagnostic diagnostic_update = {.name = "update",
                                             .size = sizeof(struct last_update),
                                             .of_last_step = true,
                                             .layout = layout_update,
                                             .before_step = keep_parameters};

const struct diagnostic diagnostic_gradient = {.name = "gradient", .of_last_step = true};

/* ---- the sample ---- */

static int rows_of(const struct trainer *trainer) {
    return sample_rows(trainer->dataset->n[PART_TRAIN]);
}

static void layout_sample(void *state, struct arena *arena, const struct trainer *trainer) {
    struct sample *sample = state;
    sample->rows = rows_of(trainer);
    workspace_layout(&sample->workspace, arena, &trainer->mlp, sample->rows, 0);
    sample->targets = arena_alloc(arena, (size_t)sample->rows, sizeof *sample->targets);
}

static enum status pass_sample(void *state, const struct diagnostics *all) {
    struct sample *sample = state;
    const struct trainer *trainer = all->trainer;
    dataset_gather(trainer->dataset, PART_TRAIN, NULL, 0, 0, (struct span){0, sample->rows},
                   sample->workspace.x, sample->targets);
    mlp_forward_eval(&trainer->mlp, &sample->workspace, trainer->mlp.states, sample->rows);
    return OK;
}

static void free_sample(void *state) {
    struct sample *sample = state;
    workspace_free(&sample->workspace);
}

const struct diagnostic diagnostic_sample = {.name = "sample",
                                             .size = sizeof(struct sample),
                                             .layout = layout_sample,
                                             .measure = pass_sample,
                                             .free = free_sample};

static void layout_states(void *state, struct arena *arena, const struct trainer *trainer) {
    struct sample_states *sample = state;
    sample->states = arena_floats(arena, trainer->mlp.n_states);
}

static enum status find_states(void *state, const struct diagnostics *all) {
    const struct sample_states *sample = state;
    const struct trainer *trainer = all->trainer;
    if (!trainer->mlp.n_states)
        return OK;
    return evaluate_population_states(trainer, rows_of(trainer), sample->states);
}

const struct diagnostic diagnostic_sample_states = {.name = "sample_states",
                                                    .size = sizeof(struct sample_states),
                                                    .layout = layout_states,
                                                    .measure = find_states};

/* ---- one unit ---- */

/* The last hidden layer. */
static int traced_layer(const struct mlp *mlp) {
    return mlp->n_layers - 2;
}

static void layout_unit(void *state, struct arena *arena, const struct trainer *trainer) {
    struct unit_inputs *unit = state;
    size_t width = (size_t)trainer->mlp.layers[traced_layer(&trainer->mlp)].out;
    unit->rows = rows_of(trainer);
    unit->preactivations = arena_floats(arena, (size_t)unit->rows * width);
    unit->sorted = arena_floats(arena, (size_t)unit->rows);
}

static enum status sort_unit_inputs(void *state, const struct diagnostics *all) {
    struct unit_inputs *unit = state;
    const struct sample *sample = diagnostics_state(all, &diagnostic_sample);
    const struct mlp *mlp = &all->trainer->mlp;
    int k = traced_layer(mlp), D = mlp->layers[k].out;
    mlp_preactivation_eval(mlp, &sample->workspace, k, mlp->states, unit->rows,
                           unit->preactivations);
    for (int b = 0; b < unit->rows; b++)
        unit->sorted[b] = unit->preactivations[(long)b * D + TRACED_UNIT];
    percentile_sort((size_t)unit->rows, unit->sorted);
    return OK;
}

const struct diagnostic diagnostic_unit_inputs = {.name = "unit_inputs",
                                                  .reads = {&diagnostic_sample},
                                                  .size = sizeof(struct unit_inputs),
                                                  .layout = layout_unit,
                                                  .measure = sort_unit_inputs};

/* ---- validation rows ---- */

static enum status find_validation(void *state, const struct diagnostics *all) {
    const struct trainer *trainer = all->trainer;
    return evaluate(trainer, PART_VALIDATION, trainer->dataset->n[PART_VALIDATION], NULL, NULL,
                    state);
}

const struct diagnostic diagnostic_validation = {
    .name = "validation", .size = sizeof(struct evaluation), .measure = find_validation};
