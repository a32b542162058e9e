/* Merging: the rows of /summary, shards put together, mixtures refused. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/draft.h"
#include "io/files.h"
#include "io/lock.h"
#include "lab/merge/merge_file.h"
#include "lab/merge/merge_folders.h"
#include "lab/store/store.h"
#include "lab/table/summary_columns.h"
#include "lab/worker/execute.h"
#include "tests/lab/runner/sweep.h"

TestSuite(merge, .timeout = 300);

static void run_all(struct sweep *sweep) {
    enum status status = sweep_run(sweep);
    cr_assert(!status, "status %d: %s", (int)status, status_message());
}

static int row_of(const struct table *table, const char *id) {
    const struct column *ids = table_find(table, "run");
    for (int row = 0; row < table->n_rows; row++)
        if (strcmp(ids->texts[row], id) == 0)
            return row;
    cr_assert_fail("no row for %s", id);
    return -1;
}

static const struct column *column(const struct table *table, const char *name) {
    const struct column *found = table_find(table, name);
    cr_assert(found, "no column %s", name);
    return found;
}

Test(merge, summary_has_keys_and_figures) {
    struct sweep sweep;
    struct table summary;
    sweep_create(&sweep, sweep_small, NULL);
    run_all(&sweep);
    sweep_summary(sweep_merged(&sweep), &summary);
    for (int i = 0; i < summary_column_count(); i++)
        column(&summary, summary_column_get(i)->name);
    for (int run = 0; run < sweep.plan.n_runs; run++) {
        const struct config *config = &sweep.plan.runs[run].config;
        int row = row_of(&summary, sweep.plan.runs[run].id);
        bool batch = strcmp(column(&summary, "norm.kind")->texts[row], "batch") == 0;
        double momentum = column(&summary, "norm.momentum")->reals[row];
        double error = column(&summary, "test_error")->reals[row];
        cr_assert(column(&summary, "seed")->integers[row] == config->run.seeds.seed, "seed");
        cr_assert_str_eq(column(&summary, "model.hidden")->texts[row], "5", "hidden");
        cr_assert(batch ? momentum == 0.9 : isnan(momentum), "norm.momentum is %g", momentum);
        cr_assert(error >= 0 && error <= 1, "test_error is %g", error);
    }
    cr_assert(!table_find(&summary, "data.dir"), "a key that applies nowhere has a column");
    table_free(&summary);
    sweep_free(&sweep);
}

Test(merge, header_carries_the_definition) {
    static const char *const overrides[] = {"seed=3", NULL};
    struct sweep sweep;
    struct store_header header;
    struct pool pool = {0};
    sweep_create(&sweep, sweep_small, overrides);
    run_all(&sweep);
    cr_assert(store_read_header(sweep_merged(&sweep), &pool, &header) == OK, "%s",
              status_message());
    cr_assert_str_eq(header.name, "small", "name");
    cr_assert_str_eq(header.title, "A small sweep", "title");
    cr_assert_str_eq(header.yaml, sweep_small, "yaml");
    cr_assert_str_eq(header.file, "test.yaml", "file");
    cr_assert_str_eq(header.overrides, "seed=3", "overrides");
    cr_assert_str_eq(header.resolved, experiment_json(&sweep.experiment, &pool), "resolved");
    pool_free(&pool);
    sweep_free(&sweep);
}

Test(merge, missing_runs_have_rows) {
    struct sweep sweep;
    struct table summary;
    struct merge merge;
    sweep_create(&sweep, sweep_small, NULL);
    run_all(&sweep);
    unlink(sweep_path(&sweep, 1));
    unlink(sweep_path(&sweep, 3));
    unlink(sweep_merged(&sweep));
    enum status status = merge_plan(&merge, &sweep.plan, sweep_dir(&sweep));
    cr_assert(!status && merge_write(&merge, sweep_merged(&sweep)) == OK, "%s", status_message());
    cr_assert(merge.n_missing == 2, "%d are missing, not 2", merge.n_missing);
    merge_free(&merge);
    sweep_summary(sweep_merged(&sweep), &summary);
    int row = row_of(&summary, sweep.plan.runs[3].id);
    cr_assert_str_eq(column(&summary, "status")->texts[row], "missing", "status");
    cr_assert(isnan(column(&summary, "test_error")->reals[row]), "test_error of a missing run");
    cr_assert(column(&summary, "diverged_at_step")->integers[row] == -1, "diverged_at_step");
    cr_assert(column(&summary, "seed")->integers[row] == sweep.plan.runs[3].config.run.seeds.seed,
              "the configuration of a missing run is not there");
    table_free(&summary);
    sweep_free(&sweep);
}

/* The words fit what is there: nothing, a file that is cut, a folder. */
Test(merge, results_that_have_more_say_what_became_of_the_run) {
    static const char *const words[] = {"of which there is no file any more",
                                        "which its own file no longer holds",
                                        "which its own file no longer holds"};
    struct sweep sweep;
    sweep_create(&sweep, sweep_small, NULL);
    run_all(&sweep);
    for (int i = 0; i < 3; i++) {
        const char *path = sweep_path(&sweep, 1), *id = sweep.plan.runs[1].id;
        struct merge merge;
        remove(path);
        if (i == 1)
            fclose(fopen(path, "w"));
        if (i == 2)
            mkdir(path, 0777);
        cr_assert(merge_plan(&merge, &sweep.plan, sweep_dir(&sweep)) == OK, "%s", status_message());
        cr_expect(merge_write(&merge, sweep_merged(&sweep)) == ERROR_RUN, "%d: it is replaced", i);
        cr_expect(strstr(status_message(), words[i]) && strstr(status_message(), id), "%d: %s", i,
                  status_message());
        merge_free(&merge);
    }
    sweep_free(&sweep);
}

/* A folder merged by what lies in it gives what the run itself merged. */
static void expect_merges_to(const struct sweep *whole, int n, const char *const *dirs) {
    struct merge merge;
    struct table expected, got;
    struct store_header header;
    struct pool pool = {0};
    char path[128];
    snprintf(path, sizeof path, "%s/parts.h5", whole->out);
    cr_assert(merge_folders(&merge, n, dirs) == OK, "%s", status_message());
    cr_assert(merge.n_missing == 0, "%d runs are missing", merge.n_missing);
    cr_assert(merge_write(&merge, path) == OK, "%s", status_message());
    cr_assert(store_read_header(sweep_merged(whole), &pool, &header) == OK, "%s", status_message());
    cr_assert_str_eq(header.plan, merge.stamp, "the stamps differ");
    merge_free(&merge);
    sweep_summary(path, &got);
    sweep_summary(sweep_merged(whole), &expected);
    const char *difference = sweep_difference(&expected, &got, &pool);
    cr_assert(!difference, "%s", difference);
    table_free(&got);
    table_free(&expected);
    pool_free(&pool);
}

Test(merge, a_folder_needs_nothing_else) {
    static const char *const overrides[] = {"model.hidden=[4,3]", "optimizer.lr=0.1,0.05", NULL};
    struct sweep sweep;
    sweep_create(&sweep, sweep_small, overrides);
    run_all(&sweep);
    const char *dir = sweep_dir(&sweep);
    expect_merges_to(&sweep, 1, &dir);
    sweep_free(&sweep);
}

Test(merge, shards_are_a_partition_of_the_whole) {
    struct sweep whole, parts[3];
    char dirs[3][256];
    const char *all[3];
    sweep_create(&whole, sweep_small, NULL);
    run_all(&whole);
    int n = 0;
    for (int i = 0; i < 3; i++) {
        sweep_create(&parts[i], sweep_small, NULL);
        parts[i].options.shard = i;
        parts[i].options.n_shards = 3;
        run_all(&parts[i]);
        cr_assert(!sweep_exists(sweep_merged(&parts[i])), "a shard wrote a merged file");
        n += sweep_count_files(&parts[i], ".h5");
        snprintf(dirs[i], sizeof dirs[i], "%s", sweep_dir(&parts[i]));
        all[i] = dirs[i];
    }
    cr_assert(n == 4, "the shards trained %d runs, not 4", n);
    expect_merges_to(&whole, 3, all);

    struct merge merge;
    cr_assert(merge_folders(&merge, 1, all) == OK, "%s", status_message());
    cr_assert(merge.n_missing > 0, "one shard of three lacks nothing?");
    merge_free(&merge);
    for (int i = 0; i < 3; i++)
        sweep_free(&parts[i]);
    sweep_free(&whole);
}

static void expect_refused(const struct sweep *a, const struct sweep *b, const char *why) {
    struct merge merge;
    char left[256], right[256];
    snprintf(left, sizeof left, "%s", sweep_dir(a));
    snprintf(right, sizeof right, "%s", sweep_dir(b));
    enum status status = merge_folders(&merge, 2, (const char *const[]){left, right});
    cr_assert(status == ERROR_RESULTS, "status %d, not %d", (int)status, ERROR_RESULTS);
    cr_assert(strstr(status_message(), why), "the message is: %s", status_message());
}

Test(merge, mixtures_are_refused) {
    static const char *const other_seeds[] = {"seed=4,5", NULL};
    static const char *const one_seed[] = {"seed=0", NULL};
    struct sweep a, b;
    sweep_create(&a, sweep_small, one_seed);
    sweep_create(&b, sweep_small, other_seeds);
    run_all(&a);
    run_all(&b);
    expect_refused(&a, &b, "plan different runs");
    sweep_free(&b);
    sweep_create(&b, sweep_slow, (const char *const[]){"train.epochs=1", "seed=0", NULL});
    run_all(&b);
    expect_refused(&a, &b, "'small'");
    sweep_free(&a);
    sweep_free(&b);
}

/* What is at `path` before and after a merge that must be refused. */
static void expect_kept(struct merge *merge, const char *path, const char *why) {
    struct stat before, after;
    cr_assert(stat(path, &before) == 0, "%s is not there", path);
    cr_expect(merge_write(merge, path) == ERROR_RESULTS, "%s was overwritten", why);
    cr_expect(strstr(status_message(), "move it away"), "%s: %s", why, status_message());
    cr_expect(stat(path, &after) == 0 && before.st_ino == after.st_ino, "%s was touched", why);
}

Test(merge, nothing_is_overwritten_but_results_of_the_same_experiment) {
    struct sweep sweep, other;
    struct merge merge;
    char path[128];
    sweep_create(&sweep, sweep_small, NULL);
    sweep_create(&other, sweep_slow, (const char *const[]){"train.epochs=1", "seed=0", NULL});
    run_all(&sweep);
    run_all(&other);
    const char *dir = sweep_dir(&sweep);
    cr_assert(merge_folders(&merge, 1, &dir) == OK, "%s", status_message());
    snprintf(path, sizeof path, "%s/small.yaml", sweep.out);
    FILE *file = fopen(path, "w");
    fputs("schema: 1\n", file);
    fclose(file);
    expect_kept(&merge, path, "an experiment file");
    expect_kept(&merge, sweep.out, "a folder");
    expect_kept(&merge, sweep_path(&sweep, 0), "a run's file");
    expect_kept(&merge, sweep_merged(&other), "another experiment's results");
    cr_assert(merge_write(&merge, sweep_merged(&sweep)) == OK, "%s", status_message());
    merge_free(&merge);
    sweep_free(&other);
    sweep_free(&sweep);
}

/* ---- whose results are replaced ---- */

static int count_rows(const char *path) {
    struct table summary;
    sweep_summary(path, &summary);
    int n = summary.n_rows;
    table_free(&summary);
    return n;
}

Test(merge, an_override_leaves_the_results_of_the_whole_alone) {
    static const char *const one_seed[] = {"seed=0", NULL};
    struct sweep sweep;
    char whole[256];
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    snprintf(whole, sizeof whole, "%s", sweep_merged(&sweep));
    sweep_change(&sweep, sweep_small, one_seed);
    sweep_trains(&sweep, 0);
    cr_expect(count_rows(whole) == 4, "%s has %d rows", whole, count_rows(whole));
    cr_expect(strstr(sweep_merged(&sweep), "/small+seed=0.h5"), "%s", sweep_merged(&sweep));
    cr_expect(count_rows(sweep_merged(&sweep)) == 2, "the override has not its own rows");
    sweep_free(&sweep);
}

Test(merge, folders_are_merged_under_the_name_that_run_gave) {
    static const char *const one_seed[] = {"seed=0", NULL};
    struct sweep sweep;
    struct merge merge;
    sweep_create(&sweep, sweep_small, one_seed);
    run_all(&sweep);
    const char *dir = sweep_dir(&sweep);
    cr_assert(merge_folders(&merge, 1, &dir) == OK, "%s", status_message());
    cr_expect_str_eq(merge.results, "small+seed=0", "%s", merge.results);
    merge_free(&merge);
    sweep.experiment.results = "pilot"; /* --name */
    run_all(&sweep);
    cr_assert(merge_folders(&merge, 1, &dir) == OK, "%s", status_message());
    cr_expect_str_eq(merge.results, "pilot", "%s", merge.results);
    merge_free(&merge);
    sweep_free(&sweep);
}

/* Results of small, from the file `first`, then those of `second` in their place. */
struct replacement {
    const char *first, *second, *yaml;
    const char *const *overrides;
    bool force;
    const char *refused; /* words of the message; NULL: replaced */
    const char *said;    /* by one that replaces */
};

#define SMALL(seeds)                                                                               \
    "schema: 1\nname: small\n"                                                                     \
    "base:\n"                                                                                      \
    "  data: {name: clusters, rows: 300, test_rows: 100, features: 6,\n"                           \
    "         classes: 3, train: 200, validation: 50}\n"                                           \
    "  model: {hidden: [5]}\n  train: {batch_size: 10, epochs: 2}\n"                               \
    "sweep:\n  norm.kind: [none, batch]\n  seed: [" seeds "]\n"

static const char *const seed_0[] = {"seed=0", NULL};

static const struct replacement replacements[] = {
    {"a.yaml", "b.yaml", SMALL("0, 7"), NULL, false,
     "holds the results of a.yaml, with 2 finished runs that b.yaml does not have, such as r",
     NULL},
    {"a.yaml", "b.yaml", SMALL("0, 7"), NULL, true, NULL, "2 finished runs of "},
    {"a.yaml", "b.yaml", SMALL("0, 1, 7"), NULL, false, NULL, NULL}, /* nothing is lost */
    {"a.yaml", "x/a.yaml", SMALL("0, 7"), NULL, false, NULL, "2 finished runs of "}, /* edited */
    {"a.yaml", "x/a.tuned.yaml", SMALL("0, 7"), NULL, false, NULL,
     "2 finished runs of "}, /* tuned */
    {"a.tuned.yaml", "a.yaml", SMALL("0, 7"), NULL, false,
     "holds the results of a.tuned.yaml, with 2 finished runs that a.yaml does not have", NULL},
    {"a.yaml", "a.yaml", sweep_small, seed_0, false,
     "with 2 finished runs that a.yaml with seed=0 does not have", NULL}, /* by --name */
};

static void expect_replaced(const struct replacement *replacement) {
    struct sweep sweep;
    sweep_create(&sweep, sweep_small, NULL);
    sweep.experiment.file = replacement->first;
    sweep_trains(&sweep, 4);
    sweep_change(&sweep, replacement->yaml, replacement->overrides);
    sweep.experiment.file = replacement->second;
    sweep.experiment.results = "small";
    sweep.options.force = replacement->force;
    enum status status = sweep_run(&sweep);
    if (replacement->refused) {
        cr_expect(status == ERROR_RESULTS, "status %d: %s", (int)status, status_message());
        cr_expect(strstr(status_message(), replacement->refused), "%s", status_message());
        cr_expect(count_rows(sweep_merged(&sweep)) == 4, "it was replaced");
        cr_expect(sweep_count_events(&sweep, -1, "start", NULL) == 4, "it trained before it asked");
    } else {
        cr_expect(!status, "status %d: %s", (int)status, status_message());
        cr_expect(count_rows(sweep_merged(&sweep)) == sweep.plan.n_runs, "it was not replaced");
        cr_expect((strstr(sweep.said, "will leave that file") != NULL) ==
                      (replacement->said != NULL),
                  "it said %s", sweep.said);
    }
    if (replacement->said)
        sweep_expect_said(&sweep, replacement->said);
    sweep_free(&sweep);
}

Test(merge, results_are_replaced_by_those_of_the_same_file_only) {
    for (size_t i = 0; i < sizeof replacements / sizeof *replacements; i++)
        expect_replaced(&replacements[i]);
}

Test(merge, the_folder_above_is_no_plan_and_the_right_one_is_named) {
    struct sweep sweep;
    struct merge merge;
    char expected[200];
    sweep_create(&sweep, sweep_small, NULL);
    run_all(&sweep);
    const char *out = sweep.out;
    snprintf(expected, sizeof expected,
             "no plan in %s; name the folder that `normlab run` filled, such as %s/small", out,
             out);
    cr_assert(merge_folders(&merge, 1, &out) == ERROR_RESULTS, "%s was merged", out);
    cr_assert_str_eq(status_message(), expected, "%s", status_message());
    sweep_free(&sweep);
}

static void write_plan(const struct sweep *sweep, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/plan.json", sweep_dir(sweep));
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

Test(merge, a_damaged_plan_is_named) {
    static const char *const bad[] = {"",
                                      "{",
                                      "[]",
                                      "{\"schema\": 1}",
                                      "{\"schema\": 99}",
                                      "{\"schema\": 1, \"numerics\": \"x\"}"};
    struct sweep sweep;
    struct merge merge;
    sweep_create(&sweep, sweep_small, NULL);
    const char *dir = sweep_dir(&sweep);
    cr_assert(merge_folders(&merge, 1, &dir) == ERROR_RESULTS, "no folder at all");
    run_all(&sweep);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_plan(&sweep, bad[i]);
        enum status status = merge_folders(&merge, 1, &dir);
        cr_assert(status == ERROR_RESULTS, "'%s': status %d", bad[i], (int)status);
        cr_assert(strstr(status_message(), "plan.json"), "'%s': %s", bad[i], status_message());
    }
    sweep_free(&sweep);
}

/* A plan of an earlier build has no hash of the data, so only the run's own file can tell. */
Test(merge, a_plan_that_says_something_else_than_the_run_is_refused) {
    struct sweep sweep;
    struct merge merge;
    struct pool pool = {0};
    char *text;
    sweep_create(&sweep, sweep_small, NULL);
    run_all(&sweep);
    const char *dir = pool_text(&pool, sweep_dir(&sweep));
    const char *plan = pool_format(&pool, "%s/plan.json", dir);
    const char *merged = pool_text(&pool, sweep_merged(&sweep));
    cr_assert(file_read(plan, &pool, &text) == OK, "%s", status_message());
    for (char *at; (at = strstr(text, "\"data\": \""));)
        memcpy(at, "\"past", 5);
    cr_assert(file_publish(plan, text) == OK, "%s", status_message());
    cr_assert(merge_folders(&merge, 1, &dir) == OK, "%s", status_message());
    cr_assert(merge_write(&merge, merged) == OK, "%s", status_message());
    merge_free(&merge);
    char *eps = strstr(text, "\"norm.eps\": \"1e-5\"");
    cr_assert(eps, "no eps in %s", text);
    memcpy(eps, "\"norm.eps\": \"2e-5\"", 18);
    cr_assert(file_publish(plan, text) == OK, "%s", status_message());
    cr_assert(merge_folders(&merge, 1, &dir) == ERROR_RESULTS, "it is merged");
    cr_assert(strstr(status_message(), "its norm.eps is not the planned one"), "'%s'",
              status_message());
    pool_free(&pool);
    sweep_free(&sweep);
}

/* What `run` publishes while somebody's merge is at work is not replaced by less. */
Test(merge, a_run_that_comes_while_others_are_merged_is_merged_too) {
    struct sweep sweep;
    struct merge merge;
    struct table summary;
    struct pool pool = {0};
    sweep_create(&sweep, sweep_small, NULL);
    run_all(&sweep);
    const char *dir = pool_text(&pool, sweep_dir(&sweep));
    const char *merged = pool_text(&pool, sweep_merged(&sweep));
    const char *late = pool_text(&pool, sweep_path(&sweep, 1));
    const char *aside = pool_format(&pool, "%s.aside", late);
    cr_assert(rename(late, aside) == 0);
    cr_assert(merge_folders(&merge, 1, &dir) == OK, "%s", status_message());
    cr_assert(merge.n_missing == 1, "%d missing", merge.n_missing);
    cr_assert(rename(aside, late) == 0);
    cr_assert(merge_write(&merge, merged) == OK, "%s", status_message());
    cr_expect(merge.n_missing == 0 && merge_is_current(&merge, merged), "what was found late");
    sweep_summary(merged, &summary);
    cr_expect_str_eq(sweep_status_of(&summary, sweep.plan.runs[1].id), "complete");
    table_free(&summary);
    merge_free(&merge);
    pool_free(&pool);
    sweep_free(&sweep);
}

/* The child has the folder, and says so before it gives it back. */
static void hold_folder(const char *folder, const char *said, int ready) {
    struct lock lock;
    bool taken = lock_take_folder(folder, &lock) == OK && write(ready, "", 1) == 1;
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    _exit(taken && file_publish(said, "done") == OK ? 0 : 1);
}

Test(merge, one_writer_of_results_waits_for_another) {
    struct sweep sweep;
    struct merge merge;
    struct pool pool = {0};
    int ready[2];
    char byte;
    sweep_create(&sweep, sweep_small, NULL);
    run_all(&sweep);
    const char *dir = pool_text(&pool, sweep_dir(&sweep));
    const char *merged = pool_text(&pool, sweep_merged(&sweep));
    const char *said = pool_format(&pool, "%s/said", dir);
    cr_assert(merge_folders(&merge, 1, &dir) == OK && pipe(ready) == 0, "%s", status_message());
    pid_t child = fork();
    if (child == 0)
        hold_folder(path_folder(merged, &pool), said, ready[1]);
    cr_assert(child > 0 && read(ready[0], &byte, 1) == 1);
    cr_assert(merge_write(&merge, merged) == OK, "%s", status_message());
    cr_expect(sweep_exists(said), "it has not waited");
    cr_expect(sweep_join(child) == 0, "the other");
    merge_free(&merge);
    pool_free(&pool);
    sweep_free(&sweep);
}
