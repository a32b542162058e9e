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
    bool direct = layer->placement == NORM_BEFORE || activation_is_identity(layer->activation);
    return !(layer->norm && direct &&
             (layer->norm->kind->cancels_bias || layer->norm->kind->needs_population));
}

static bool declares(const struct norm_field *fields, const char *name, enum norm_length length) {
    int i = norm_field_find(fields, name);
    return i >= 0 && fields[i].length == length;
}

bool layer_owns(const struct layer *layer, const char *name, enum norm_length length) {
    const struct norm *norm = layer->norm;
    return norm && ((norm->config->affine && declares(norm->kind->param, name, length)) ||
                    declares(norm->kind->state, name, length));
}

static struct norm *add_norm(struct mlp *mlp, int D) {
    struct norm *norm = &mlp->norms[mlp->n_norms++];
    norm->kind = normalizer_get(mlp->norm_config.kind);
    norm->config = &mlp->norm_config;
    norm->D = D;
    return norm;
}

static void layer_create(struct mlp *mlp, const struct model_config *model, int k) {
    struct layer *layer = &mlp->layers[k];
    bool last = k == mlp->n_layers - 1;
    layer->in = k ? mlp->layers[k - 1].out : mlp->n_inputs;
    layer->out = last ? mlp->n_outputs : (int)model->hidden[k];
    layer->activation = activation_get(last ? activation_find("identity") : model->activation);
    layer->placement = last ? NORM_BEFORE : (enum norm_placement)mlp->norm_config.placement;
    if (!last || mlp->norm_config.on_output)
        layer->norm = add_norm(mlp, layer->out);
    layer->has_bias = layer_has_bias(model, layer);
}

void mlp_create(struct mlp *mlp, const struct model_config *model, const struct norm_config *norm,
                int n_inputs, int n_outputs) {
    *mlp = (struct mlp){.n_inputs = n_inputs,
                        .n_outputs = n_outputs,
                        .n_layers = model->n_hidden + 1,
                        .norm_config = *norm};
    size_t n_layers = (size_t)mlp->n_layers;
    mlp->layers = pool_alloc(&mlp->pool, n_layers * sizeof *mlp->layers);
    mlp->norms = pool_alloc(&mlp->pool, (n_layers + 1) * sizeof *mlp->norms);
    if (norm->on_input)
        mlp->input_norm = add_norm(mlp, n_inputs);
    for (int k = 0; k < mlp->n_layers; k++)
        layer_create(mlp, model, k);
}

void mlp_free(struct mlp *mlp) {
    pool_free(&mlp->pool);
    *mlp = (struct mlp){0};
}

static size_t arena_count(const struct arena *arena, size_t begin) {
    return (arena->used - begin) / sizeof(float);
}

static float *block_start(const struct arena *arena) {
    return arena->base ? (float *)(void *)(arena->base + arena->used) : NULL;
}

static void layout_fields(const struct norm *norm, const struct norm_field *fields,
                          struct arena *arena, float *vectors[NORM_FIELDS]) {
    for (int i = 0; i < norm_fields(fields); i++)
        vectors[i] = arena_floats(arena, (size_t)norm_field_size(&fields[i], norm->D));
}

static void layout_learned(struct norm *norm, bool grads, struct arena *arena) {
    if (norm && norm->config->affine)
        layout_fields(norm, norm->kind->param, arena, grads ? norm->grad : norm->param);
}

static void layout_shares(struct norm *norm, struct arena *arena) {
    for (int i = 0; norm->config->affine && i < norm_fields(norm->kind->param); i++)
        if (norm->kind->param[i].length == NORM_OF_LAYER)
            norm->shares[i] = arena_doubles(arena, (size_t)norm->D);
}

static void layout_weights(struct mlp *mlp, bool grads, struct arena *arena) {
    for (int k = 0; k < mlp->n_layers; k++) {
        struct layer *layer = &mlp->layers[k];
        *(grads ? &layer->dW : &layer->W) =
            arena_floats(arena, (size_t)layer->in * (size_t)layer->out);
    }
}

static void layout_others(struct mlp *mlp, bool grads, struct arena *arena) {
    layout_learned(mlp->input_norm, grads, arena);
    for (int k = 0; k < mlp->n_layers; k++) {
        struct layer *layer = &mlp->layers[k];
        if (layer->has_bias)
            *(grads ? &layer->db : &layer->b) = arena_floats(arena, (size_t)layer->out);
        layout_learned(layer->norm, grads, arena);
    }
}

void mlp_layout(struct mlp *mlp, struct arena *arena) {
    size_t begin = arena->used;
    mlp->params = block_start(arena);
    layout_weights(mlp, false, arena);
    mlp->n_weights = arena_count(arena, begin);
    layout_others(mlp, false, arena);
    mlp->n_params = arena_count(arena, begin);
    begin = arena->used;
    mlp->states = block_start(arena);
    for (int i = 0; i < mlp->n_norms; i++) {
        struct norm *norm = &mlp->norms[i];
        layout_fields(norm, norm->kind->state, arena, norm->state);
    }
    mlp->n_states = arena_count(arena, begin);
}

void mlp_layout_grads(struct mlp *mlp, struct arena *arena) {
    mlp->grads = block_start(arena);
    layout_weights(mlp, true, arena);
    layout_others(mlp, true, arena);
    for (int i = 0; i < mlp->n_norms; i++)
        layout_shares(&mlp->norms[i], arena);
}

static void fill(float *x, int n, float value) {
    for (int j = 0; x && j < n; j++)
        x[j] = value;
}

static void norm_init(const struct norm *norm) {
    const struct norm_field *field = norm->kind->param;
    for (int i = 0; i < norm_fields(field); i++)
        fill(norm->param[i], norm_field_size(&field[i], norm->D),
             (float)norm_field_initial(norm->kind, norm->config, &field[i]));
}

static void norm_reset_state(const struct norm *norm) {
    for (int i = 0; i < norm_fields(norm->kind->state); i++)
        fill(norm->state[i], norm->D, norm->kind->state[i].initial);
}

void mlp_reset_states(const struct mlp *mlp) {
    for (int i = 0; i < mlp->n_norms; i++)
        norm_reset_state(&mlp->norms[i]);
}

/* ---- initial weights ---- */

/* He et al. 2015 */
static double he(double in, double out) {
    (void)out;
    return sqrt(2 / in);
}

/* Glorot & Bengio 2010, normal */
static double glorot(double in, double out) {
    return sqrt(2 / (in + out));
}

static double normal(double in, double out) {
    (void)in, (void)out;
    return 1;
}

static const struct {
    const char *name;
    double (*deviation)(double in, double out);
} inits[] = {{"he", he}, {"glorot", glorot}, {"normal", normal}};

const char *init_name(int index) {
    return (size_t)index < sizeof inits / sizeof *inits ? inits[index].name : NULL;
}

long init_find(const char *name) {
    for (int i = 0; init_name(i); i++)
        if (!strcmp(inits[i].name, name))
            return i;
    return -1;
}

void mlp_init(struct mlp *mlp, const struct model_config *model, uint64_t seed) {
    for (int k = 0; k < mlp->n_layers; k++) {
        struct layer *layer = &mlp->layers[k];
        struct random_key key = {seed, RANDOM_INIT, (uint32_t)k};
        double deviation = model->init_scale * inits[model->init].deviation(layer->in, layer->out);
        size_t n = (size_t)layer->in * (size_t)layer->out;
        for (size_t i = 0; i < n; i++)
            layer->W[i] = (float)(deviation * random_normal(key, i));
        fill(layer->b, layer->out, 0);
    }
    for (int i = 0; i < mlp->n_norms; i++)
        norm_init(&mlp->norms[i]);
    mlp_reset_states(mlp);
}

static void norm_move_state(struct norm *norm, const float *from, float *to) {
    for (int i = 0; i < NORM_FIELDS; i++)
        if (norm->state[i])
            norm->state[i] = to + (norm->state[i] - from);
}

static void *copy_of(struct pool *pool, const void *from, size_t size) {
    return size ? memcpy(pool_alloc(pool, size), from, size) : NULL;
}

/* The normalizer of `mlp` that is `norm` in `from`. */
static struct norm *norm_beside(const struct mlp *mlp, const struct mlp *from,
                                const struct norm *norm) {
    return norm ? mlp->norms + (norm - from->norms) : NULL;
}

void mlp_with_states(struct mlp *mlp, const struct mlp *from, float *states) {
    *mlp = *from;
    mlp->pool = (struct pool){0};
    mlp->layers = copy_of(&mlp->pool, from->layers, (size_t)mlp->n_layers * sizeof *mlp->layers);
    mlp->norms = copy_of(&mlp->pool, from->norms, (size_t)mlp->n_norms * sizeof *mlp->norms);
    mlp->states = states;
    for (int i = 0; i < mlp->n_norms; i++)
        norm_move_state(&mlp->norms[i], from->states, states);
    mlp->input_norm = norm_beside(mlp, from, from->input_norm);
    for (int k = 0; k < mlp->n_layers; k++)
        mlp->layers[k].norm = norm_beside(mlp, from, from->layers[k].norm);
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
    for (int i = 0; i < mlp->n_norms; i++) {
        const struct norm *norm = &mlp->norms[i];
        state_in(mlp, norm, states, from);
        state_in(mlp, norm, result, to);
        average_debias(norm, average, left, from, to);
    }
}

bool mlp_has_norm(const struct mlp *mlp) {
    return mlp->n_norms > 0;
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
    for (int i = 0; kind->check && i < mlp.n_norms && !status; i++)
        status = kind->check(norm, B, mlp.norms[i].D);
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
    bool apart = layer->norm && layer->placement == NORM_AFTER && kind != PASS_EVAL;
    workspace->y[k] = apart ? arena_floats(arena, size) : workspace->a[k];
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

static bool learns(const struct norm *norm) {
    return norm && norm->config->affine && norm_fields(norm->kind->param) > 0;
}

static void layout(struct workspace *workspace, struct arena *arena, const struct mlp *mlp, int B,
                   enum pass_kind kind) {
    if (!workspace->a) {
        workspace->B = B;
        workspace->a = pointers(&workspace->pool, mlp->n_layers);
        workspace->y = pointers(&workspace->pool, mlp->n_layers);
        workspace->g = pointers(&workspace->pool, mlp->n_layers);
        workspace->saved = pointers(&workspace->pool, mlp->n_norms);
    }
    size_t input_size = (size_t)B * (size_t)mlp->n_inputs;
    workspace->x = arena_floats(arena, input_size);
    if (kind == PASS_BACKWARD && learns(mlp->input_norm))
        workspace->dx = arena_floats(arena, input_size);
    for (int i = 0; kind != PASS_EVAL && i < mlp->n_norms; i++)
        workspace->saved[i] = arena_floats(
            arena, norm_saved_size(mlp->norms[i].kind, &mlp->norm_config, B, mlp->norms[i].D));
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
