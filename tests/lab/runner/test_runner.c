/* The runner: what is trained, what it says, and that results do not depend on jobs and threads. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/json.h"
#include "lab/store/store.h"
#include "tests/calls.h"
#include "tests/lab/runner/sweep.h"

TestSuite(runner, .timeout = 300);

Test(runner, trains_all_once) {
    struct sweep sweep;
    struct table summary;
    struct stat first, second;
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    cr_assert(sweep_count_events(&sweep, -1, "end", "complete") == 4, "not every end is complete");
    cr_assert(sweep_count_files(&sweep, ".h5") == 4, "%d files of runs, not 4",
              sweep_count_files(&sweep, ".h5"));
    cr_assert(sweep_count_files(&sweep, ".tmp") == 0, "a temporary file is left");
    sweep_summary(sweep_merged(&sweep), &summary);
    cr_assert(summary.n_rows == 4, "%d rows, not 4", summary.n_rows);
    for (int run = 0; run < 4; run++)
        cr_assert_str_eq(sweep_status_of(&summary, sweep.plan.runs[run].id), "complete", "run %d",
                         run);
    table_free(&summary);

    stat(sweep_merged(&sweep), &first);
    sweep_trains(&sweep, 0);
    stat(sweep_merged(&sweep), &second);
    sweep_expect_said(&sweep, "nothing to train");
    cr_assert(first.st_ino == second.st_ino, "the merged file was written again for nothing");
    sweep_free(&sweep);
}

/* What is merged has all runs of the plan, those of later seeds as missing; they come later. */
Test(runner, first_seeds_are_trained_first_and_the_plan_stays_whole) {
    struct sweep sweep;
    struct table summary;
    sweep_create(&sweep, sweep_small, NULL);
    sweep.options.first_seeds = 1;
    sweep_trains(&sweep, 2);
    sweep_summary(sweep_merged(&sweep), &summary);
    cr_assert(summary.n_rows == 4, "%d rows, not 4", summary.n_rows);
    for (int row = 0; row < 4; row++)
        cr_expect_str_eq(table_find(&summary, "status")->texts[row],
                         table_find(&summary, "seed")->integers[row] == 0 ? "complete" : "missing",
                         "row %d", row);
    table_free(&summary);
    sweep.options.first_seeds = 2;
    sweep_trains(&sweep, 2);
    sweep.options.first_seeds = 0;
    sweep_trains(&sweep, 0);
    sweep_free(&sweep);
}

Test(runner, provenance_has_the_command_line) {
    struct sweep sweep;
    struct record record = {0};
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    cr_assert(store_peek_run(sweep_path(&sweep, 0), &record) == OK, "%s", status_message());
    const struct attribute *words = attributes_find(&record.provenance, "arguments");
    cr_assert(words, "no arguments");
    cr_assert_str_eq(words->text, "normlab run 'a file.yaml'", "it says %s", words->text);
    record_free(&record);
    sweep_free(&sweep);
}

/* Four at a time: the first has the machine for itself when it begins, the last shares it with
 * three. */
Test(runner, concurrency_is_how_many_ran_when_it_began) {
    struct sweep sweep;
    struct table summary;
    bool seen[5] = {false};
    sweep_create(&sweep, sweep_small, NULL);
    sweep.options.jobs = 4;
    sweep_trains(&sweep, 4);
    sweep_summary(sweep_merged(&sweep), &summary);
    for (int row = 0; row < 4; row++) {
        long n = table_find(&summary, "concurrency")->integers[row];
        cr_assert(n >= 1 && n <= 4 && !seen[n], "a run with concurrency %ld", n);
        seen[n] = true;
    }
    table_free(&summary);
    sweep_free(&sweep);
}

/* Where its file should be there is a folder. No key varies, so the run has no label. */
Test(runner, a_failure_is_named_by_its_run) {
    static const char *const one[] = {"norm.kind=none", "seed=0", NULL};
    struct sweep sweep;
    char expected[64];
    sweep_create(&sweep, sweep_small, one);
    cr_assert(mkdir(sweep_dir(&sweep), 0777) == 0 && mkdir(sweep_path(&sweep, 0), 0777) == 0,
              "no folder");
    enum status status = sweep_run(&sweep);
    cr_assert(status == ERROR_RUN, "status %d", (int)status);
    snprintf(expected, sizeof expected, "first: %s: ", sweep.plan.runs[0].id);
    cr_assert(strstr(status_message(), expected), "it says: %s", status_message());
    sweep_free(&sweep);
}

Test(runner, force_trains_everything) {
    struct sweep sweep;
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    sweep.options.force = true;
    sweep_trains(&sweep, 4);
    sweep_free(&sweep);
}

Test(runner, collapsed_runs_are_said_to_be_among_the_complete_ones) {
    static const char *const tiny[] = {"optimizer.lr=1e-9", "norm.kind=none", NULL};
    struct sweep sweep;
    sweep_create(&sweep, sweep_small, tiny);
    sweep_trains(&sweep, 2);
    sweep_expect_said(&sweep, "2 runs: 2 complete (2 of them collapsed), 0 diverged, 0 failed; ");
    sweep_free(&sweep);
}

Test(runner, a_diverged_run_is_finished) {
    static const char *const huge[] = {"optimizer.lr=1e6", "norm.kind=none", "train.loss=squared",
                                       "seed=0", NULL};
    struct sweep sweep;
    struct table summary;
    sweep_create(&sweep, sweep_small, huge);
    sweep_trains(&sweep, 1);
    cr_assert(sweep_count_events(&sweep, -1, "end", "diverged") == 1, "it did not diverge");
    sweep_expect_said(&sweep, "0 complete, 1 diverged, 0 failed");
    sweep_trains(&sweep, 0);
    sweep_summary(sweep_merged(&sweep), &summary);
    cr_assert_str_eq(sweep_status_of(&summary, sweep.plan.runs[0].id), "diverged",
                     "in the summary");
    table_free(&summary);
    sweep_free(&sweep);
}

Test(runner, a_folder_that_cannot_be_written) {
    struct sweep sweep;
    char out[128];
    sweep_create(&sweep, sweep_small, NULL);
    snprintf(out, sizeof out, "%s/file", sweep.out);
    fclose(fopen(out, "w"));
    sweep.options.out = out; /* a file where a folder should be: stops root, too */
    enum status status = sweep_run(&sweep);
    cr_assert(status == ERROR_RUN, "status %d, not %d", (int)status, ERROR_RUN);
    cr_assert(strstr(status_message(), out), "the message does not name it: %s", status_message());
    sweep_free(&sweep);
}

Test(runner, a_file_in_the_place_of_the_results_is_kept) {
    struct sweep sweep;
    struct stat about;
    sweep_create(&sweep, sweep_small, NULL);
    FILE *file = fopen(sweep_merged(&sweep), "w");
    fputs("something dear", file);
    fclose(file);
    cr_assert(sweep_run(&sweep) == ERROR_RESULTS, "it ran");
    cr_assert(strstr(status_message(), "small.h5: not an HDF5 file; it is not replaced by"), "%s",
              status_message());
    cr_assert(!sweep_exists(sweep_dir(&sweep)), "it began to train");
    stat(sweep_merged(&sweep), &about);
    cr_assert(about.st_size == 14, "the file was touched");
    sweep_free(&sweep);
}

Test(runner, only_the_path_of_the_results_goes_to_the_listing) {
    struct sweep sweep;
    char *text = NULL, expected[200];
    size_t size = 0;
    sweep_create(&sweep, sweep_small, NULL);
    for (int again = 0; again < 2; again++) { /* trained, then up to date */
        sweep.options.listing = open_memstream(&text, &size);
        cr_assert(sweep_run(&sweep) == OK, "%s", status_message());
        fclose(sweep.options.listing);
        snprintf(expected, sizeof expected, "%s\n", sweep_merged(&sweep));
        cr_assert_str_eq(text, expected, "it says %s", text);
        free(text);
    }
    sweep_free(&sweep);
}

Test(runner, one_at_a_time_in_a_folder) {
    struct sweep sweep;
    char who[64];
    int run;
    sweep_create(&sweep, sweep_slow, NULL);
    pid_t first = sweep_fork(&sweep);
    pid_t worker = sweep_wait_start(&sweep, 0, &run);
    kill(first, SIGSTOP); /* it cannot end meanwhile */
    enum status status = sweep_run(&sweep);
    kill(first, SIGCONT);
    snprintf(who, sizeof who, "another normlab (pid %ld) is running in ", (long)first);
    cr_expect(status == ERROR_RUN, "status %d", (int)status);
    cr_expect(strstr(status_message(), who), "%s", status_message());
    cr_expect(sweep_count_events(&sweep, run, "start", NULL) == 1, "it trained, too");

    sweep.options.n_shards = 6;
    status = sweep_run(&sweep);
    cr_expect(!status, "a shard may: %s", status_message());
    sweep.options.n_shards = 0;

    kill(first, SIGKILL);
    sweep_join(first);
    (void)worker; /* whether it is dead yet or not, the lock is free */
    cr_expect(sweep_run(&sweep) == OK, "%s", status_message());
    sweep_free(&sweep);
}

Test(runner, dry_run_lists_and_writes_nothing) {
    struct sweep sweep;
    char *text = NULL;
    size_t size = 0;
    sweep_create(&sweep, sweep_small, NULL);
    sweep.options.dry_run = true;
    sweep.options.listing = open_memstream(&text, &size);
    enum status status = sweep_run(&sweep);
    fclose(sweep.options.listing);
    cr_assert(!status, "status %d: %s", (int)status, status_message());
    cr_assert(!sweep_exists(sweep_dir(&sweep)), "a folder was made");
    for (int run = 0; run < 4; run++)
        cr_assert(strstr(text, sweep.plan.runs[run].id), "run %d is not listed:\n%s", run, text);
    const char *totals = strstr(text, "4 runs, 0 done, 4 to do");
    cr_assert(totals && totals < strchr(text, '\n'), "the totals are not the first line:\n%s",
              text);
    free(text);
    sweep_free(&sweep);
}

Test(runner, dry_run_knows_what_is_done) {
    static const char *const more[] = {"seed=0,1,2", NULL};
    struct sweep sweep;
    char *text = NULL;
    size_t size = 0;
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    sweep_change(&sweep, sweep_small, more);
    sweep.options.dry_run = true;
    sweep.options.listing = open_memstream(&text, &size);
    sweep_trains(&sweep, 0);
    fclose(sweep.options.listing);
    cr_assert(strstr(text, "6 runs, 4 done, 2 to do"), "no totals:\n%s", text);
    cr_assert(strstr(text, "by the finished runs"), "nothing was learned of time:\n%s", text);
    free(text);
    sweep_free(&sweep);
}

Test(runner, dry_run_for_programs_has_a_row_a_run_and_a_total) {
    static const char *const more[] = {"seed=0,1,2", NULL};
    struct sweep sweep;
    char *text = NULL;
    size_t size = 0;
    int n_rows = 0, n_todo = 0, n_done = 0;
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    sweep_change(&sweep, sweep_small, more);
    sweep.options.dry_run = sweep.options.tsv = true;
    sweep.options.listing = open_memstream(&text, &size);
    sweep_trains(&sweep, 0);
    fclose(sweep.options.listing);
    cr_assert(!strncmp(text, "run\tstate\tsteps\tbytes\tseconds\t", 30), "%s", text);
    double sum = 0, total = 0;
    for (char *line = strchr(text, '\n') + 1; *line; line = strchr(line, '\n') + 1) {
        char run[32], state[8], keys[64] = "";
        double steps, bytes, seconds;
        int n = sscanf(line, "%31s %7s %lf %lf %lf%*[\t]%63[^\n]", run, state, &steps, &bytes,
                       &seconds, keys);
        cr_assert(n >= 5 && steps > 0 && bytes > 0, "%s", line);
        if (!strcmp(run, "total")) {
            total = seconds;
            cr_expect(n == 5, "keys of the total: '%s'", keys);
            continue;
        }
        cr_expect(n == 6 && !strcmp(run, sweep.plan.runs[n_rows++].id), "%s", line);
        cr_expect((seconds > 0) == !strcmp(state, "todo"), "%s", line);
        n_todo += !strcmp(state, "todo");
        n_done += !strcmp(state, "done");
        sum += seconds;
    }
    cr_expect(n_rows == 6 && n_todo == 2 && n_done == 4, "%s", text);
    cr_expect(total > 0 && total <= sum, "%g of %g seconds", total, sum);
    free(text);
    sweep_free(&sweep);
}

/* A line of JSON each, in the order in which things happen; the runs' are the journal's own. */
Test(runner, events_are_lines_of_json) {
    static const char *const expected[] = {"plan",  "start", "end",   "start", "end",
                                           "start", "end",   "start", "end",   "summary"};
    enum { EVENTS = sizeof expected / sizeof *expected };
    struct sweep sweep;
    struct pool pool = {0};
    char *text = NULL;
    size_t size = 0;
    int n = 0;
    sweep_create(&sweep, sweep_small, NULL);
    sweep.options.events = open_memstream(&text, &size);
    sweep_trains(&sweep, 4);
    fclose(sweep.options.events);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        struct json *event;
        cr_assert(json_parse(line, &pool, &event) == OK, "%s: %s", status_message(), line);
        cr_assert(n < EVENTS, "%s", line);
        cr_expect_str_eq(json_text(event, "event", ""), expected[n++]);
        if (n == 1)
            cr_expect(json_number(event, "todo", -1) == 4, "%s", line);
        if (n == EVENTS) {
            cr_expect(json_number(event, "complete", -1) == 4, "%s", line);
            cr_expect_str_eq(json_text(event, "results", ""), sweep_merged(&sweep));
        }
    }
    cr_expect(n == EVENTS, "%d events", n);
    free(text);
    pool_free(&pool);
    sweep_free(&sweep);
}

/* ---- one identity, one result ---- */

static void expect_same_weights(const char *a, const char *b) {
    struct record left = {0}, right = {0};
    int n = 0;
    cr_assert(store_read_run(a, &left) == OK, "%s", status_message());
    cr_assert(store_read_run(b, &right) == OK, "%s", status_message());
    for (int i = 0; i < left.n_series; i++) {
        const struct series *series = &left.series[i];
        const struct series *other = record_find_series(&right, series->group, series->name);
        cr_assert(other && series_count(series) == series_count(other), "%s/%s: another shape",
                  series->group, series->name);
        size_t length = strlen(series->name);
        if (length > 2 && strcmp(series->name + length - 2, "_s") == 0)
            continue;
        n += strncmp(series->group, "weights/final", 13) == 0;
        cr_assert(memcmp(series->data, other->data,
                         series_count(series) * series_element_size(series->type)) == 0,
                  "%s/%s differs", series->group, series->name);
    }
    cr_assert(n > 0, "no weights were compared");
    record_free(&left);
    record_free(&right);
}

Test(runner, same_bits_for_any_jobs_and_threads) {
    setenv("NORMLAB_FULL_TEAM", "1", 1); /* however small the net */
    static const char *const weights[] = {"log.weights=both", NULL};
    static const int ways[][2] = {{1, 1}, {2, 1}, {1, 3}, {4, 2}};
    struct sweep sweeps[4];
    struct pool pool = {0};
    for (int i = 0; i < 4; i++) {
        sweep_create(&sweeps[i], sweep_small, weights);
        sweeps[i].options.jobs = ways[i][0];
        sweeps[i].options.threads = ways[i][1];
        sweep_trains(&sweeps[i], 4);
    }
    for (int i = 1; i < 4; i++) {
        struct table a, b;
        sweep_summary(sweep_merged(&sweeps[0]), &a);
        sweep_summary(sweep_merged(&sweeps[i]), &b);
        const char *difference = sweep_difference(&a, &b, &pool);
        cr_assert(!difference, "%d jobs, %d threads: %s", ways[i][0], ways[i][1], difference);
        for (int run = 0; run < 4; run++)
            expect_same_weights(sweep_path(&sweeps[0], run), sweep_path(&sweeps[i], run));
        table_free(&a);
        table_free(&b);
        sweep_free(&sweeps[i]);
    }
    pool_free(&pool);
    sweep_free(&sweeps[0]);
}

/* ---- where the data lies ---- */

/* One of the four IDX files: rows of 2x2 bytes in two classes, or their labels. */
static void write_idx(const char *dir, const char *name, bool labels, int n_rows) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "wb");
    cr_assert(file, "cannot write %s", path);
    const unsigned char header[] = {
        0, 0, 8, labels ? 1 : 3, 0, 0, 0, (unsigned char)n_rows, 0, 0, 0, 2, 0, 0, 0, 2};
    fwrite(header, 1, labels ? 8 : 16, file);
    for (int i = 0; i < n_rows; i++)
        for (int j = 0; j < (labels ? 1 : 4); j++)
            putc(labels ? i % 2 : 37 * i % 101 + 100 * (i % 2) + j, file);
    fclose(file);
}

static void write_data(const char *dir) {
    cr_assert(mkdir(dir, 0777) == 0, "cannot make %s", dir);
    write_idx(dir, "train-images-idx3-ubyte", false, 120);
    write_idx(dir, "train-labels-idx1-ubyte", true, 120);
    write_idx(dir, "t10k-images-idx3-ubyte", false, 40);
    write_idx(dir, "t10k-labels-idx1-ubyte", true, 40);
}

static const char sweep_files[] = "schema: 1\n"
                                  "name: files\n"
                                  "title: Data from files\n"
                                  "base:\n"
                                  "  data: {name: idx, train: 100, validation: 20}\n"
                                  "  model: {hidden: [4]}\n"
                                  "  train: {batch_size: 10, epochs: 2}\n";

/* The same data in another folder is the same run: it says so in provenance, and nowhere else. */
Test(runner, the_folder_of_the_data_is_provenance) {
    struct sweep sweep;
    struct table summary;
    struct record record = {0};
    char dirs[2][96], words[2][256];
    const char *overrides[2][2] = {{words[0], NULL}, {words[1], NULL}};
    sweep_create(&sweep, sweep_small, NULL);
    for (int i = 0; i < 2; i++) {
        snprintf(dirs[i], sizeof dirs[i], "%s/data%d", sweep.out, i);
        snprintf(words[i], sizeof words[i], "data.dir=%s", dirs[i]);
        write_data(dirs[i]);
    }
    sweep_change(&sweep, sweep_files, overrides[0]);
    sweep_trains(&sweep, 1);
    sweep_change(&sweep, sweep_files, overrides[1]);
    sweep_trains(&sweep, 0);
    cr_assert(store_peek_run(sweep_path(&sweep, 0), &record) == OK, "%s", status_message());
    const struct attribute *dir = attributes_find(&record.provenance, "data.dir");
    cr_assert(dir, "provenance has no data.dir");
    cr_assert_str_eq(dir->text, dirs[0], "it says %s", dir->text);
    cr_assert(!attributes_find(&record.config, "data.dir"), "the configuration has data.dir");
    sweep_summary(sweep_merged(&sweep), &summary);
    cr_assert(!table_find(&summary, "data.dir"), "/summary has data.dir");
    record_free(&record);
    table_free(&summary);
    sweep_free(&sweep);
}

static int refuse_journal(int descriptor) {
    char link[64], path[512] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    return readlink(link, path, sizeof path - 1) > 0 && strstr(path, "journal") ? ENOSPC : 0;
}

/* The runs do not depend on it, so they are trained and merged; but something was lost. */
Test(runner, a_journal_that_cannot_be_written_is_told) {
    struct sweep sweep;
    sweep_create(&sweep, sweep_small, NULL);
    test_calls.pwrite_error = refuse_journal;
    enum status status = sweep_run(&sweep);
    test_calls.pwrite_error = NULL;
    cr_assert(status == ERROR_RUN, "status %d", (int)status);
    cr_assert(strstr(status_message(), ".jsonl lacks lines: No space left on device"), "'%s'",
              status_message());
    cr_assert(sweep_exists(sweep_merged(&sweep)), "nothing was merged");
    sweep_trains(&sweep, 0);
    sweep_expect_said(&sweep, "up to date");
    sweep_free(&sweep);
}
