/* Numbers of the run as a whole, at about PROBE_TRACES steps: the curve and the percentiles of
 * Ioffe & Szegedy 2015, section 4.1, figure 1. And the curve at growing steps, from which the time
 * to a target is read: a target that is reached early is met by as many points as a late one. */
#include "engine/diagnostics/snapshot.h"
#include "engine/kernel/percentile.h"
#include "engine/probe/applies.h"

static void percentile_15(const struct probe_view *view, int layer, double *out) {
    const struct unit_inputs *unit = view->state;
    (void)layer;
    out[0] = percentile_of((size_t)unit->rows, unit->sorted, 15);
}

static void percentile_50(const struct probe_view *view, int layer, double *out) {
    const struct unit_inputs *unit = view->state;
    (void)layer;
    out[0] = percentile_of((size_t)unit->rows, unit->sorted, 50);
}

static void percentile_85(const struct probe_view *view, int layer, double *out) {
    const struct unit_inputs *unit = view->state;
    (void)layer;
    out[0] = percentile_of((size_t)unit->rows, unit->sorted, 85);
}

static void validation_error(const struct probe_view *view, int layer, double *out) {
    const struct evaluation *validation = view->state;
    (void)layer;
    out[0] = validation->error;
}

#define DOC(p)                                                                                     \
    p "th percentile, over 1,000 training rows, of the input to the activation of unit 0 of the "  \
      "last hidden "                                                                               \
      "layer, running statistics"
#define COST "a pass over 1,000 training rows, about 100 times a run"

const struct probe probe_trace_rows[] = {
    {"percentile_15", "1", DOC("15"), COST, PROBE_TRACE, LOG_FULL, &diagnostic_unit_inputs,
     applies_with_hidden, percentile_15},
    {"percentile_50", "1", DOC("50"), COST, PROBE_TRACE, LOG_FULL, &diagnostic_unit_inputs,
     applies_with_hidden, percentile_50},
    {"percentile_85", "1", DOC("85"), COST, PROBE_TRACE, LOG_FULL, &diagnostic_unit_inputs,
     applies_with_hidden, percentile_85},
    {"validation_error", "1", "share of wrong answers on the validation rows, running statistics",
     "a pass over the validation rows, about 100 times a run", PROBE_TRACE, LOG_BY_NAME,
     &diagnostic_validation, applies_with_validation, validation_error},
    {0},
};

const struct probe probe_curve_rows[] = {
    {"validation_error", "1", "share of wrong answers on the validation rows, running statistics",
     "a pass over the validation rows, 20 times while the number of steps doubles", PROBE_CURVE,
     LOG_BY_NAME, &diagnostic_validation, applies_with_validation, validation_error},
    {0},
};
