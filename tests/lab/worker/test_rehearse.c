/* What a run will record, foretold without data and without training, is what runs then record: of
 * every normalizer, with every probe that there is. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "lab/plan/plan.h"
#include "lab/worker/execute.h"

TestSuite(rehearse, .timeout = 300);

static const char text[] =
    "schema: 1\n"
    "name: run\n"
    "title: A run\n"
    "base:\n"
    "  data: {name: clusters, classes: 3, features: 6, rows: 250, test_rows: 90, train: 200,\n"
    "         validation: 50}\n"
    "  model: {hidden: [16, 12]}\n"
    "  norm: {kind: batch}\n"
    "  optimizer: {lr: 0.05}\n"
    "  train: {batch_size: 10, epochs: 2}\n";

/* Scales and what stands beside the training are not foretold. */
static bool counts(const struct series *series) {
    return !series_is_scale(series) && strcmp(series->group, "data") != 0 &&
           strncmp(series->group, "weights", strlen("weights")) != 0;
}

static bool is_time(const char *name) {
    return !strcmp(name, "step") || !strcmp(name, "epoch");
}

/* Units of the output and words of test rows: only data say how many there are. */
static bool is_of_data(const struct series *a, const struct series *b, int dim) {
    enum { CLASSES = 3 };
    bool units = !strcmp(a->dim_names[dim], "unit");
    return !strcmp(a->dim_names[dim], "word") ||
           (units && (a->dims[dim] == CLASSES || b->dims[dim] == CLASSES));
}

/* A number of this layer at any time? */
static bool has_number(const struct series *series, size_t layer) {
    for (size_t t = 0; t < series->dims[0]; t++)
        if (!isnan(series_number(series, t * series->dims[1] + layer)))
            return true;
    return false;
}

/* Layers that a probe is not for have no number in either. */
static bool has_alike_gaps(const struct series *a, const struct series *b) {
    size_t n = a->n_dims > 1 && !strcmp(a->dim_names[1], "layer") ? a->dims[1] : 0;
    for (size_t k = 0; k < n; k++)
        if (has_number(a, k) != has_number(b, k))
            return false;
    return true;
}

static void expect_in(const struct record *one, const struct record *other, const char *what) {
    for (int i = 0; i < one->n_series; i++) {
        const struct series *series = &one->series[i];
        if (!counts(series))
            continue;
        const struct series *twin = record_find_series(other, series->group, series->name);
        cr_expect(twin, "%s: %s/%s is in one alone", what, series->group, series->name);
        if (!twin)
            continue;
        cr_expect(twin->n_dims == series->n_dims, "%s: %s/%s has %d dimensions, and %d", what,
                  series->group, series->name, series->n_dims, twin->n_dims);
        cr_expect_str_eq(twin->unit, series->unit);
        cr_expect(has_alike_gaps(series, twin), "%s: %s/%s has numbers of other layers", what,
                  series->group, series->name);
        for (int d = 0; d < series->n_dims; d++) {
            const char *name = series->dim_names[d];
            cr_expect_str_eq(twin->dim_names[d], name);
            cr_expect(is_time(name) || is_of_data(series, twin, d) ||
                          twin->dims[d] == series->dims[d],
                      "%s: %s/%s has %zu along %s, and %zu", what, series->group, series->name,
                      series->dims[d], name, twin->dims[d]);
        }
    }
}

static int count(const struct record *record) {
    int n = 0;
    for (int i = 0; i < record->n_series; i++)
        n += counts(&record->series[i]);
    return n;
}

/* Compares both; returns how many series there are. */
static int expect_foretold(int n_overrides, const char *const *overrides, const char *what) {
    struct experiment experiment;
    struct plan plan, outline;
    struct record run = {0}, rehearsed = {0};
    enum status status = experiment_parse("run.yaml", text, n_overrides, overrides, &experiment);
    cr_assert(!status, "%s: %s", what, status_message());
    cr_assert(plan_create(&experiment, &plan) == OK, "%s: %s", what, status_message());
    cr_assert(plan_outline(&experiment, &outline) == OK, "%s: %s", what, status_message());
    cr_assert(plan.n_runs == 1 && outline.n_runs == 1, "%s", what);
    cr_expect_str_eq(outline.runs->canonical, plan.runs->canonical);
    cr_assert(run_execute(plan.runs, 1, 1, NULL, NULL, &run) == OK, "%s", status_message());
    cr_assert(run_rehearse(&outline.runs->config, &rehearsed) == OK, "%s", status_message());
    expect_in(&run, &rehearsed, what);
    expect_in(&rehearsed, &run, what);
    int n = count(&rehearsed);
    record_free(&run);
    record_free(&rehearsed);
    plan_free(&plan);
    plan_free(&outline);
    experiment_free(&experiment);
    return n;
}

static const char *all_probes(struct pool *pool) {
    const char *words = "";
    for (int i = 0; i < probe_count(); i++)
        words = probe_join_words(words, probe_family(probe_get(i)), pool);
    return pool_format(pool, "log.probes=%s", words);
}

Test(rehearse, every_normalizer_with_every_probe) {
    struct pool pool = {0};
    for (int i = 0; i < normalizer_count(); i++) {
        const char *name = normalizer_get(i)->name;
        const char *overrides[] = {pool_format(&pool, "norm.kind=%s", name), "log.level=full",
                                   all_probes(&pool), "model.activation=tanh"};
        int n = expect_foretold(4, overrides, name);
        cr_expect(n > 60, "%s: %d series", name, n);
    }
    pool_free(&pool);
}

Test(rehearse, what_is_logged_and_what_there_is_to_log) {
    static const struct {
        const char *what, *overrides[3];
    } cases[] = {
        {"nothing", {"log.level=economy"}},
        {"what a run has by default", {NULL}},
        {"no test rows", {"log.level=full", "log.test=never", "log.probes=rows"}},
        {"test rows in the end", {"log.level=full", "log.test=final", "log.probes=rows"}},
        {"no validation rows", {"log.level=full", "data.validation=0", "log.probes=trace removal"}},
        {"a bank", {"eval.momenta=[0.5,0.9]", "log.probes=rows"}},
        {"a bank by epoch", {"eval.momenta=[0.5,0.9]", "log.level=full", "log.test=never"}},
        {"no bank of layer norm", {"eval.momenta=[0.5,0.9]", "norm.kind=layer", "log.level=full"}},
        {"no hidden layer", {"model.hidden=[]", "log.level=full", "log.probes=trace units"}},
        {"norm on the output", {"norm.on_output=true", "log.level=full"}},
        {"nothing learned", {"norm.affine=false", "log.level=full"}},
        {"one by its name", {"log.level=economy", "log.probes=gradient_norm"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int n = 0;
        while (n < 3 && cases[i].overrides[n])
            n++;
        expect_foretold(n, cases[i].overrides, cases[i].what);
    }
}
