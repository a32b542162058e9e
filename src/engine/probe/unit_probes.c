/* One number a linear layer: its units' statistics in training mode, and how their activations are
 * spread. */
#include <math.h>
#include <string.h>

#include "engine/diagnostics/ranges.h"
#include "engine/diagnostics/unit_statistics.h"
#include "engine/kernel/reduce.h"
#include "engine/probe/applies.h"

static bool has_normalizer(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe;
    return trainer->mlp.layers[layer].norm != NULL;
}

/* Does its normalizer know a learned scale, whether it learns it in this run or not? */
static bool has_scale(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe;
    const struct layer *at = &trainer->mlp.layers[layer];
    return at->norm && norm_field_find(at->norm->kind->param, "gamma") >= 0;
}

static const struct unit_layer *units_of(const struct probe_view *view, int layer) {
    const struct unit_statistics *units = view->state;
    return &units->layers[layer];
}

/* sqrt(sum (mean - mean before)^2 / sum deviation before^2) */
static double mean_drift(const struct column_moments *now, const struct column_moments *before) {
    double moved = 0, size = 0;
    for (int j = 0; j < now->D; j++) {
        moved = plus_square(moved, now->mean[j] - before->mean[j]);
        size = plus_square(size, column_moments_deviation(before, j));
    }
    return before->n ? sqrt(moved / size) : NAN;
}

/* sqrt(sum (deviation - deviation before)^2 / sum deviation before^2) */
static double deviation_drift(const struct column_moments *now,
                              const struct column_moments *before) {
    double moved = 0, size = 0;
    for (int j = 0; j < now->D; j++) {
        moved = plus_square(moved,
                            column_moments_deviation(now, j) - column_moments_deviation(before, j));
        size = plus_square(size, column_moments_deviation(before, j));
    }
    return before->n ? sqrt(moved / size) : NAN;
}

static void input_mean_drift(const struct probe_view *view, int layer, double *out) {
    const struct unit_layer *units = units_of(view, layer);
    out[0] = mean_drift(&units->now[SHOWN_INPUT], &units->before[SHOWN_INPUT]);
}

static void input_deviation_drift(const struct probe_view *view, int layer, double *out) {
    const struct unit_layer *units = units_of(view, layer);
    out[0] = deviation_drift(&units->now[SHOWN_INPUT], &units->before[SHOWN_INPUT]);
}

static void normalized_mean_drift(const struct probe_view *view, int layer, double *out) {
    const struct unit_layer *units = units_of(view, layer);
    out[0] = mean_drift(&units->now[SHOWN_NORMALIZED], &units->before[SHOWN_NORMALIZED]);
}

static void normalized_deviation_drift(const struct probe_view *view, int layer, double *out) {
    const struct unit_layer *units = units_of(view, layer);
    out[0] = deviation_drift(&units->now[SHOWN_NORMALIZED], &units->before[SHOWN_NORMALIZED]);
}

/* sqrt(1/D sum mean^2) */
static void normalized_mean_distance(const struct probe_view *view, int layer, double *out) {
    const struct column_moments *now = &units_of(view, layer)->now[SHOWN_NORMALIZED];
    double square = 0;
    for (int j = 0; j < now->D; j++)
        square = plus_square(square, now->mean[j]);
    out[0] = sqrt(square / now->D);
}

/* sqrt(1/D sum (deviation - 1)^2) */
static void normalized_deviation_distance(const struct probe_view *view, int layer, double *out) {
    const struct column_moments *now = &units_of(view, layer)->now[SHOWN_NORMALIZED];
    double square = 0;
    for (int j = 0; j < now->D; j++)
        square = plus_square(square, column_moments_deviation(now, j) - 1);
    out[0] = sqrt(square / now->D);
}

/* gamma or beta of unit j; `otherwise` where the normalizer has none or does not learn it. */
static double learned(const struct norm *norm, const char *name, int j, double otherwise) {
    int i = norm_field_find(norm->kind->param, name);
    return i >= 0 && norm->param[i] ? (double)norm->param[i][j] : otherwise;
}

/* sqrt(1/D sum (mean - beta)^2) */
static void normalized_mean_gap(const struct probe_view *view, int layer, double *out) {
    const struct norm *norm = view->trainer->mlp.layers[layer].norm;
    const struct column_moments *now = &units_of(view, layer)->now[SHOWN_NORMALIZED];
    double square = 0;
    for (int j = 0; j < now->D; j++)
        square = plus_square(square, now->mean[j] - learned(norm, "beta", j, 0));
    out[0] = sqrt(square / now->D);
}

/* sqrt(1/D sum (deviation - |gamma|)^2) */
static void normalized_deviation_gap(const struct probe_view *view, int layer, double *out) {
    const struct norm *norm = view->trainer->mlp.layers[layer].norm;
    const struct column_moments *now = &units_of(view, layer)->now[SHOWN_NORMALIZED];
    double square = 0;
    for (int j = 0; j < now->D; j++)
        square = plus_square(square,
                             column_moments_deviation(now, j) - fabs(learned(norm, "gamma", j, 1)));
    out[0] = sqrt(square / now->D);
}

static void small_inputs(const struct probe_view *view, int layer, double *out) {
    const struct unit_layer *units = units_of(view, layer);
    const struct column_moments *now = &units->now[SHOWN_INPUT];
    out[0] = (double)units->small / ((double)now->n * now->D);
}

/* A unit without deviation is no measure of the others. */
static double over(double largest, double size) {
    return size > 0 ? largest / size : NAN;
}

static void deviation_ratio(const struct probe_view *view, int layer, double *out) {
    const double *sorted = units_of(view, layer)->deviations;
    int D = view->trainer->mlp.layers[layer].out;
    out[0] = over(sorted[D - 1], sorted[0]);
}

static void deviation_ratio_median(const struct probe_view *view, int layer, double *out) {
    const double *sorted = units_of(view, layer)->deviations;
    int D = view->trainer->mlp.layers[layer].out;
    out[0] = over(sorted[D - 1], (sorted[(D - 1) / 2] + sorted[D / 2]) / 2);
}

static void activation_entropy(const struct probe_view *view, int layer, double *out) {
    const struct ranges *ranges = view->state;
    out[0] = ranges->layers[layer].entropy;
}

static void activation_range(const struct probe_view *view, int layer, double *out) {
    const struct ranges *ranges = view->state;
    const struct range_layer *range = &ranges->layers[layer];
    out[0] = range->largest - range->smallest;
}

static void activation_low(const struct probe_view *view, int layer, double *out) {
    const struct ranges *ranges = view->state;
    out[0] = ranges->layers[layer].low;
}

static void activation_high(const struct probe_view *view, int layer, double *out) {
    const struct ranges *ranges = view->state;
    out[0] = ranges->layers[layer].high;
}

static void input_mean(const struct probe_view *view, int layer, double *out) {
    const struct column_moments *now = &units_of(view, layer)->now[SHOWN_INPUT];
    memcpy(out, now->mean, (size_t)now->D * sizeof *out);
}

static void input_deviation(const struct probe_view *view, int layer, double *out) {
    const struct column_moments *now = &units_of(view, layer)->now[SHOWN_INPUT];
    for (int j = 0; j < now->D; j++)
        out[j] = column_moments_deviation(now, j);
}

#define BATCHES "about 1,000 training rows in mini-batches, statistics as in training"
#define INPUT "of what goes into the activation, since the point before "
#define NORMALIZED "of the normalizer's output, since the point before "
#define MOMENTS "a pass over 1,000 training rows in training mode"
#define DRIFT "a pass over 1,000 training rows in training mode, about 100 times a run"
#define RANGES "a pass over 1,000 training rows, and sorting their activations"

const struct probe probe_units_rows[] = {
    {"input_mean_drift", "1",
     "change of the units' means " INPUT "(rms over units, in rms deviations; " BATCHES ")", DRIFT,
     PROBE_TRACE_LAYER, LOG_BY_NAME, &diagnostic_unit_drift, NULL, input_mean_drift},
    {"input_deviation_drift", "1",
     "change of the units' deviations " INPUT "(rms over units, in rms deviations; " BATCHES ")",
     DRIFT, PROBE_TRACE_LAYER, LOG_BY_NAME, &diagnostic_unit_drift, NULL, input_deviation_drift},
    {"normalized_mean_drift", "1",
     "change of the units' means " NORMALIZED "(rms over units, in rms deviations; " BATCHES ")",
     DRIFT, PROBE_TRACE_LAYER, LOG_BY_NAME, &diagnostic_unit_drift, has_normalizer,
     normalized_mean_drift},
    {"normalized_deviation_drift", "1",
     "change of the units' deviations " NORMALIZED "(rms over units, in rms deviations; " BATCHES
     ")",
     DRIFT, PROBE_TRACE_LAYER, LOG_BY_NAME, &diagnostic_unit_drift, has_normalizer,
     normalized_deviation_drift},
    {"normalized_mean_distance", "1",
     "distance of the mean of the normalizer's output from 0 (rms over units; " BATCHES ")",
     MOMENTS, PROBE_LAYER, LOG_BY_NAME, &diagnostic_unit_statistics, has_normalizer,
     normalized_mean_distance},
    {"normalized_deviation_distance", "1",
     "distance of the deviation of the normalizer's output from 1 (rms over units; " BATCHES ")",
     MOMENTS, PROBE_LAYER, LOG_BY_NAME, &diagnostic_unit_statistics, has_normalizer,
     normalized_deviation_distance},
    {"normalized_mean_gap", "1",
     "distance of the mean of the normalizer's output from beta (rms over units; " BATCHES ")",
     MOMENTS, PROBE_LAYER, LOG_BY_NAME, &diagnostic_unit_statistics, has_scale,
     normalized_mean_gap},
    {"normalized_deviation_gap", "1",
     "distance of the deviation of the normalizer's output from |gamma| (rms over units; " BATCHES
     ")",
     MOMENTS, PROBE_LAYER, LOG_BY_NAME, &diagnostic_unit_statistics, has_scale,
     normalized_deviation_gap},
    {"small_inputs", "1",
     "share of what goes into the activation with |z| < 1, where sigmoid and tanh are nearly "
     "linear (" BATCHES ")",
     MOMENTS, PROBE_LAYER, LOG_BY_NAME, &diagnostic_unit_statistics, applies_to_hidden,
     small_inputs},
    {"deviation_ratio", "1",
     "largest over smallest deviation of a unit in the layer, of what goes into the activation; "
     "NaN where one is constant (" BATCHES ")",
     MOMENTS, PROBE_LAYER, LOG_BY_NAME, &diagnostic_unit_statistics, NULL, deviation_ratio},
    {"deviation_ratio_median", "1",
     "largest over median deviation of a unit in the layer, of what goes into the activation "
     "(" BATCHES ")",
     MOMENTS, PROBE_LAYER, LOG_BY_NAME, &diagnostic_unit_statistics, NULL, deviation_ratio_median},
    {"activation_entropy", "nat",
     "entropy of a histogram of the activations of 1,000 training rows: 100 equal bins from their "
     "0.1th to their 99.9th percentile, running statistics",
     RANGES, PROBE_LAYER, LOG_BY_NAME, &diagnostic_ranges, applies_to_hidden, activation_entropy},
    {"activation_range", "1",
     "largest less smallest activation on 1,000 training rows, running statistics", RANGES,
     PROBE_LAYER, LOG_BY_NAME, &diagnostic_ranges, applies_to_hidden, activation_range},
    {"activation_low", "1",
     "0.1th percentile of the activations on 1,000 training rows, running statistics", RANGES,
     PROBE_LAYER, LOG_BY_NAME, &diagnostic_ranges, applies_to_hidden, activation_low},
    {"activation_high", "1",
     "99.9th percentile of the activations on 1,000 training rows, running statistics", RANGES,
     PROBE_LAYER, LOG_BY_NAME, &diagnostic_ranges, applies_to_hidden, activation_high},
    {"input_mean", "1", "mean of what goes into the unit's activation (" BATCHES ")", MOMENTS,
     PROBE_UNITS, LOG_BY_NAME, &diagnostic_unit_statistics, NULL, input_mean},
    {"input_deviation", "1", "deviation of what goes into the unit's activation (" BATCHES ")",
     MOMENTS, PROBE_UNITS, LOG_BY_NAME, &diagnostic_unit_statistics, NULL, input_deviation},
    {0},
};
