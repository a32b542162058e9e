/* What probes say of a removed unit against the same removal from the oracle. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/diagnostics/ablation.h"
#include "tests/engine/probe/probed_run.h"

enum { FEATURES = 6, WIDEST = 7, LAYERS = 3 };

/* The same network with the mean of unit j of layer k in place of its output: its weights go to 0
 * and what they made of the mean into the bias. */
static double error_without(const struct probed *run, const double *x, const int *labels, int k,
                            int j) {
    struct oracle *oracle = test_oracle(run->trainer, PROBED_VALIDATION);
    struct oracle_layer *at = &oracle->layers[k], *above = &oracle->layers[k + 1];
    double mean = 0;
    oracle_forward_eval(oracle, PROBED_VALIDATION, x);
    for (int b = 0; b < PROBED_VALIDATION; b++)
        mean += at->y[b * at->out + j] / PROBED_VALIDATION;
    for (int i = 0; i < above->out; i++) {
        above->b.w[i] += mean * above->W.w[j * above->out + i];
        above->W.w[j * above->out + i] = 0;
    }
    oracle_forward_eval(oracle, PROBED_VALIDATION, x);
    double error = oracle_error(oracle, PROBED_VALIDATION, labels);
    oracle_free(oracle);
    return error;
}

static void expect_ablations(const char *kind, long placement) {
    struct run_config config = probed_config(kind, placement);
    double x[PROBED_VALIDATION * FEATURES], seen[WIDEST];
    int labels[PROBED_VALIDATION];
    config.model.bias = BIAS_ON;
    struct probed *run = probed_create(&config, diagnostic_set(&diagnostic_ablation), 1);
    const struct probe *probe = probe_find(PROBE_UNITS, "removal");
    probed_rows(run, PART_VALIDATION, PROBED_VALIDATION, x, labels);
    struct oracle *whole = test_oracle(run->trainer, PROBED_VALIDATION);
    oracle_forward_eval(whole, PROBED_VALIDATION, x);
    double error = oracle_error(whole, PROBED_VALIDATION, labels);
    probed_measure(run, diagnostic_set(&diagnostic_ablation));
    for (int k = 0; k < LAYERS - 1; k++) {
        int D = run->trainer->mlp.layers[k].out;
        double mean = 0, largest = -1;
        probe_observe(probe, &run->diagnostics, k, seen);
        for (int j = 0; j < D; j++) {
            double increase = error_without(run, x, labels, k, j) - error;
            probed_expect(seen[j], increase, 1e-9, "removal");
            mean += increase / D;
            largest = fmax(largest, increase);
        }
        cr_assert(largest > 0, "no unit of layer %d matters", k);
        probed_expect(probed_value(run, PROBE_LAYER, "removal_mean", k), mean, 1e-9,
                      "removal_mean");
        probed_expect(probed_value(run, PROBE_LAYER, "removal_largest", k), largest, 1e-9,
                      "removal_largest");
    }
    oracle_free(whole);
    probed_free(run);
}

Test(ablation, removal_of_a_unit_is_that_of_its_weights) {
    expect_ablations("none", NORM_BEFORE);
    expect_ablations("batch", NORM_BEFORE);
    expect_ablations("batch", NORM_AFTER);
    expect_ablations("layer", NORM_BEFORE);
}

Test(ablation, what_nothing_listens_to_is_removed_at_no_cost) {
    struct run_config config = probed_config("batch", NORM_BEFORE);
    struct probed *run = probed_create(&config, diagnostic_set(&diagnostic_ablation), 1);
    const struct layer *above = &run->trainer->mlp.layers[1];
    double seen[WIDEST];
    for (int i = 0; i < above->out; i++)
        above->W[3 * above->out + i] = 0;
    probed_measure(run, diagnostic_set(&diagnostic_ablation));
    const struct probe *probe = probe_find(PROBE_UNITS, "removal");
    probe_observe(probe, &run->diagnostics, 0, seen);
    cr_assert(seen[3] == 0, "unit 3: %g", seen[3]);
    probed_free(run);
}

Test(ablation, without_validation_rows_nothing_is_removed) {
    struct run_config config = probed_config("batch", NORM_BEFORE);
    struct test_data *data = test_data_create(9, FEATURES, 3, 40, 0, 10);
    struct trainer *trainer = test_trainer(&config, data, 1);
    const struct probe *probe = probe_find(PROBE_LAYER, "removal_mean");
    cr_assert(!probe_applies(probe, trainer, 0), "no validation rows");
    trainer_free(trainer);
    test_data_free(data);
}
