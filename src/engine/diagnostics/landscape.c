/* The second network, and loss and gradient at the weights of the step. */
#include "engine/diagnostics/landscape.h"

#include <math.h>
#include <string.h>

#include "engine/kernel/reduce.h"

/* ---- the second network ---- */

static void layout(void *state, struct arena *arena, const struct trainer *trainer) {
    struct landscape *landscape = state;
    const struct mlp *mlp = &trainer->mlp;
    landscape->trainer = trainer;
    landscape->seen_step = -1;
    trainer_layout_copy(&landscape->copy, arena, trainer);
    landscape->params = arena_floats(arena, mlp->n_params);
    landscape->states = arena_floats(arena, mlp->n_states);
    landscape->gradient = arena_floats(arena, mlp->n_params);
    landscape->growth = arena_doubles(arena, (size_t)mlp->n_layers);
}

static void release(void *state) {
    struct landscape *landscape = state;
    trainer_release(&landscape->copy);
}

static void keep(struct landscape *landscape) {
    const struct mlp *mlp = &landscape->trainer->mlp;
    memcpy(landscape->params, mlp->params, mlp->n_params * sizeof(float));
    if (mlp->n_states)
        memcpy(landscape->states, mlp->states, mlp->n_states * sizeof(float));
}

static void before_step(void *state, const struct trainer *trainer) {
    struct landscape *landscape = state;
    keep(landscape);
    landscape->seen_step = trainer->step;
}

void landscape_go(struct landscape *landscape, const float *from, double length,
                  const float *direction) {
    const struct mlp *mlp = &landscape->copy.mlp;
    for (size_t i = 0; i < mlp->n_params; i++)
        mlp->params[i] = (float)((double)from[i] + length * (double)direction[i]);
}

static void put_vector(const struct mlp *mlp, const float *vector, int n, const float *from) {
    size_t at = (size_t)(vector - mlp->params);
    memcpy(mlp->params + at, from + at, (size_t)n * sizeof(float));
}

static void put_norm(const struct mlp *mlp, const struct norm *norm, const float *from) {
    for (int i = 0; norm && i < NORM_FIELDS; i++)
        if (norm->param[i])
            put_vector(mlp, norm->param[i], norm_field_size(&norm->kind->param[i], norm->D), from);
}

void landscape_put_layer(struct landscape *landscape, int k, const float *from) {
    const struct mlp *mlp = &landscape->copy.mlp;
    const struct layer *layer = &mlp->layers[k];
    if (k == 0)
        put_norm(mlp, mlp->input_norm, from);
    put_vector(mlp, layer->W, layer->in * layer->out, from);
    if (layer->b)
        put_vector(mlp, layer->b, layer->out, from);
    put_norm(mlp, layer->norm, from);
}

static double loss_there(struct landscape *landscape, bool gradient) {
    const struct mlp *mlp = &landscape->copy.mlp;
    if (mlp->n_states)
        memcpy(mlp->states, landscape->states, mlp->n_states * sizeof(float));
    return trainer_measure(&landscape->copy, gradient);
}

double landscape_gradient(struct landscape *landscape) {
    return loss_there(landscape, true);
}

double landscape_loss(struct landscape *landscape) {
    return loss_there(landscape, false);
}

double landscape_distance(size_t n, const float *x, const float *y) {
    return sqrt(reduce_distance(n, x, y));
}

/* ---- at the step's weights ---- */

/* Yang et al. 2019, section 3.3: how the squared length of the gradient grows from layer to layer
 * on its way down. */
static void find_growth(struct landscape *landscape) {
    const struct trainer *copy = &landscape->copy;
    double above = NAN;
    for (int k = copy->mlp.n_layers - 1; k >= 0; k--) {
        size_t n = (size_t)copy->B * (size_t)copy->mlp.layers[k].out;
        double square = reduce_dot(n, copy->batch.g[k], copy->batch.g[k]);
        landscape->growth[k] = square / above;
        above = square;
    }
}

static enum status measure(void *state, const struct diagnostics *all) {
    struct landscape *landscape = state;
    const struct trainer *trainer = all->trainer;
    const struct mlp *mlp = &landscape->copy.mlp;
    landscape->made = landscape->seen_step >= 0 && landscape->seen_step == trainer->step - 1;
    landscape->copy.step = landscape->made ? trainer->step - 1 : trainer->step;
    if (!landscape->made)
        keep(landscape);
    memcpy(mlp->params, landscape->params, mlp->n_params * sizeof(float));
    landscape->loss = landscape_gradient(landscape);
    memcpy(landscape->gradient, mlp->grads, mlp->n_params * sizeof(float));
    landscape->gradient_norm =
        sqrt(reduce_dot(mlp->n_params, landscape->gradient, landscape->gradient));
    find_growth(landscape);
    return OK;
}

const struct diagnostic diagnostic_landscape = {.name = "landscape",
                                                .size = sizeof(struct landscape),
                                                .of_last_step = true,
                                                .layout = layout,
                                                .before_step = before_step,
                                                .measure = measure,
                                                .free = release};
