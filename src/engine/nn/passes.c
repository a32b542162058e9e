/* Forward and backward through the layers, by a team of threads.
 *
 * Products are cut into tiles, as many for each thread; how they are cut changes no bit. A
 * normalizer that works by columns is done tile by tile right after the product, while the tile is
 * in cache; one that works by rows (or on the whole) waits for the other tiles and is cut its own
 * way. */
#include <string.h>

#include "engine/kernel/gemm.h"
#include "engine/kernel/reduce.h"
#include "engine/nn/mlp.h"
#include "engine/nn/profile.h"

enum {
    COLUMN_TILE = 144, /* columns of a forward product, and of a normalizer's work, at a time */
    ROW_TILE = 16,
    FEW_ROWS = 15,       /* mini-batches that only stream the weights by */
    FEW_TILE = 4096,     /* numbers of a tile of gradient there: it stays in the first cache */
    GRADIENT_ROWS = 256, /* else, most rows of it: what is copied for a tile is used so often */
    FORWARD_UNIT = 16,   /* columns; tiles begin at whole vectors */
    BACKWARD_UNIT = 8,   /* rows of W */
};

/* 0..total in `n` pieces of whole units, as even as can be. */
struct cut {
    int total, unit, n;
};

/* In pieces of at most `most`, and as many for each thread of the team. How a product is cut
 * changes no bit of it: an element is one sum over k, whatever is computed beside it. */
static struct cut cut_for(struct team team, int total, int unit, int most) {
    int units = (total + unit - 1) / unit, n = (total + most - 1) / most;
    int shared = (n + team.size - 1) / team.size * team.size;
    return (struct cut){total, unit, shared <= units ? shared : units};
}

static struct span cut_tile(struct cut cut, int t) {
    long units = (cut.total + cut.unit - 1) / cut.unit;
    int begin = (int)(units * t / cut.n) * cut.unit,
        end = (int)(units * (t + 1) / cut.n) * cut.unit;
    return (struct span){begin, end < cut.total ? end : cut.total};
}

/* Rows of W in a tile of the backward product, at most. */
static int gradient_rows(const struct layer *layer, int B) {
    int few = FEW_TILE / layer->out / BACKWARD_UNIT * BACKWARD_UNIT;
    if (B > FEW_ROWS || few > GRADIENT_ROWS)
        return GRADIENT_ROWS;
    return few > BACKWARD_UNIT ? few : BACKWARD_UNIT;
}

size_t mlp_gradient_tile(const struct mlp *mlp, int B) {
    size_t most = 0;
    for (int k = 0; k < mlp->n_layers; k++) {
        const struct layer *layer = &mlp->layers[k];
        int rows = gradient_rows(layer, B) + BACKWARD_UNIT;
        size_t size = (size_t)(rows < layer->in ? rows : layer->in) * (size_t)layer->out;
        most = size > most ? size : most;
    }
    return most;
}

static void activate(const struct layer *layer, struct span rows, struct span columns, float *a) {
    activation_forward(layer->activation, columns, span_size(rows), layer->out,
                       a + (long)rows.begin * layer->out);
}

static void copy_block(struct span rows, struct span columns, int D, const float *from, float *to) {
    for (int b = rows.begin; b < rows.end; b++)
        memcpy(to + (long)b * D + columns.begin, from + (long)b * D + columns.begin,
               (size_t)span_size(columns) * sizeof *to);
}

static struct span norm_span(const struct norm *norm, struct span rows, struct span columns) {
    return norm->kind->axis == NORM_ROWS ? rows : columns;
}

/* The normalizer with the memory of this workspace. */
static struct norm norm_in(const struct mlp *mlp, const struct workspace *workspace,
                           const struct norm *norm) {
    struct norm at_work = *norm;
    at_work.saved = workspace->saved[norm - mlp->norms];
    return at_work;
}

/* The step as the layer's normalizer sees it, with noise of its own. `index`: 0 for the input,
 * k + 1 for layer k. */
static struct norm_step step_at(const struct norm_step *step, int index) {
    struct norm_step at_layer = *step;
    at_layer.key.stream = (uint32_t)index;
    return at_layer;
}

/* From the pre-activation in a[k] to the layer's output in y[k], on one block. */
static void finish_block(struct team team, const struct mlp *mlp, struct workspace *workspace,
                         int k, const struct norm_step *step, struct span rows,
                         struct span columns) {
    const struct layer *layer = &mlp->layers[k];
    float *a = workspace->a[k], *y = workspace->y[k];
    if (!layer->norm) {
        activate(layer, rows, columns, a);
        profile_mark(team.profile, PHASE_ACTIVATION);
        return;
    }
    struct norm norm = norm_in(mlp, workspace, layer->norm);
    struct norm_step at_layer = step_at(step, k + 1);
    struct span span = norm_span(&norm, rows, columns);
    if (layer->placement == NORM_BEFORE) {
        norm.kind->forward_train(&norm, &at_layer, span, workspace->B, a);
        profile_mark(team.profile, PHASE_NORM_FORWARD);
        activate(layer, rows, columns, a);
        profile_mark(team.profile, PHASE_ACTIVATION);
    } else {
        activate(layer, rows, columns, a);
        profile_mark(team.profile, PHASE_ACTIVATION);
        copy_block(rows, columns, layer->out, a, y);
        norm.kind->forward_train(&norm, &at_layer, span, workspace->B, y);
        profile_mark(team.profile, PHASE_NORM_FORWARD);
    }
}

/* a[:, columns] = input W[:, columns] + b[columns] */
static void linear(const struct layer *layer, int B, const float *input, struct span columns,
                   float *a) {
    int D = layer->out;
    if (layer->b)
        for (int b = 0; b < B; b++)
            memcpy(a + (long)b * D + columns.begin, layer->b + columns.begin,
                   (size_t)span_size(columns) * sizeof *a);
    gemm_nn(B, span_size(columns), layer->in, input, layer->in, layer->W + columns.begin, D,
            layer->b != NULL, a + columns.begin, D);
}

static bool by_columns(const struct layer *layer) {
    return !layer->norm || layer->norm->kind->axis == NORM_COLUMNS;
}

static int row_tile(const struct norm *norm, int B) {
    return norm->kind->axis == NORM_ROWS ? ROW_TILE : B;
}

void mlp_forward_layer(struct team team, const struct mlp *mlp, struct workspace *workspace, int k,
                       const struct norm_step *step) {
    const struct layer *layer = &mlp->layers[k];
    const float *input = k ? workspace->y[k - 1] : workspace->x;
    int B = workspace->B;
    struct cut cut = cut_for(team, layer->out, FORWARD_UNIT, COLUMN_TILE);
    TEAM_TILES (team, t, cut.n) {
        struct span columns = cut_tile(cut, t);
        linear(layer, B, input, columns, workspace->a[k]);
        profile_mark(team.profile, PHASE_FORWARD_PRODUCTS);
        if (by_columns(layer))
            finish_block(team, mlp, workspace, k, step, (struct span){0, B}, columns);
    }
    team_barrier(team);
    if (by_columns(layer))
        return;
    int height = row_tile(layer->norm, B);
    TEAM_TILES (team, t, span_tiles(B, height))
        finish_block(team, mlp, workspace, k, step, span_tile(B, height, t),
                     (struct span){0, layer->out});
    team_barrier(team);
}

void mlp_forward_input(struct team team, const struct mlp *mlp, struct workspace *workspace,
                       const struct norm_step *step) {
    if (!mlp->input_norm)
        return;
    struct norm norm = norm_in(mlp, workspace, mlp->input_norm);
    struct norm_step at_input = step_at(step, 0);
    bool rows = norm.kind->axis == NORM_ROWS;
    int total = rows ? workspace->B : norm.D;
    int size = norm.kind->axis == NORM_WHOLE ? total : rows ? ROW_TILE : COLUMN_TILE;
    TEAM_TILES (team, t, span_tiles(total, size))
        norm.kind->forward_train(&norm, &at_input, span_tile(total, size, t), workspace->B,
                                 workspace->x);
    profile_mark(team.profile, PHASE_NORM_FORWARD);
    team_barrier(team);
}

void mlp_forward_train(struct team team, const struct mlp *mlp, struct workspace *workspace,
                       const struct norm_step *step) {
    mlp_forward_input(team, mlp, workspace, step);
    for (int k = 0; k < mlp->n_layers; k++)
        mlp_forward_layer(team, mlp, workspace, k, step);
}

static void deactivate(const struct layer *layer, const struct workspace *workspace, int k,
                       struct span rows, struct span columns) {
    long offset = (long)rows.begin * layer->out;
    activation_backward(layer->activation, columns, span_size(rows), layer->out,
                        workspace->a[k] + offset, workspace->g[k] + offset);
}

/* Down to the normalizer's own parameters: always by columns. */
static void backward_columns(struct team team, const struct mlp *mlp, struct workspace *workspace,
                             int k, struct span columns) {
    const struct layer *layer = &mlp->layers[k];
    if (!layer->norm || layer->placement == NORM_BEFORE)
        deactivate(layer, workspace, k, (struct span){0, workspace->B}, columns);
    profile_mark(team.profile, PHASE_ACTIVATION);
    if (!layer->norm || !layer->norm->param[0] || !layer->norm->kind->backward_param)
        return;
    struct norm norm = norm_in(mlp, workspace, layer->norm);
    norm.kind->backward_param(&norm, columns, workspace->B, workspace->g[k]);
    profile_mark(team.profile, PHASE_NORM_BACKWARD);
}

/* Through the normalizer, on one block of its own axis. */
static void backward_block(struct team team, const struct mlp *mlp, struct workspace *workspace,
                           int k, struct span rows, struct span columns) {
    const struct layer *layer = &mlp->layers[k];
    if (!layer->norm)
        return;
    struct norm norm = norm_in(mlp, workspace, layer->norm);
    norm.kind->backward(&norm, norm_span(&norm, rows, columns), workspace->B, workspace->g[k]);
    profile_mark(team.profile, PHASE_NORM_BACKWARD);
    if (layer->placement == NORM_AFTER)
        deactivate(layer, workspace, k, rows, columns);
    profile_mark(team.profile, PHASE_ACTIVATION);
}

/* g[k] from dL/dy to dL/dz. */
static void layer_backward(struct team team, const struct mlp *mlp, struct workspace *workspace,
                           int k) {
    const struct layer *layer = &mlp->layers[k];
    int B = workspace->B;
    TEAM_TILES (team, t, span_tiles(layer->out, COLUMN_TILE)) {
        struct span columns = span_tile(layer->out, COLUMN_TILE, t);
        backward_columns(team, mlp, workspace, k, columns);
        if (by_columns(layer))
            backward_block(team, mlp, workspace, k, (struct span){0, B}, columns);
    }
    team_barrier(team);
    if (by_columns(layer))
        return;
    int height = row_tile(layer->norm, B);
    TEAM_TILES (team, t, span_tiles(B, height))
        backward_block(team, mlp, workspace, k, span_tile(B, height, t),
                       (struct span){0, layer->out});
    team_barrier(team);
}

/* db = column sums of g */
static void bias_gradient(const struct layer *layer, int B, struct span columns, const float *g) {
    double sums[COLUMN_TILE];
    reduce_columns(columns.begin, columns.end, B, layer->out, g, sums);
    for (int j = 0; j < span_size(columns); j++)
        layer->db[columns.begin + j] = (float)sums[j];
}

/* Gradient of one tile of rows of W: into the thread's own tile, or kept in dW. */
static void weight_gradient(struct team team, const struct mlp *mlp, struct workspace *workspace,
                            int k, struct span rows, const struct gradient_use *use) {
    const struct layer *layer = &mlp->layers[k];
    const float *input = k ? workspace->y[k - 1] : workspace->x, *g = workspace->g[k];
    long first = (long)rows.begin * layer->out;
    size_t at = (size_t)(layer->W - mlp->params + first);
    if (use->velocities) {
        struct gemm_momentum momentum = {use->mu, use->lr, use->velocities + at, mlp->params + at};
        bool done = gemm_tn_momentum(span_size(rows), layer->out, workspace->B, input + rows.begin,
                                     layer->in, g, layer->out, &momentum);
        profile_mark(team.profile, PHASE_BACKWARD_PRODUCTS);
        if (done)
            return;
    }
    float *dW = use->keep ? layer->dW + first : workspace->gradient[team.rank];
    gemm_tn(span_size(rows), layer->out, workspace->B, input + rows.begin, layer->in, g, layer->out,
            dW, layer->out);
    profile_mark(team.profile, PHASE_BACKWARD_PRODUCTS);
    if (use->take)
        use->take(use->argument, at, (size_t)span_size(rows) * (size_t)layer->out, dW);
    profile_mark(team.profile, PHASE_UPDATE);
}

/* Where the layer below wants it, dinput = g W'; then dW = input' g, which its taker may at once
 * put into W: a tile of rows of W is read from memory once. */
static void layer_products(struct team team, const struct mlp *mlp, struct workspace *workspace,
                           int k, const struct gradient_use *use) {
    const struct layer *layer = &mlp->layers[k];
    const float *g = workspace->g[k];
    float *dinput = k ? workspace->g[k - 1] : workspace->dx;
    int B = workspace->B, in = layer->in, out = layer->out;
    struct cut cut = cut_for(team, in, BACKWARD_UNIT, gradient_rows(layer, B));
    TEAM_TILES (team, t, cut.n) {
        struct span rows = cut_tile(cut, t);
        if (dinput)
            gemm_nt(B, span_size(rows), out, g, out, layer->W + (long)rows.begin * out, out,
                    dinput + rows.begin, in);
        weight_gradient(team, mlp, workspace, k, rows, use);
    }
    if (layer->db)
        TEAM_TILES (team, t, span_tiles(out, COLUMN_TILE))
            bias_gradient(layer, B, span_tile(out, COLUMN_TILE, t), g);
    if (layer->norm)
        TEAM_TILES (team, t, 1)
            norm_add_shares(layer->norm);
    profile_mark(team.profile, PHASE_BACKWARD_PRODUCTS);
    team_barrier(team);
}

void mlp_backward(struct team team, const struct mlp *mlp, struct workspace *workspace,
                  const struct gradient_use *use) {
    for (int k = mlp->n_layers - 1; k >= 0; k--) {
        layer_backward(team, mlp, workspace, k);
        layer_products(team, mlp, workspace, k, use);
    }
    if (!workspace->dx)
        return;
    struct norm norm = norm_in(mlp, workspace, mlp->input_norm);
    TEAM_TILES (team, t, span_tiles(norm.D, COLUMN_TILE))
        if (norm.kind->backward_param)
            norm.kind->backward_param(&norm, span_tile(norm.D, COLUMN_TILE, t), workspace->B,
                                      workspace->dx);
        else
            norm.kind->backward(&norm, span_tile(norm.D, COLUMN_TILE, t), workspace->B,
                                workspace->dx);
    team_barrier(team);
    TEAM_TILES (team, t, 1)
        norm_add_shares(&norm);
    profile_mark(team.profile, PHASE_NORM_BACKWARD);
    team_barrier(team);
}

/* The same normalizer's state in another block that is laid out alike. */
static void norm_eval(const struct mlp *mlp, const struct norm *norm, float *states, int rows,
                      float *x) {
    float *state[NORM_FIELDS] = {0};
    for (int i = 0; i < NORM_FIELDS; i++)
        if (norm->state[i])
            state[i] = states + (norm->state[i] - mlp->states);
    struct span all_rows = {0, rows}, all_columns = {0, norm->D};
    norm->kind->forward_eval(norm, state, norm_span(norm, all_rows, all_columns), rows, x);
}

void mlp_linear(const struct mlp *mlp, const struct workspace *workspace, int k, int rows,
                float *z) {
    const struct layer *layer = &mlp->layers[k];
    const float *input = k ? workspace->y[k - 1] : workspace->x;
    linear(layer, rows, input, (struct span){0, layer->out}, z);
}

void mlp_preactivation_eval(const struct mlp *mlp, const struct workspace *workspace, int k,
                            float *states, int rows, float *z) {
    const struct layer *layer = &mlp->layers[k];
    mlp_linear(mlp, workspace, k, rows, z);
    if (layer->norm && layer->placement == NORM_BEFORE)
        norm_eval(mlp, layer->norm, states, rows, z);
}

void mlp_finish_eval(const struct mlp *mlp, struct workspace *workspace, int k, float *states,
                     int rows) {
    const struct layer *layer = &mlp->layers[k];
    struct span all_rows = {0, rows}, all_columns = {0, layer->out};
    float *a = workspace->a[k], *y = workspace->y[k];
    if (layer->norm && layer->placement == NORM_BEFORE)
        norm_eval(mlp, layer->norm, states, rows, a);
    activate(layer, all_rows, all_columns, a);
    if (!layer->norm || layer->placement == NORM_BEFORE)
        return;
    if (y != a)
        copy_block(all_rows, all_columns, layer->out, a, y);
    norm_eval(mlp, layer->norm, states, rows, y);
}

void mlp_forward_eval(const struct mlp *mlp, struct workspace *workspace, float *states, int rows) {
    if (mlp->input_norm)
        norm_eval(mlp, mlp->input_norm, states, rows, workspace->x);
    for (int k = 0; k < mlp->n_layers; k++) {
        mlp_linear(mlp, workspace, k, rows, workspace->a[k]);
        mlp_finish_eval(mlp, workspace, k, states, rows);
    }
}
