/* Internal covariate shift as a change of gradients: Santurkar et al. 2018, definition 2.1. */
#include <math.h>
#include <string.h>

#include "engine/diagnostics/landscape.h"
#include "engine/kernel/reduce.h"
#include "engine/probe/rows.h"

/* G = dL/dW_k before the step, H the same where all layers below k have made it.
 * shift_k = |G - H|, cosine_k = <G, H> / (|G| |H|) */
static void compare(struct landscape *landscape, int k) {
    const struct mlp *mlp = &landscape->shadow.mlp;
    const struct layer *layer = &mlp->layers[k];
    size_t n = (size_t)layer->in * (size_t)layer->out;
    const float *G = landscape->gradient + (layer->W - mlp->params), *H = layer->dW;
    landscape->shift[k] = landscape_distance(n, G, H);
    landscape->shift_cosine[k] =
        reduce_dot(n, G, H) / sqrt(reduce_dot(n, G, G) * reduce_dot(n, H, H));
}

void landscape_find_shift(struct landscape *landscape) {
    const struct mlp *mlp = &landscape->shadow.mlp;
    memcpy(mlp->params, landscape->params, mlp->n_params * sizeof(float));
    for (int k = 0; k < mlp->n_layers; k++) {
        landscape->shift[k] = landscape->shift_cosine[k] = NAN;
        if (!landscape->made)
            continue;
        landscape_gradient(landscape);
        compare(landscape, k);
        landscape_put_layer(landscape, k, landscape->trainer->mlp.params);
    }
}

static void shift(const struct probe *probe, const struct probe_view *view, int layer,
                  double *out) {
    (void)probe;
    out[0] = view->landscape->shift[layer];
}

static void shift_cosine(const struct probe *probe, const struct probe_view *view, int layer,
                         double *out) {
    (void)probe;
    out[0] = view->landscape->shift_cosine[layer];
}

#define SHIFT                                                                                      \
    "of the gradient of W before the last step and the one where the layers below have made it, "  \
    "same mini-batch (layer 0: none below)"
#define COST "a gradient a layer, about 100 times a run"
enum { NEEDS = PROBE_NEEDS_SLOPE | PROBE_NEEDS_SHIFT };

const struct probe probe_ics_rows[] = {
    {"ics_norm", UNIT_OF_LOSS, "internal covariate shift: distance " SHIFT, COST, PROBE_TRACE_LAYER,
     LOG_ASKED, NEEDS, NULL, shift},
    {"ics_cosine", "1", "internal covariate shift: cosine " SHIFT, COST, PROBE_TRACE_LAYER,
     LOG_ASKED, NEEDS, NULL, shift_cosine},
    {0},
};
