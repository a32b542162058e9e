/* Curvature and condition against second derivatives in double, one parameter at a time. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/diagnostics/condition_number.h"
#include "engine/diagnostics/hessian.h"
#include "engine/probe/probe.h"
#include "tests/support.h"

enum { INPUTS = 5, CLASSES = 3, ROWS = 60, MOST = 400 };

struct bench {
    struct test_data *data;
    struct trainer *trainer;
    struct diagnostics diagnostics;
    struct oracle *oracle;
    int B, n;
    double *x, *hessian, *eigenvalues; /* of the first mini-batch, at the initial weights */
    int labels[ROWS];
};

static void gradient(struct bench *bench, double *g) {
    oracle_forward(bench->oracle, bench->B, bench->x, 0);
    oracle_backward(bench->oracle, bench->B, bench->labels);
    for (int t = 0; t < bench->oracle->n_tensors; t++) {
        const struct oracle_tensor *tensor = bench->oracle->tensors[t];
        memcpy(g, tensor->g, tensor->n * sizeof *g);
        g += tensor->n;
    }
}

/* Central differences of the oracle's gradient. */
static void find_hessian(struct bench *bench) {
    static const double h = 1e-5;
    double up[MOST], down[MOST];
    int row = 0;
    for (int t = 0; t < bench->oracle->n_tensors; t++)
        for (size_t i = 0; i < bench->oracle->tensors[t]->n; i++, row++) {
            double *w = &bench->oracle->tensors[t]->w[i], before = *w;
            *w = before + h;
            gradient(bench, up);
            *w = before - h;
            gradient(bench, down);
            *w = before;
            for (int j = 0; j < bench->n; j++)
                bench->hessian[row * bench->n + j] = (up[j] - down[j]) / (2 * h);
        }
}

static struct bench *bench_create(const struct run_config *config, unsigned set) {
    struct bench *bench = test_memory(1, sizeof *bench);
    bench->data = test_data_create(5, INPUTS, CLASSES, ROWS, 0, 10);
    bench->trainer = test_trainer(config, bench->data, 1);
    bench->B = bench->trainer->B;
    bench->oracle = test_oracle(bench->trainer, bench->B);
    bench->x = test_memory((size_t)bench->B * INPUTS, sizeof *bench->x);
    test_widen((size_t)bench->B * INPUTS, bench->data->source.train_values, bench->x);
    for (int b = 0; b < bench->B; b++)
        bench->labels[b] = bench->data->source.train_labels[b];
    for (int t = 0; t < bench->oracle->n_tensors; t++)
        bench->n += (int)bench->oracle->tensors[t]->n;
    cr_assert(bench->n <= MOST, "%d parameters", bench->n);
    size_t n = (size_t)bench->n;
    bench->hessian = test_memory(n * n, sizeof(double));
    bench->eigenvalues = test_memory(n, sizeof(double));
    find_hessian(bench);
    cr_assert(!diagnostics_create(&bench->diagnostics, bench->trainer, set), "%s",
              status_message());
    cr_assert(!diagnostics_measure(&bench->diagnostics, set), "%s", status_message());
    return bench;
}

static void bench_free(struct bench *bench) {
    diagnostics_free(&bench->diagnostics);
    oracle_free(bench->oracle);
    trainer_free(bench->trainer);
    test_data_free(bench->data);
    free(bench->x);
    free(bench->hessian);
    free(bench->eigenvalues);
    free(bench);
}

static double observe(const struct bench *bench, const char *name) {
    const struct probe *probe = probe_find(PROBE_MILESTONE, name);
    double value = 0;
    cr_assert(probe && probe_applies(probe, bench->trainer, -1), "no probe %s", name);
    probe_observe(probe, &bench->diagnostics, -1, &value);
    return value;
}

static void expect_near(const struct bench *bench, const char *name, double expected,
                        double tolerance) {
    double value = observe(bench, name);
    cr_expect(fabs(value - expected) <= tolerance, "%s with %d parameters is %.9g, not %.9g +- %g",
              name, bench->n, value, expected, tolerance);
}

static struct run_config config_of(long kind) {
    struct run_config config = test_config();
    test_norm(&config.norm, kind);
    config.model.activation = activation_find("tanh");
    config.train.batch_size = 20;
    return config;
}

/* To so many deviations of the estimate, none where each parameter is a direction. */
static void expect_hessian(struct bench *bench, bool exact) {
    enum { DIRECTIONS = 32 };
    int n = bench->n;
    double trace = 0, square = 0, diagonal = 0;
    for (int i = 0; i < n; i++) {
        trace += bench->hessian[i * n + i];
        diagonal += pow(bench->hessian[i * n + i], 2);
    }
    for (int i = 0; i < n * n; i++)
        square += pow(bench->hessian[i], 2);
    double spread = exact ? 0 : 4 * sqrt(2 * (square - diagonal) / DIRECTIONS);
    test_eigenvalues(n, bench->hessian, bench->eigenvalues);
    double largest = bench->eigenvalues[n - 1], rms = sqrt(square / n);
    expect_near(bench, "hessian_largest", largest, 0.01 * largest);
    expect_near(bench, "hessian_mean", trace / n, (0.01 * fabs(trace) + spread) / n);
    expect_near(bench, "hessian_rms", rms, (exact ? 0.01 : 0.5) * rms);
    cr_expect(observe(bench, "hessian_ratio") ==
                  observe(bench, "hessian_largest") / observe(bench, "hessian_mean"),
              "the ratio is another");
}

Test(hessian, small_networks) {
    for (long kind = 0; kind < normalizer_count(); kind++) {
        if (!test_oracle_knows(kind))
            continue;
        struct run_config config = config_of(kind);
        struct bench *bench = bench_create(&config, diagnostic_set(&diagnostic_hessian));
        cr_assert(bench->n <= 256, "not small: %d", bench->n);
        expect_hessian(bench, true);
        bench_free(bench);
    }
}

/* Three kinds are enough: the way to the eigenvalues is the same for all. */
Test(hessian, larger_networks) {
    static const double hidden[] = {14, 12};
    static const char *const kinds[] = {"none", "batch", "layer"};
    for (int i = 0; i < 3; i++) {
        struct run_config config = config_of(normalizer_find(kinds[i]));
        config.model.hidden = hidden;
        struct bench *bench = bench_create(&config, diagnostic_set(&diagnostic_hessian));
        cr_assert(bench->n > 256, "not large: %d", bench->n);
        expect_hessian(bench, false);
        bench_free(bench);
    }
}

/* ---- condition ---- */

static double condition_of(const struct bench *bench) {
    double A[INPUTS * INPUTS] = {0}, values[INPUTS];
    for (int b = 0; b < ROWS; b++)
        for (int i = 0; i < INPUTS * INPUTS; i++)
            A[i] += bench->x[b * INPUTS + i / INPUTS] * bench->x[b * INPUTS + i % INPUTS];
    test_eigenvalues(INPUTS, A, values);
    return values[INPUTS - 1] / values[0];
}

/* All rows are one mini-batch, so that it is the sample. The Hessian of a linear layer is found
 * without knowing that it is made of moments. */
Test(hessian, condition_of_one_linear_layer) {
    for (int bias = BIAS_ON; bias <= BIAS_OFF; bias++) {
        struct run_config config = test_config();
        config.model.n_hidden = 0;
        config.model.bias = bias;
        config.train.loss = LOSS_SQUARED;
        config.train.batch_size = ROWS;
        struct bench *bench = bench_create(&config, diagnostic_set(&diagnostic_condition_number));
        test_eigenvalues(bench->n, bench->hessian, bench->eigenvalues);
        double expected = bench->eigenvalues[bench->n - 1] / bench->eigenvalues[0];
        expect_near(bench, "hessian_condition", expected, 1e-6 * expected);
        expected = condition_of(bench);
        expect_near(bench, "input_condition", expected, 1e-9 * expected);
        expect_near(bench, "input_null", 0, 0);
        bench_free(bench);
    }
}

/* Softmax: what moves all outputs alike is no change, one direction an input and one for the bias.
 */
Test(hessian, condition_of_softmax_regression) {
    for (int bias = BIAS_ON; bias <= BIAS_OFF; bias++) {
        struct run_config config = test_config();
        config.model.n_hidden = 0;
        config.model.bias = bias;
        config.model.init_scale = 2;
        config.train.batch_size = ROWS;
        struct bench *bench = bench_create(&config, diagnostic_set(&diagnostic_condition_number));
        int null = INPUTS + (bias == BIAS_ON);
        cr_assert(bench->n == CLASSES * null, "%d parameters", bench->n);
        test_eigenvalues(bench->n, bench->hessian, bench->eigenvalues);
        double expected = bench->eigenvalues[bench->n - 1] / bench->eigenvalues[null];
        expect_near(bench, "hessian_condition", expected, 1e-5 * expected);
        double before = observe(bench, "hessian_condition");
        trainer_advance(bench->trainer, 5, NULL);
        cr_assert(
            !diagnostics_measure(&bench->diagnostics, diagnostic_set(&diagnostic_condition_number)),
            "%s", status_message());
        cr_expect(observe(bench, "hessian_condition") != before, "weights do not matter");
        bench_free(bench);
    }
}

Test(hessian, a_large_softmax_regression_has_no_exact_condition) {
    struct run_config config = test_config();
    config.model.n_hidden = 0;
    struct test_data *data = test_data_create(5, 700, CLASSES, ROWS, 0, 10);
    struct trainer *trainer = test_trainer(&config, data, 1);
    const struct probe *probe = probe_find(PROBE_MILESTONE, "hessian_condition");
    cr_assert(!probe_applies(probe, trainer, -1), "of 2,103 weights");
    cr_assert(diagnostics_memory(trainer, diagnostic_set(&diagnostic_condition_number)) < 32 << 20,
              "memory for it");
    trainer_free(trainer);
    test_data_free(data);
}

Test(hessian, a_feature_that_is_always_zero_is_left_out) {
    struct run_config config = test_config();
    struct test_data *data = test_data_create(5, INPUTS, CLASSES, ROWS, 0, 10);
    float *factor = (float *)(uintptr_t)data->dataset.factor;
    factor[2] = 0;
    struct trainer *trainer = test_trainer(&config, data, 1);
    struct diagnostics diagnostics;
    cr_assert(
        !diagnostics_create(&diagnostics, trainer, diagnostic_set(&diagnostic_condition_number)),
        "%s", status_message());
    cr_assert(!diagnostics_measure(&diagnostics, diagnostic_set(&diagnostic_condition_number)),
              "%s", status_message());
    const struct condition_number *condition =
        diagnostics_state(&diagnostics, &diagnostic_condition_number);
    cr_expect(condition->null == 1, "%d eigenvalues are 0", condition->null);
    cr_expect(condition->input > 1 && condition->input < 1e6, "condition %g", condition->input);
    diagnostics_free(&diagnostics);
    trainer_free(trainer);
    test_data_free(data);
}

/* Only a normalizer of the input changes what the first layer sees. */
Test(hessian, condition_follows_the_normalizer_of_the_input) {
    struct run_config config = test_config();
    test_norm(&config.norm, normalizer_find("batch"));
    config.norm.on_input = true;
    struct bench *bench = bench_create(&config, diagnostic_set(&diagnostic_condition_number));
    double before = observe(bench, "input_condition");
    trainer_advance(bench->trainer, 5, NULL);
    cr_assert(
        !diagnostics_measure(&bench->diagnostics, diagnostic_set(&diagnostic_condition_number)),
        "%s", status_message());
    cr_expect(observe(bench, "input_condition") != before, "still %g", before);
    bench_free(bench);
}
