#include "tests/engine/probe/probed_run.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "engine/diagnostics/hessian.h"

struct run_config look_config(const char *kind, long placement) {
    struct run_config config = test_config();
    config.model.activation = activation_find("tanh");
    test_norm(&config.norm, normalizer_find(kind));
    config.norm.placement = placement;
    config.train.batch_size = LOOK_B;
    config.train.epochs = 4;
    config.optimizer.lr = 0.1;
    return config;
}

unsigned look_quick_set(void) {
    unsigned set = 0;
    for (int i = 0; i < diagnostic_count(); i++)
        if (diagnostic_get(i) != &diagnostic_hessian)
            set |= diagnostic_set(diagnostic_get(i));
    return set;
}

struct look *look_create(const struct run_config *config, unsigned set, int n_threads) {
    struct look *look = test_memory(1, sizeof *look);
    look->data = test_data_create(9, 6, 3, LOOK_ROWS, LOOK_VALIDATION, 10);
    look->trainer = test_trainer(config, look->data, n_threads);
    cr_assert(!diagnostics_create(&look->diagnostics, look->trainer, set), "%s", status_message());
    trainer_advance(look->trainer, 8, NULL);
    diagnostics_before_step(&look->diagnostics);
    trainer_advance(look->trainer, 1, NULL);
    return look;
}

void look_free(struct look *look) {
    diagnostics_free(&look->diagnostics);
    trainer_free(look->trainer);
    test_data_free(look->data);
    free(look);
}

void look_now(struct look *look, unsigned set) {
    cr_assert(!diagnostics_measure(&look->diagnostics, set), "%s", status_message());
}

double look_at(const struct look *look, enum probe_axis axis, const char *name, int layer) {
    const struct probe *probe = probe_find(axis, name);
    double value = 0;
    cr_assert(probe, "no probe %s", name);
    cr_assert(probe_applies(probe, look->trainer, layer), "%s does not apply to layer %d", name,
              layer);
    probe_observe(probe, &look->diagnostics, layer, &value);
    return value;
}

void look_rows(const struct look *look, enum data_part part, long n, double *x, int *labels) {
    size_t width = (size_t)look->trainer->dataset->n_features;
    float *narrow = test_memory((size_t)n * width, sizeof *narrow);
    struct target *targets = test_memory((size_t)n, sizeof *targets);
    dataset_gather(look->trainer->dataset, part, NULL, 0, 0, (struct span){0, (int)n}, narrow,
                   targets);
    test_widen((size_t)n * width, narrow, x);
    for (long i = 0; i < n; i++)
        labels[i] = targets[i].label;
    free(targets);
    free(narrow);
}

void look_expect(double value, double expected, double tolerance, const char *what) {
    cr_assert(fabs(value - expected) <= tolerance, "%s is %.9g, not %.9g", what, value, expected);
}
