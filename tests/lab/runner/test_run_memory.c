/* What is said of memory before a run is what the run takes: arenas by their sizes, the rest by
 * what a process can do within exactly so much. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/nn/evaluate.h"
#include "lab/plan/plan.h"
#include "lab/runner/run_memory.h"
#include "lab/worker/execute.h"
#include "lab/worker/observer.h"
#include "tests/support.h"

TestSuite(memory, .timeout = 120);

static const char text[] =
    "schema: 1\n"
    "name: memory\n"
    "title: A run of some megabytes\n"
    "base:\n"
    "  data: {name: clusters, classes: 3, features: 60, rows: 5000, test_rows: 1000, train: 4000,\n"
    "         validation: 900}\n"
    "  model: {hidden: [300, 200]}\n"
    "  train: {batch_size: 40, epochs: 2}\n";

struct bench {
    struct experiment experiment;
    struct plan plan;
    const struct planned_run *run;
};

static void bench_create(struct bench *bench, int n_overrides, const char *const *overrides) {
    enum status status =
        experiment_parse("memory.yaml", text, n_overrides, overrides, &bench->experiment);
    cr_assert(!status, "%s", status_message());
    status = plan_create(&bench->experiment, &bench->plan);
    cr_assert(!status, "%s", status_message());
    bench->run = &bench->plan.runs[0];
}

static void bench_free(struct bench *bench) {
    plan_free(&bench->plan);
    experiment_free(&bench->experiment);
}

/* Stands for log.probes with every family of the table. */
#define EVERY_FAMILY "log.probes=*"

enum { CASES = 15, OVERRIDES = 5 };
static const char *const cases[CASES][OVERRIDES] = {
    {"norm.kind=none", "log.level=economy"},
    {"norm.kind=none", "log.level=full", "log.weights=both"},
    {"norm.kind=batch", "log.level=economy"},
    {"norm.kind=batch", "log.level=standard", "norm.affine=false", "log.weights=initial"},
    {"norm.kind=batch", "log.level=full", "norm.placement=after", "norm.on_input=true"},
    {"norm.kind=layer", "log.level=full", "norm.on_output=true"},
    {"norm.kind=batch", "log.level=economy", EVERY_FAMILY, "train.steps=1", "data.train=200"},
    {"norm.kind=layer", "log.level=full", "log.probes=ics condition", "optimizer.kind=adam"},
    {"norm.kind=batch", "log.level=full", "eval.momenta=[0,0.5,0.9,0.99]", "norm.on_input=true"},
    {"norm.kind=batch", "eval.batch_rows=1000", "eval.population_rows=100"},
    {"norm.kind=population", "log.level=full", "norm.population_rows=500", "norm.on_input=true"},
    {"norm.kind=none", "train.order=sorted", "log.level=economy"},
    {"norm.kind=batch", "train.order=classes", "train.classes_per_batch=2", "log.level=full"},
    {"norm.kind=batch", "log.level=economy", "log.probes=units noise removal response"},
    {"data.name=linear", "train.loss=squared", "log.level=full", EVERY_FAMILY, "data.train=200"},
};

static const char *every_family(struct pool *pool) {
    const char *words = "", *last = "";
    for (int i = 0; i < probe_count(); i++) {
        const char *family = probe_family(probe_get(i));
        if (strcmp(family, last) != 0)
            words = pool_format(pool, "%s %s", words, family);
        last = family;
    }
    return pool_format(pool, "log.probes=%s", words);
}

static void bench_case(struct bench *bench, int i) {
    const char *overrides[OVERRIDES];
    struct pool pool = {0};
    int n = 0;
    for (; n < OVERRIDES && cases[i][n]; n++)
        overrides[n] = strcmp(cases[i][n], EVERY_FAMILY) ? cases[i][n] : every_family(&pool);
    bench_create(bench, n, overrides);
    pool_free(&pool);
}

/* ---- by the sizes of arenas ---- */

Test(memory, an_observer_takes_what_was_said) {
    for (int i = 0; i < CASES; i++) {
        struct bench bench;
        bench_case(&bench, i);
        const struct config *config = &bench.run->config;
        struct trainer outline, *trainer;
        struct observer observer;
        trainer_outline(&outline, &config->run, bench.run->dataset, 1);
        size_t said = observer_memory(&outline, &config->log);
        trainer_release(&outline);
        cr_assert(!trainer_create(&trainer, &config->run, bench.run->dataset, 1), "%s",
                  status_message());
        cr_assert(!observer_create(&observer, trainer, &config->log), "%s", status_message());
        size_t taken = observer.arena.size + observer.diagnostics.arena.size;
        cr_assert(observer.arena.used == observer.arena.size, "case %d: room that nothing uses", i);
        /* an arena of nothing has some bytes all the same */
        cr_assert(said <= taken && taken <= said + 64, "case %d: %zu bytes said, %zu taken", i,
                  said, taken);
        observer_free(&observer);
        trainer_free(trainer);
        bench_free(&bench);
    }
}

/* Steps are kept as the points that will be written. */
Test(memory, a_long_run_takes_no_more_unless_every_step_is_logged) {
    static const char *const levels[] = {"log.level=economy", "log.level=standard",
                                         "log.level=full"};
    static const size_t most[] = {200 * 1000, 300 * 1000, 100 * 1000 * 1000};
    for (int i = 0; i < 3; i++) {
        struct bench bench;
        bench_create(&bench, 3,
                     (const char *const[]){levels[i], "train.steps=1000000", "train.batch_size=2"});
        struct trainer outline;
        trainer_outline(&outline, &bench.run->config.run, bench.run->dataset, 1);
        size_t size = observer_memory(&outline, &bench.run->config.log);
        cr_assert(size < most[i], "%s: %zu bytes for a million steps", levels[i], size);
        trainer_release(&outline);
        bench_free(&bench);
    }
}

/* ---- by what fits ---- */

/* All that a run evaluates. */
static enum status evaluate_all(const struct trainer *trainer) {
    const long *n = trainer->dataset->n;
    struct evaluation result;
    struct pool pool = {0};
    size_t n_states = trainer->mlp.n_states;
    float *states = pool_alloc(&pool, n_states * sizeof *states);
    enum status status = OK;
    for (enum data_part part = PART_TRAIN; part <= PART_TEST && !status; part++)
        status = evaluate(trainer, part, n[part], NULL, NULL, &result);
    if (!status && n_states)
        status = evaluate_population_states(trainer, evaluate_population_rows(trainer), states);
    if (!status && mlp_mixes_rows(&trainer->mlp))
        status = evaluate_batches(trainer, PART_TEST, &result);
    if (!status && n_states)
        status = evaluate(trainer, PART_TEST, n[PART_TEST], states, NULL, &result);
    pool_free(&pool);
    return status;
}

/* Heap of the lists beside the arena: some blocks a thread. */
static const long SLACK = 256 * 1024;

/* Enough is enough, and much less is not. */
static void expect_evaluates_in_what_was_said(const struct planned_run *run, int n_threads) {
    struct trainer *trainer;
    cr_assert(!trainer_create(&trainer, &run->config.run, run->dataset, n_threads), "%s",
              status_message());
    cr_assert(!evaluate_all(trainer), "%s", status_message()); /* threads and libraries are there */
    long said = (long)evaluation_memory(trainer);
    test_limit_memory(said + SLACK);
    enum status enough = evaluate_all(trainer);
    test_limit_memory(said - SLACK);
    enum status less = evaluate_all(trainer);
    test_limit_memory(-1);
    cr_expect(enough == OK, "%d threads: %ld bytes are not enough", n_threads, said);
    cr_expect(less == ERROR_RUN, "%d threads: much less than %ld bytes is enough", n_threads, said);
    trainer_free(trainer);
}

Test(memory, evaluation_takes_what_was_said) {
    if (TEST_SANITIZED)
        cr_skip_test("sanitizers have memory of their own");
    for (int i = 0; i < CASES; i++) {
        struct bench bench;
        bench_case(&bench, i);
        expect_evaluates_in_what_was_said(bench.run, 1);
        bench_free(&bench);
    }
}

/* All parts are so small that one thread does them: how many buffers the matrix library has does
 * not depend on who comes when. Every thread has its workspace all the same. */
Test(memory, evaluation_takes_what_was_said_on_several_threads) {
    if (TEST_SANITIZED)
        cr_skip_test("sanitizers have memory of their own");
    struct bench bench;
    bench_create(&bench, 5,
                 (const char *const[]){"norm.kind=layer", "model.hidden=[1000]", "data.train=200",
                                       "data.validation=100", "data.test=150"});
    expect_evaluates_in_what_was_said(bench.run, 3);
    bench_free(&bench);
}

static void expect_runs_in_what_was_planned(const struct planned_run *run) {
    struct record record;
    cr_assert(!run_execute(run, 1, 1, NULL, NULL, &record), "%s", status_message());
    record_free(&record);
    test_limit_memory((long)run_memory(run, 1) + 2 * SLACK);
    enum status status = run_execute(run, 1, 1, NULL, NULL, &record);
    test_limit_memory(-1);
    cr_expect(!status, "%s: %s", run->canonical, status_message());
    record_free(&record);
}

Test(memory, a_run_takes_no_more_than_was_planned) {
    if (TEST_SANITIZED)
        cr_skip_test("sanitizers have memory of their own");
    struct bench bench;
    for (int i = 0; i < CASES; i++) {
        bench_case(&bench, i);
        expect_runs_in_what_was_planned(bench.run);
        bench_free(&bench);
    }
    bench_create(&bench, 4, /* what is written of its steps is more than all else */
                 (const char *const[]){"log.level=full", "train.steps=40000", "train.batch_size=4",
                                       "model.hidden=[5]"});
    expect_runs_in_what_was_planned(bench.run);
    bench_free(&bench);
}

Test(memory, too_long_a_series_is_a_message) {
    if (TEST_SANITIZED)
        cr_skip_test("sanitizers have memory of their own");
    struct bench bench;
    struct record record;
    bench_create(&bench, 2, (const char *const[]){"log.level=full", "train.steps=1000000000000"});
    test_limit_memory(1L << 30);
    enum status status = run_execute(bench.run, 1, 1, NULL, NULL, &record);
    test_limit_memory(-1);
    cr_assert(status == ERROR_RUN, "status %d", (int)status);
    cr_assert(strstr(status_message(), "out of memory"), "it says: %s", status_message());
    bench_free(&bench);
}
