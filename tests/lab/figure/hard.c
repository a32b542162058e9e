/* Writes results files with numbers by hand: runs that diverge, zeros, one point, no run at all. */
#include "tests/lab/figure/hard.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "io/files.h"
#include "lab/merge/merge_file.h"
#include "lab/store/store.h"
#include "lab/worker/run_input.h"

/* ---- a planned run's keys ---- */

/* "" where the key does not apply. */
static const char *word_of(const struct planned_run *run, const char *name) {
    static struct pool pool;
    int key = key_find(name);
    return run->cell.applies[key] ? value_text(key_get(key), &run->cell.values[key], &pool) : "";
}

static bool is(const struct planned_run *run, const char *name, const char *word) {
    return !strcmp(word_of(run, name), word);
}

static double number_of(const struct planned_run *run, const char *name) {
    return atof(word_of(run, name));
}

/* From -1 to 1, another for each of five seeds. */
static double chance(const struct planned_run *run) {
    static const double all[] = {0, -0.5, 1, 0.5, -1};
    return all[(int)number_of(run, "seed") % 5];
}

/* ---- the cases ---- */

static struct hard_outcome usual(const struct planned_run *run) {
    double batch = number_of(run, "train.batch_size"), momentum = number_of(run, "norm.momentum");
    double error = 0.02 + 0.04 / batch * (is(run, "norm.kind", "batch") ? 1.5 + momentum : 1);
    return (struct hard_outcome){.epochs = 4,
                                 .error = error * (1 + 0.1 * chance(run)),
                                 .first = 1.6 + 0.1 * chance(run),
                                 .last = 4 * error * (1 + 0.1 * chance(run)),
                                 .width = 2 + 0.2 * chance(run)};
}

/* Without a normalizer every run diverges, early and by far; of `batch` at 2 two in five do. */
static struct hard_outcome diverged(const struct planned_run *run) {
    struct hard_outcome outcome = usual(run);
    bool alone = is(run, "norm.kind", "batch") && is(run, "train.batch_size", "2") &&
                 number_of(run, "seed") < 2;
    if (is(run, "norm.kind", "none") || alone)
        return (struct hard_outcome){.status = "diverged",
                                     .epochs = alone ? 3 : 2,
                                     .error = NAN,
                                     .first = 40,
                                     .last = alone ? 6e9 : 3e25,
                                     .width = 4e20};
    outcome.collapsed =
        is(run, "norm.kind", "layer") && is(run, "train.batch_size", "64") && is(run, "seed", "3");
    if (outcome.collapsed)
        outcome.error = 0.9;
    return outcome;
}

static struct hard_outcome crowd(const struct planned_run *run) {
    struct hard_outcome outcome = usual(run);
    double lr = number_of(run, "optimizer.lr");
    outcome.error *= 1 + lr * (is(run, "model.activation", "tanh") ? 3 : 1);
    return outcome;
}

/* `layer` never errs, `batch` at 16 in some runs. */
static struct hard_outcome zeros(const struct planned_run *run) {
    struct hard_outcome outcome = usual(run);
    if (is(run, "norm.kind", "layer") ||
        (is(run, "train.batch_size", "16") && number_of(run, "seed") < 2))
        outcome.error = outcome.last = 0;
    else
        outcome.error *= is(run, "norm.kind", "none") ? 10 : 0.1;
    return outcome;
}

static struct hard_outcome one_point(const struct planned_run *run) {
    struct hard_outcome outcome = usual(run);
    outcome.epochs = 1;
    return outcome;
}

static struct hard_outcome missing(const struct planned_run *run) {
    (void)run;
    return (struct hard_outcome){.status = "missing"};
}

static struct hard_outcome all_diverged(const struct planned_run *run) {
    (void)run;
    return (struct hard_outcome){.status = "diverged", .error = NAN};
}

/* Nine mini-batch sizes and five momenta; some runs of each cell collapse. */
static struct hard_outcome wide(const struct planned_run *run) {
    struct hard_outcome outcome = usual(run);
    outcome.collapsed = number_of(run, "norm.momentum") > 0.98 && is(run, "seed", "1");
    outcome.epochs = 11;
    return outcome;
}

/* More steps than lists of gnuplot's have room for. */
static struct hard_outcome lasting(const struct planned_run *run) {
    struct hard_outcome outcome = usual(run);
    outcome.steps = 5000;
    return outcome;
}

static const struct hard_case cases[] = {
    {"diverged", NULL,
     "  norm.kind: [none, batch, layer]\n  norm.placement: [before, after]\n"
     "  train.batch_size: [2, 8, 64]\n  seed: range(5)\n",
     4, diverged},
    {"crowd", NULL,
     "  norm.kind: [none, batch, layer]\n  optimizer.lr: [0.01, 0.03, 0.1, 0.3]\n"
     "  model.activation: [relu, tanh]\n  model.init: [he, glorot]\n"
     "  train.batch_size: [2, 8]\n",
     4, crowd},
    {"zeros", NULL,
     "  norm.kind: [none, batch, layer]\n  norm.placement: [before, after]\n"
     "  norm.momentum: [0.5, 0.9]\n  train.batch_size: [4, 16]\n  seed: range(3)\n",
     4, zeros},
    {"one_point", NULL, "  norm.kind: [none, batch]\n  seed: range(2)\n", 1, one_point},
    {"one_seed", NULL,
     "  norm.kind: [none, batch, layer]\n  norm.placement: [before, after]\n"
     "  norm.momentum: [0.5, 0.9]\n  train.batch_size: [4, 16]\n",
     4, usual},
    {"none_finished", NULL, "  norm.kind: [none, batch]\n  train.batch_size: [4, 16]\n", 4,
     missing},
    {"all_diverged", NULL,
     "  norm.kind: [none, batch]\n  norm.placement: [before, after]\n"
     "  norm.momentum: [0.5, 0.9]\n  train.batch_size: [4, 16]\n  seed: range(2)\n",
     4, all_diverged},
    {"wide", NULL,
     "  norm.kind: [batch, batch_noisy]\n  norm.momentum: [0.5, 0.9, 0.99]\n"
     "  train.batch_size: [2, 3, 4, 6, 8, 16, 32, 64, 128]\n  seed: range(2)\n",
     11, wide},
    {"long", NULL, "  norm.kind: [none, batch]\n", 4, lasting},
    {"wordy",
     "What small mini-batches do to every normalizer that this program knows, with learning rates "
     "in powers of two, and two ways to write the initial weights (\"twice\", so that it's sure)",
     "  norm.kind: [none, batch_renorm, literal_variance]\n"
     "  model.hidden: [[5, 5, 5, 5, 5, 5, 5], [5, 4, 3]]\n"
     "  optimizer.lr: [0.0009765625, 0.001953125, 0.00390625, 0.0078125, 0.015625, 0.03125]\n"
     "  optimizer.weight_decay: [0, 0.0001220703125]\n",
     4, usual},
};

int hard_case_count(void) {
    return (int)(sizeof cases / sizeof *cases);
}

const struct hard_case *hard_case_get(int index) {
    return &cases[index];
}

const struct hard_case *hard_case_find(const char *name) {
    for (int i = 0; i < hard_case_count(); i++)
        if (!strcmp(cases[i].name, name))
            return &cases[i];
    cr_assert_fail("no case '%s'", name);
    return NULL;
}

/* ---- a run's file ---- */

static void add_curve(struct record *record, const char *group, const char *scale, const char *name,
                      int n, const double *values) {
    const struct series series = {group, name,        "1",     "by hand", SERIES_F64,
                                  1,     {(size_t)n}, {scale}, values};
    record_add_series(record, &series);
}

/* From `first` to `last` by a constant factor, or through 0 by a constant step. */
static void fill(double *values, int n, double first, double last) {
    for (int i = 0; i < n; i++) {
        double share = n > 1 ? (double)i / (n - 1) : 1;
        values[i] = first > 0 && last > 0 ? first * pow(last / first, share)
                                          : first + (last - first) * share;
    }
}

/* The loss of a run that diverges is infinite in the end. */
static void add_epochs(struct record *record, const struct hard_outcome *outcome, bool diverges) {
    double loss[64], error[64];
    int n = outcome->epochs;
    if (n == 0)
        return;
    record_add_count(record, "epoch", "epoch", "epochs", (size_t)n, 1);
    fill(loss, n, outcome->first, outcome->last);
    fill(error, n, 0.6, diverges ? 0.9 : outcome->error);
    if (diverges)
        loss[n - 1] = INFINITY;
    add_curve(record, "epoch", "epoch", "train_loss", n, loss);
    add_curve(record, "epoch", "epoch", "validation_error", n, error);
}

static void add_trace(struct record *record, const struct hard_outcome *outcome) {
    static const char *const names[] = {"percentile_15", "percentile_50", "percentile_85"};
    int n = outcome->steps ? outcome->steps : 5;
    if (outcome->epochs == 0)
        return;
    double *values = pool_alloc(&record->pool, (size_t)n * sizeof *values);
    record_add_count(record, "trace", "step", "steps", (size_t)n, 0);
    for (int i = 0; i < 3; i++) {
        fill(values, n, i - 1, (i - 1) * outcome->width);
        add_curve(record, "trace", "step", names[i], n, values);
    }
}

static void add_final(struct record *record, const struct planned_run *run,
                      const struct hard_outcome *outcome) {
    bool diverges = outcome->status != NULL;
    double error = diverges ? NAN : outcome->error;
    const struct {
        const char *name;
        double value;
    } numbers[] = {
        {"train_loss", diverges ? INFINITY : outcome->last},
        {"train_error", error},
        {"validation_error", error},
        {"test_error", error},
        {"test_error_scored", diverges ? 0.66 : error},
        {"test_error_population", is(run, "norm.momentum", "") ? NAN : 0.8 * error},
    };
    attributes_add_text(record, &record->final, "status", diverges ? outcome->status : "complete",
                        "");
    attributes_add_bool(record, &record->final, "collapsed", outcome->collapsed, "");
    attributes_add_int(record, &record->final, "steps", diverges ? 3 : run->total_steps, "1", "");
    attributes_add_int(record, &record->final, "planned_steps", run->total_steps, "1", "");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        attributes_add_real(record, &record->final, numbers[i].name, numbers[i].value, "1", "");
}

static void write_run(const struct hard_case *hard, const struct planned_run *run,
                      const char *folder) {
    struct hard_outcome outcome = hard->run(run);
    struct record record = {0};
    if (outcome.status && !strcmp(outcome.status, "missing"))
        return;
    run_input_write(run, &record);
    add_final(&record, run, &outcome);
    add_epochs(&record, &outcome, outcome.status != NULL);
    add_trace(&record, &outcome);
    cr_assert(store_write_run(folder, &record) == OK, "%s", status_message());
    record_free(&record);
}

void hard_write(const struct hard_case *hard, struct sweep *sweep) {
    struct pool pool = {0};
    struct merge merge;
    const char *yaml =
        pool_format(&pool,
                    "schema: 1\nname: %s\ntitle: %s%s\nbase:\n"
                    "  data: {name: clusters, rows: 300, test_rows: 100, features: 6,\n"
                    "         classes: 3, train: 200, validation: 50}\n"
                    "  model: {hidden: [5]}\n  train: {epochs: %d}\nsweep:\n%s",
                    hard->name, hard->title ? "" : "Hard results, ",
                    hard->title ? hard->title : hard->name, hard->epochs, hard->sweep);
    sweep_create(sweep, yaml, NULL);
    cr_assert(folder_create(sweep_dir(sweep)) == OK, "%s", status_message());
    for (int i = 0; i < sweep->plan.n_runs; i++)
        write_run(hard, &sweep->plan.runs[i], sweep_dir(sweep));
    cr_assert(merge_plan(&merge, &sweep->plan, sweep_dir(sweep)) == OK &&
                  merge_write(&merge, sweep_merged(sweep)) == OK,
              "%s: %s", hard->name, status_message());
    merge_free(&merge);
    pool_free(&pool);
}
