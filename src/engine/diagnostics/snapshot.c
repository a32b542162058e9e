/* What probes look at: the parameters before a step, a sample of training rows after it. */
#include <string.h>

#include "engine/diagnostics/sample.h"
#include "engine/kernel/percentile.h"
#include "engine/probe/probe.h"

/* The layer whose unit is traced: the last hidden one. */
static int traced_layer(const struct mlp *mlp) {
    return mlp->n_layers - 2;
}

static void layout(struct probe_sampler *sampler, const struct trainer *trainer, int rows,
                   unsigned needs) {
    const struct mlp *mlp = &trainer->mlp;
    struct arena *arena = &sampler->arena;
    if (needs & PROBE_NEEDS_UPDATE)
        sampler->params_before = arena_floats(arena, mlp->n_params);
    if (needs & PROBE_NEEDS_STATES)
        sampler->states = arena_floats(arena, mlp->n_states);
    if (needs & (PROBE_NEEDS_SAMPLE | PROBE_NEEDS_UNIT)) {
        workspace_layout(&sampler->workspace, arena, mlp, rows, 0);
        sampler->targets = arena_alloc(arena, (size_t)rows, sizeof(struct target));
    }
    if (needs & PROBE_NEEDS_UNIT) {
        size_t width = (size_t)mlp->layers[traced_layer(mlp)].out;
        sampler->preactivations = arena_floats(arena, (size_t)rows * width);
        sampler->unit_inputs = arena_floats(arena, (size_t)rows);
    }
    if (needs & PROBE_NEEDS_CONDITION)
        condition_layout(&sampler->input, arena, trainer, rows);
    studies_layout(&sampler->studies, arena, trainer, rows, needs);
}

static int rows_of(const struct trainer *trainer) {
    return sample_rows(trainer->dataset->n[PART_TRAIN]);
}

size_t probe_sampler_memory(const struct trainer *trainer, unsigned needs) {
    struct probe_sampler sampler = {.view = {.trainer = trainer}};
    layout(&sampler, trainer, rows_of(trainer), needs);
    size_t size = sampler.arena.used;
    probe_sampler_free(&sampler);
    return size;
}

enum status probe_sampler_create(struct probe_sampler *sampler, const struct trainer *trainer,
                                 unsigned needs) {
    *sampler = (struct probe_sampler){.view = {.trainer = trainer}};
    int rows = rows_of(trainer);
    layout(sampler, trainer, rows, needs);
    enum status status = arena_create(&sampler->arena);
    if (status) {
        probe_sampler_free(sampler);
        return status;
    }
    layout(sampler, trainer, rows, needs);
    sampler->view.sample_rows = rows;
    sampler->view.params_before = sampler->params_before;
    sampler->view.sample_states = sampler->states;
    sampler->view.sample = sampler->targets ? &sampler->workspace : NULL;
    sampler->view.unit_inputs = sampler->unit_inputs;
    sampler->view.input = &sampler->input;
    sampler->view.studies = &sampler->studies;
    studies_begin(&sampler->studies, trainer, needs);
    return OK;
}

void probe_sampler_free(struct probe_sampler *sampler) {
    workspace_free(&sampler->workspace);
    studies_free(&sampler->studies);
    arena_free(&sampler->arena);
    *sampler = (struct probe_sampler){0};
}

void probe_before_step(struct probe_sampler *sampler) {
    const struct mlp *mlp = &sampler->view.trainer->mlp;
    if (sampler->params_before)
        memcpy(sampler->params_before, mlp->params, mlp->n_params * sizeof(float));
    if (sampler->studies.landscape.trainer)
        landscape_before_step(&sampler->studies.landscape);
}

static void pass_sample(struct probe_sampler *sampler) {
    const struct trainer *trainer = sampler->view.trainer;
    int rows = sampler->view.sample_rows;
    dataset_gather(trainer->dataset, PART_TRAIN, NULL, 0, 0, (struct span){0, rows},
                   sampler->workspace.x, sampler->targets);
    mlp_forward_eval(&trainer->mlp, &sampler->workspace, trainer->mlp.states, rows);
}

static void sort_unit_inputs(struct probe_sampler *sampler) {
    const struct mlp *mlp = &sampler->view.trainer->mlp;
    int k = traced_layer(mlp), D = mlp->layers[k].out, rows = sampler->view.sample_rows;
    mlp_preactivation_eval(mlp, &sampler->workspace, k, mlp->states, rows, sampler->preactivations);
    for (int b = 0; b < rows; b++)
        sampler->unit_inputs[b] = sampler->preactivations[(long)b * D + PROBE_UNIT];
    percentile_sort((size_t)rows, sampler->unit_inputs);
}

enum status probe_look(struct probe_sampler *sampler, unsigned needs) {
    const struct trainer *trainer = sampler->view.trainer;
    if (needs & (PROBE_NEEDS_SAMPLE | PROBE_NEEDS_UNIT))
        pass_sample(sampler);
    if (needs & PROBE_NEEDS_CONDITION)
        condition_look(&sampler->input, trainer, &sampler->workspace, sampler->view.sample_rows);
    if (needs & PROBE_NEEDS_UNIT)
        sort_unit_inputs(sampler);
    studies_look(&sampler->studies, trainer, &sampler->workspace, sampler->view.sample_rows, needs);
    enum status status = OK;
    if (needs & PROBE_NEEDS_VALIDATION)
        status = evaluate(trainer, PART_VALIDATION, trainer->dataset->n[PART_VALIDATION], NULL,
                          &sampler->view.validation);
    if (!status && (needs & PROBE_NEEDS_STATES) && trainer->mlp.n_states)
        status = evaluate_population_states(trainer, sampler->view.sample_rows, sampler->states);
    return status;
}
