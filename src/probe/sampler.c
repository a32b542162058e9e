/* What probes look at: the parameters before a step, a sample of training rows after it. */
#include <string.h>

#include "probe/probe.h"

static int widest(const struct mlp *mlp) {
    int width = 1;
    for (int k = 0; k < mlp->n_layers; k++)
        width = mlp->layers[k].out > width ? mlp->layers[k].out : width;
    return width;
}

static void layout(struct probe_sampler *sampler, const struct mlp *mlp, int rows, unsigned needs) {
    struct arena *arena = &sampler->arena;
    if (needs & PROBE_NEEDS_UPDATE)
        sampler->params_before = arena_floats(arena, mlp->n_params);
    if (needs & PROBE_NEEDS_STATES)
        sampler->states = arena_floats(arena, mlp->n_states);
    if (needs & PROBE_NEEDS_SAMPLE) {
        workspace_layout(&sampler->workspace, arena, mlp, rows, false);
        sampler->labels = arena_alloc(arena, (size_t)rows, sizeof(int));
        sampler->view.scratch = arena_floats(arena, (size_t)rows * (size_t)widest(mlp));
    }
}

enum status probe_sampler_create(struct probe_sampler *sampler, const struct trainer *trainer,
                                 unsigned needs) {
    *sampler = (struct probe_sampler){.view = {.trainer = trainer}};
    long n = trainer->dataset->n[PART_TRAIN];
    int rows = n < PROBE_SAMPLE_ROWS ? (int)n : PROBE_SAMPLE_ROWS;
    layout(sampler, &trainer->mlp, rows, needs);
    enum status status = arena_create(&sampler->arena);
    if (status) {
        probe_sampler_free(sampler);
        return status;
    }
    layout(sampler, &trainer->mlp, rows, needs);
    sampler->view.sample_rows = rows;
    sampler->view.params_before = sampler->params_before;
    sampler->view.sample_states = sampler->states;
    sampler->view.sample = needs & PROBE_NEEDS_SAMPLE ? &sampler->workspace : NULL;
    return OK;
}

void probe_sampler_free(struct probe_sampler *sampler) {
    workspace_free(&sampler->workspace);
    arena_free(&sampler->arena);
    *sampler = (struct probe_sampler){0};
}

void probe_before_step(struct probe_sampler *sampler) {
    const struct mlp *mlp = &sampler->view.trainer->mlp;
    if (sampler->params_before)
        memcpy(sampler->params_before, mlp->params, mlp->n_params * sizeof(float));
}

enum status probe_look(struct probe_sampler *sampler) {
    const struct trainer *trainer = sampler->view.trainer;
    int rows = sampler->view.sample_rows;
    if (sampler->view.sample) {
        dataset_gather(trainer->dataset, PART_TRAIN, NULL, 0, (struct span){0, rows},
                       sampler->workspace.x, sampler->labels);
        mlp_forward_eval(&trainer->mlp, &sampler->workspace, trainer->mlp.states, rows);
    }
    if (sampler->states && trainer->mlp.n_states)
        return evaluate_population_states(trainer, rows, sampler->states);
    return OK;
}
