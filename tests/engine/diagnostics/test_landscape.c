/* Losses and gradients at other weights: the second network against the trainer, bit for bit, and
 * every number that is made of them against the oracle, in double. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/diagnostics/decrease.h"
#include "engine/diagnostics/ics.h"
#include "engine/diagnostics/landscape_scan.h"
#include "engine/probe/probe.h"
#include "tests/engine/probe/probed_run.h"

enum {
    INPUTS = 5,
    CLASSES = 3,
    B = 10,
    ROWS = 60,
    STEPS = 9,
};

struct bench {
    struct test_data *data;
    struct trainer *trainer;
    struct diagnostics diagnostics;
    struct oracle *before, *after; /* around the last step; NULL: no formula for it */
    double x[B * INPUTS];          /* its mini-batch */
    int labels[B];
    double loss; /* that the step measured */
};

static struct run_config config_of(long kind) {
    struct run_config config = test_config();
    test_norm(&config.norm, kind);
    config.model.activation = activation_find("tanh");
    config.train.batch_size = B;
    config.train.epochs = 4;
    config.optimizer.momentum = 0.9;
    config.optimizer.lr = 0.05;
    return config;
}

static void bench_advance(struct bench *bench, int threads, const struct run_config *config) {
    bench->data = test_data_create(5, INPUTS, CLASSES, ROWS, 0, 10);
    bench->trainer = test_trainer(config, bench->data, threads);
    cr_assert(!diagnostics_create(&bench->diagnostics, bench->trainer, probed_quick_set()), "%s",
              status_message());
    trainer_advance(bench->trainer, STEPS - 1, NULL);
    diagnostics_before_step(&bench->diagnostics);
}

static struct bench *bench_create(const struct run_config *config, int threads) {
    struct bench *bench = test_memory(1, sizeof *bench);
    bool known = test_oracle_knows(config->norm.kind);
    bench_advance(bench, threads, config);
    bench->before = known ? test_oracle(bench->trainer, B) : NULL;
    trainer_advance(bench->trainer, 1, &(struct stretch){.loss = &bench->loss});
    bench->after = known ? test_oracle(bench->trainer, B) : NULL;
    int first = (STEPS - 1) % (ROWS / B) * B;
    test_widen(B * INPUTS, bench->data->source.train_values + first * INPUTS, bench->x);
    for (int b = 0; b < B; b++)
        bench->labels[b] = bench->data->source.train_labels[first + b];
    cr_assert(!diagnostics_measure(&bench->diagnostics, probed_quick_set()), "%s",
              status_message());
    return bench;
}

static void bench_free(struct bench *bench) {
    if (bench->before) {
        oracle_free(bench->before);
        oracle_free(bench->after);
    }
    diagnostics_free(&bench->diagnostics);
    trainer_free(bench->trainer);
    test_data_free(bench->data);
    free(bench);
}

static double observe(const struct bench *bench, enum probe_axis axis, const char *name,
                      int layer) {
    const struct probe *probe = probe_find(axis, name);
    double value = 0;
    cr_assert(probe && probe_applies(probe, bench->trainer, layer), "no probe %s", name);
    probe_observe(probe, &bench->diagnostics, layer, &value);
    return value;
}

static void expect_near(double value, double expected, double tolerance, const char *what) {
    cr_expect(fabs(value - expected) <= tolerance * fabs(expected), "%s is %.9g, not %.9g", what,
              value, expected);
}

/* Loss of the step's mini-batch there, and its gradient, into the tensors' g. */
static double slope(const struct bench *bench, struct oracle *oracle) {
    oracle_forward(oracle, B, bench->x, 0);
    oracle_backward(oracle, B, bench->labels);
    return oracle_loss(oracle, B, bench->labels);
}

/* ---- the second network ---- */

/* All it has in common with the trainer: same mini-batch in any order, same noise, same threads'
 * sums. */
Test(landscape, the_second_network_has_the_steps_loss_and_gradient) {
    for (long kind = 0; kind < normalizer_count(); kind++)
        for (int threads = 1; threads <= 3; threads += 2) {
            struct run_config config = config_of(kind);
            config.train.order = ORDER_SHUFFLE;
            config.norm.on_input = true;
            struct bench *bench = bench_create(&config, threads);
            struct landscape *landscape =
                diagnostics_state(&bench->diagnostics, &diagnostic_landscape);
            const struct mlp *mlp = &bench->trainer->mlp;
            const float *before = landscape->params;
            landscape_go(landscape, before, 0, before);
            double loss = landscape_gradient(landscape);
            cr_expect(loss == bench->loss, "%s: loss %.17g, the step had %.17g",
                      normalizer_get(kind)->name, loss, bench->loss);
            cr_expect(!memcmp(landscape->gradient, mlp->grads, mlp->n_params * sizeof(float)),
                      "%s: the step had another gradient", normalizer_get(kind)->name);
            bench_free(bench);
        }
}

Test(landscape, before_the_first_step_it_looks_at_the_next) {
    struct run_config config = config_of(normalizer_find("batch"));
    struct test_data *data = test_data_create(5, INPUTS, CLASSES, ROWS, 0, 10);
    struct trainer *trainer = test_trainer(&config, data, 1);
    struct diagnostics diagnostics;
    cr_assert(!diagnostics_create(&diagnostics, trainer, probed_quick_set()), "%s",
              status_message());
    cr_assert(!diagnostics_measure(&diagnostics, probed_quick_set()), "%s", status_message());
    const struct landscape *landscape = diagnostics_state(&diagnostics, &diagnostic_landscape);
    const struct ics *ics = diagnostics_state(&diagnostics, &diagnostic_ics);
    const struct decrease *decrease = diagnostics_state(&diagnostics, &diagnostic_decrease);
    cr_expect(isnan(ics->norm[1]) && isnan(decrease->whole) && isnan(decrease->alone[0]),
              "a step that is not made shifts nothing");
    trainer_advance(trainer, 1, NULL);
    cr_expect(
        !memcmp(landscape->gradient, trainer->mlp.grads, trainer->mlp.n_params * sizeof(float)),
        "the first step had another gradient");
    diagnostics_free(&diagnostics);
    trainer_free(trainer);
    test_data_free(data);
}

/* ---- along the gradient ---- */

struct tensors {
    double *w[ORACLE_TENSORS], *g[ORACLE_TENSORS];
};

static struct tensors tensors_copy(const struct oracle *oracle) {
    struct tensors copy = {0};
    for (int t = 0; t < oracle->n_tensors; t++) {
        size_t n = oracle->tensors[t]->n;
        copy.w[t] = test_memory(n, sizeof(double));
        copy.g[t] = test_memory(n, sizeof(double));
        memcpy(copy.w[t], oracle->tensors[t]->w, n * sizeof(double));
        memcpy(copy.g[t], oracle->tensors[t]->g, n * sizeof(double));
    }
    return copy;
}

static void tensors_free(struct tensors *tensors, int n) {
    for (int t = 0; t < n; t++) {
        free(tensors->w[t]);
        free(tensors->g[t]);
    }
}

static double distance(const struct oracle *oracle, const struct tensors *from, double scale) {
    double square = 0;
    for (int t = 0; t < oracle->n_tensors; t++)
        for (size_t i = 0; i < oracle->tensors[t]->n; i++)
            square += pow(oracle->tensors[t]->g[i] - scale * from->g[t][i], 2);
    return sqrt(square);
}

static struct landscape_scan scan(const struct bench *bench, int n, double from, double to) {
    struct oracle *oracle = bench->before;
    struct landscape_scan found = {INFINITY, -INFINITY, 0, 0};
    slope(bench, oracle);
    double lr = bench->trainer->config.optimizer.lr, size;
    struct tensors here = tensors_copy(oracle);
    size = distance(oracle, &here, 0);
    for (int i = 0; i < n; i++) {
        double s = fmin(0.4, lr * from * pow(to / from, i / (n - 1.0)));
        for (int t = 0; t < oracle->n_tensors; t++)
            for (size_t j = 0; j < oracle->tensors[t]->n; j++)
                oracle->tensors[t]->w[j] = here.w[t][j] - s * here.g[t][j];
        double loss = slope(bench, oracle), change = distance(oracle, &here, 1);
        found.loss_low = fmin(found.loss_low, loss);
        found.loss_high = fmax(found.loss_high, loss);
        found.predictiveness = fmax(found.predictiveness, change);
        found.smoothness = fmax(found.smoothness, change / (s * size));
    }
    for (int t = 0; t < oracle->n_tensors; t++)
        memcpy(oracle->tensors[t]->w, here.w[t], oracle->tensors[t]->n * sizeof(double));
    tensors_free(&here, oracle->n_tensors);
    return found;
}

static void expect_scan(const struct bench *bench, const char *prefix,
                        struct landscape_scan expected) {
    static const char *const names[] = {"loss_low", "loss_high", "predictiveness", "smoothness"};
    const double values[] = {expected.loss_low, expected.loss_high, expected.predictiveness,
                             expected.smoothness};
    for (int i = 0; i < 4; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s%s", prefix, names[i]);
        /* smoothness divides by steps of 1/100 of the rate what float32 leaves of a difference */
        expect_near(observe(bench, PROBE_TRACE, name, -1), values[i], i < 2 ? 1e-5 : 5e-3, name);
    }
}

Test(landscape, scan_along_the_gradient) {
    for (long kind = 0; kind < normalizer_count(); kind++) {
        struct run_config config = config_of(kind);
        struct bench *bench = bench_create(&config, 1);
        if (bench->before) {
            expect_scan(bench, "", scan(bench, 7, 0.5, 4));
            expect_scan(bench, "wide_", scan(bench, 8, 0.01, 30));
            slope(bench, bench->before);
            struct tensors here = tensors_copy(bench->before);
            expect_near(observe(bench, PROBE_TRACE, "gradient_norm", -1),
                        distance(bench->before, &here, 0), 1e-5, "gradient_norm");
            tensors_free(&here, bench->before->n_tensors);
        }
        bench_free(bench);
    }
}

/* Away from the step's weights, and at them as well where those are larger still. */
Test(landscape, what_overflows_is_infinite) {
    static const char *const names[] = {"loss_high", "predictiveness", "smoothness"};
    for (float factor = 1e11f; factor <= 1e20f; factor *= 1e3f) {
        struct run_config config = config_of(normalizer_find("none"));
        config.model.activation = activation_find("relu");
        struct bench *bench = bench_create(&config, 1);
        const struct mlp *mlp = &bench->trainer->mlp;
        const struct landscape *landscape =
            diagnostics_state(&bench->diagnostics, &diagnostic_landscape);
        for (size_t i = 0; i < mlp->n_weights; i++)
            landscape->params[i] *= factor;
        cr_assert(!diagnostics_measure(&bench->diagnostics, probed_quick_set()), "%s",
                  status_message());
        for (int i = 0; i < 3; i++)
            cr_expect(observe(bench, PROBE_TRACE, names[i], -1) == INFINITY,
                      "%s is %g where weights are %g times as large", names[i],
                      observe(bench, PROBE_TRACE, names[i], -1), (double)factor);
        bench_free(bench);
    }
}

/* ---- layer by layer ---- */

static void take(struct oracle_tensor *to, const struct oracle_tensor *from) {
    if (to->n)
        memcpy(to->w, from->w, to->n * sizeof *to->w);
}

static void take_norm(struct oracle_norm *to, const struct oracle_norm *from) {
    take(&to->gamma, &from->gamma);
    take(&to->beta, &from->beta);
    take(&to->alpha, &from->alpha);
    take(&to->s, &from->s);
}

static void take_layer(struct oracle *to, const struct oracle *from, int k) {
    if (k == 0)
        take_norm(&to->input_norm, &from->input_norm);
    take(&to->layers[k].W, &from->layers[k].W);
    take(&to->layers[k].b, &from->layers[k].b);
    take_norm(&to->layers[k].norm, &from->layers[k].norm);
}

static void expect_shift(const struct bench *bench) {
    struct oracle *oracle = bench->before;
    slope(bench, oracle);
    struct tensors here = tensors_copy(oracle);
    for (int k = 0; k < oracle->n_layers; k++) {
        slope(bench, oracle);
        const struct oracle_tensor *W = &oracle->layers[k].W;
        double apart = 0, product = 0, g = 0, h = 0;
        for (int t = 0; t < oracle->n_tensors; t++)
            for (size_t i = 0; oracle->tensors[t] == W && i < W->n; i++) {
                apart += pow(here.g[t][i] - W->g[i], 2);
                product += here.g[t][i] * W->g[i];
                g += pow(here.g[t][i], 2);
                h += pow(W->g[i], 2);
            }
        double norm = observe(bench, PROBE_TRACE_LAYER, "ics_norm", k);
        cr_expect(fabs(norm - sqrt(apart)) <= 1e-3 * sqrt(apart) + 1e-6 * sqrt(g),
                  "ics_norm of layer %d is %g, not %g", k, norm, sqrt(apart));
        expect_near(observe(bench, PROBE_TRACE_LAYER, "ics_cosine", k), product / sqrt(g * h), 1e-5,
                    "ics_cosine");
        cr_expect(k == 0 ? norm == 0 : norm > 1e-3 * sqrt(g), "layer %d: ics_norm %g of %g", k,
                  norm, sqrt(g));
        take_layer(oracle, bench->after, k);
    }
    tensors_free(&here, oracle->n_tensors);
}

Test(landscape, internal_covariate_shift) {
    for (long kind = 0; kind < normalizer_count(); kind++)
        for (int on_input = 0; on_input < 2; on_input++) {
            struct run_config config = config_of(kind);
            config.norm.on_input = on_input;
            config.norm.placement = on_input ? NORM_AFTER : NORM_BEFORE;
            struct bench *bench = bench_create(&config, 1);
            if (bench->before)
                expect_shift(bench);
            bench_free(bench);
        }
}

static double loss_of(const struct bench *bench, struct oracle *oracle) {
    oracle_forward(oracle, B, bench->x, 0);
    return oracle_loss(oracle, B, bench->labels);
}

static void expect_decrease(const struct bench *bench) {
    struct oracle *moved = bench->before, *made = bench->after;
    struct oracle *before = test_oracle(bench->trainer, B);
    double here = loss_of(bench, moved), float_error = 2e-6 * here;
    for (int k = 0; k < moved->n_layers; k++)
        take_layer(before, moved, k);
    double expected = here - loss_of(bench, made),
           value = observe(bench, PROBE_TRACE, "decrease", -1);
    cr_expect(fabs(value - expected) <= float_error, "decrease %g, not %g", value, expected);
    for (int k = 0; k < moved->n_layers; k++) {
        take_layer(moved, made, k);
        expected = here - loss_of(bench, moved);
        take_layer(moved, before, k);
        value = observe(bench, PROBE_TRACE_LAYER, "decrease_alone", k);
        cr_expect(fabs(value - expected) <= float_error && fabs(expected) > 100 * float_error,
                  "layer %d alone: %g, not %g", k, value, expected);
        struct oracle *frozen = test_oracle(bench->trainer, B);
        take_layer(frozen, before, k);
        expected = here - loss_of(bench, frozen);
        oracle_free(frozen);
        value = observe(bench, PROBE_TRACE_LAYER, "decrease_frozen", k);
        cr_expect(fabs(value - expected) <= float_error, "all but layer %d: %g, not %g", k, value,
                  expected);
    }
    oracle_free(before);
}

Test(landscape, what_a_layers_step_takes_off_the_loss) {
    for (long kind = 0; kind < normalizer_count(); kind++) {
        struct run_config config = config_of(kind);
        struct bench *bench = bench_create(&config, 1);
        if (bench->before)
            expect_decrease(bench);
        bench_free(bench);
    }
}

/* Without activations and normalizers dL/dz_k = dL/dz_k+1 W_k+1'. */
Test(landscape, growth_of_the_gradient) {
    struct run_config config = config_of(normalizer_find("none"));
    config.model.activation = activation_find("identity");
    config.train.loss = LOSS_SQUARED;
    struct bench *bench = bench_create(&config, 1);
    slope(bench, bench->before);
    double g[B * 8], below[B * 8] = {0}, square = 0;
    for (int i = 0; i < B * CLASSES; i++) {
        g[i] = bench->before->output[i] - (bench->labels[i / CLASSES] == i % CLASSES);
        square += g[i] * g[i];
    }
    for (int k = bench->before->n_layers - 1; k > 0; k--) {
        const struct oracle_layer *layer = &bench->before->layers[k];
        double next = 0;
        for (int b = 0; b < B; b++)
            for (int i = 0; i < layer->in; i++) {
                double sum = 0;
                for (int j = 0; j < layer->out; j++)
                    sum += g[b * layer->out + j] * layer->W.w[i * layer->out + j];
                below[b * layer->in + i] = sum;
                next += sum * sum;
            }
        expect_near(observe(bench, PROBE_TRACE_LAYER, "gradient_growth", k - 1), next / square,
                    1e-5, "gradient_growth");
        memcpy(g, below, sizeof g);
        square = next;
    }
    bench_free(bench);
}
