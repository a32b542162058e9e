/* Estimates the seconds of a run on one core, from floating-point operations. */
#include "lab/plan/cost.h"

#include "engine/nn/evaluation_sources.h"

/* A core that does 50 GFLOP/s in matrix products; per step also what does not depend on the batch:
 * starting it, and reading and writing every parameter, its gradient and its velocity in cache. */
static const double seconds_per_flop = 1 / 50e9;
static const double seconds_per_step = 5e-6;
static const double seconds_per_parameter = 0.3e-9;

enum {
    FORWARD_FLOPS = 2,
    TRAIN_FLOPS = 6
}; /* a weight and row: forward; forward and two backward */

static double weights_of(const struct model_config *model, const struct dataset *dataset) {
    double weights = 0, in = dataset->n_features;
    for (int k = 0; k < model->n_hidden; k++) {
        weights += in * model->hidden[k];
        in = model->hidden[k];
    }
    return weights + in * dataset->n_classes;
}

/* With how many statistics beside the running ones the same rows are evaluated. */
static double other_statistics(const struct run_config *config) {
    const struct normalizer *kind = normalizer_get(config->norm.kind);
    int own = 0, of_member = 0;
    for (int i = 0; i < SOURCE_COUNT; i++) {
        const struct evaluation_source *source = evaluation_source_get(i);
        own += i != SOURCE_RUNNING && source->applies(kind);
        of_member += source->bank && source->applies(kind);
    }
    return own + (double)(of_member * NORM_AVERAGES * config->eval.n_momenta);
}

/* Rows that are evaluated in the course of a run. */
static double evaluated_rows(const struct config *config, const struct dataset *dataset,
                             double epochs) {
    double times_test = config->log.test == LOG_TEST_EPOCH   ? epochs
                        : config->log.test == LOG_TEST_FINAL ? 1
                                                             : 0;
    double validation = (double)dataset->n[PART_VALIDATION], test = (double)dataset->n[PART_TEST];
    bool full = config->log.level >= LOG_FULL;
    double others = (full ? epochs : 1) * validation + (full ? times_test : times_test > 0) * test;
    return epochs * validation + times_test * test + 2.0 * EVALUATE_ROWS +
           other_statistics(&config->run) * others;
}

/* Rows whose statistics normalize the steps, refresh by refresh. */
static double refreshed_rows(const struct norm_config *norm, const struct dataset *dataset,
                             double steps) {
    double n = (double)dataset->n[PART_TRAIN], most = (double)norm->population_rows;
    if (!normalizer_get(norm->kind)->needs_population)
        return 0;
    return (1 + steps / (double)norm->refresh) * (most > 0 && most < n ? most : n);
}

double run_cost(const struct config *config, const struct dataset *dataset, long total_steps) {
    double weights = weights_of(&config->run.model, dataset);
    double B = (double)config->run.train.batch_size, steps = (double)total_steps;
    double epochs = steps * B / (double)dataset->n[PART_TRAIN];
    double step = seconds_per_step + seconds_per_parameter * weights +
                  seconds_per_flop * TRAIN_FLOPS * B * weights;
    double rows =
        evaluated_rows(config, dataset, epochs) + refreshed_rows(&config->run.norm, dataset, steps);
    return steps * step + seconds_per_flop * FORWARD_FLOPS * weights * rows;
}
