/* A run is trained again from its file alone; nothing that the file names is opened. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "lab/archive/rerun.h"
#include "lab/store/store.h"
#include "tests/cli/capture.h"
#include "tests/lab/runner/sweep.h"
#include "tests/support.h"

/* Values of every type, lists of one and of several, words in the place of numbers. */
static const char *const variety[] = {"norm.kind=batch",
                                      "norm.on_input=true",
                                      "model.hidden=[4,3]",
                                      "eval.momenta=[0.00001,0.5]",
                                      "optimizer.schedule=step",
                                      "optimizer.step_at=[0.5]",
                                      "data.train=all",
                                      "data.validation=0",
                                      "log.level=full",
                                      "log.weights=both",
                                      "seed=3",
                                      NULL};

static struct sweep sweep;
static const char *id;

static void begin(void) {
    sweep_create(&sweep, sweep_small, variety);
    sweep_trains(&sweep, 1);
    id = sweep.plan.runs[0].id;
}

static void end(void) {
    sweep_free(&sweep);
}

TestSuite(rerun, .init = begin, .fini = end);

Test(rerun, the_same_program_makes_the_same_bits) {
    struct rerun rerun;
    struct record_diff diff;
    cr_assert(rerun_prepare(sweep_merged(&sweep), id, NULL, &rerun) == OK, "%s", status_message());
    cr_expect_str_eq(rerun.plan.runs[0].id, id, "it became another run, %s", rerun.plan.runs[0].id);
    cr_expect_str_eq(rerun.plan.runs[0].canonical, sweep.plan.runs[0].canonical, "%s",
                     rerun.plan.runs[0].canonical);
    cr_assert(rerun_train(&rerun, 2, &diff) == OK, "%s", status_message());
    for (int i = 0; i < diff.n; i++)
        cr_expect(diff.items[i].part == DIFF_ENVIRONMENT && !strcmp(diff.items[i].name, "threads"),
                  "%s: %s, %s", diff.items[i].name, diff.items[i].a, diff.items[i].b);
    cr_expect(diff.n_metrics > 10 && diff.n_series > 40, "%d metrics, %d series", diff.n_metrics,
              diff.n_series);
    record_diff_free(&diff);
    rerun_free(&rerun);
}

/* A run's file as somebody else may have it: `change` is done to its record. */
static enum status prepare_changed(void (*change)(struct record *record), const char *data_dir) {
    struct record record;
    struct rerun rerun = {0};
    struct pool pool = {0};
    cr_assert(store_read_run(sweep_path(&sweep, 0), &record) == OK, "%s", status_message());
    change(&record);
    cr_assert(store_write_run(sweep.out, &record) == OK, "%s", status_message());
    record_free(&record);
    enum status status =
        rerun_prepare(pool_format(&pool, "%s/%s.h5", sweep.out, id), id, data_dir, &rerun);
    rerun_free(&rerun);
    pool_free(&pool);
    return status;
}

static struct attribute *find(struct record *record, const char *name) {
    return (struct attribute *)(uintptr_t)attributes_find(&record->config, name);
}

static void change_nothing(struct record *record) {
    (void)record;
}
static void change_data(struct record *record) {
    find(record, "data.hash")->text = "0123456789abcdef";
}
static void change_kind(struct record *record) {
    find(record, "norm.kind")->text = "mine";
    attributes_add_text(record, &record->provenance, "plugin", "/nowhere/mine.so", NULL);
}
static void change_value(struct record *record) {
    find(record, "train.batch_size")->integer = -4;
}
static void add_key(struct record *record) {
    attributes_add_text(record, &record->config, "norm.nothing", "1", NULL);
}
static void change_list(struct record *record) {
    find(record, "model.hidden")->text = "4-x";
}
static void name_a_folder(struct record *record) {
    find(record, "data.name")->text = "idx";
    attributes_add_text(record, &record->provenance, "data.dir", "/etc", NULL);
}

Test(rerun, what_does_not_fit_is_said_before_anything_is_trained) {
    static const struct {
        void (*change)(struct record *);
        enum status status;
        const char *words;
    } cases[] = {
        {change_nothing, OK, NULL},
        {change_data, ERROR_DATA, "these are not the data that the run had"},
        {change_kind, ERROR_USAGE, "'mine' came from a plugin, /nowhere/mine.so: where you trust"},
        {change_value, ERROR_USAGE, "train.batch_size: -4"},
        {add_key, ERROR_USAGE, "unknown key 'norm.nothing'"},
        {change_list, ERROR_USAGE, "model.hidden"},
        {name_a_folder, ERROR_USAGE, "data.dir"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum status status = prepare_changed(cases[i].change, NULL);
        cr_expect(status == cases[i].status, "case %zu: status %d, %s", i, (int)status,
                  status_message());
        if (cases[i].words)
            cr_expect(strstr(status_message(), cases[i].words) &&
                          strstr(status_message(), ", run r"),
                      "case %zu: %s", i, status_message());
    }
}

Test(rerun, the_folder_of_the_data_comes_from_the_command_line) {
    cr_expect(prepare_changed(name_a_folder, "/nowhere/data") != OK, "it was read");
    cr_expect(strstr(status_message(), "/nowhere/data"), "%s", status_message());
    cr_expect(!strstr(status_message(), "/etc"), "%s", status_message());
}

static void change_metric(struct record *record) {
    struct attribute *loss =
        (struct attribute *)(uintptr_t)attributes_find(&record->final, "test_loss");
    loss->real *= 1.5;
}

static enum status rerun_command(const char *const *more) {
    struct pool pool = {0};
    const char *words[8] = {"normlab", "rerun", pool_format(&pool, "%s/%s.h5", sweep.out, id)};
    int n = 3;
    while (*more)
        words[n++] = *more++;
    enum status status = command_main(n, words);
    pool_free(&pool);
    return status;
}

Test(rerun, the_command_is_1_where_the_numbers_do_not_agree) {
    cr_redirect_stdout();
    cr_redirect_stderr();
    cr_assert(prepare_changed(change_nothing, NULL) == OK, "%s", status_message());
    cr_expect(rerun_command((const char *const[]){NULL}) == OK, "%s", status_message());
    cr_assert(prepare_changed(change_metric, NULL) == OK, "%s", status_message());
    cr_expect(rerun_command((const char *const[]){NULL}) == ERROR_RUN, "it is not said");
    cr_expect_str_eq(status_message(), "1 of 1 run came out otherwise", "%s", status_message());
    cr_expect(rerun_command((const char *const[]){"--tolerance", "0.4", NULL}) == OK, "%s",
              status_message());
    cr_expect(rerun_command((const char *const[]){"--tolerance", "0.3", NULL}) == ERROR_RUN,
              "a third of the number is more than 0.3");
}

/* ---- several runs ---- */

static char first[RUN_ID_SIZE], second[RUN_ID_SIZE];

static void change_run(int i, void (*change)(struct record *record), char path[512]) {
    struct record record;
    cr_assert(store_read_run(sweep_path(&sweep, i), &record) == OK, "%s", status_message());
    change(&record);
    cr_assert(store_write_run(sweep.out, &record) == OK, "%s", status_message());
    snprintf(path, 512, "%s/%s.h5", sweep.out, record.id);
    record_free(&record);
}

/* Results of two runs: the first came out otherwise than it will, the second was changed. */
static const char *two_runs(void (*change)(struct record *record)) {
    static const char *const short_runs[] = {"norm.kind=none", "train.steps=20", "log.level=full",
                                             NULL};
    static char path[512];
    char files[2][512];
    struct table summary;
    struct store_header header;
    struct pool pool = {0};
    sweep_change(&sweep, sweep_small, short_runs);
    sweep_trains(&sweep, 2);
    cr_assert(store_read_header(sweep_merged(&sweep), &pool, &header) == OK, "%s",
              status_message());
    sweep_summary(sweep_merged(&sweep), &summary);
    change_run(0, change_metric, files[0]);
    change_run(1, change, files[1]);
    snprintf(first, sizeof first, "%s", sweep.plan.runs[0].id);
    snprintf(second, sizeof second, "%s", sweep.plan.runs[1].id);
    snprintf(path, sizeof path, "%s/two.h5", sweep.out);
    cr_assert(store_write_merged(path, &header, &summary, 2,
                                 (const char *const[]){files[0], files[1]}) == OK,
              "%s", status_message());
    table_free(&summary);
    pool_free(&pool);
    cr_redirect_stdout();
    cr_redirect_stderr();
    return path;
}

static char printed[8192], messages[4096];

static enum status rerun_both(const char *path, const char *option, const char *value) {
    enum status status = capture_command(
        (const char *const[]){"normlab", "rerun", path, first, second, option, value, NULL},
        sizeof printed, printed);
    fflush(stderr);
    messages[fread(messages, 1, sizeof messages - 1, cr_get_redirected_stderr())] = '\0';
    return status;
}

Test(rerun, all_runs_are_looked_at_before_one_is_trained) {
    const char *path = two_runs(change_data);
    cr_expect(rerun_both(path, NULL, NULL) == ERROR_DATA, "%s", status_message());
    cr_expect(strstr(status_message(), second), "%s", status_message());
    cr_expect(!strstr(messages, "20 steps"), "it was trained: %s", messages);
    cr_expect(rerun_both(path, "--sort", "nothing") == ERROR_USAGE, "%s", status_message());
    cr_expect(!strstr(messages, "20 steps"), "it was trained: %s", messages);
}

static void train_for_ever(struct record *record) {
    find(record, "train.steps")->integer = 1000000000000;
}

Test(rerun, what_was_trained_is_told_where_the_next_run_fails) {
    if (TEST_SANITIZED)
        cr_skip_test("sanitizers have memory of their own");
    const char *path = two_runs(train_for_ever);
    test_limit_memory(1L << 30);
    enum status status = rerun_both(path, "--json", NULL);
    test_limit_memory(-1);
    cr_expect(status == ERROR_RUN && strstr(status_message(), "out of memory"), "status %d: %s",
              (int)status, status_message());
    cr_expect(strstr(printed, first) && strstr(printed, "\"test_loss\""), "%s", printed);
    cr_expect(!strstr(printed, second), "%s", printed);
}
