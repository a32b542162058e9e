/* Numbers of the run as a whole, at about PROBE_TRACES steps: the curve and the percentiles of
 * Ioffe & Szegedy 2015, section 4.1, figure 1. */
#include "engine/kernel/percentile.h"
#include "engine/probe/rows.h"

static bool has_hidden(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe, (void)layer;
    return trainer->mlp.n_layers > 1;
}

static void percentile_15(const struct probe *probe, const struct probe_view *view, int layer,
                          double *out) {
    (void)probe, (void)layer;
    out[0] = percentile_of((size_t)view->sample_rows, view->unit_inputs, 15);
}

static void percentile_50(const struct probe *probe, const struct probe_view *view, int layer,
                          double *out) {
    (void)probe, (void)layer;
    out[0] = percentile_of((size_t)view->sample_rows, view->unit_inputs, 50);
}

static void percentile_85(const struct probe *probe, const struct probe_view *view, int layer,
                          double *out) {
    (void)probe, (void)layer;
    out[0] = percentile_of((size_t)view->sample_rows, view->unit_inputs, 85);
}

static bool has_validation(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe, (void)layer;
    return trainer->dataset->n[PART_VALIDATION] > 0;
}

static void validation_error(const struct probe *probe, const struct probe_view *view, int layer,
                             double *out) {
    (void)probe, (void)layer;
    out[0] = view->validation.error;
}

#define DOC(p)                                                                                     \
    p "th percentile, over 1,000 training rows, of the input to the activation of unit 0 of the "  \
      "last hidden "                                                                               \
      "layer, running statistics"
#define COST "a pass over 1,000 training rows, about 100 times a run"

const struct probe probe_trace_rows[] = {
    {"percentile_15", "1", DOC("15"), COST, PROBE_TRACE, LOG_FULL, PROBE_NEEDS_UNIT, has_hidden,
     percentile_15},
    {"percentile_50", "1", DOC("50"), COST, PROBE_TRACE, LOG_FULL, PROBE_NEEDS_UNIT, has_hidden,
     percentile_50},
    {"percentile_85", "1", DOC("85"), COST, PROBE_TRACE, LOG_FULL, PROBE_NEEDS_UNIT, has_hidden,
     percentile_85},
    {"validation_error", "1", "share of wrong answers on the validation rows, running statistics",
     "a pass over the validation rows, about 100 times a run", PROBE_TRACE, LOG_ASKED,
     PROBE_NEEDS_VALIDATION, has_validation, validation_error},
    {0},
};
