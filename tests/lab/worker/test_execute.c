/* One run from an experiment's text to its record: final metrics, series, what divergence and log
 * levels make of them. Real training on generated data. */
#include <criterion/criterion.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/plan/plan.h"
#include "lab/table/summary_columns.h"
#include "lab/worker/execute.h"

static const char text[] =
    "schema: 1\n"
    "name: run\n"
    "title: A run\n"
    "base:\n"
    "  data: {name: clusters, classes: 3, features: 6, rows: 250, test_rows: 90, train: 200,\n"
    "         validation: 50}\n"
    "  model: {hidden: [8, 7]}\n"
    "  norm: {kind: batch}\n"
    "  optimizer: {lr: 0.05}\n"
    "  train: {batch_size: 10, epochs: 3}\n";

struct bench {
    struct experiment experiment;
    struct plan plan;
    struct record record;
};

static struct bench *bench_run(int n_overrides, const char *const *overrides) {
    static struct bench bench;
    bench = (struct bench){0};
    enum status status =
        experiment_parse("run.yaml", text, n_overrides, overrides, &bench.experiment);
    cr_assert(!status, "%s", status_message());
    status = plan_create(&bench.experiment, &bench.plan);
    cr_assert(!status, "%s", status_message());
    cr_assert(bench.plan.n_runs == 1, "%d runs, not one", bench.plan.n_runs);
    status = run_execute(&bench.plan.runs[0], 1, 1, NULL, NULL, &bench.record);
    cr_assert(!status, "%s", status_message());
    return &bench;
}

static void bench_free(struct bench *bench) {
    record_free(&bench->record);
    plan_free(&bench->plan);
    experiment_free(&bench->experiment);
}

static const struct attribute * final(const struct bench *bench, const char *name) {
    const struct attribute *attribute = attributes_find(&bench->record.final, name);
    cr_assert(attribute, "no final metric %s", name);
    return attribute;
}

static const struct series *series(const struct bench *bench, const char *group, const char *name) {
    const struct series *found = record_find_series(&bench->record, group, name);
    cr_assert(found, "no series %s/%s", group, name);
    return found;
}

static double number(const struct series *series, size_t i) {
    return ((const double *)series->data)[i];
}

static long integer(const struct series *series, size_t i) {
    return ((const long *)series->data)[i];
}

#define OVERRIDES(...)                                                                             \
    (int)(sizeof(const char *[]){__VA_ARGS__} / sizeof(char *)), (const char *[]) {                \
        __VA_ARGS__                                                                                \
    }

Test(run, every_final_figure_is_there_in_order) {
    struct bench *bench = bench_run(0, NULL);
    cr_assert(bench->record.final.n == summary_column_count(), "%d final metrics, not %d",
              bench->record.final.n, summary_column_count());
    for (int i = 0; i < summary_column_count(); i++) {
        const struct summary_column *row = summary_column_get(i);
        const struct attribute *got = &bench->record.final.items[i];
        cr_expect(!strcmp(row->name, got->name), "figure %d is %s, not %s", i, got->name,
                  row->name);
        cr_expect(row->type == got->type, "%s has another type than the table says", row->name);
    }
    cr_assert(!strcmp(final(bench, "status")->text, "complete"), "status %s",
              final(bench, "status")->text);
    cr_assert(final(bench, "steps")->integer == 60, "%ld steps, not 60",
              final(bench, "steps")->integer);
    cr_assert(final(bench, "diverged_at_step")->integer == -1,
              "a finished run has diverged_at_step -1");
    cr_assert(final(bench, "test_error")->real < 0.5,
              "three clusters are not learned: test error %g", final(bench, "test_error")->real);
    cr_assert(final(bench, "test_error")->real == final(bench, "test_error_scored")->real,
              "scored is test_error");
    bench_free(bench);
}

static const char *const sources[] = {
    "test_error_debiased",       "test_error_population",       "test_error_batch",
    "validation_error_debiased", "validation_error_population", "validation_error_batch"};
enum { SOURCES = sizeof sources / sizeof *sources };

Test(run, the_same_weights_are_evaluated_with_other_statistics) {
    struct bench *bench = bench_run(OVERRIDES("log.level=full"));
    for (int i = 0; i < SOURCES; i++) {
        double error = final(bench, sources[i])->real;
        cr_assert(error >= 0 && error < 0.6, "%s is %g", sources[i], error);
        cr_assert(number(series(bench, "epoch", sources[i]), 2) == error,
                  "%s: the last point of the curve is the final figure", sources[i]);
        cr_assert(isfinite(number(series(bench, "epoch", sources[i]), 0)),
                  "%s: no figure after the first epoch", sources[i]);
    }
    bench_free(bench);
    bench = bench_run(OVERRIDES("norm.kind=layer"));
    for (int i = 0; i < SOURCES; i++)
        cr_assert(isnan(final(bench, sources[i])->real), "layer norm has %s", sources[i]);
    bench_free(bench);
    bench = bench_run(OVERRIDES("norm.momentum=1"));
    cr_assert(isnan(final(bench, "test_error_debiased")->real),
              "a state that never moved has nothing but its initial value");
    cr_assert(isfinite(final(bench, "test_error_population")->real), "the population is there");
    bench_free(bench);
}

/* Numbers as targets: there are losses and no errors. */
Test(run, a_linear_map_is_learned) {
    const char *linear = "data.name=linear", *loss = "train.loss=squared";
    struct bench *bench = bench_run(OVERRIDES(linear, loss, "norm.kind=none",
                                              "model.activation=identity", "optimizer.lr=0.01"));
    double train_loss = final(bench, "train_loss")->real;
    cr_assert(train_loss < 0.1 * number(series(bench, "step", "train_loss"), 0), "loss %g",
              train_loss);
    cr_assert(isfinite(final(bench, "test_loss")->real), "no test loss");
    cr_assert(isnan(final(bench, "train_error")->real), "a training error");
    cr_assert(isnan(final(bench, "test_error")->real), "a test error");
    cr_assert(isnan(final(bench, "test_error_scored")->real), "a test error, scored");
    cr_assert(!final(bench, "collapsed")->integer, "collapsed");
    bench_free(bench);
    bench = bench_run(OVERRIDES(linear, loss, "optimizer.lr=1e-9"));
    cr_assert(final(bench, "collapsed")->integer, "nothing was learned, and it is not collapsed");
    cr_assert(isnan(final(bench, "test_error_batch")->real), "a test error by mini-batches");
    bench_free(bench);
    bench = bench_run(OVERRIDES(linear, loss, "norm.kind=none", "optimizer.lr=1e6"));
    cr_assert(!strcmp(final(bench, "status")->text, "diverged"), "%s",
              final(bench, "status")->text);
    cr_assert(isnan(final(bench, "test_error_scored")->real), "chance has an error");
    bench_free(bench);
}

static double figure_of(const char *name, const char *override) {
    struct bench *bench = bench_run(1, &override);
    double value = final(bench, name)->real;
    bench_free(bench);
    return value;
}

Test(run, rows_of_other_statistics_are_as_asked) {
    double all = figure_of("test_error_population", "eval.population_rows=200");
    cr_assert(figure_of("test_error_population", "eval.population_rows=10000") == all,
              "200 rows are all there are");
    cr_assert(figure_of("test_error_population", "eval.population_rows=2") != all,
              "the statistics of 2 rows do as well as those of 200");
    double trained = figure_of("test_error_batch", "eval.batch_rows=auto");
    cr_assert(figure_of("test_error_batch", "eval.batch_rows=10") == trained,
              "auto is the batch size, 10");
    cr_assert(figure_of("test_error_batch", "eval.batch_rows=2") > trained,
              "mini-batches of 2 do as well as those of 10");
    cr_assert(isnan(figure_of("test_error_batch", "eval.batch_rows=91")), "there are 90 test rows");
}

/* ---- the bank ---- */

static const char *const averages[] = {"norm.average=variance", "norm.average=deviation",
                                       "norm.average=second_moment"};

Test(run, the_bank_has_the_figures_of_runs_of_their_own) {
    static const char *const momenta[] = {"norm.momentum=0.5", "norm.momentum=0.99"};
    static const char *const names[] = {"test_error", "test_error_debiased", "validation_error",
                                        "validation_error_debiased"};
    double errors[4][6];
    struct bench *bench = bench_run(OVERRIDES("eval.momenta=[0.5,0.99]"));
    for (int f = 0; f < 4; f++) {
        const struct series *s = series(bench, "bank", names[f]);
        cr_assert(s->n_dims == 2 && s->dims[0] == 2 && s->dims[1] == 3, "2 momenta, 3 averages");
        memcpy(errors[f], s->data, sizeof errors[f]);
    }
    cr_assert(number(series(bench, "bank", "momentum"), 1) == 0.99, "the second momentum");
    cr_assert(integer(series(bench, "bank", "average"), 2) == 2, "the third average");
    cr_assert(!record_find_series(&bench->record, "bank_epoch", "test_error"),
              "a bank an epoch below level full");
    bench_free(bench);
    for (int i = 0; i < 6; i++) {
        bench = bench_run(OVERRIDES(momenta[i / 3], averages[i % 3]));
        for (int f = 0; f < 4; f++)
            cr_assert(final(bench, names[f])->real == errors[f][i],
                      "%s, %s: %s is %g, in the bank %g", momenta[i / 3], averages[i % 3], names[f],
                      final(bench, names[f])->real, errors[f][i]);
        bench_free(bench);
    }
}

Test(run, at_level_full_the_bank_is_evaluated_after_every_epoch) {
    struct bench *bench = bench_run(OVERRIDES("eval.momenta=[0.5,0.9]", "log.level=full"));
    const struct series *curve = series(bench, "bank_epoch", "test_error_debiased"),
                        *last = series(bench, "bank", "test_error_debiased");
    cr_assert(curve->n_dims == 3 && curve->dims[0] == 3, "3 epochs");
    for (size_t i = 0; i < 6; i++)
        cr_assert(number(curve, 12 + i) == number(last, i), "the last epoch is the final figure");
    for (size_t e = 0; e < 3; e++)
        cr_assert(number(series(bench, "bank_epoch", "test_error"), 6 * e + 3) ==
                      number(series(bench, "epoch", "test_error"), e),
                  "epoch %zu: the run's own momentum is 0.9", e + 1);
    bench_free(bench);
}

Test(run, the_bank_looks_at_test_rows_only_when_asked) {
    struct bench *bench =
        bench_run(OVERRIDES("eval.momenta=[0.5]", "log.test=never", "log.level=economy"));
    cr_assert(!record_find_series(&bench->record, "bank", "test_error"), "log.test=never");
    cr_assert(number(series(bench, "bank", "validation_error"), 0) < 0.6,
              "what was asked for by name is there at level economy");
    bench_free(bench);
    bench = bench_run(OVERRIDES("eval.momenta=[0.5]", "log.test=final", "log.level=full"));
    cr_assert(number(series(bench, "bank", "test_error"), 0) < 0.6, "log.test=final");
    cr_assert(!record_find_series(&bench->record, "bank_epoch", "test_error"), "and no curve");
    bench_free(bench);
}

Test(run, a_run_that_diverged_has_a_bank_without_figures) {
    struct bench *bench =
        bench_run(OVERRIDES("eval.momenta=[0.5]", "optimizer.lr=1e6", "train.loss=squared",
                            "norm.eps=1e-30", "train.epochs=300"));
    cr_assert(!strcmp(final(bench, "status")->text, "diverged"), "status %s",
              final(bench, "status")->text);
    for (size_t i = 0; i < 3; i++)
        cr_assert(isnan(number(series(bench, "bank", "test_error"), i)), "a figure");
    bench_free(bench);
}

/* Statistics that never move (momentum 1) leave large weights as they are, layer upon layer, until
 * the outputs overflow; with others the same weights give figures. */
#define OVERFLOWING                                                                                \
    "model.hidden=[8,8,8,8,8,8,8,8]", "model.init_scale=1e6", "eval.momenta=[0.9,1]",              \
        "norm.average=deviation"

Test(run, where_running_statistics_alone_overflow_the_others_have_figures) {
    static const char *const same[] = {"test_error_population", "test_error_batch",
                                       "validation_error_population", "validation_error_batch"};
    double errors[4];
    struct bench *bench = bench_run(OVERRIDES(OVERFLOWING, "norm.momentum=0.9"));
    double own = final(bench, "test_error")->real;
    cr_assert(!strcmp(final(bench, "status")->text, "complete"), "momentum .9 overflows");
    for (int i = 0; i < 4; i++)
        errors[i] = final(bench, same[i])->real;
    bench_free(bench);
    bench = bench_run(OVERRIDES(OVERFLOWING, "norm.momentum=1"));
    cr_assert(!strcmp(final(bench, "status")->text, "diverged"), "no overflow");
    cr_assert(isnan(final(bench, "test_error")->real), "a test error of no outputs");
    for (int i = 0; i < 4; i++)
        cr_assert(final(bench, same[i])->real == errors[i], "%s is %g, not %g", same[i],
                  final(bench, same[i])->real, errors[i]);
    const struct series *bank = series(bench, "bank", "test_error");
    cr_assert(number(bank, 1) == own, "momentum .9 in the bank: %g, not %g", number(bank, 1), own);
    for (size_t i = 3; i < 6; i++)
        cr_assert(isnan(number(bank, i)), "momentum 1 in the bank: %g", number(bank, i));
    bench_free(bench);
}

Test(run, the_last_epoch_is_the_final_figure) {
    struct bench *bench = bench_run(0, NULL);
    cr_assert(series(bench, "epoch", "epoch")->dims[0] == 3, "3 epochs, 3 points");
    cr_assert(number(series(bench, "epoch", "test_error"), 2) == final(bench, "test_error")->real,
              "the last point of the curve is the final figure");
    cr_assert(number(series(bench, "epoch", "validation_loss"), 2) ==
                  final(bench, "validation_loss")->real,
              "the last point of the curve is the final figure");
    cr_assert(integer(series(bench, "epoch", "steps"), 1) == 40, "two epochs are 40 steps");
    double mean = 0;
    for (size_t t = 20; t < 40; t++)
        mean += number(series(bench, "step", "train_loss"), t) / 20;
    cr_assert(fabs(mean - number(series(bench, "epoch", "train_loss"), 1)) < 1e-12,
              "an epoch's training loss is the mean over its mini-batches");
    bench_free(bench);
}

Test(run, steps_that_end_within_an_epoch_close_it) {
    struct bench *bench = bench_run(OVERRIDES("train.steps=27"));
    const struct series *steps = series(bench, "epoch", "steps");
    cr_assert(steps->dims[0] == 2 && integer(steps, 0) == 20 && integer(steps, 1) == 27,
              "27 steps are one epoch of 20 and a part");
    bench_free(bench);
}

Test(run, long_runs_are_thinned_to_means) {
    struct bench *full = bench_run(OVERRIDES("train.epochs=250", "log.level=full"));
    static double losses[5000];
    cr_assert(series(full, "step", "train_loss")->dims[0] == 5000, "every step at level full");
    memcpy(losses, series(full, "step", "train_loss")->data, sizeof losses);
    bench_free(full);
    struct bench *bench = bench_run(OVERRIDES("train.epochs=250"));
    const struct series *thin = series(bench, "step", "train_loss");
    cr_assert(thin->dims[0] == 1667, "stride 3 makes 1667 points of 5000 steps, not %zu",
              thin->dims[0]);
    for (size_t i = 0; i < 1667; i++) {
        size_t n = i < 1666 ? 3 : 2;
        double mean = 0;
        for (size_t t = 0; t < n; t++)
            mean += losses[3 * i + t] / (double)n;
        cr_assert(integer(series(bench, "step", "step"), i) == (long)(3 * i),
                  "point %zu begins at step %zu", i, 3 * i);
        cr_assert(fabs(number(thin, i) - mean) < 1e-12, "point %zu is the mean of its steps", i);
    }
    bench_free(bench);
}

Test(run, the_largest_gradient_of_a_point_is_no_mean) {
    struct bench *full =
        bench_run(OVERRIDES("train.epochs=250", "log.level=full", "log.probes=step/gradient_norm"));
    static double norms[5000];
    memcpy(norms, series(full, "step", "gradient_norm")->data, sizeof norms);
    bench_free(full);
    struct bench *bench =
        bench_run(OVERRIDES("train.epochs=250", "log.probes=gradient_norm_largest"));
    const struct series *thin = series(bench, "step", "gradient_norm_largest");
    cr_assert(!record_find_series(&bench->record, "step", "gradient_norm"), "nobody asked for it");
    cr_assert(thin->dims[0] == 1667, "%zu points", thin->dims[0]);
    for (size_t i = 0; i < 1667; i++) {
        double largest = 0;
        for (size_t t = 3 * i; t < 3 * i + 3 && t < 5000; t++)
            largest = fmax(largest, norms[t]);
        cr_assert(number(thin, i) == largest, "point %zu: %.17g, not %.17g", i, number(thin, i),
                  largest);
    }
    bench_free(bench);
    bench = bench_run(OVERRIDES("log.probes=gradient_norm_largest", "norm.kind=none",
                                "optimizer.lr=1e6", "train.loss=squared", "train.epochs=300"));
    thin = series(bench, "step", "gradient_norm_largest");
    cr_assert(isnan(number(thin, thin->dims[0] - 1)), "no gradient where the run diverged");
    bench_free(bench);
}

Test(run, divergence_is_a_result) {
    struct bench *bench = bench_run(
        OVERRIDES("norm.kind=none", "optimizer.lr=1e6", "train.loss=squared", "train.epochs=300"));
    const struct series *loss = series(bench, "step", "train_loss");
    size_t last = loss->dims[0] - 1;
    long at = final(bench, "diverged_at_step")->integer;
    cr_assert(!strcmp(final(bench, "status")->text, "diverged"), "status %s",
              final(bench, "status")->text);
    cr_assert(at > 0 && at == final(bench, "steps")->integer,
              "steps made: those before the one that diverged");
    cr_assert(integer(series(bench, "step", "step"), last) == at,
              "the diverging step is the last point");
    cr_assert(!isfinite(number(loss, last)), "and its loss is not finite");
    cr_assert(last == 0 || isfinite(number(loss, last - 1)), "the point before is");
    cr_assert(isnan(final(bench, "test_error")->real), "no test error");
    double scored = final(bench, "test_error_scored")->real;
    cr_assert(scored > 0.4 && scored < 0.7,
              "scored as the best constant prediction of three classes, not %g", scored);
    bench_free(bench);
}

/* By the definition, from the data: is the error on these rows at least 90 % of the best
 * constant's? */
static bool no_better(const struct bench *bench, enum data_part part, const char *name) {
    const struct dataset *dataset = bench->plan.runs[0].dataset;
    long n = dataset->n[part], counts[3], most = 0;
    dataset_class_counts(dataset, part, n, counts);
    for (int k = 0; k < 3; k++)
        most = counts[k] > most ? counts[k] : most;
    return 10 * lround(final(bench, name)->real * (double)n) >= 9 * (n - most);
}

Test(run, a_net_that_died_is_collapsed) {
    struct bench *bench = bench_run(OVERRIDES("norm.kind=none", "model.activation=relu",
                                              "optimizer.lr=30", "optimizer.momentum=0"));
    cr_assert(!strcmp(final(bench, "status")->text, "complete"), "a collapsed run is complete");
    cr_assert(no_better(bench, PART_VALIDATION, "validation_error"), "error %g",
              final(bench, "validation_error")->real);
    cr_assert(final(bench, "collapsed")->integer == 1, "a dead net is no better than a constant");
    bench_free(bench);
    bench = bench_run(0, NULL);
    cr_assert(!no_better(bench, PART_VALIDATION, "validation_error"), "it learned");
    cr_assert(final(bench, "collapsed")->integer == 0, "a trained net is better");
    bench_free(bench);
}

/* A rate so small that the loss is a constant's, and the error is not. */
Test(run, an_error_that_fell_is_not_collapsed_whatever_the_loss) {
    struct bench *bench = bench_run(OVERRIDES("model.activation=tanh", "model.init_scale=0.01",
                                              "optimizer.momentum=0", "optimizer.lr=3e-4"));
    cr_assert(final(bench, "train_loss")->real >= 0.98 * log(3), "loss %g",
              final(bench, "train_loss")->real);
    cr_assert(final(bench, "validation_error")->real < 0.3, "validation error %g",
              final(bench, "validation_error")->real);
    cr_assert(final(bench, "collapsed")->integer == 0, "it is far from a constant");
    bench_free(bench);
}

Test(run, without_validation_rows_the_training_rows_say_what_collapsed) {
    struct bench *bench = bench_run(OVERRIDES("data.validation=0"));
    cr_assert(final(bench, "collapsed")->integer == 0, "a trained net is better");
    bench_free(bench);
    bench = bench_run(OVERRIDES("data.validation=0", "norm.kind=none", "model.activation=relu",
                                "optimizer.lr=30", "optimizer.momentum=0"));
    cr_assert(!strcmp(final(bench, "status")->text, "complete"), "a collapsed run is complete");
    cr_assert(no_better(bench, PART_TRAIN, "train_error"), "error %g",
              final(bench, "train_error")->real);
    cr_assert(final(bench, "collapsed")->integer == 1, "a dead net is no better than a constant");
    bench_free(bench);
}

static void final_weights(const char *level, const char *test, const char *probes, float *W,
                          size_t size) {
    struct bench *bench =
        bench_run(OVERRIDES("log.weights=both", "norm.placement=after", level, test, probes));
    const struct series *weights = series(bench, "weights/final/layer1", "W");
    cr_assert(weights->dims[0] == 8 && weights->dims[1] == 7, "W is [in, out]");
    memcpy(W, weights->data, size);
    const struct series *initial = series(bench, "weights/initial/layer1", "W");
    cr_assert(memcmp(W, initial->data, size), "training changed the weights");
    cr_assert(series(bench, "weights/final/layer0", "running_var")->dims[0] == 8,
              "running state is there");
    bench_free(bench);
}

Test(run, log_levels_change_no_bit_of_the_weights) {
    float economy[56], standard[56], full[56], all[56];
    const char *none = "log.probes=", *every = "log.probes=";
    struct pool pool = {0};
    for (int i = 0; i < probe_count(); i++)
        every = pool_format(&pool, "%s %s", every, probe_get(i)->name);
    final_weights("log.level=economy", "log.test=never", none, economy, sizeof economy);
    final_weights("log.level=standard", "log.test=final", none, standard, sizeof standard);
    final_weights("log.level=full", "log.test=epoch", none, full, sizeof full);
    final_weights("log.level=economy", "log.test=never", every, all, sizeof all);
    pool_free(&pool);
    cr_assert(!memcmp(economy, standard, sizeof full), "economy and standard differ");
    cr_assert(!memcmp(economy, full, sizeof full), "economy and full differ");
    cr_assert(!memcmp(economy, all, sizeof all), "probes by name changed the weights");
}

Test(run, where_one_class_is_all_there_is_nothing_collapses) {
    struct bench *bench =
        bench_run(OVERRIDES("data.train=1", "data.validation=0", "train.batch_size=1",
                            "norm.kind=none", "train.steps=50", "optimizer.lr_scaling=none"));
    cr_assert(final(bench, "train_loss")->real < 0.1, "one row is learned, loss %g",
              final(bench, "train_loss")->real);
    cr_assert(final(bench, "collapsed")->integer == 0,
              "the best constant loses 0 there: no sign of collapse");
    bench_free(bench);
}

Test(run, losses_are_in_the_unit_of_the_loss) {
    struct bench *bench = bench_run(0, NULL);
    cr_assert(!strcmp(series(bench, "epoch", "test_loss")->unit, "nat"),
              "cross-entropy is in nats");
    bench_free(bench);
    bench = bench_run(OVERRIDES("train.loss=squared", "log.level=full"));
    cr_assert(!strcmp(series(bench, "epoch", "test_loss")->unit, "1"), "squared loss is a number");
    cr_assert(!strcmp(series(bench, "layer", "gradient_norm")->unit, "1"),
              "and so is its gradient");
    bench_free(bench);
}

Test(run, test_rows_are_read_only_when_asked) {
    struct bench *bench = bench_run(OVERRIDES("log.test=never"));
    cr_assert(isnan(final(bench, "test_error")->real), "log.test=never leaves test_error empty");
    cr_assert(isnan(final(bench, "test_error_population")->real), "and the population's");
    cr_assert(!record_find_series(&bench->record, "epoch", "test_error"), "and the curve");
    cr_assert(isfinite(final(bench, "validation_error")->real), "validation is there");
    bench_free(bench);
    bench = bench_run(OVERRIDES("log.test=final"));
    cr_assert(isfinite(final(bench, "test_error")->real), "log.test=final evaluates once");
    cr_assert(!record_find_series(&bench->record, "epoch", "test_error"), "but draws no curve");
    bench_free(bench);
}

Test(run, level_full_has_layers_units_and_traces) {
    struct bench *bench = bench_run(OVERRIDES("log.level=full"));
    const struct series *gap = series(bench, "layer", "running_mean_gap");
    cr_assert(gap->n_dims == 2 && gap->dims[0] == 3 && gap->dims[1] == 3,
              "3 epochs x 3 linear layers");
    cr_assert(isnan(number(gap, 2)), "the output layer has no running mean");
    cr_assert(isfinite(number(gap, 0)), "the first one does");
    const struct series *gamma = series(bench, "layer1", "gamma");
    cr_assert(gamma->dims[0] == 3 && gamma->dims[1] == 7, "a number an epoch and unit");
    const struct series *trace = series(bench, "trace", "percentile_50"),
                        *at = series(bench, "trace", "step");
    cr_assert(trace->dims[0] == at->dims[0] && integer(at, 0) == 0 &&
                  integer(at, at->dims[0] - 1) == 60,
              "the trace runs from before the first step to after the last");
    for (size_t i = 1; i < at->dims[0]; i++)
        cr_assert(integer(at, i) > integer(at, i - 1), "trace steps ascend");
    bench_free(bench);
}

/* alpha and s: a series of all layers, and a number without dimensions among the weights. */
Test(run, what_a_layer_learns_once_is_one_number_a_layer) {
    static const char *const names[] = {"alpha", "s"};
    static const float starts[] = {0.25f, 0};
    struct bench *bench = bench_run(OVERRIDES("norm.kind=derf", "norm.alpha_initial=0.25",
                                              "log.level=full", "log.weights=both"));
    for (int i = 0; i < 2; i++) {
        const struct series *curve = series(bench, "layer", names[i]);
        cr_assert(curve->n_dims == 2 && curve->dims[0] == 3 && curve->dims[1] == 3,
                  "%s: 3 epochs x 3 linear layers", names[i]);
        cr_assert(isnan(number(curve, 8)), "%s: the output layer has none", names[i]);
        const struct series *first = series(bench, "weights/initial/layer1", names[i]);
        const struct series *last = series(bench, "weights/final/layer1", names[i]);
        cr_assert(first->n_dims == 0 && last->n_dims == 0, "%s: one number", names[i]);
        float from = *(const float *)first->data, to = *(const float *)last->data;
        cr_assert(from == starts[i] && to != from, "%s: from %g to %g", names[i], (double)from,
                  (double)to);
        cr_assert(number(curve, 7) == (double)to, "%s: the last epoch's is the final one",
                  names[i]);
    }
    bench_free(bench);
    bench = bench_run(OVERRIDES("norm.kind=dyt", "norm.affine=false", "log.level=full"));
    cr_assert(!record_find_series(&bench->record, "layer", "alpha"), "nothing is learned");
    bench_free(bench);
}

/* Every step up to where 2^.05 is more than one, each point the error of the weights that a run of
 * so many steps ends with. */
Test(run, a_curve_has_the_validation_error_at_growing_steps) {
    struct bench *bench = bench_run(OVERRIDES("log.probes=curve"));
    const struct series *error = series(bench, "curve", "validation_error"),
                        *at = series(bench, "curve", "step");
    size_t n = at->dims[0];
    cr_assert(error->dims[0] == n && integer(at, 0) == 1 && integer(at, n - 1) == 60, "%zu points",
              n);
    for (size_t i = 1; i < n; i++)
        cr_assert(integer(at, i) > integer(at, i - 1) &&
                      (double)integer(at, i) <=
                          fmax(1.06 * (double)integer(at, i - 1), (double)integer(at, i - 1) + 1),
                  "%ld after %ld", integer(at, i), integer(at, i - 1));
    cr_assert(number(error, n - 1) == final(bench, "validation_error")->real,
              "the last is the end");
    double fifth = number(error, 4);
    cr_assert(integer(at, 4) == 5, "the fifth point is at step %ld", integer(at, 4));
    bench_free(bench);
    bench = bench_run(OVERRIDES("train.steps=5"));
    cr_assert(final(bench, "validation_error")->real == fifth, "%g after 5 steps, not %g",
              final(bench, "validation_error")->real, fifth);
    bench_free(bench);
}

Test(run, every_series_has_its_scales_in_its_group) {
    struct bench *bench =
        bench_run(OVERRIDES("log.level=full", "log.weights=both", "norm.on_input=true"));
    for (int i = 0; i < bench->record.n_series; i++) {
        const struct series *s = &bench->record.series[i];
        cr_expect(s->unit && *s->unit && s->doc && *s->doc, "%s/%s says no unit or no sentence",
                  s->group, s->name);
        for (int d = 0; d < s->n_dims; d++) {
            const struct series *scale =
                record_find_series(&bench->record, s->group, s->dim_names[d]);
            cr_assert(scale, "%s/%s has no scale %s", s->group, s->name, s->dim_names[d]);
            cr_assert(scale->dims[0] == s->dims[d], "%s/%s and its scale %s differ in length",
                      s->group, s->name, s->dim_names[d]);
        }
    }
    bench_free(bench);
}

/* The group of the results and the series that are there, without scales. */
static int count_series(const struct bench *bench, const char *group) {
    int n = 0;
    for (int i = 0; i < bench->record.n_series; i++) {
        const struct series *s = &bench->record.series[i];
        n += !strcmp(s->group, group) && strcmp(s->name, s->dim_names[0]) != 0;
    }
    return n;
}

Test(run, probes_are_taken_by_name) {
    struct bench *bench = bench_run(
        OVERRIDES("log.level=economy", "log.probes=step/lr trace/validation_error gamma"));
    cr_expect(count_series(bench, "step") == 1 && count_series(bench, "trace") == 1 &&
                  count_series(bench, "layer0") == 1,
              "these and no others");
    cr_expect(count_series(bench, "epoch") == 0 && count_series(bench, "layer") == 0,
              "nobody asked for those");
    const struct series *error = series(bench, "trace", "validation_error");
    cr_assert(error->dims[0] == 61, "before and after each of 60 steps, not %zu", error->dims[0]);
    cr_assert(number(error, 60) == final(bench, "validation_error")->real,
              "the last point is the final figure: %g", number(error, 60));
    cr_assert(number(error, 0) > number(error, 60), "training made it better");
    bench_free(bench);
    bench = bench_run(OVERRIDES("log.level=full"));
    cr_assert(!record_find_series(&bench->record, "trace", "validation_error"),
              "no level takes what is asked for by name alone");
    bench_free(bench);
}

Test(run, traces_by_layer_and_milestones) {
    struct bench *bench =
        bench_run(OVERRIDES("log.level=economy", "log.probes=ics_norm input_condition"));
    const struct series *shift = series(bench, "trace", "ics_norm"),
                        *at = series(bench, "milestone", "step");
    cr_assert(shift->n_dims == 2 && shift->dims[0] == 61 && shift->dims[1] == 3,
              "before and after each of 60 steps x 3 linear layers");
    cr_assert(series(bench, "trace", "layer")->dims[0] == 3, "layers have a scale");
    cr_assert(isnan(number(shift, 2)) && number(shift, 3 + 2) > 0, "%g before a step, %g after it",
              number(shift, 2), number(shift, 3 + 2));
    cr_assert(at->dims[0] == 11, "%zu milestones", at->dims[0]);
    for (size_t i = 0; i < 11; i++)
        cr_assert(integer(at, i) == 6 * (long)i, "milestone %zu at step %ld", i, integer(at, i));
    bench_free(bench);
}

Test(run, the_gradient_of_every_step) {
    struct bench *bench = bench_run(OVERRIDES("log.probes=gradient_norm"));
    const struct series *steps = series(bench, "step", "gradient_norm"),
                        *trace = series(bench, "trace", "gradient_norm");
    cr_assert(steps->dims[0] == 60 && trace->dims[0] == 61, "a point a step");
    for (size_t i = 0; i < 60; i++) /* both of one gradient, summed in another order */
        cr_assert(fabs(number(steps, i) - number(trace, i + 1)) <= 1e-12 * number(steps, i),
                  "step %zu: %.15g and %.15g", i, number(steps, i), number(trace, i + 1));
    bench_free(bench);
    bench = bench_run(OVERRIDES("log.probes=gradient_norm", "norm.kind=none", "optimizer.lr=1e6",
                                "train.loss=squared", "train.epochs=300"));
    steps = series(bench, "step", "gradient_norm");
    cr_assert(isnan(number(steps, steps->dims[0] - 1)), "no gradient where the run diverged");
    bench_free(bench);
}

Test(run, economy_keeps_only_final_figures) {
    struct bench *bench = bench_run(OVERRIDES("log.level=economy"));
    for (int i = 0; i < bench->record.n_series; i++)
        cr_expect(!strcmp(bench->record.series[i].group, "data"), "series %s/%s at level economy",
                  bench->record.series[i].group, bench->record.series[i].name);
    cr_assert(isfinite(final(bench, "test_error")->real), "final metrics are there");
    bench_free(bench);
}

Test(run, the_heartbeat_follows_the_steps) {
    struct bench *bench = bench_run(0, NULL);
    struct record record;
    struct heartbeat heartbeat = {0};
    enum status status = run_execute(&bench->plan.runs[0], 1, 1, &heartbeat, NULL, &record);
    cr_assert(!status, "%s", status_message());
    cr_expect(heartbeat.total == 60 && heartbeat.steps == 60, "%ld of %ld steps",
              (long)heartbeat.steps, (long)heartbeat.total);
    record_free(&record);
    bench_free(bench);
    bench = bench_run(
        OVERRIDES("norm.kind=none", "optimizer.lr=1e6", "train.loss=squared", "train.epochs=300"));
    status = run_execute(&bench->plan.runs[0], 1, 1, &heartbeat, NULL, &record);
    cr_assert(!status, "%s", status_message());
    cr_expect(heartbeat.total == 6000 && heartbeat.steps < 100, "%ld of %ld steps of divergence",
              (long)heartbeat.steps, (long)heartbeat.total);
    record_free(&record);
    bench_free(bench);
}

/* Where OpenMP allows fewer threads than were asked for, provenance says what ran. */
Test(run, the_threads_of_provenance_are_those_that_ran) {
    struct bench *bench = bench_run(0, NULL);
    setenv("NORMLAB_FULL_TEAM", "1", 1);
    for (int limited = 0; limited < 2; limited++) {
        struct record record;
        omp_set_max_active_levels(limited ? 0 : 1);
        enum status status = run_execute(&bench->plan.runs[0], 2, 1, NULL, NULL, &record);
        cr_assert(!status, "%s", status_message());
        long threads = attributes_find(&record.provenance, "threads")->integer;
        cr_expect(threads == (limited ? 1 : 2), "%ld threads", threads);
        record_free(&record);
    }
    bench_free(bench);
}
