#include "tests/engine/probe/probed_run.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "engine/diagnostics/hessian.h"

struct run_config probed_config(const char *kind, long placement) {
    struct run_config config = test_config();
    config.model.activation = activation_find("tanh");
    test_norm(&config.norm, normalizer_find(kind));
    config.norm.placement = placement;
    config.train.batch_size = PROBED_B;
    config.train.epochs = 4;
    config.optimizer.lr = 0.1;
    return config;
}

unsigned probed_quick_set(void) {
    unsigned set = 0;
    for (int i = 0; i < diagnostic_count(); i++)
        if (diagnostic_get(i) != &diagnostic_hessian)
            set |= diagnostic_set(diagnostic_get(i));
    return set;
}

struct probed *probed_create(const struct run_config *config, unsigned set, int n_threads) {
    struct probed *run = test_memory(1, sizeof *run);
    run->data = test_data_create(9, 6, 3, PROBED_ROWS, PROBED_VALIDATION, 10);
    run->trainer = test_trainer(config, run->data, n_threads);
    cr_assert(!diagnostics_create(&run->diagnostics, run->trainer, set), "%s", status_message());
    trainer_advance(run->trainer, 8, NULL);
    diagnostics_before_step(&run->diagnostics);
    trainer_advance(run->trainer, 1, NULL);
    return run;
}

void probed_free(struct probed *run) {
    diagnostics_free(&run->diagnostics);
    trainer_free(run->trainer);
    test_data_free(run->data);
    free(run);
}

void probed_measure(struct probed *run, unsigned set) {
    cr_assert(!diagnostics_measure(&run->diagnostics, set), "%s", status_message());
}

double probed_value(const struct probed *run, enum probe_axis axis, const char *name, int layer) {
    const struct probe *probe = probe_find(axis, name);
    double value = 0;
    cr_assert(probe, "no probe %s", name);
    cr_assert(probe_applies(probe, run->trainer, layer), "%s does not apply to layer %d", name,
              layer);
    probe_observe(probe, &run->diagnostics, layer, &value);
    return value;
}

void probed_rows(const struct probed *run, enum data_part part, long n, double *x, int *labels) {
    size_t width = (size_t)run->trainer->dataset->n_features;
    float *narrow = test_memory((size_t)n * width, sizeof *narrow);
    struct target *targets = test_memory((size_t)n, sizeof *targets);
    dataset_gather(run->trainer->dataset, part, NULL, 0, 0, (struct span){0, (int)n}, narrow,
                   targets);
    test_widen((size_t)n * width, narrow, x);
    for (long i = 0; i < n; i++)
        labels[i] = targets[i].label;
    free(targets);
    free(narrow);
}

void probed_expect(double value, double expected, double tolerance, const char *what) {
    cr_assert(fabs(value - expected) <= tolerance, "%s is %.9g, not %.9g", what, value, expected);
}
