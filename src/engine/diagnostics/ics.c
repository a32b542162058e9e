/* Internal covariate shift as a change of gradients: Santurkar et al. 2018, definition 2.1. */
#include "engine/diagnostics/ics.h"

#include <math.h>
#include <string.h>

#include "engine/kernel/reduce.h"

static void layout(void *state, struct arena *arena, const struct trainer *trainer) {
    struct ics *ics = state;
    ics->norm = arena_doubles(arena, (size_t)trainer->mlp.n_layers);
    ics->cosine = arena_doubles(arena, (size_t)trainer->mlp.n_layers);
}

/* G = dL/dW_k before the step, H the same where all layers below k have made it.
 * norm_k = |G - H|, cosine_k = <G, H> / (|G| |H|) */
static void compare(struct ics *ics, const struct landscape *landscape, int k) {
    const struct mlp *mlp = &landscape->copy.mlp;
    const struct layer *layer = &mlp->layers[k];
    size_t n = (size_t)layer->in * (size_t)layer->out;
    const float *G = landscape->gradient + (layer->W - mlp->params), *H = layer->dW;
    ics->norm[k] = landscape_distance(n, G, H);
    ics->cosine[k] = reduce_dot(n, G, H) / sqrt(reduce_dot(n, G, G) * reduce_dot(n, H, H));
}

static enum status measure(void *state, const struct diagnostics *all) {
    struct ics *ics = state;
    struct landscape *landscape = diagnostics_state(all, &diagnostic_landscape);
    const struct mlp *mlp = &landscape->copy.mlp;
    memcpy(mlp->params, landscape->params, mlp->n_params * sizeof(float));
    for (int k = 0; k < mlp->n_layers; k++) {
        ics->norm[k] = ics->cosine[k] = NAN;
        if (!landscape->made)
            continue;
        landscape_gradient(landscape);
        compare(ics, landscape, k);
        landscape_put_layer(landscape, k, landscape->trainer->mlp.params);
    }
    return OK;
}

const struct diagnostic diagnostic_ics = {.name = "ics",
                                          .reads = {&diagnostic_landscape},
                                          .size = sizeof(struct ics),
                                          .layout = layout,
                                          .measure = measure};
