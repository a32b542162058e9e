/* One number a linear layer: its units' statistics in training mode, and how their activations are
 * spread. */
#include <math.h>
#include <string.h>

#include "engine/probe/rows.h"

static bool is_hidden(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe;
    return layer < trainer->mlp.n_layers - 1;
}

static bool has_normalizer(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe;
    return trainer->mlp.layers[layer].norm != NULL;
}

/* Does its normalizer know a learned scale, whether it learns it in this run or not? */
static bool has_scale(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe;
    const struct layer *at = &trainer->mlp.layers[layer];
    for (int i = 0; at->norm && i < norm_fields(at->norm->kind->param); i++)
        if (!strcmp(at->norm->kind->param[i].name, "gamma"))
            return true;
    return false;
}

static const struct unit_layer *drift_of(const struct probe_view *view, int layer) {
    return &view->studies->drift.layers[layer];
}

static const struct unit_layer *units_of(const struct probe_view *view, int layer) {
    return &view->studies->units.layers[layer];
}

/* sqrt(sum (mean - mean before)^2 / sum deviation before^2) */
static double mean_drift(const struct unit_moments *now, const struct unit_moments *before) {
    double moved = 0, size = 0;
    for (int j = 0; j < now->D; j++) {
        moved += pow(now->mean[j] - before->mean[j], 2);
        size += pow(unit_moments_deviation(before, j), 2);
    }
    return before->n ? sqrt(moved / size) : NAN;
}

/* sqrt(sum (deviation - deviation before)^2 / sum deviation before^2) */
static double deviation_drift(const struct unit_moments *now, const struct unit_moments *before) {
    double moved = 0, size = 0;
    for (int j = 0; j < now->D; j++) {
        moved += pow(unit_moments_deviation(now, j) - unit_moments_deviation(before, j), 2);
        size += pow(unit_moments_deviation(before, j), 2);
    }
    return before->n ? sqrt(moved / size) : NAN;
}

static void input_mean_drift(const struct probe *probe, const struct probe_view *view, int layer,
                             double *out) {
    (void)probe;
    const struct unit_layer *units = drift_of(view, layer);
    out[0] = mean_drift(&units->now[SHOWN_INPUT], &units->before[SHOWN_INPUT]);
}

static void input_deviation_drift(const struct probe *probe, const struct probe_view *view,
                                  int layer, double *out) {
    (void)probe;
    const struct unit_layer *units = drift_of(view, layer);
    out[0] = deviation_drift(&units->now[SHOWN_INPUT], &units->before[SHOWN_INPUT]);
}

static void normalized_mean_drift(const struct probe *probe, const struct probe_view *view,
                                  int layer, double *out) {
    (void)probe;
    const struct unit_layer *units = drift_of(view, layer);
    out[0] = mean_drift(&units->now[SHOWN_NORMALIZED], &units->before[SHOWN_NORMALIZED]);
}

static void normalized_deviation_drift(const struct probe *probe, const struct probe_view *view,
                                       int layer, double *out) {
    (void)probe;
    const struct unit_layer *units = drift_of(view, layer);
    out[0] = deviation_drift(&units->now[SHOWN_NORMALIZED], &units->before[SHOWN_NORMALIZED]);
}

/* gamma or beta of unit j; `otherwise` where the normalizer has none or does not learn it. */
static double learned(const struct norm *norm, const char *name, int j, double otherwise) {
    for (int i = 0; i < norm_fields(norm->kind->param); i++)
        if (norm->param[i] && !strcmp(norm->kind->param[i].name, name))
            return (double)norm->param[i][j];
    return otherwise;
}

/* sqrt(1/D sum (mean - beta)^2) */
static void normalized_mean_gap(const struct probe *probe, const struct probe_view *view, int layer,
                                double *out) {
    (void)probe;
    const struct norm *norm = view->trainer->mlp.layers[layer].norm;
    const struct unit_moments *now = &units_of(view, layer)->now[SHOWN_NORMALIZED];
    double square = 0;
    for (int j = 0; j < now->D; j++)
        square += pow(now->mean[j] - learned(norm, "beta", j, 0), 2);
    out[0] = sqrt(square / now->D);
}

/* sqrt(1/D sum (deviation - |gamma|)^2) */
static void normalized_deviation_gap(const struct probe *probe, const struct probe_view *view,
                                     int layer, double *out) {
    (void)probe;
    const struct norm *norm = view->trainer->mlp.layers[layer].norm;
    const struct unit_moments *now = &units_of(view, layer)->now[SHOWN_NORMALIZED];
    double square = 0;
    for (int j = 0; j < now->D; j++)
        square += pow(unit_moments_deviation(now, j) - fabs(learned(norm, "gamma", j, 1)), 2);
    out[0] = sqrt(square / now->D);
}

static void small_inputs(const struct probe *probe, const struct probe_view *view, int layer,
                         double *out) {
    (void)probe;
    const struct unit_layer *units = units_of(view, layer);
    const struct unit_moments *now = &units->now[SHOWN_INPUT];
    out[0] = (double)units->small / ((double)now->n * now->D);
}

/* A unit without deviation is no measure of the others. */
static double over(double largest, double size) {
    return size > 0 ? largest / size : NAN;
}

static void deviation_ratio(const struct probe *probe, const struct probe_view *view, int layer,
                            double *out) {
    (void)probe;
    const double *sorted = units_of(view, layer)->deviations;
    int D = view->trainer->mlp.layers[layer].out;
    out[0] = over(sorted[D - 1], sorted[0]);
}

static void deviation_ratio_median(const struct probe *probe, const struct probe_view *view,
                                   int layer, double *out) {
    (void)probe;
    const double *sorted = units_of(view, layer)->deviations;
    int D = view->trainer->mlp.layers[layer].out;
    out[0] = over(sorted[D - 1], (sorted[(D - 1) / 2] + sorted[D / 2]) / 2);
}

static void activation_entropy(const struct probe *probe, const struct probe_view *view, int layer,
                               double *out) {
    (void)probe;
    out[0] = view->studies->ranges.layers[layer].entropy;
}

static void activation_range(const struct probe *probe, const struct probe_view *view, int layer,
                             double *out) {
    (void)probe;
    const struct range_layer *range = &view->studies->ranges.layers[layer];
    out[0] = range->largest - range->smallest;
}

static void activation_low(const struct probe *probe, const struct probe_view *view, int layer,
                           double *out) {
    (void)probe;
    out[0] = view->studies->ranges.layers[layer].low;
}

static void activation_high(const struct probe *probe, const struct probe_view *view, int layer,
                            double *out) {
    (void)probe;
    out[0] = view->studies->ranges.layers[layer].high;
}

static void input_mean(const struct probe *probe, const struct probe_view *view, int layer,
                       double *out) {
    (void)probe;
    const struct unit_moments *now = &units_of(view, layer)->now[SHOWN_INPUT];
    memcpy(out, now->mean, (size_t)now->D * sizeof *out);
}

static void input_deviation(const struct probe *probe, const struct probe_view *view, int layer,
                            double *out) {
    (void)probe;
    const struct unit_moments *now = &units_of(view, layer)->now[SHOWN_INPUT];
    for (int j = 0; j < now->D; j++)
        out[j] = unit_moments_deviation(now, j);
}

#define BATCHES "about 1,000 training rows in mini-batches, statistics as in training"
#define INPUT "of what goes into the activation, since the point before "
#define NORMALIZED "of the normalizer's output, since the point before "
#define MOMENTS "a pass over 1,000 training rows in training mode"
#define DRIFT "a pass over 1,000 training rows in training mode, about 100 times a run"
#define RANGES "a pass over 1,000 training rows, and sorting their activations"

const struct probe probe_unit_rows[] = {
    {"input_mean_drift", "1",
     "change of the units' means " INPUT "(rms over units, in rms deviations; " BATCHES ")", DRIFT,
     PROBE_TRACE_LAYER, LOG_ASKED, PROBE_NEEDS_DRIFT, NULL, input_mean_drift},
    {"input_deviation_drift", "1",
     "change of the units' deviations " INPUT "(rms over units, in rms deviations; " BATCHES ")",
     DRIFT, PROBE_TRACE_LAYER, LOG_ASKED, PROBE_NEEDS_DRIFT, NULL, input_deviation_drift},
    {"normalized_mean_drift", "1",
     "change of the units' means " NORMALIZED "(rms over units, in rms deviations; " BATCHES ")",
     DRIFT, PROBE_TRACE_LAYER, LOG_ASKED, PROBE_NEEDS_DRIFT, has_normalizer, normalized_mean_drift},
    {"normalized_deviation_drift", "1",
     "change of the units' deviations " NORMALIZED "(rms over units, in rms deviations; " BATCHES
     ")",
     DRIFT, PROBE_TRACE_LAYER, LOG_ASKED, PROBE_NEEDS_DRIFT, has_normalizer,
     normalized_deviation_drift},
    {"normalized_mean_gap", "1",
     "distance of the mean of the normalizer's output from beta (rms over units; " BATCHES ")",
     MOMENTS, PROBE_LAYER, LOG_ASKED, PROBE_NEEDS_MOMENTS, has_scale, normalized_mean_gap},
    {"normalized_deviation_gap", "1",
     "distance of the deviation of the normalizer's output from |gamma| (rms over units; " BATCHES
     ")",
     MOMENTS, PROBE_LAYER, LOG_ASKED, PROBE_NEEDS_MOMENTS, has_scale, normalized_deviation_gap},
    {"small_inputs", "1",
     "share of what goes into the activation with |z| < 1, where sigmoid and tanh are nearly "
     "linear (" BATCHES ")",
     MOMENTS, PROBE_LAYER, LOG_ASKED, PROBE_NEEDS_MOMENTS, is_hidden, small_inputs},
    {"deviation_ratio", "1",
     "largest over smallest deviation of a unit in the layer, of what goes into the activation; "
     "NaN where one is constant (" BATCHES ")",
     MOMENTS, PROBE_LAYER, LOG_ASKED, PROBE_NEEDS_MOMENTS, NULL, deviation_ratio},
    {"deviation_ratio_median", "1",
     "largest over median deviation of a unit in the layer, of what goes into the activation "
     "(" BATCHES ")",
     MOMENTS, PROBE_LAYER, LOG_ASKED, PROBE_NEEDS_MOMENTS, NULL, deviation_ratio_median},
    {"activation_entropy", "nat",
     "entropy of a histogram of the activations of 1,000 training rows: 100 equal bins from their "
     "0.1th to their 99.9th percentile, running statistics",
     RANGES, PROBE_LAYER, LOG_ASKED, PROBE_NEEDS_SAMPLE | PROBE_NEEDS_RANGES, is_hidden,
     activation_entropy},
    {"activation_range", "1",
     "largest less smallest activation on 1,000 training rows, running statistics", RANGES,
     PROBE_LAYER, LOG_ASKED, PROBE_NEEDS_SAMPLE | PROBE_NEEDS_RANGES, is_hidden, activation_range},
    {"activation_low", "1",
     "0.1th percentile of the activations on 1,000 training rows, running statistics", RANGES,
     PROBE_LAYER, LOG_ASKED, PROBE_NEEDS_SAMPLE | PROBE_NEEDS_RANGES, is_hidden, activation_low},
    {"activation_high", "1",
     "99.9th percentile of the activations on 1,000 training rows, running statistics", RANGES,
     PROBE_LAYER, LOG_ASKED, PROBE_NEEDS_SAMPLE | PROBE_NEEDS_RANGES, is_hidden, activation_high},
    {"input_mean", "1", "mean of what goes into the unit's activation (" BATCHES ")", MOMENTS,
     PROBE_UNITS, LOG_ASKED, PROBE_NEEDS_MOMENTS, NULL, input_mean},
    {"input_deviation", "1", "deviation of what goes into the unit's activation (" BATCHES ")",
     MOMENTS, PROBE_UNITS, LOG_ASKED, PROBE_NEEDS_MOMENTS, NULL, input_deviation},
    {0},
};
