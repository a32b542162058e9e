/* Numbers of the run as a whole, at about PROBE_TRACES steps: the percentiles of Ioffe & Szegedy
 * 2015, section 4.1, figure 1 b and c. */
#include <stdlib.h>

#include "probe/rows.h"

enum { TRACED_UNIT = 0 };

static bool has_hidden(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe, (void)layer;
    return trainer->mlp.n_layers > 1;
}

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Linear interpolation between order statistics (Hyndman & Fan 1996, type 7: NumPy's and R's
 * default). */
static double percentile(const float *sorted, int n, double p) {
    double at = p / 100 * (n - 1);
    int below = (int)at, above = below + 1 < n ? below + 1 : below;
    return (double)sorted[below] + (at - below) * ((double)sorted[above] - (double)sorted[below]);
}

/* Of the input to one unit's activation in the last hidden layer, over the sample. */
static void unit_percentile(const struct probe_view *view, double p, double *out) {
    const struct mlp *mlp = &view->trainer->mlp;
    int k = mlp->n_layers - 2, D = mlp->layers[k].out, n = view->sample_rows;
    float *z = view->scratch;
    mlp_preactivation_eval(mlp, view->sample, k, mlp->states, n, z);
    for (int b = 0; b < n; b++)
        z[b] = z[(long)b * D + TRACED_UNIT];
    qsort(z, (size_t)n, sizeof *z, ascending);
    out[0] = percentile(z, n, p);
}

static void percentile_15(const struct probe *probe, const struct probe_view *view, int layer,
                          double *out) {
    (void)probe, (void)layer;
    unit_percentile(view, 15, out);
}

static void percentile_50(const struct probe *probe, const struct probe_view *view, int layer,
                          double *out) {
    (void)probe, (void)layer;
    unit_percentile(view, 50, out);
}

static void percentile_85(const struct probe *probe, const struct probe_view *view, int layer,
                          double *out) {
    (void)probe, (void)layer;
    unit_percentile(view, 85, out);
}

#define DOC(p)                                                                                     \
    p "th percentile, over 1,000 training rows, of the input to the activation of unit 0 of the "  \
      "last hidden "                                                                               \
      "layer, running statistics"
#define COST "a pass over 1,000 training rows, about 100 times a run"

const struct probe probe_trace_rows[] = {
    {"percentile_15", "1", DOC("15"), COST, PROBE_TRACE, LOG_FULL, PROBE_NEEDS_SAMPLE, has_hidden,
     percentile_15},
    {"percentile_50", "1", DOC("50"), COST, PROBE_TRACE, LOG_FULL, PROBE_NEEDS_SAMPLE, has_hidden,
     percentile_50},
    {"percentile_85", "1", DOC("85"), COST, PROBE_TRACE, LOG_FULL, PROBE_NEEDS_SAMPLE, has_hidden,
     percentile_85},
    {0},
};
