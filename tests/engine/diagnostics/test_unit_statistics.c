/* What units do in training mode, against the oracle in double. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "engine/diagnostics/unit_statistics.h"
#include "tests/engine/probe/probed_run.h"

enum { WIDEST = 7, FEATURES = 6 };

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
static void expect_units(const struct probed *run, struct expected *expected) {
    double x[PROBED_ROWS * FEATURES], all[SHOWN_KINDS][3][PROBED_USED * WIDEST];
    int labels[PROBED_ROWS];
    struct oracle *oracle = test_oracle(run->trainer, PROBED_B);
    probed_rows(run, PART_TRAIN, PROBED_ROWS, x, labels);
    *expected = (struct expected){0};
    for (int first = 0; first < PROBED_USED; first += PROBED_B) {
        oracle_forward(oracle, PROBED_B, x + first * FEATURES, 0);
        for (int what = 0; what < SHOWN_KINDS; what++)
            for (int k = 0; k < oracle->n_layers; k++)
                memcpy(all[what][k] + first * oracle->layers[k].out,
                       shown(&oracle->layers[k], (enum side_pass_shown)what),
                       (size_t)(PROBED_B * oracle->layers[k].out) * sizeof(double));
    }
    for (int what = 0; what < SHOWN_KINDS; what++)
        for (int k = 0; k < oracle->n_layers; k++) {
            int D = oracle->layers[k].out;
            double *mean = expected->mean[what][k], *deviation = expected->deviation[what][k];
            for (int i = 0; i < PROBED_USED * D; i++)
                mean[i % D] += all[what][k][i] / PROBED_USED;
            for (int i = 0; i < PROBED_USED * D; i++)
                deviation[i % D] += pow(all[what][k][i] - mean[i % D], 2) / PROBED_USED;
            for (int j = 0; j < D; j++)
                deviation[j] = sqrt(deviation[j]);
            for (int i = 0; what == SHOWN_INPUT && i < PROBED_USED * D; i++)
                expected->small[k] += (fabs(all[what][k][i]) < 1) / (double)(PROBED_USED * D);
        }
    oracle_free(oracle);
}

/* gamma or beta as the trainer holds them, NULL where it has none. */
static const float *param(const struct probed *run, int k, int i) {
    return run->trainer->mlp.layers[k].norm->param[i];
}

static void expect_gaps(const struct probed *run, const struct expected *expected, int k) {
    int D = run->trainer->mlp.layers[k].out;
    double mean = 0, deviation = 0, from_0 = 0, from_1 = 0;
    for (int j = 0; j < D; j++) {
        from_0 += pow(expected->mean[SHOWN_NORMALIZED][k][j], 2) / D;
        from_1 += pow(expected->deviation[SHOWN_NORMALIZED][k][j] - 1, 2) / D;
        double gamma = param(run, k, 0) ? (double)param(run, k, 0)[j] : 1;
        double beta = param(run, k, 1) ? (double)param(run, k, 1)[j] : 0;
        mean += pow(expected->mean[SHOWN_NORMALIZED][k][j] - beta, 2) / D;
        deviation += pow(expected->deviation[SHOWN_NORMALIZED][k][j] - fabs(gamma), 2) / D;
    }
    probed_expect(probed_value(run, PROBE_LAYER, "normalized_mean_gap", k), sqrt(mean), 2e-6,
                  "normalized_mean_gap");
    probed_expect(probed_value(run, PROBE_LAYER, "normalized_deviation_gap", k), sqrt(deviation),
                  2e-6, "normalized_deviation_gap");
    probed_expect(probed_value(run, PROBE_LAYER, "normalized_mean_distance", k), sqrt(from_0), 2e-6,
                  "normalized_mean_distance");
    probed_expect(probed_value(run, PROBE_LAYER, "normalized_deviation_distance", k), sqrt(from_1),
                  2e-6, "normalized_deviation_distance");
}

static void expect_inputs(const struct probed *run, const struct expected *expected, int k) {
    double means[WIDEST], deviations[WIDEST], smallest = INFINITY, largest = 0;
    int D = run->trainer->mlp.layers[k].out;
    const struct probe *mean = probe_find(PROBE_UNITS, "input_mean"),
                       *deviation = probe_find(PROBE_UNITS, "input_deviation");
    probe_observe(mean, &run->diagnostics, k, means);
    probe_observe(deviation, &run->diagnostics, k, deviations);
    for (int j = 0; j < D; j++) {
        probed_expect(means[j], expected->mean[SHOWN_INPUT][k][j], 2e-6, "input_mean");
        probed_expect(deviations[j], expected->deviation[SHOWN_INPUT][k][j], 2e-6,
                      "input_deviation");
        smallest = fmin(smallest, expected->deviation[SHOWN_INPUT][k][j]);
        largest = fmax(largest, expected->deviation[SHOWN_INPUT][k][j]);
    }
    probed_expect(probed_value(run, PROBE_LAYER, "deviation_ratio", k), largest / smallest, 1e-4,
                  "deviation_ratio");
}

static void expect_statistics(const char *kind, long placement, bool affine) {
    struct run_config config = probed_config(kind, placement);
    config.norm.affine = affine;
    struct probed *run = probed_create(&config, probed_quick_set(), 1);
    struct expected expected;
    probed_measure(run, diagnostic_set(&diagnostic_unit_statistics));
    expect_units(run, &expected);
    for (int k = 0; k < 3; k++) {
        expect_inputs(run, &expected, k);
        if (k < 2)
            probed_expect(probed_value(run, PROBE_LAYER, "small_inputs", k), expected.small[k],
                          1e-12, "small_inputs");
        if (k < 2 && strcmp(kind, "none") != 0)
            expect_gaps(run, &expected, k);
    }
    probed_free(run);
}

Test(unit_statistics, statistics_are_those_of_the_oracle) {
    expect_statistics("none", NORM_BEFORE, true);
    expect_statistics("batch", NORM_BEFORE, true);
    expect_statistics("batch", NORM_AFTER, true);
    expect_statistics("batch", NORM_BEFORE, false);
    expect_statistics("layer", NORM_BEFORE, true);
    expect_statistics("layer", NORM_AFTER, true);
}

/* Ioffe & Szegedy 2015, section 3: mean beta and deviation |gamma|, but for eps. */
Test(unit_statistics, batch_norms_output_has_mean_beta_and_deviation_gamma) {
    struct run_config config = probed_config("batch", NORM_BEFORE);
    struct probed *run = probed_create(&config, probed_quick_set(), 1);
    float *gamma = run->trainer->mlp.layers[0].norm->param[0];
    gamma[2] = -3;
    probed_measure(run, diagnostic_set(&diagnostic_unit_statistics));
    probed_expect(probed_value(run, PROBE_LAYER, "normalized_mean_gap", 0), 0, 1e-6, "mean gap");
    probed_expect(probed_value(run, PROBE_LAYER, "normalized_deviation_gap", 0), 0, 1e-4,
                  "deviation gap");
    probed_free(run);
}

Test(unit_statistics, layer_norms_output_has_neither_unit_by_unit) {
    struct run_config config = probed_config("layer", NORM_BEFORE);
    struct probed *run = probed_create(&config, probed_quick_set(), 1);
    probed_measure(run, diagnostic_set(&diagnostic_unit_statistics));
    double gap = probed_value(run, PROBE_LAYER, "normalized_mean_gap", 0);
    cr_assert(gap > 0.01, "gap %g", gap);
    probed_free(run);
}

Test(unit_statistics, a_constant_unit_is_no_measure_of_the_others) {
    struct run_config config = probed_config("none", NORM_BEFORE);
    struct probed *run = probed_create(&config, probed_quick_set(), 1);
    const struct layer *layer = &run->trainer->mlp.layers[0];
    for (int i = 0; i < layer->in; i++)
        layer->W[i * layer->out] = 0;
    probed_measure(run, diagnostic_set(&diagnostic_unit_statistics));
    cr_assert(isnan(probed_value(run, PROBE_LAYER, "deviation_ratio", 0)), "it has a ratio");
    double ratio = probed_value(run, PROBE_LAYER, "deviation_ratio_median", 0);
    cr_assert(ratio >= 1 && isfinite(ratio), "largest over median: %g", ratio);
    probed_free(run);
}

Test(unit_statistics, where_a_unit_is_not_a_number_nothing_is_largest) {
    for (int j = 0; j < WIDEST; j++) {
        struct run_config config = probed_config("none", NORM_BEFORE);
        struct probed *run = probed_create(&config, probed_quick_set(), 1);
        run->trainer->mlp.layers[0].W[j] = NAN;
        probed_measure(run, diagnostic_set(&diagnostic_unit_statistics));
        double ratio = probed_value(run, PROBE_LAYER, "deviation_ratio", 0),
               median = probed_value(run, PROBE_LAYER, "deviation_ratio_median", 0);
        cr_assert(isnan(ratio) && isnan(median), "unit %d: %g, %g", j, ratio, median);
        probed_free(run);
    }
}

/* ---- drift ---- */

static void expect_drift(const struct probed *run, const struct expected *before,
                         const struct expected *now, enum side_pass_shown what, int k,
                         const char *mean_name, const char *deviation_name) {
    double mean = 0, deviation = 0, size = 0;
    for (int j = 0; j < run->trainer->mlp.layers[k].out; j++) {
        mean += pow(now->mean[what][k][j] - before->mean[what][k][j], 2);
        deviation += pow(now->deviation[what][k][j] - before->deviation[what][k][j], 2);
        size += pow(before->deviation[what][k][j], 2);
    }
    probed_expect(probed_value(run, PROBE_TRACE_LAYER, mean_name, k), sqrt(mean / size), 1e-5,
                  mean_name);
    probed_expect(probed_value(run, PROBE_TRACE_LAYER, deviation_name, k), sqrt(deviation / size),
                  1e-5, deviation_name);
}

Test(unit_statistics, drift_is_the_change_since_the_look_before) {
    struct run_config config = probed_config("batch", NORM_AFTER);
    struct probed *run = probed_create(&config, probed_quick_set(), 1);
    struct expected before, now;
    probed_measure(run, diagnostic_set(&diagnostic_unit_drift));
    cr_assert(isnan(probed_value(run, PROBE_TRACE_LAYER, "input_mean_drift", 0)),
              "nothing to compare with the first time");
    for (int i = 0; i < 3; i++) {
        expect_units(run, &before);
        trainer_advance(run->trainer, 5, NULL);
        probed_measure(
            run, diagnostic_set(
                     &diagnostic_unit_statistics)); /* other measurements make no difference */
        probed_measure(run, diagnostic_set(&diagnostic_unit_drift));
        expect_units(run, &now);
        for (int k = 0; k < 2; k++) {
            expect_drift(run, &before, &now, SHOWN_INPUT, k, "input_mean_drift",
                         "input_deviation_drift");
            expect_drift(run, &before, &now, SHOWN_NORMALIZED, k, "normalized_mean_drift",
                         "normalized_deviation_drift");
        }
    }
    probed_free(run);
}

Test(unit_statistics, frozen_batch_norm_does_not_drift) {
    struct run_config config = probed_config("batch", NORM_BEFORE);
    config.norm.affine = false;
    struct probed *run = probed_create(&config, probed_quick_set(), 1);
    probed_measure(run, diagnostic_set(&diagnostic_unit_drift));
    trainer_advance(run->trainer, 12, NULL);
    probed_measure(run, diagnostic_set(&diagnostic_unit_drift));
    probed_expect(probed_value(run, PROBE_TRACE_LAYER, "input_mean_drift", 0), 0, 1e-6, "mean");
    probed_expect(probed_value(run, PROBE_TRACE_LAYER, "input_deviation_drift", 0), 0, 1e-4,
                  "deviation");
    probed_free(run);
}
