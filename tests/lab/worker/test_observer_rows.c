/* Which test rows a run got wrong: real runs on generated data, held against predictions worked out
 * in double from the stored weights, against the errors that count them, and read back from files.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/nn/baseline.h"
#include "lab/plan/plan.h"
#include "lab/store/store.h"
#include "lab/store/wrong_rows.h"
#include "lab/worker/execute.h"

static const char text[] =
    "schema: 1\n"
    "name: rows\n"
    "base:\n"
    "  data: {name: clusters, classes: 3, features: 6, rows: 250, test_rows: 150, train: 200,\n"
    "         validation: 50, spread: 2}\n"
    "  model: {hidden: [8, 7]}\n"
    "  norm: {kind: batch}\n"
    "  optimizer: {lr: 0.05}\n"
    "  train: {batch_size: 10, epochs: 3}\n"
    "  log: {level: economy, test: final, probes: rows}\n";

enum { MOST = 150, WORDS = 3 };

static struct experiment experiment;
static struct plan plan;
static struct record record;

#define OVERRIDES(...)                                                                             \
    (int)(sizeof(const char *[]){__VA_ARGS__} / sizeof(char *)), (const char *[]) {                \
        __VA_ARGS__                                                                                \
    }

static void run_with(int n_threads, int n_overrides, const char *const *overrides) {
    enum status status = experiment_parse("rows.yaml", text, n_overrides, overrides, &experiment);
    cr_assert(!status, "%s", status_message());
    status = plan_create(&experiment, &plan);
    cr_assert(!status, "%s", status_message());
    status = run_execute(&plan.runs[0], n_threads, 1, NULL, NULL, &record);
    cr_assert(!status, "%s", status_message());
}

static void run(int n_overrides, const char *const *overrides) {
    run_with(1, n_overrides, overrides);
}

static void release(void) {
    record_free(&record);
    plan_free(&plan);
    experiment_free(&experiment);
}

TestSuite(observer_rows);

static const struct dataset *dataset(void) {
    return plan.runs[0].dataset;
}

static double figure(const char *name) {
    const struct attribute *attribute = attributes_find(&record.final, name);
    cr_assert(attribute, "no final metric %s", name);
    return attribute->real;
}

static bool has(const char *group, const char *name) {
    return record_find_series(&record, group, name) != NULL;
}

static const struct series *find(const char *group, const char *name) {
    const struct series *series = record_find_series(&record, group, name);
    cr_assert(series, "no series %s/%s", group, name);
    cr_assert(series->type == SERIES_I64, "%s/%s is not of whole numbers", group, name);
    return series;
}

static const uint64_t *words(const char *name) {
    const struct series *series = find("rows", name);
    cr_assert(series->n_dims == 1 && series->dims[0] == WORDS, "%s: %zu words", name,
              series->dims[0]);
    return series->data;
}

static bool bit(const uint64_t *bits, long row) {
    return bits[row / 64] >> row % 64 & 1;
}

static long count(const uint64_t *bits, long n) {
    long wrong = 0;
    for (long row = 0; row < n; row++)
        wrong += bit(bits, row);
    for (long row = n; row < 64 * WORDS; row++)
        cr_assert(!bit(bits, row), "there is no row %ld", row);
    return wrong;
}

/* ---- predictions in double, from what the run's record holds ---- */

static const float *weights(int layer, const char *name, size_t size) {
    char group[64];
    snprintf(group, sizeof group, "weights/final/layer%d", layer);
    const struct series *series = record_find_series(&record, group, name);
    cr_assert(!series || (series->type == SERIES_F32 && series_count(series) == size), "%s", name);
    return series ? series->data : NULL;
}

/* y = gamma (z - mean) / sqrt(var + eps) + beta, then relu; the last layer has neither. */
static void layer_forward(int k, int in, int out, const double *x, double *y) {
    size_t n = (size_t)out;
    const float *W = weights(k, "W", (size_t)in * n), *b = weights(k, "b", n),
                *gamma = weights(k, "gamma", n), *beta = weights(k, "beta", n),
                *mean = weights(k, "running_mean", n), *var = weights(k, "running_var", n);
    double eps = plan.runs[0].config.run.norm.eps;
    for (int j = 0; j < out; j++) {
        y[j] = b ? (double)b[j] : 0;
        for (int i = 0; i < in; i++)
            y[j] += x[i] * (double)W[i * out + j];
        if (gamma)
            y[j] = (double)gamma[j] * (y[j] - (double)mean[j]) / sqrt((double)var[j] + eps) +
                   (double)beta[j];
        if (k < 2 && y[j] < 0)
            y[j] = 0;
    }
}

/* The answer to x [6], and by how much it is the first. */
static int answer(const float *x, double *margin) {
    static const int sizes[] = {6, 8, 7, 3};
    double in[8], out[8];
    for (int i = 0; i < 6; i++)
        in[i] = (double)x[i];
    for (int k = 0; k < 3; k++) {
        layer_forward(k, sizes[k], sizes[k + 1], in, out);
        memcpy(in, out, sizeof in);
    }
    int best = 0;
    for (int c = 1; c < 3; c++)
        best = out[c] > out[best] ? c : best;
    *margin = INFINITY;
    for (int c = 0; c < 3; c++)
        *margin = c == best ? *margin : fmin(*margin, out[best] - out[c]);
    return best;
}

static void check_predictions(const char *what) {
    const uint64_t *bits = words("wrong");
    long n = dataset()->n[PART_TEST], clear = 0, wrong = 0;
    float x[MOST * 6];
    struct target targets[MOST];
    dataset_gather(dataset(), PART_TEST, NULL, 0, 0, (struct span){0, (int)n}, x, targets);
    for (long row = 0; row < n; row++) {
        double margin;
        int best = answer(x + row * 6, &margin);
        if (margin < 1e-4) /* float32 may decide otherwise */
            continue;
        clear++;
        wrong += best != targets[row].label;
        cr_assert(bit(bits, row) == (best != targets[row].label), "%s: row %ld", what, row);
    }
    cr_assert(clear > n - 5 && wrong > 5, "%s: %ld of %ld rows, %ld wrong", what, clear, n, wrong);
}

Test(observer_rows, bits_are_the_predictions_of_the_stored_weights) {
    run(OVERRIDES("log.weights=final"));
    check_predictions("batch norm");
    release();
    run(OVERRIDES("log.weights=final", "norm.kind=none"));
    check_predictions("none");
    release();
    /* 400 rows: fold 5 has 57 of them */
    run(OVERRIDES("log.weights=final", "data.split=folds", "seed=12", "data.train=all"));
    cr_assert(dataset()->n[PART_TEST] == 57 && dataset()->n[PART_TRAIN] == 293, "%ld and %ld",
              dataset()->n[PART_TRAIN], dataset()->n[PART_TEST]);
    const struct series *series = find("rows", "wrong");
    cr_assert(series->dims[0] == 1, "%zu words", series->dims[0]);
    cr_assert(attributes_find(&record.final, "test_rows")->integer == 57, "test_rows");
    release();
    run(OVERRIDES("log.weights=final", "data.split=folds", "seed=12", "data.rows=700"));
    cr_assert(dataset()->n[PART_TEST] == 121, "%ld", dataset()->n[PART_TEST]);
    release();
}

/* ---- what the errors count ---- */

Test(observer_rows, errors_count_them_to_the_bit) {
    static const char *const suffixes[] = {"", "_debiased", "_population"};
    static const char *const kinds[] = {"norm.kind=batch", "norm.kind=layer", "norm.kind=none",
                                        "norm.kind=population"};
    for (int k = 0; k < 4; k++) {
        run(OVERRIDES(kinds[k]));
        cr_assert(attributes_find(&record.final, "test_rows")->integer == 150, "test_rows");
        for (int i = 0; i < 3; i++) {
            char column[32], name[32];
            snprintf(column, sizeof column, "test_error%s", suffixes[i]);
            snprintf(name, sizeof name, "wrong%s", suffixes[i]);
            double error = figure(column);
            cr_assert(has("rows", name) == !isnan(error), "%s: %s", kinds[k], name);
            if (!isnan(error))
                cr_assert((double)count(words(name), 150) / 150 == error, "%s: %s", kinds[k], name);
        }
        cr_assert(!has("rows", "wrong_batch"), "rows that depend on each other");
        release();
    }
}

Test(observer_rows, the_number_of_threads_changes_none) {
    uint64_t alone[WORDS];
    run(OVERRIDES("data.test_rows=150", "eval.population_rows=100"));
    memcpy(alone, words("wrong_population"), sizeof alone);
    release();
    run_with(3, OVERRIDES("data.test_rows=150", "eval.population_rows=100"));
    cr_assert(!memcmp(alone, words("wrong_population"), sizeof alone), "three threads");
    release();
}

Test(observer_rows, members_of_a_bank_have_those_of_runs_of_their_own) {
    static const char *const momenta[] = {"norm.momentum=0.5", "norm.momentum=0.99"};
    static const char *const averages[] = {"norm.average=variance", "norm.average=deviation",
                                           "norm.average=second_moment"};
    static const char *const names[] = {"wrong", "wrong_debiased"};
    uint64_t bank[2][6 * WORDS];
    run(OVERRIDES("eval.momenta=[0.5,0.99]"));
    for (int f = 0; f < 2; f++) {
        const struct series *series = find("bank", names[f]);
        cr_assert(series->n_dims == 3 && series->dims[0] == 2 && series->dims[1] == 3 &&
                      series->dims[2] == WORDS,
                  "2 momenta, 3 averages, 3 words");
        memcpy(bank[f], series->data, sizeof bank[f]);
    }
    cr_assert(memcmp(bank[0], bank[0] + 3 * WORDS, 3 * WORDS * sizeof **bank) != 0,
              "two momenta are wrong about the same rows: nothing is tested");
    release();
    for (int i = 0; i < 6; i++) {
        run(OVERRIDES(momenta[i / 3], averages[i % 3]));
        for (int f = 0; f < 2; f++)
            cr_assert(!memcmp(bank[f] + i * WORDS, words(names[f]), WORDS * sizeof **bank),
                      "%s, %s: %s", momenta[i / 3], averages[i % 3], names[f]);
        release();
    }
}

/* ---- runs that diverged ---- */

static void expect_constant(const uint64_t *bits, const char *what) {
    const uint8_t *labels = dataset_labels(dataset(), PART_TEST);
    long counts[3];
    int commonest = 0;
    dataset_class_counts(dataset(), PART_TRAIN, 200, counts);
    for (int k = 1; k < 3; k++)
        commonest = counts[k] > counts[commonest] ? k : commonest;
    for (long row = 0; row < 150; row++)
        cr_assert(bit(bits, row) == (labels[row] != commonest), "%s: row %ld", what, row);
    cr_assert((double)count(bits, 150) / 150 == figure("test_error_scored"), "%s: scored", what);
}

Test(observer_rows, a_run_that_diverged_has_those_of_the_best_constant_prediction) {
    run(OVERRIDES("eval.momenta=[0.5]", "optimizer.lr=1e6", "train.loss=squared", "norm.eps=1e-30",
                  "train.epochs=300"));
    cr_assert(!strcmp(attributes_find(&record.final, "status")->text, "diverged"), "status");
    expect_constant(words("wrong"), "running");
    expect_constant(words("wrong_debiased"), "debiased");
    expect_constant(words("wrong_population"), "population");
    for (int i = 0; i < 3; i++)
        expect_constant((const uint64_t *)find("bank", "wrong")->data + i * WORDS, "bank");
    release();
}

/* As tests/lab/worker/test_execute.c has it: statistics that never move let the outputs overflow.
 */
Test(observer_rows, where_running_statistics_alone_overflow_the_others_keep_their_rows) {
    run(OVERRIDES("model.hidden=[8,8,8,8,8,8,8,8]", "model.init_scale=1e6", "eval.momenta=[0.9,1]",
                  "norm.average=deviation", "norm.momentum=1"));
    cr_assert(!strcmp(attributes_find(&record.final, "status")->text, "diverged"), "status");
    expect_constant(words("wrong"), "running");
    cr_assert((double)count(words("wrong_population"), 150) / 150 ==
                  figure("test_error_population"),
              "population");
    const uint64_t *bank = find("bank", "wrong")->data;
    const double *errors = record_find_series(&record, "bank", "test_error")->data;
    cr_assert((double)count(bank + WORDS, 150) / 150 == errors[1], "momentum .9");
    expect_constant(bank + 4 * WORDS, "momentum 1");
    release();
}

/* ---- when ---- */

Test(observer_rows, they_are_there_where_asked_for_and_make_no_other_run) {
    char id[RUN_ID_SIZE];
    run(OVERRIDES("log.probes=rows/wrong_population"));
    cr_assert(!has("rows", "wrong") && has("rows", "wrong_population"), "by name");
    memcpy(id, plan.runs[0].id, sizeof id);
    release();
    run(OVERRIDES("log.probes=", "log.level=full", "log.test=epoch", "eval.momenta=[0.5]"));
    cr_assert(!has("rows", "word") && !has("bank", "word"), "at no level");
    release();
    run(OVERRIDES("log.test=never", "eval.momenta=[0.5]"));
    cr_assert(!has("rows", "word") && !has("bank", "word"), "nobody looks at test rows");
    release();
    run(OVERRIDES("log.test=epoch", "log.level=full"));
    cr_assert(!strcmp(id, plan.runs[0].id), "an id changed");
    cr_assert((double)count(words("wrong"), 150) / 150 == figure("test_error"), "the last epoch");
    release();
    run(OVERRIDES("data.name=linear", "train.loss=squared"));
    cr_assert(!has("rows", "word"), "no answer to numbers is wrong");
    release();
}

/* ---- and back from a file ---- */

static char folder[64], path[128];

static void write_run(void) {
    strcpy(folder, "/tmp/normlab-rows-XXXXXX");
    cr_assert(mkdtemp(folder), "no folder under /tmp");
    cr_assert(!store_write_run(folder, &record), "%s", status_message());
    snprintf(path, sizeof path, "%s/%s.h5", folder, record.id);
}

static void remove_run(void) {
    cr_assert(!remove(path) && !rmdir(folder), "something is left in %s", folder);
}

static struct wrong_rows rows_of(const char *metric, int n, const char *const *where,
                                 struct pool *pool) {
    struct wrong_rows rows = {0};
    enum status status = wrong_rows_read(path, record.id, metric, n, where, pool, &rows);
    cr_assert(!status, "%s: %s", metric, status_message());
    return rows;
}

Test(observer_rows, a_file_gives_them_back) {
    static const char *const where[] = {"average=1", "momentum=0.99"};
    struct pool pool = {0};
    run(OVERRIDES("eval.momenta=[0.5,0.99]"));
    write_run();
    struct wrong_rows own = rows_of("test_error_scored", 0, NULL, &pool);
    cr_assert(own.m == 150 && own.fold == -1, "%ld rows of fold %d", own.m, own.fold);
    cr_assert(!memcmp(own.bits, words("wrong"), WORDS * sizeof(uint64_t)), "running");
    struct wrong_rows population = rows_of("test_error_population", 0, NULL, &pool);
    cr_assert(!memcmp(population.bits, words("wrong_population"), WORDS * sizeof(uint64_t)),
              "population");
    struct wrong_rows member = rows_of("bank/test_error_debiased", 2, where, &pool);
    const uint64_t *bank = find("bank", "wrong_debiased")->data;
    cr_assert(!memcmp(member.bits, bank + 4 * WORDS, WORDS * sizeof(uint64_t)), "the fifth member");
    remove_run();
    release();
    run(OVERRIDES("data.split=folds", "seed=9", "log.probes=rows/wrong", "data.train=100"));
    write_run();
    own = rows_of("test_error", 0, NULL, &pool);
    cr_assert(own.m == 57 && own.fold == 2 && wrong_rows_count(&own) > 0, "%ld rows of fold %d",
              own.m, own.fold);
    cr_assert(!rows_of("test_error_population", 0, NULL, &pool).bits, "nobody asked for those");
    remove_run();
    release();
    pool_free(&pool);
}
