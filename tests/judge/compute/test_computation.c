/* What claims compute, against values worked out by hand. */
#include <criterion/criterion.h>
#include <math.h>

#include "judge/claim/claim.h"
#include "tests/judge/claim/claim_text.h"

static const struct {
    const char *line;
    double expected, tolerance;
} computations[] = {
    {"what: output_mean, norm.kind: batch, mean: 3", 0, 1e-6},
    {"what: output_deviation, norm.kind: batch, deviation: 10", 1, 1e-5},
    {"what: output_deviation, norm.kind: none, deviation: 10", 10, 0.2},
    {"what: output_deviation, norm.kind: batch, B: 2", 1, 1e-2},
    {"what: share_within, norm.kind: batch, B: 1000", 0.6827, 0.005},
    {"what: largest_output, norm.kind: batch, B: 2, deviation: 100", 1, 1e-4},
    {"what: row_mean, norm.kind: layer, mean: 3", 0, 1e-6},
    {"what: finite_share, norm.kind: batch", 1, 0},
    {"what: scale_effect, norm.kind: batch", 0, 1e-4},
    {"what: scale_effect, norm.kind: none", 9, 1e-5},
    {"what: shift_effect, norm.kind: batch", 0, 1e-5},
    {"what: company_effect_training, norm.kind: layer", 0, 0},
    {"what: company_effect_evaluation, norm.kind: batch", 0, 0},
    {"what: mode_effect, norm.kind: layer", 0, 0},
    {"what: inversion_error, norm.kind: batch, deviation: 3, mean: 2", 0, 1e-4},
    {"what: beta_effect, norm.kind: batch", 1, 1e-6},
    {"what: learned_per_unit, norm.kind: batch", 2, 0},
    {"what: learned_per_unit, norm.kind: batch, norm.affine: false", 0, 0},
    {"what: state_per_unit, norm.kind: batch", 2, 0},
    /* 784-100-10: 79,510 weights and biases; gamma and beta for 100 units, their biases gone */
    {"what: parameter_share, norm.kind: batch, model.hidden: [100]", 100.0 / 79510, 1e-12},
    {"what: learned_per_unit, norm.kind: derf", 2, 0},
    /* gamma and beta, the biases stay; alpha, and alpha and s of the layer */
    {"what: parameter_share, norm.kind: dyt, model.hidden: [100]", 201.0 / 79510, 1e-12},
    {"what: parameter_share, norm.kind: derf, model.hidden: [100]", 202.0 / 79510, 1e-12},
    {"what: recursion_error, norm.kind: batch", 0, 1e-6},
    {"what: noise_slope, norm.kind: batch", -1, 0.1},
    {"what: kept_gradient, norm.kind: batch, B: 4, D: 2000", 0.5, 0.02},
    {"what: fold_error, norm.kind: batch", 0, 1e-6},
    {"what: fold_error, norm.kind: batch_renorm, B: 8, D: 17, inputs: 5", 0, 1e-6},
    {"what: fold_error, norm.kind: none", 0, 1e-6},
    {"what: fold_error, norm.kind: layer", 1, 0.5},  /* where it is a constant, the output is 0 */
    {"what: fold_error, norm.kind: dyt", 0.5, 0.45}, /* no straight line */
    {"what: fold_error, norm.kind: derf", 0.5, 0.45},
    {"what: kept_gradient, norm.kind: batch, B: 8, D: 2000", 0.75, 0.02},
    {"what: bias_effect, norm.kind: batch, model.bias: \"on\"", 0, 1e-5},
    {"what: bias_gradient, norm.kind: batch, model.bias: \"on\"", 0, 1e-6},
    /* behind the activation a bias moves the kink: an effect of the order of the outputs */
    {"what: bias_effect, norm.kind: batch, model.bias: \"on\", norm.placement: after", 1, 0.7},
    {"what: bias_effect, norm.kind: layer, model.bias: \"on\"", 1, 0.7},
    {"what: bias_effect, norm.kind: batch, model.bias: \"off\"", 0, 0},
    {"what: own_statistics, norm.kind: batch", 0, 1e-5},
    {"what: own_statistics, norm.kind: whole", 0.5, 0.45},
    {"what: other_batch_statistics, norm.kind: batch", 0.5, 0.45},
    {"what: weight_scale_effect, norm.kind: batch", 0, 1e-4},
    {"what: weight_scale_effect, norm.kind: layer, norm.on_output: true", 0, 1e-3},
    {"what: weight_scale_effect, norm.kind: none, model.hidden: [9, 9]", 15, 1e-5}, /* 4 * 4 - 1 */
    {"what: weight_scale_gradient, norm.kind: batch, norm.on_output: true", 1, 1e-4},
    /* two matrices: the gradient of each grows as the other */
    {"what: weight_scale_gradient, norm.kind: none, model.hidden: [9, 9], factor: 2", 4, 1e-5},
    {"what: radial_gradient, norm.kind: batch", 0, 1e-4},
    {"what: radial_gradient, norm.kind: none, B: 2, inputs: 5, model.hidden: [9, 9]", 0.5, 0.45},
    {"what: decay_as_rate, norm.kind: batch, optimizer.lr: 1e-4, optimizer.weight_decay: 200", 0,
     1e-3},
    {"what: decay_as_rate, norm.kind: none, optimizer.lr: 1e-4, optimizer.weight_decay: 200", 2.4,
     2.3},
    {"what: change_of_mapping", 0, 0.04},
    {"what: change_of_mapping, shift: 0", 0, 0.04},
    /* at x = -1: 1/(1+e) before, 1/(1+1/e) after; |change| is largest there */
    {"what: change_of_mapping, shift: 0, turn: 2", 0.4621, 0.03},
    /* 2 Phi(1) - 1 */
    {"what: change_of_inputs", 0.6827, 0.01},
    {"what: change_of_inputs, shift: 0, turn: 2", 0, 0.01},
    {"what: other_layer_statistics, norm.kind: batch", 0.5, 0.45},
};

Test(computation, what_can_be_computed) {
    for (size_t i = 0; i < sizeof computations / sizeof *computations; i++) {
        struct pool pool = {0};
        const char *text =
            pool_format(&pool,
                        "schema: 1\nname: x\ntitle: X\n"
                        "claim: {number: 1, notes: A, says: x, " OUTCOMES "}\n"
                        "compute:\n  - {%s, says: x, claimed: %.17g, tolerance: %.17g}\n",
                        computations[i].line, computations[i].expected, computations[i].tolerance);
        struct claim claim = claim_text_good(text);
        double value = computation_run(&claim.computations[0]).value;
        cr_expect(fabs(value - computations[i].expected) <= computations[i].tolerance, "%s: %.9g",
                  computations[i].line, value);
        claim_free(&claim);
        pool_free(&pool);
    }
}

/* How long is the machine's affair; that the median lies in its interval is not. */
Test(computation, times_have_intervals) {
    static const char *const names[] = {"time_ratio_training", "time_ratio_evaluation",
                                        "time_ratio_network"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct pool pool = {0};
        struct claim claim = claim_text_good(
            pool_format(&pool,
                        "schema: 1\nname: x\ntitle: X\n"
                        "claim: {number: 1, notes: A, says: x, " OUTCOMES "}\n"
                        "compute:\n  - {what: %s, B: 8, norm.kind: batch, model.hidden: [8], "
                        "says: x, claimed: 1, tolerance: 0.5}\n",
                        names[i]));
        struct measured time = computation_run(&claim.computations[0]);
        cr_expect(time.low > 0 && time.low <= time.value && time.value <= time.high,
                  "%s: %g in [%g, %g]", names[i], time.value, time.low, time.high);
        claim_free(&claim);
        pool_free(&pool);
    }
}
