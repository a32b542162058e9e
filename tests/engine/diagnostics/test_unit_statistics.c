/* What units do in training mode, and how activations are spread: against the oracle in double and
 * against cases worked by hand. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/diagnostics/ranges.h"
#include "engine/diagnostics/snapshot.h"
#include "engine/diagnostics/unit_statistics.h"
#include "engine/kernel/column_moments.h"
#include "engine/kernel/percentile.h"
#include "tests/engine/probe/probed_run.h"

enum { WIDEST = 7, FEATURES = 6 };

/* ---- parts ---- */

Test(units, percentiles_interpolate_between_order_statistics) {
    float x[] = {4, 1, 3, 2};
    percentile_sort(4, x);
    look_expect(percentile_of(4, x, 0), 1, 0, "the smallest");
    look_expect(percentile_of(4, x, 15), 1.45, 1e-12, "numpy.percentile([1, 2, 3, 4], 15)");
    look_expect(percentile_of(4, x, 50), 2.5, 1e-12, "the median");
    look_expect(percentile_of(4, x, 100), 4, 0, "the largest");
}

Test(units, what_is_not_a_number_stands_last) {
    float x[] = {2, NAN, -1};
    percentile_sort(3, x);
    cr_assert(x[0] == -1 && x[1] == 2 && isnan(x[2]), "%g %g %g", (double)x[0], (double)x[1],
              (double)x[2]);
}

/* Far from 0, where sums of squares would have lost the deviation. */
Test(units, moments_of_blocks_are_those_of_all_rows) {
    enum { D = 3, N = 50 };
    float x[N * D];
    double mean[D] = {0}, square[D] = {0};
    struct column_moments moments;
    struct arena arena = {0};
    test_normal(31, N * D, 1000, 0.5, x);
    column_moments_layout(&moments, &arena, D);
    cr_assert(!arena_create(&arena), "%s", status_message());
    column_moments_layout(&moments, &arena, D);
    column_moments_clear(&moments);
    for (int begin = 0, rows = 1; begin < N; begin += rows, rows = begin < 40 ? 13 : 10)
        column_moments_add(&moments, rows, x + begin * D);
    cr_assert(moments.n == N, "%ld rows", moments.n);
    for (int i = 0; i < N * D; i++)
        mean[i % D] += (double)x[i] / N;
    for (int i = 0; i < N * D; i++)
        square[i % D] += pow((double)x[i] - mean[i % D], 2) / N;
    for (int j = 0; j < D; j++) {
        look_expect(moments.mean[j], mean[j], 1e-9, "mean");
        look_expect(column_moments_deviation(&moments, j), sqrt(square[j]), 1e-9, "deviation");
    }
    arena_free(&arena);
}

/* ---- against the oracle ---- */

/* Of all layers, over the side's mini-batches. */
struct expected {
    double mean[SHOWN_KINDS][3][WIDEST], deviation[SHOWN_KINDS][3][WIDEST];
    double small[3];
};

static const double *shown(const struct oracle_layer *layer, enum side_pass_shown what) {
    if (what == SHOWN_INPUT)
        return layer->after ? layer->z : layer->mid;
    return layer->after ? layer->y : layer->mid;
}

/* All mini-batches' values stand one below the other before they are summed. */
static void expect_units(const struct look *look, struct expected *expected) {
    double x[LOOK_ROWS * FEATURES], all[SHOWN_KINDS][3][LOOK_USED * WIDEST];
    int labels[LOOK_ROWS];
    struct oracle *oracle = test_oracle(look->trainer, LOOK_B);
    look_rows(look, PART_TRAIN, LOOK_ROWS, x, labels);
    *expected = (struct expected){0};
    for (int first = 0; first < LOOK_USED; first += LOOK_B) {
        oracle_forward(oracle, LOOK_B, x + first * FEATURES, 0);
        for (int what = 0; what < SHOWN_KINDS; what++)
            for (int k = 0; k < oracle->n_layers; k++)
                memcpy(all[what][k] + first * oracle->layers[k].out,
                       shown(&oracle->layers[k], (enum side_pass_shown)what),
                       (size_t)(LOOK_B * oracle->layers[k].out) * sizeof(double));
    }
    for (int what = 0; what < SHOWN_KINDS; what++)
        for (int k = 0; k < oracle->n_layers; k++) {
            int D = oracle->layers[k].out;
            double *mean = expected->mean[what][k], *deviation = expected->deviation[what][k];
            for (int i = 0; i < LOOK_USED * D; i++)
                mean[i % D] += all[what][k][i] / LOOK_USED;
            for (int i = 0; i < LOOK_USED * D; i++)
                deviation[i % D] += pow(all[what][k][i] - mean[i % D], 2) / LOOK_USED;
            for (int j = 0; j < D; j++)
                deviation[j] = sqrt(deviation[j]);
            for (int i = 0; what == SHOWN_INPUT && i < LOOK_USED * D; i++)
                expected->small[k] += (fabs(all[what][k][i]) < 1) / (double)(LOOK_USED * D);
        }
    oracle_free(oracle);
}

/* gamma or beta as the trainer holds them, NULL where it has none. */
static const float *param(const struct look *look, int k, int i) {
    return look->trainer->mlp.layers[k].norm->param[i];
}

static void expect_gaps(const struct look *look, const struct expected *expected, int k) {
    int D = look->trainer->mlp.layers[k].out;
    double mean = 0, deviation = 0;
    for (int j = 0; j < D; j++) {
        double gamma = param(look, k, 0) ? (double)param(look, k, 0)[j] : 1;
        double beta = param(look, k, 1) ? (double)param(look, k, 1)[j] : 0;
        mean += pow(expected->mean[SHOWN_NORMALIZED][k][j] - beta, 2) / D;
        deviation += pow(expected->deviation[SHOWN_NORMALIZED][k][j] - fabs(gamma), 2) / D;
    }
    look_expect(look_at(look, PROBE_LAYER, "normalized_mean_gap", k), sqrt(mean), 2e-6,
                "normalized_mean_gap");
    look_expect(look_at(look, PROBE_LAYER, "normalized_deviation_gap", k), sqrt(deviation), 2e-6,
                "normalized_deviation_gap");
}

static void expect_inputs(const struct look *look, const struct expected *expected, int k) {
    double means[WIDEST], deviations[WIDEST], smallest = INFINITY, largest = 0;
    int D = look->trainer->mlp.layers[k].out;
    const struct probe *mean = probe_find(PROBE_UNITS, "input_mean"),
                       *deviation = probe_find(PROBE_UNITS, "input_deviation");
    probe_observe(mean, &look->diagnostics, k, means);
    probe_observe(deviation, &look->diagnostics, k, deviations);
    for (int j = 0; j < D; j++) {
        look_expect(means[j], expected->mean[SHOWN_INPUT][k][j], 2e-6, "input_mean");
        look_expect(deviations[j], expected->deviation[SHOWN_INPUT][k][j], 2e-6, "input_deviation");
        smallest = fmin(smallest, expected->deviation[SHOWN_INPUT][k][j]);
        largest = fmax(largest, expected->deviation[SHOWN_INPUT][k][j]);
    }
    look_expect(look_at(look, PROBE_LAYER, "deviation_ratio", k), largest / smallest, 1e-4,
                "deviation_ratio");
}

static void expect_statistics(const char *kind, long placement, bool affine) {
    struct run_config config = look_config(kind, placement);
    config.norm.affine = affine;
    struct look *look = look_create(&config, look_quick_set(), 1);
    struct expected expected;
    look_now(look, diagnostic_set(&diagnostic_unit_statistics));
    expect_units(look, &expected);
    for (int k = 0; k < 3; k++) {
        expect_inputs(look, &expected, k);
        if (k < 2)
            look_expect(look_at(look, PROBE_LAYER, "small_inputs", k), expected.small[k], 1e-12,
                        "small_inputs");
        if (k < 2 && strcmp(kind, "none") != 0)
            expect_gaps(look, &expected, k);
    }
    look_free(look);
}

Test(units, statistics_are_those_of_the_oracle) {
    expect_statistics("none", NORM_BEFORE, true);
    expect_statistics("batch", NORM_BEFORE, true);
    expect_statistics("batch", NORM_AFTER, true);
    expect_statistics("batch", NORM_BEFORE, false);
    expect_statistics("layer", NORM_BEFORE, true);
    expect_statistics("layer", NORM_AFTER, true);
}

/* Ioffe & Szegedy 2015, section 3: mean beta and deviation |gamma|, but for eps. */
Test(units, batch_norms_output_has_mean_beta_and_deviation_gamma) {
    struct run_config config = look_config("batch", NORM_BEFORE);
    struct look *look = look_create(&config, look_quick_set(), 1);
    float *gamma = look->trainer->mlp.layers[0].norm->param[0];
    gamma[2] = -3;
    look_now(look, diagnostic_set(&diagnostic_unit_statistics));
    look_expect(look_at(look, PROBE_LAYER, "normalized_mean_gap", 0), 0, 1e-6, "mean gap");
    look_expect(look_at(look, PROBE_LAYER, "normalized_deviation_gap", 0), 0, 1e-4,
                "deviation gap");
    look_free(look);
}

Test(units, layer_norms_output_has_neither_unit_by_unit) {
    struct run_config config = look_config("layer", NORM_BEFORE);
    struct look *look = look_create(&config, look_quick_set(), 1);
    look_now(look, diagnostic_set(&diagnostic_unit_statistics));
    double gap = look_at(look, PROBE_LAYER, "normalized_mean_gap", 0);
    cr_assert(gap > 0.01, "gap %g", gap);
    look_free(look);
}

Test(units, a_constant_unit_is_no_measure_of_the_others) {
    struct run_config config = look_config("none", NORM_BEFORE);
    struct look *look = look_create(&config, look_quick_set(), 1);
    const struct layer *layer = &look->trainer->mlp.layers[0];
    for (int i = 0; i < layer->in; i++)
        layer->W[i * layer->out] = 0;
    look_now(look, diagnostic_set(&diagnostic_unit_statistics));
    cr_assert(isnan(look_at(look, PROBE_LAYER, "deviation_ratio", 0)), "it has a ratio");
    double ratio = look_at(look, PROBE_LAYER, "deviation_ratio_median", 0);
    cr_assert(ratio >= 1 && isfinite(ratio), "largest over median: %g", ratio);
    look_free(look);
}

Test(units, where_a_unit_is_not_a_number_nothing_is_largest) {
    for (int j = 0; j < WIDEST; j++) {
        struct run_config config = look_config("none", NORM_BEFORE);
        struct look *look = look_create(&config, look_quick_set(), 1);
        look->trainer->mlp.layers[0].W[j] = NAN;
        look_now(look, diagnostic_set(&diagnostic_unit_statistics));
        double ratio = look_at(look, PROBE_LAYER, "deviation_ratio", 0),
               median = look_at(look, PROBE_LAYER, "deviation_ratio_median", 0);
        cr_assert(isnan(ratio) && isnan(median), "unit %d: %g, %g", j, ratio, median);
        look_free(look);
    }
}

/* ---- drift ---- */

static void expect_drift(const struct look *look, const struct expected *before,
                         const struct expected *now, enum side_pass_shown what, int k,
                         const char *mean_name, const char *deviation_name) {
    double mean = 0, deviation = 0, size = 0;
    for (int j = 0; j < look->trainer->mlp.layers[k].out; j++) {
        mean += pow(now->mean[what][k][j] - before->mean[what][k][j], 2);
        deviation += pow(now->deviation[what][k][j] - before->deviation[what][k][j], 2);
        size += pow(before->deviation[what][k][j], 2);
    }
    look_expect(look_at(look, PROBE_TRACE_LAYER, mean_name, k), sqrt(mean / size), 1e-5, mean_name);
    look_expect(look_at(look, PROBE_TRACE_LAYER, deviation_name, k), sqrt(deviation / size), 1e-5,
                deviation_name);
}

Test(units, drift_is_the_change_since_the_look_before) {
    struct run_config config = look_config("batch", NORM_AFTER);
    struct look *look = look_create(&config, look_quick_set(), 1);
    struct expected before, now;
    look_now(look, diagnostic_set(&diagnostic_unit_drift));
    cr_assert(isnan(look_at(look, PROBE_TRACE_LAYER, "input_mean_drift", 0)),
              "nothing to compare with at the first look");
    for (int i = 0; i < 3; i++) {
        expect_units(look, &before);
        trainer_advance(look->trainer, 5, NULL);
        look_now(look,
                 diagnostic_set(&diagnostic_unit_statistics)); /* other looks make no difference */
        look_now(look, diagnostic_set(&diagnostic_unit_drift));
        expect_units(look, &now);
        for (int k = 0; k < 2; k++) {
            expect_drift(look, &before, &now, SHOWN_INPUT, k, "input_mean_drift",
                         "input_deviation_drift");
            expect_drift(look, &before, &now, SHOWN_NORMALIZED, k, "normalized_mean_drift",
                         "normalized_deviation_drift");
        }
    }
    look_free(look);
}

Test(units, frozen_batch_norm_does_not_drift) {
    struct run_config config = look_config("batch", NORM_BEFORE);
    config.norm.affine = false;
    struct look *look = look_create(&config, look_quick_set(), 1);
    look_now(look, diagnostic_set(&diagnostic_unit_drift));
    trainer_advance(look->trainer, 12, NULL);
    look_now(look, diagnostic_set(&diagnostic_unit_drift));
    look_expect(look_at(look, PROBE_TRACE_LAYER, "input_mean_drift", 0), 0, 1e-6, "mean");
    look_expect(look_at(look, PROBE_TRACE_LAYER, "input_deviation_drift", 0), 0, 1e-4, "deviation");
    look_free(look);
}

/* ---- ranges ---- */

static struct range_layer range_of_values(int n, float *values) {
    percentile_sort((size_t)n, values);
    return range_of((size_t)n, values);
}

Test(units, entropy_and_range_of_what_can_be_worked_by_hand) {
    enum { N = 14000 };
    float *a = test_memory(N, sizeof *a);
    for (int i = 0; i < N; i++) /* even, in no order: 4099 and N have no common factor */
        a[i] = (float)((long)i * 4099 % N) / (N - 1);
    struct range_layer range = range_of_values(N, a);
    look_expect(range.entropy, log(100), 1e-3, "entropy of an even spread over 100 bins");
    look_expect(range.smallest, 0, 0, "smallest");
    look_expect(range.largest, 1, 0, "largest");
    look_expect(range.low, 0.001, 1e-6, "0.1th percentile");
    look_expect(range.high, 0.999, 1e-6, "99.9th percentile");
    for (int i = 0; i < N; i++)
        a[i] = i % 4 ? -1 : 1;
    look_expect(range_of_values(N, a).entropy, -0.75 * log(0.75) - 0.25 * log(0.25), 1e-12,
                "entropy of a quarter and three quarters");
    for (int i = 0; i < N; i++)
        a[i] = 0.7f;
    look_expect(range_of_values(N, a).entropy, 0, 0, "entropy of a constant");
    free(a);
}

Test(units, ranges_are_those_of_the_samples_activations) {
    struct run_config config = look_config("batch", NORM_BEFORE);
    struct look *look = look_create(&config, look_quick_set(), 1);
    look_now(look, diagnostic_set(&diagnostic_ranges));
    for (int k = 0; k < 2; k++) {
        int n = LOOK_ROWS * look->trainer->mlp.layers[k].out;
        const struct sample *sample = diagnostics_state(&look->diagnostics, &diagnostic_sample);
        const float *a = sample->workspace.a[k];
        double smallest = INFINITY, largest = -INFINITY;
        for (int i = 0; i < n; i++) {
            smallest = fmin(smallest, (double)a[i]);
            largest = fmax(largest, (double)a[i]);
        }
        look_expect(look_at(look, PROBE_LAYER, "activation_range", k), largest - smallest, 0,
                    "activation_range");
        double low = look_at(look, PROBE_LAYER, "activation_low", k),
               high = look_at(look, PROBE_LAYER, "activation_high", k),
               entropy = look_at(look, PROBE_LAYER, "activation_entropy", k);
        cr_assert(smallest <= low && low < high && high <= largest, "%g %g", low, high);
        cr_assert(entropy > 0 && entropy <= log(100), "entropy %g", entropy);
    }
    look_free(look);
}
