/* What the last step took off the loss of its own mini-batch, and which part of it is which
 * layer's: where that layer alone makes its step, and where all others do and it is frozen. */
#include <math.h>
#include <string.h>

#include "engine/diagnostics/landscape.h"
#include "engine/probe/rows.h"

static void go(const struct landscape *landscape, const float *params) {
    const struct mlp *mlp = &landscape->shadow.mlp;
    memcpy(mlp->params, params, mlp->n_params * sizeof(float));
}

static double decrease_here(struct landscape *landscape) {
    return landscape->made ? landscape->loss - landscape_loss(landscape) : NAN;
}

void landscape_find_decrease(struct landscape *landscape) {
    const float *before = landscape->params, *after = landscape->trainer->mlp.params;
    go(landscape, after);
    landscape->decrease = decrease_here(landscape);
    for (int k = 0; k < landscape->shadow.mlp.n_layers; k++) {
        go(landscape, before);
        landscape_put_layer(landscape, k, after);
        landscape->decrease_alone[k] = decrease_here(landscape);
        go(landscape, after);
        landscape_put_layer(landscape, k, before);
        landscape->decrease_frozen[k] = decrease_here(landscape);
    }
}

static void decrease(const struct probe *probe, const struct probe_view *view, int layer,
                     double *out) {
    (void)probe, (void)layer;
    out[0] = view->landscape->decrease;
}

static void decrease_alone(const struct probe *probe, const struct probe_view *view, int layer,
                           double *out) {
    (void)probe;
    out[0] = view->landscape->decrease_alone[layer];
}

static void decrease_frozen(const struct probe *probe, const struct probe_view *view, int layer,
                            double *out) {
    (void)probe;
    out[0] = view->landscape->decrease_frozen[layer];
}

#define LOSS "what the last step takes off the loss of its own mini-batch"
#define COST "two losses a layer, about 100 times a run"
enum { NEEDS = PROBE_NEEDS_SLOPE | PROBE_NEEDS_DECREASE };

const struct probe probe_decrease_rows[] = {
    {"decrease", UNIT_OF_LOSS, LOSS, COST, PROBE_TRACE, LOG_ASKED, NEEDS, NULL, decrease},
    {"decrease_alone", UNIT_OF_LOSS, LOSS " where this layer alone makes it", COST,
     PROBE_TRACE_LAYER, LOG_ASKED, NEEDS, NULL, decrease_alone},
    {"decrease_frozen", UNIT_OF_LOSS, LOSS " where all layers but this one make it", COST,
     PROBE_TRACE_LAYER, LOG_ASKED, NEEDS, NULL, decrease_frozen},
    {0},
};
