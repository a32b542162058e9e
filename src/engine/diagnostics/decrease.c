/* What the last step took off the loss of its own mini-batch, and which part of it is which
 * layer's: where that layer alone makes its step, and where all others do and it is frozen. */
#include "engine/diagnostics/decrease.h"

#include <math.h>
#include <string.h>

static void layout(void *state, struct arena *arena, const struct trainer *trainer) {
    struct decrease *decrease = state;
    decrease->alone = arena_doubles(arena, (size_t)trainer->mlp.n_layers);
    decrease->frozen = arena_doubles(arena, (size_t)trainer->mlp.n_layers);
}

static void go(const struct landscape *landscape, const float *params) {
    const struct mlp *mlp = &landscape->copy.mlp;
    memcpy(mlp->params, params, mlp->n_params * sizeof(float));
}

static double decrease_here(struct landscape *landscape) {
    return landscape->made ? landscape->loss - landscape_loss(landscape) : NAN;
}

static enum status measure(void *state, const struct diagnostics *all) {
    struct decrease *decrease = state;
    struct landscape *landscape = diagnostics_state(all, &diagnostic_landscape);
    const float *before = landscape->params, *after = landscape->trainer->mlp.params;
    go(landscape, after);
    decrease->whole = decrease_here(landscape);
    for (int k = 0; k < landscape->copy.mlp.n_layers; k++) {
        go(landscape, before);
        landscape_put_layer(landscape, k, after);
        decrease->alone[k] = decrease_here(landscape);
        go(landscape, after);
        landscape_put_layer(landscape, k, before);
        decrease->frozen[k] = decrease_here(landscape);
    }
    return OK;
}

const struct diagnostic diagnostic_decrease = {.name = "decrease",
                                               .reads = {&diagnostic_landscape},
                                               .size = sizeof(struct decrease),
                                               .layout = layout,
                                               .measure = measure};
