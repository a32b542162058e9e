/* The network in memory: shapes, layout, initial values. The passes are in passes.c. */
#include "engine/nn/mlp.h"

#include <math.h>
#include <string.h>

#include "engine/norm/average.h"

static bool layer_has_bias(const struct model_config *model, const struct layer *layer) {
    if (model->bias != BIAS_AUTO)
        return model->bias == BIAS_ON;
    /* Directly after the linear layer, a normalizer that takes off a unit's mean takes off the
     * bias; one that takes off the population's does so at its next refresh. */
    const struct normalizer *kind = layer->norm.kind;
    bool direct = layer->placement == NORM_BEFORE || activation_is_identity(layer->activation);
    return !(layer->has_norm && direct && (kind->cancels_bias || kind->needs_population));
}

static bool declares(const struct norm_field *fields, const char *name) {
    for (int i = 0; i < norm_fields(fields); i++)
        if (!strcmp(fields[i].name, name))
            return true;
    return false;
}

bool layer_owns(const struct layer *layer, const char *name) {
    const struct norm *norm = &layer->norm;
    return layer->has_norm && ((norm->config->affine && declares(norm->kind->param, name)) ||
                               declares(norm->kind->state, name));
}

static void norm_create(struct norm *norm, const struct mlp *mlp, int D) {
    norm->kind = normalizer_get(mlp->norm_config.kind);
    norm->config = &mlp->norm_config;
    norm->D = D;
}

static void layer_create(struct mlp *mlp, const struct model_config *model, int k) {
    struct layer *layer = &mlp->layers[k];
    bool last = k == mlp->n_layers - 1;
    layer->in = k ? mlp->layers[k - 1].out : mlp->n_inputs;
    layer->out = last ? mlp->n_outputs : (int)model->hidden[k];
    layer->activation = activation_get(last ? activation_find("identity") : model->activation);
    layer->has_norm = !last || mlp->norm_config.on_output;
    layer->placement = last ? NORM_BEFORE : (enum norm_placement)mlp->norm_config.placement;
    norm_create(&layer->norm, mlp, layer->out);
    layer->has_bias = layer_has_bias(model, layer);
}

void mlp_create(struct mlp *mlp, const struct model_config *model, const struct norm_config *norm,
                int n_inputs, int n_outputs) {
    *mlp = (struct mlp){.n_inputs = n_inputs,
                        .n_outputs = n_outputs,
                        .n_layers = model->n_hidden + 1,
                        .norm_config = *norm,
                        .has_input_norm = norm->on_input};
    mlp->layers = pool_alloc(&mlp->pool, (size_t)mlp->n_layers * sizeof *mlp->layers);
    for (int k = 0; k < mlp->n_layers; k++)
        layer_create(mlp, model, k);
    norm_create(&mlp->input_norm, mlp, n_inputs);
}

void mlp_free(struct mlp *mlp) {
    pool_free(&mlp->pool);
    *mlp = (struct mlp){0};
}

static size_t arena_count(const struct arena *arena, size_t begin) {
    return (arena->used - begin) / sizeof(float);
}

static void layout_norm_vectors(struct norm *norm, struct arena *arena,
                                float *vectors[NORM_FIELDS]) {
    int n = norm->config->affine ? norm_fields(norm->kind->param) : 0;
    for (int i = 0; i < n; i++)
        vectors[i] = arena_floats(arena, (size_t)norm->D);
}

/* Weight matrices first, then everything else; the gradients follow the same order. */
void mlp_layout(struct mlp *mlp, struct arena *arena) {
    size_t begin = arena->used;
    mlp->params = arena->base ? (float *)(void *)(arena->base + begin) : NULL;
    for (int k = 0; k < mlp->n_layers; k++) {
        struct layer *layer = &mlp->layers[k];
        layer->W = arena_floats(arena, (size_t)layer->in * (size_t)layer->out);
    }
    mlp->n_weights = arena_count(arena, begin);
    if (mlp->has_input_norm)
        layout_norm_vectors(&mlp->input_norm, arena, mlp->input_norm.param);
    for (int k = 0; k < mlp->n_layers; k++) {
        struct layer *layer = &mlp->layers[k];
        if (layer->has_bias)
            layer->b = arena_floats(arena, (size_t)layer->out);
        if (layer->has_norm)
            layout_norm_vectors(&layer->norm, arena, layer->norm.param);
    }
    mlp->n_params = arena_count(arena, begin);

    begin = arena->used;
    mlp->states = arena->base ? (float *)(void *)(arena->base + begin) : NULL;
    for (int k = mlp->has_input_norm ? -1 : 0; k < mlp->n_layers; k++) {
        struct norm *norm = k < 0 ? &mlp->input_norm : &mlp->layers[k].norm;
        if (k >= 0 && !mlp->layers[k].has_norm)
            continue;
        for (int i = 0; i < norm_fields(norm->kind->state); i++)
            norm->state[i] = arena_floats(arena, (size_t)norm->D);
    }
    mlp->n_states = arena_count(arena, begin);
}

void mlp_layout_grads(struct mlp *mlp, struct arena *arena) {
    mlp->grads = arena->base ? (float *)(void *)(arena->base + arena->used) : NULL;
    for (int k = 0; k < mlp->n_layers; k++) {
        struct layer *layer = &mlp->layers[k];
        layer->dW = arena_floats(arena, (size_t)layer->in * (size_t)layer->out);
    }
    if (mlp->has_input_norm)
        layout_norm_vectors(&mlp->input_norm, arena, mlp->input_norm.grad);
    for (int k = 0; k < mlp->n_layers; k++) {
        struct layer *layer = &mlp->layers[k];
        if (layer->has_bias)
            layer->db = arena_floats(arena, (size_t)layer->out);
        if (layer->has_norm)
            layout_norm_vectors(&layer->norm, arena, layer->norm.grad);
    }
}

static void fill(float *x, int n, float value) {
    for (int j = 0; x && j < n; j++)
        x[j] = value;
}

static void norm_init(const struct norm *norm) {
    const struct norm_field *field = norm->kind->param;
    for (int i = 0; i < norm_fields(field); i++) {
        float value = field[i].initial;
        if (!strcmp(field[i].name, "gamma"))
            value = (float)norm->config->gamma_initial;
        if (!strcmp(field[i].name, "beta"))
            value = (float)norm->config->beta_initial;
        fill(norm->param[i], norm->D, value);
    }
}

static void norm_reset_state(const struct norm *norm) {
    for (int i = 0; i < norm_fields(norm->kind->state); i++)
        fill(norm->state[i], norm->D, norm->kind->state[i].initial);
}

void mlp_reset_states(const struct mlp *mlp) {
    norm_reset_state(&mlp->input_norm);
    for (int k = 0; k < mlp->n_layers; k++)
        norm_reset_state(&mlp->layers[k].norm);
}

/* He et al. 2015: sqrt(2/in); Glorot & Bengio 2010, normal: sqrt(2/(in + out)). */
static double init_deviation(const struct model_config *model, const struct layer *layer) {
    double in = layer->in, out = layer->out;
    switch ((enum init)model->init) {
    case INIT_HE:
        return model->init_scale * sqrt(2 / in);
    case INIT_GLOROT:
        return model->init_scale * sqrt(2 / (in + out));
    case INIT_NORMAL:
        return model->init_scale;
    }
    return 0;
}

void mlp_init(struct mlp *mlp, const struct model_config *model, uint64_t seed) {
    norm_init(&mlp->input_norm);
    for (int k = 0; k < mlp->n_layers; k++) {
        struct layer *layer = &mlp->layers[k];
        struct random_key key = {seed, RANDOM_INIT, (uint32_t)k};
        double deviation = init_deviation(model, layer);
        size_t n = (size_t)layer->in * (size_t)layer->out;
        for (size_t i = 0; i < n; i++)
            layer->W[i] = (float)(deviation * random_normal(key, i));
        fill(layer->b, layer->out, 0);
        norm_init(&layer->norm);
    }
    mlp_reset_states(mlp);
}

static void norm_move_state(struct norm *norm, const float *from, float *to) {
    for (int i = 0; i < NORM_FIELDS; i++)
        if (norm->state[i])
            norm->state[i] = to + (norm->state[i] - from);
}

void mlp_with_states(struct mlp *mlp, const struct mlp *from, float *states) {
    *mlp = *from;
    mlp->pool = (struct pool){0};
    size_t size = (size_t)mlp->n_layers * sizeof *mlp->layers;
    mlp->layers = memcpy(pool_alloc(&mlp->pool, size), from->layers, size);
    mlp->states = states;
    norm_move_state(&mlp->input_norm, from->states, states);
    for (int k = 0; k < mlp->n_layers; k++)
        norm_move_state(&mlp->layers[k].norm, from->states, states);
}

/* The vectors of a normalizer in another block that is laid out as the network's states. */
static void state_in(const struct mlp *mlp, const struct norm *norm, float *states,
                     float *state[NORM_FIELDS]) {
    for (int i = 0; i < NORM_FIELDS; i++)
        state[i] = norm->state[i] ? states + (norm->state[i] - mlp->states) : NULL;
}

void mlp_debias_states(const struct mlp *mlp, long average, double left, float *states,
                       float *result) {
    float *from[NORM_FIELDS], *to[NORM_FIELDS];
    for (int k = mlp->has_input_norm ? -1 : 0; k < mlp->n_layers; k++) {
        const struct norm *norm = k < 0 ? &mlp->input_norm : &mlp->layers[k].norm;
        if (k >= 0 && !mlp->layers[k].has_norm)
            continue;
        state_in(mlp, norm, states, from);
        state_in(mlp, norm, result, to);
        average_debias(norm, average, left, from, to);
    }
}

bool mlp_has_norm(const struct mlp *mlp) {
    bool any = mlp->has_input_norm;
    for (int k = 0; k < mlp->n_layers; k++)
        any |= mlp->layers[k].has_norm;
    return any;
}

bool mlp_mixes_rows(const struct mlp *mlp) {
    return mlp_has_norm(mlp) && normalizer_get(mlp->norm_config.kind)->mixes_rows;
}

enum status mlp_check(const struct model_config *model, const struct norm_config *norm,
                      int n_inputs, int n_outputs, int B) {
    struct mlp mlp;
    mlp_create(&mlp, model, norm, n_inputs, n_outputs);
    const struct normalizer *kind = normalizer_get(norm->kind);
    enum status status = OK;
    if (kind->check && mlp.has_input_norm)
        status = kind->check(norm, B, n_inputs);
    for (int k = 0; k < mlp.n_layers && !status; k++)
        if (kind->check && mlp.layers[k].has_norm)
            status = kind->check(norm, B, mlp.layers[k].out);
    mlp_free(&mlp);
    return status;
}

enum pass_kind { PASS_EVAL, PASS_TRAIN, PASS_BACKWARD };

static float **pointers(struct pool *pool, int n) {
    return pool_alloc(pool, (size_t)n * sizeof(float *));
}

static void layout_layer(struct workspace *workspace, struct arena *arena, const struct mlp *mlp,
                         int k, enum pass_kind kind) {
    const struct layer *layer = &mlp->layers[k];
    size_t size = (size_t)workspace->B * (size_t)layer->out;
    workspace->a[k] = arena_floats(arena, size);
    bool apart = layer->has_norm && layer->placement == NORM_AFTER && kind != PASS_EVAL;
    workspace->y[k] = apart ? arena_floats(arena, size) : workspace->a[k];
    if (layer->has_norm && kind != PASS_EVAL)
        workspace->saved[k] = arena_floats(
            arena, norm_saved_size(layer->norm.kind, layer->norm.config, workspace->B, layer->out));
    if (kind == PASS_BACKWARD)
        workspace->g[k] = arena_floats(arena, size);
}

static void layout_gradient_tiles(struct workspace *workspace, struct arena *arena,
                                  const struct mlp *mlp, int n_threads) {
    if (!workspace->gradient)
        workspace->gradient = pointers(&workspace->pool, n_threads);
    size_t size = mlp_gradient_tile(mlp, workspace->B);
    for (int i = 0; i < n_threads; i++)
        workspace->gradient[i] = arena_floats(arena, size);
}

static void layout(struct workspace *workspace, struct arena *arena, const struct mlp *mlp, int B,
                   enum pass_kind kind) {
    if (!workspace->a) {
        workspace->B = B;
        workspace->a = pointers(&workspace->pool, mlp->n_layers);
        workspace->y = pointers(&workspace->pool, mlp->n_layers);
        workspace->g = pointers(&workspace->pool, mlp->n_layers);
        workspace->saved = pointers(&workspace->pool, mlp->n_layers);
    }
    size_t input_size = (size_t)B * (size_t)mlp->n_inputs;
    workspace->x = arena_floats(arena, input_size);
    if (mlp->has_input_norm && kind != PASS_EVAL)
        workspace->input_saved = arena_floats(
            arena, norm_saved_size(mlp->input_norm.kind, &mlp->norm_config, B, mlp->n_inputs));
    bool input_learns =
        mlp->has_input_norm && mlp->norm_config.affine && mlp->input_norm.kind->param[0].name;
    if (kind == PASS_BACKWARD && input_learns)
        workspace->dx = arena_floats(arena, input_size);
    for (int k = 0; k < mlp->n_layers; k++)
        layout_layer(workspace, arena, mlp, k, kind);
}

void workspace_layout(struct workspace *workspace, struct arena *arena, const struct mlp *mlp,
                      int B, int backward_threads) {
    layout(workspace, arena, mlp, B, backward_threads ? PASS_BACKWARD : PASS_TRAIN);
    if (backward_threads)
        layout_gradient_tiles(workspace, arena, mlp, backward_threads);
}

void workspace_layout_eval(struct workspace *workspace, struct arena *arena, const struct mlp *mlp,
                           int B) {
    layout(workspace, arena, mlp, B, PASS_EVAL);
}

void workspace_free(struct workspace *workspace) {
    pool_free(&workspace->pool);
    *workspace = (struct workspace){0};
}
