/* The probe table: every row described, every number against a plain computation of what its
 * sentence says, and no bit of training changed by measuring. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/diagnostics/snapshot.h"
#include "engine/probe/probe.h"
#include "tests/support.h"

enum { ROWS = 60, B = 10, STEPS = 9 };

struct bench {
    struct test_data *data;
    struct trainer *trainer;
    struct diagnostics diagnostics;
};

static struct run_config config_of(const char *kind, long placement) {
    struct run_config config = test_config();
    test_norm(&config.norm, normalizer_find(kind));
    config.norm.placement = placement;
    config.train.batch_size = B;
    config.train.epochs = 4;
    config.optimizer.momentum = 0.9;
    config.optimizer.lr = 0.05;
    return config;
}

/* Some steps, the last of them seen from before and after. */
static struct bench *bench_create(const struct run_config *config) {
    struct bench *bench = test_memory(1, sizeof *bench);
    *bench = (struct bench){.data = test_data_create(5, 6, 3, ROWS, 20, 10)};
    bench->trainer = test_trainer(config, bench->data, 1);
    cr_assert(!diagnostics_create(&bench->diagnostics, bench->trainer, diagnostic_set_of_all()),
              "%s", status_message());
    trainer_advance(bench->trainer, STEPS - 1, NULL);
    diagnostics_before_step(&bench->diagnostics);
    trainer_advance(bench->trainer, 1, NULL);
    cr_assert(!diagnostics_measure(&bench->diagnostics, diagnostic_set_of_all()), "%s",
              status_message());
    return bench;
}

static void bench_free(struct bench *bench) {
    diagnostics_free(&bench->diagnostics);
    trainer_free(bench->trainer);
    test_data_free(bench->data);
    free(bench);
}

static const struct sample *sample_of(const struct bench *bench) {
    return diagnostics_state(&bench->diagnostics, &diagnostic_sample);
}

static double observe(const struct bench *bench, enum probe_axis axis, const char *name,
                      int layer) {
    const struct probe *probe = probe_find(axis, name);
    double value = 0;
    cr_assert(probe, "no probe %s", name);
    cr_assert(probe_applies(probe, bench->trainer, layer), "%s does not apply to layer %d", name,
              layer);
    probe_observe(probe, &bench->diagnostics, layer, &value);
    return value;
}

static void expect_near(double value, double expected, const char *what) {
    cr_assert(fabs(value - expected) <= 1e-5 * fabs(expected) + 1e-12, "%s is %.9g, not %.9g", what,
              value, expected);
}

Test(probe, every_row_is_described_once) {
    for (int i = 0; i < probe_count(); i++) {
        const struct probe *probe = probe_get(i);
        cr_expect(probe->unit && *probe->unit, "%s has no unit", probe->name);
        cr_expect(probe->doc && strlen(probe->doc) > 15, "%s has no sentence", probe->name);
        cr_expect(probe->cost && *probe->cost, "%s says no cost", probe->name);
        cr_expect(probe_find(probe->axis, probe->name) == probe, "%s stands in the table twice",
                  probe->name);
        bool measured =
            probe->axis != PROBE_STEP && probe->axis != PROBE_EPOCH && probe->axis != PROBE_ROWS;
        cr_expect(measured == (probe->observe != NULL),
                  "%s: only steps, epochs and rows have no function", probe->name);
    }
}

Test(probe, every_declared_vector_of_a_normalizer_is_a_probe) {
    for (int i = 0; i < normalizer_count(); i++)
        for (int f = 0; f < NORM_FIELDS; f++) {
            const struct norm_field *param = &normalizer_get(i)->param[f],
                                    *state = &normalizer_get(i)->state[f];
            bool units = param->length == NORM_OF_UNIT;
            cr_expect(!param->name || probe_find(units ? PROBE_UNITS : PROBE_LAYER, param->name),
                      "%s is not logged", param->name);
            cr_expect(!state->name || probe_find(PROBE_UNITS, state->name), "%s is not logged",
                      state->name);
        }
}

Test(probe, norms_and_update_of_the_weights) {
    struct run_config config = config_of("batch", NORM_BEFORE);
    struct bench *bench = bench_create(&config);
    const struct mlp *mlp = &bench->trainer->mlp;
    for (int k = 0; k < mlp->n_layers; k++) {
        const struct layer *layer = &mlp->layers[k];
        const struct last_update *update =
            diagnostics_state(&bench->diagnostics, &diagnostic_update);
        const float *before = update->before + (layer->W - mlp->params);
        double w = 0, g = 0, old = 0, moved = 0;
        for (int i = 0; i < layer->in * layer->out; i++) {
            w += pow((double)layer->W[i], 2);
            g += pow((double)layer->dW[i], 2);
            old += pow((double)before[i], 2);
            moved += pow((double)layer->W[i] - (double)before[i], 2);
        }
        cr_assert(moved > 0, "the last step did not move layer %d", k);
        expect_near(observe(bench, PROBE_LAYER, "weight_norm", k), sqrt(w), "weight_norm");
        expect_near(observe(bench, PROBE_LAYER, "effective_lr", k), 0.05 / w, "effective_lr");
        expect_near(observe(bench, PROBE_LAYER, "gradient_norm", k), sqrt(g), "gradient_norm");
        expect_near(observe(bench, PROBE_LAYER, "update_ratio", k), sqrt(moved / old),
                    "update_ratio");
    }
    bench_free(bench);
}

Test(probe, effective_rate_is_that_of_the_last_update) {
    struct run_config config = config_of("batch", NORM_BEFORE);
    config.optimizer.schedule = schedule_find("cosine"); /* of 24 steps, the ninth */
    struct bench *bench = bench_create(&config);
    cr_assert(bench->trainer->total_steps == 24);
    const struct layer *layer = &bench->trainer->mlp.layers[0];
    double w = 0;
    for (int i = 0; i < layer->in * layer->out; i++)
        w += pow((double)layer->W[i], 2);
    double rate = 0.05 * (1 + cos(acos(-1) / 3)) / 2;
    expect_near(observe(bench, PROBE_LAYER, "effective_lr", 0), rate / w, "effective_lr");
    bench_free(bench);
}

Test(probe, effective_rate_is_that_of_gradient_descent) {
    struct run_config config = config_of("batch", NORM_BEFORE);
    config.optimizer.kind = optimizer_find("adam");
    struct bench *bench = bench_create(&config);
    cr_assert(!probe_applies(probe_find(PROBE_LAYER, "effective_lr"), bench->trainer, 0),
              "Adam's update does not follow the gradient's length");
    bench_free(bench);
}

/* Activations of the sample in evaluation mode, from the oracle in double. */
static void expect_activations(const char *kind, long placement) {
    struct run_config config = config_of(kind, placement);
    struct bench *bench = bench_create(&config);
    int rows = sample_of(bench)->rows;
    cr_assert(rows == ROWS, "the sample has %d rows, not all %d there are", rows, ROWS);
    const struct mlp *mlp = &bench->trainer->mlp;
    for (int k = 0; k < mlp->n_layers - 1; k++) {
        int D = mlp->layers[k].out, dead = 0;
        const float *a = sample_of(bench)->workspace.a[k];
        double mean = 0, square = 0;
        for (int i = 0; i < rows * D; i++)
            mean += (double)a[i] / (rows * D);
        for (int i = 0; i < rows * D; i++)
            square += pow((double)a[i] - mean, 2) / (rows * D);
        for (int j = 0; j < D; j++) {
            int alive = 0;
            for (int b = 0; b < rows; b++)
                alive += a[b * D + j] > 0;
            dead += !alive;
        }
        expect_near(observe(bench, PROBE_LAYER, "activation_mean", k), mean, "activation_mean");
        expect_near(observe(bench, PROBE_LAYER, "activation_deviation", k), sqrt(square),
                    "activation_deviation");
        expect_near(observe(bench, PROBE_LAYER, "dead_units", k), (double)dead / D, "dead_units");
    }
    bench_free(bench);
}

Test(probe, activations) {
    expect_activations("none", NORM_BEFORE);
    expect_activations("batch", NORM_AFTER);
    expect_activations("layer", NORM_AFTER);
}

Test(probe, a_unit_that_never_fires_is_dead) {
    struct run_config config = config_of("none", NORM_BEFORE);
    struct bench *bench = bench_create(&config);
    const struct layer *layer = &bench->trainer->mlp.layers[0];
    layer->b[2] = -1e6f;
    cr_assert(!diagnostics_measure(&bench->diagnostics, diagnostic_set_of_all()), "%s",
              status_message());
    double dead = observe(bench, PROBE_LAYER, "dead_units", 0);
    cr_assert(dead >= 1.0 / layer->out, "dead_units is %g although unit 2 cannot fire", dead);
    bench_free(bench);
}

Test(probe, running_statistics_against_the_sample) {
    struct run_config config = config_of("batch", NORM_BEFORE);
    struct bench *bench = bench_create(&config);
    const struct mlp *mlp = &bench->trainer->mlp;
    /* Where running statistics are the sample's own, the distance is none. */
    const struct sample_states *sample =
        diagnostics_state(&bench->diagnostics, &diagnostic_sample_states);
    memcpy(mlp->states, sample->states, mlp->n_states * sizeof(float));
    expect_near(observe(bench, PROBE_LAYER, "running_mean_gap", 0), 0, "running_mean_gap");
    expect_near(observe(bench, PROBE_LAYER, "running_var_ratio", 0), 1, "running_var_ratio");
    /* A mean that is off by two deviations, a variance that is four times too large. */
    float *mean = mlp->layers[0].norm->state[0], *var = mlp->layers[0].norm->state[1];
    for (int j = 0; j < mlp->layers[0].out; j++) {
        mean[j] += 2 * sqrtf(var[j]);
        var[j] *= 4;
    }
    expect_near(observe(bench, PROBE_LAYER, "running_mean_gap", 0), 2, "running_mean_gap");
    expect_near(observe(bench, PROBE_LAYER, "running_var_ratio", 0), 4, "running_var_ratio");
    const struct probe *gap = probe_find(PROBE_LAYER, "running_mean_gap");
    cr_assert(!probe_applies(gap, bench->trainer, mlp->n_layers - 1),
              "the output layer has no running mean");
    bench_free(bench);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

Test(probe, percentiles_of_one_units_input) {
    struct run_config config = config_of("none", NORM_BEFORE);
    struct bench *bench = bench_create(&config);
    const struct mlp *mlp = &bench->trainer->mlp;
    int k = mlp->n_layers - 2;
    const struct layer *layer = &mlp->layers[k];
    double z[ROWS];
    for (int b = 0; b < ROWS; b++) {
        z[b] = (double)layer->b[0];
        for (int i = 0; i < layer->in; i++)
            z[b] += (double)sample_of(bench)->workspace.y[k - 1][b * layer->in + i] *
                    (double)layer->W[i * layer->out];
    }
    qsort(z, ROWS, sizeof *z, ascending);
    const char *const names[] = {"percentile_15", "percentile_50", "percentile_85"};
    const double p[] = {0.15, 0.50, 0.85};
    for (int i = 0; i < 3; i++) {
        double at = p[i] * (ROWS - 1),
               expected = z[(int)at] + (at - (int)at) * (z[(int)at + 1] - z[(int)at]);
        double value = observe(bench, PROBE_TRACE, names[i], -1);
        cr_assert(fabs(value - expected) <= 1e-5, "%s is %.7g, not %.7g", names[i], value,
                  expected);
    }
    bench_free(bench);
}

static uint64_t hash_of(const struct trainer *trainer) {
    return test_hash(TEST_HASH_START, trainer->arena.base, trainer->state_floats * sizeof(float));
}

static void observe_everything(struct bench *bench) {
    const struct trainer *trainer = bench->trainer;
    cr_assert(!diagnostics_measure(&bench->diagnostics, diagnostic_set_of_all()), "%s",
              status_message());
    for (int i = 0; i < probe_count(); i++)
        for (int k = 0; k < trainer->mlp.n_layers; k++) {
            double out[16];
            const struct probe *probe = probe_get(i);
            if (probe->observe && probe_applies(probe, trainer, k))
                probe_observe(probe, &bench->diagnostics, k, out);
        }
}

/* Neither the state nor what becomes of it: afterwards training goes on as if there had been
 * none. */
Test(probe, measuring_changes_no_bit_of_training) {
    for (int kind = 0; kind < normalizer_count(); kind++) {
        struct run_config config = config_of(normalizer_get(kind)->name, NORM_AFTER);
        config.norm.on_input = true;
        config.train.order = ORDER_SHUFFLE;
        struct bench *bench = bench_create(&config);
        struct trainer *alone = test_trainer(&config, bench->data, 1);
        trainer_advance(alone, STEPS, NULL);
        for (int step = STEPS; step < STEPS + 5; step++) {
            cr_assert(hash_of(bench->trainer) == hash_of(alone), "training under %s is another",
                      normalizer_get(kind)->name);
            diagnostics_before_step(&bench->diagnostics);
            observe_everything(bench);
            cr_assert(hash_of(bench->trainer) == hash_of(alone),
                      "probes changed the training state under %s", normalizer_get(kind)->name);
            trainer_advance(bench->trainer, 1, NULL);
            trainer_advance(alone, 1, NULL);
        }
        trainer_free(alone);
        bench_free(bench);
    }
}
