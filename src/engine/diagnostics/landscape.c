/* The second network, and loss and gradient at the weights of the step. */
#include "engine/diagnostics/landscape.h"

#include <math.h>
#include <string.h>

#include "engine/kernel/reduce.h"

/* ---- the second network ---- */

void landscape_layout(struct landscape *landscape, struct arena *arena,
                      const struct trainer *trainer) {
    const struct mlp *mlp = &trainer->mlp;
    landscape->trainer = trainer;
    landscape->seen_step = -1;
    trainer_layout_shadow(&landscape->shadow, arena, trainer);
    landscape->params = arena_floats(arena, mlp->n_params);
    landscape->states = arena_floats(arena, mlp->n_states);
    landscape->gradient = arena_floats(arena, mlp->n_params);
    landscape->growth = arena_doubles(arena, (size_t)mlp->n_layers);
}

void landscape_free(struct landscape *landscape) {
    trainer_release(&landscape->shadow);
    *landscape = (struct landscape){0};
}

static void keep(struct landscape *landscape) {
    const struct mlp *mlp = &landscape->trainer->mlp;
    memcpy(landscape->params, mlp->params, mlp->n_params * sizeof(float));
    if (mlp->n_states)
        memcpy(landscape->states, mlp->states, mlp->n_states * sizeof(float));
}

void landscape_before_step(struct landscape *landscape) {
    keep(landscape);
    landscape->seen_step = landscape->trainer->step;
}

void landscape_go(struct landscape *landscape, const float *from, double length,
                  const float *direction) {
    const struct mlp *mlp = &landscape->shadow.mlp;
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
            put_vector(mlp, norm->param[i], norm->D, from);
}

void landscape_put_layer(struct landscape *landscape, int k, const float *from) {
    const struct mlp *mlp = &landscape->shadow.mlp;
    const struct layer *layer = &mlp->layers[k];
    if (k == 0)
        put_norm(mlp, mlp->input_norm, from);
    put_vector(mlp, layer->W, layer->in * layer->out, from);
    if (layer->b)
        put_vector(mlp, layer->b, layer->out, from);
    put_norm(mlp, layer->norm, from);
}

static double measure(struct landscape *landscape, bool gradient) {
    const struct mlp *mlp = &landscape->shadow.mlp;
    if (mlp->n_states)
        memcpy(mlp->states, landscape->states, mlp->n_states * sizeof(float));
    return trainer_measure(&landscape->shadow, gradient);
}

double landscape_gradient(struct landscape *landscape) {
    return measure(landscape, true);
}

double landscape_loss(struct landscape *landscape) {
    return measure(landscape, false);
}

double landscape_distance(size_t n, const float *x, const float *y) {
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += ((double)x[i] - (double)y[i]) * ((double)x[i] - (double)y[i]);
    return sqrt(square);
}

/* ---- at the step's weights ---- */

/* Yang et al. 2019, section 3.3: how the squared length of the gradient grows from layer to layer
 * on its way down. */
static void find_growth(struct landscape *landscape) {
    const struct trainer *shadow = &landscape->shadow;
    double above = NAN;
    for (int k = shadow->mlp.n_layers - 1; k >= 0; k--) {
        size_t n = (size_t)shadow->B * (size_t)shadow->mlp.layers[k].out;
        double square = reduce_dot(n, shadow->batch.g[k], shadow->batch.g[k]);
        landscape->growth[k] = square / above;
        above = square;
    }
}

void landscape_look(struct landscape *landscape) {
    const struct trainer *trainer = landscape->trainer;
    const struct mlp *mlp = &landscape->shadow.mlp;
    landscape->made = landscape->seen_step >= 0 && landscape->seen_step == trainer->step - 1;
    landscape->shadow.step = landscape->made ? trainer->step - 1 : trainer->step;
    if (!landscape->made)
        keep(landscape);
    memcpy(mlp->params, landscape->params, mlp->n_params * sizeof(float));
    landscape->loss = landscape_gradient(landscape);
    memcpy(landscape->gradient, mlp->grads, mlp->n_params * sizeof(float));
    landscape->gradient_norm =
        sqrt(reduce_dot(mlp->n_params, landscape->gradient, landscape->gradient));
    find_growth(landscape);
}
