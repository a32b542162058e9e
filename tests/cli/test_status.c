/* What `normlab status` prints, and what its exit status says. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/journal/sweep_status.h"
#include "tests/cli/capture.h"
#include "tests/lab/runner/sweep.h"

/* Four runs, which are done; test.yaml is their definition. */
static struct sweep sweep;
static char dir[256], file[256], said[1 << 14];

static void write_file(const char *path, const char *text) {
    FILE *out = fopen(path, "w");
    cr_assert(out && fputs(text, out) >= 0 && fclose(out) == 0, "cannot write %s", path);
}

/* `text` with `to` in place of the first `from`. */
static const char *text_with(const char *text, const char *from, const char *to,
                             struct pool *pool) {
    const char *at = strstr(text, from);
    cr_assert(at, "no '%s' in %s", from, text);
    return pool_format(pool, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void begin(void) {
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    snprintf(dir, sizeof dir, "%s", sweep_dir(&sweep));
    snprintf(file, sizeof file, "%s/test.yaml", sweep.out);
    write_file(file, sweep_small);
    cr_redirect_stdout();
}

static void end(void) {
    sweep_free(&sweep);
}

TestSuite(status_command, .init = begin, .fini = end, .timeout = 60);

static void remove_journals(void) {
    struct pool pool = {0};
    const char **names;
    int n;
    cr_assert(folder_names(dir, &pool, &names, &n) == OK, "%s", status_message());
    for (int i = 0; i < n; i++)
        if (journal_is_name(names[i]))
            unlink(pool_format(&pool, "%s/%s", dir, names[i]));
    pool_free(&pool);
}

enum { WORDS = 8 };

static enum status status_of(const char *const words[WORDS]) {
    const char *argv[WORDS + 3] = {"normlab", "status"};
    memcpy(argv + 2, words, WORDS * sizeof *argv);
    return capture_command(argv, sizeof said, said);
}
#define STATUS(...) status_of((const char *const[WORDS]){__VA_ARGS__})

static void expect_said(const char *text) {
    cr_expect(strstr(said, text), "not '%s' in:\n%s", text, said);
}

static void open_journal(struct journal *journal, int shard, int n_shards) {
    const struct journal_begin first = {.shard = shard, .n_shards = n_shards, .jobs = 1};
    cr_assert(journal_open(dir, &first, NULL, journal) == OK, "%s", status_message());
}

/* A merge on the way lacks what came later. */
Test(status_command, an_old_results_file_is_merged_anew) {
    const struct timespec long_ago[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};
    cr_assert(utimensat(AT_FDCWD, sweep_merged(&sweep), long_ago, 0) == 0, "no results");
    cr_expect(STATUS(dir) == OK, "%s", status_message());
    expect_said("next: `normlab merge ");
}

Test(status_command, all_is_done) {
    cr_expect(STATUS(dir) == OK, "%s", status_message());
    expect_said("small: 4 runs in ");
    expect_said(", 4 done\n");
    expect_said("complete           4\n");
    expect_said("small.h5` shows the results");
    unlink(sweep_merged(&sweep));
    cr_expect(STATUS(file, "--out", sweep.out) == OK, "%s", status_message());
    expect_said("next: `normlab merge ");
}

Test(status_command, something_is_left_and_nobody_is_at_work) {
    unlink(sweep_path(&sweep, 1));
    cr_expect(STATUS(file, "--out", sweep.out) == ERROR_RUN, "%s", status_message());
    cr_expect_str_eq(status_message(),
                     "1 of 4 runs of 'small' are not done, and nobody is at work");
    expect_said("missing            1\n");
    expect_said("it was done, and its file is gone");
    expect_said("test.yaml --out ");
    expect_said("` trains 1 run: about ");
    cr_expect(STATUS(dir, "--shards", "2") == ERROR_RUN, "%s", status_message());
    expect_said("nobody");
    expect_said(" --shard ");
}

Test(status_command, who_is_at_work_is_said) {
    struct journal journal;
    const char *id = sweep.plan.runs[1].id;
    unlink(sweep_path(&sweep, 1));
    unlink(sweep_path(&sweep, 2));
    open_journal(&journal, 0, 0);
    journal_start(&journal, id, 11);
    journal_beat(&journal, 1, &(struct beat){id, 10, 40, 2.5, 5});
    cr_expect(STATUS(dir) == STOPPED_TERM, "%s", status_message());
    expect_said("running            1\n");
    expect_said("10 of 40  6.0 s");
    expect_said("who is at work is ready in about ");
    expect_said("next: wait");
    journal_end(&journal, id, 11, "failed", "a reason", 1, 10, 40);
    cr_expect(STATUS(dir) == STOPPED_TERM, "%s", status_message());
    expect_said("a reason");
    expect_said("next: wait: who is at work has the rest; the next call tries 1 again");
    journal_close(&journal, ERROR_RUN);
    cr_expect(STATUS(dir) == ERROR_RUN, "%s", status_message());
    expect_said("trains 2 runs:");
    journal_free(&journal);
}

Test(status_command, shards_without_anybody_come_next) {
    struct journal journal;
    for (int run = 0; run < 4; run++)
        unlink(sweep_path(&sweep, run));
    open_journal(&journal, 1, 4);
    cr_expect(STATUS(dir) == STOPPED_TERM, "%s", status_message());
    expect_said("1/4       1     0");
    expect_said(" --shard 0/4` and the same for 2 more shards train 3 runs: about ");
    cr_expect(STATUS(dir, "--json") == STOPPED_TERM, "%s", status_message());
    expect_said("\"by_shard\": [\n    {\"shard\": 0, \"runs\": 1, \"done\": 0");
    expect_said("\"shard\": 1, \"shards\": 4, \"jobs\": 1");
    journal_close(&journal, OK);
    journal_free(&journal);
}

Test(status_command, a_row_a_run) {
    cr_expect(STATUS(dir, "--runs") == OK, "%s", status_message());
    expect_said("run\tstate\tshard\thost\t");
    cr_expect(STATUS(dir, "--runs", "--sort", "-run", "--json") == OK, "%s", status_message());
    expect_said("\"command\": \"status\"");
    cr_expect(STATUS(dir, "--tsv") == ERROR_USAGE, "without --runs");
    cr_expect(STATUS(dir, "--verify") == OK, "%s", status_message());
    cr_expect(truncate(sweep_path(&sweep, 1), 4000) == 0, "cannot cut it");
    cr_expect(STATUS(dir, "--verify") == ERROR_RUN, "%s", status_message());
    expect_said("damaged            1");
}

Test(status_command, a_file_that_was_changed_since) {
    FILE *out = fopen(file, "a");
    cr_assert(out && fputs("# more\n", out) >= 0 && fclose(out) == 0, "cannot append");
    cr_expect(STATUS(file, "--out", sweep.out) == OK, "%s", status_message());
    expect_said("was changed since: `normlab run` plans it anew");
}

/* Until it is done, which it is. */
Test(status_command, watch_ends_when_all_is_done) {
    cr_expect(STATUS(dir, "--watch") == OK, "%s", status_message());
    expect_said(", 4 done\n");
}

Test(status_command, what_is_not_there_is_said) {
    cr_expect(STATUS(file, "--out", "/nonexistent") == ERROR_RESULTS, "no folder");
    cr_expect(strstr(status_message(), "/nonexistent/small is not there") &&
                  strstr(status_message(), "has not begun"),
              "%s", status_message());
    cr_expect(STATUS("/nonexistent") == ERROR_USAGE, "%s", status_message());
    cr_expect(STATUS(sweep.out) == ERROR_RESULTS, "the folder above");
    cr_expect(strstr(status_message(), "such as ") && strstr(status_message(), "/small"), "%s",
              status_message());
}

/* A stranger's journal does what it likes to no terminal. */
Test(status_command, what_strangers_wrote_is_made_visible) {
    char path[512];
    unlink(sweep_path(&sweep, 1));
    snprintf(path, sizeof path, "%s/journal.x.1.0.jsonl", dir);
    char text[512];
    snprintf(text, sizeof text,
             "{\"event\": \"begin\", \"host\": \"\\u001b[2J\", \"job\": \"\\u001b\"}\n"
             "{\"event\": \"end\", \"time\": \"9\", \"id\": \"%s\", \"status\": \"failed\", "
             "\"reason\": "
             "\"\\u001b[31m\"}\n",
             sweep.plan.runs[1].id);
    write_file(path, text);
    cr_expect(STATUS(dir) == ERROR_RUN, "%s", status_message());
    cr_expect(!strchr(said, '\x1b'), "%s", said);
    expect_said("\\x1b[31m");
}

/* Whoever asks for a results file too early hears where its runs are, and what to do. */
Test(status_command, errors_of_what_is_not_merged_name_it) {
    static const char *const names[] = {"small.h5", "small+seed=0.h5", "small"};
    unlink(sweep_merged(&sweep));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", sweep.out, names[i]);
        const char *const lines[][6] = {
            {"normlab", "table", path},
            {"normlab", "show", path},
            {"normlab", "plot", path},
            {"normlab", "list", "runs", path},
            {"normlab", "diff", path, path},
            {"normlab", "compare", path, "--arms", "norm.kind=none,batch"}};
        for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
            cr_expect(capture_command(lines[k], sizeof said, said) == ERROR_RESULTS, "%s",
                      lines[k][1]);
            cr_expect(strstr(status_message(), "`normlab status ") &&
                          strstr(status_message(), "`normlab merge "),
                      "%s: %s", lines[k][1], status_message());
        }
    }
    const char *const other[] = {"normlab", "table", "/nonexistent/small.h5", NULL};
    cr_expect(capture_command(other, sizeof said, said) == ERROR_RESULTS, "nothing is there");
    cr_expect(!strstr(status_message(), "status"), "%s", status_message());
}

/* What is not there is named with its reason, who never began last, and counted by shard. */
Test(status_command, merge_says_what_is_missing_and_why) {
    static char told[1 << 12];
    struct journal journal;
    for (int run = 0; run < 4; run++)
        unlink(sweep_path(&sweep, run));
    remove_journals();
    open_journal(&journal, 1, 4);
    const char *id = sweep.plan.runs[3].id;
    for (int i = 0; i < 2; i++)
        journal_end(&journal, id, 11, "failed", "killed by signal 9", 1, 5, 40);
    cr_redirect_stderr();
    unlink(sweep_merged(&sweep));
    const char *const line[] = {"normlab", "merge", dir, NULL};
    cr_expect(capture_command(line, sizeof said, said) == ERROR_RUN, "%s", status_message());
    told[fread(told, 1, sizeof told - 1, cr_get_redirected_stderr())] = '\0';
    char first[256];
    snprintf(first, sizeof first, "failed: %s  %s  2 times, at last: killed by signal 9\n", id,
             "norm.kind=batch seed=1");
    cr_expect(strstr(told, first), "not '%s' in:\n%s", first, told);
    cr_expect(strstr(told, first) < strstr(told, "missing: "), "in another order:\n%s", told);
    cr_expect(strstr(told, "by shard: 1 in 0/4, 1 in 1/4, 1 in 2/4, 1 in 3/4\n"), "%s", told);
    journal_close(&journal, OK);
    journal_free(&journal);
}

/* ---- Slurm ---- */

static void install_squeue(const char *lines) {
    char path[512], text[1024], search[512];
    snprintf(path, sizeof path, "%s/squeue", sweep.out);
    snprintf(text, sizeof text, "#!/bin/sh\n%s", lines);
    write_file(path, text);
    cr_assert(chmod(path, 0700) == 0, "no program");
    snprintf(search, sizeof search, "%s:/usr/bin:/bin", sweep.out);
    setenv("PATH", search, 1);
}

Test(status_command, what_is_queued_is_waited_for) {
    struct journal journal;
    char path[512];
    for (int run = 0; run < 4; run++)
        unlink(sweep_path(&sweep, run));
    remove_journals();
    snprintf(path, sizeof path, "%s/slurm", dir);
    cr_assert(mkdir(path, 0700) == 0, "no folder");
    snprintf(path, sizeof path, "%s/slurm/1", dir);
    cr_assert(mkdir(path, 0700) == 0, "no folder");
    snprintf(path, sizeof path, "%s/slurm/1/train.job", dir);
    write_file(path, "12\n");
    snprintf(path, sizeof path, "%s/slurm/2", dir); /* a submit that could not be sent */
    cr_assert(mkdir(path, 0700) == 0, "no folder");
    install_squeue("echo '12|1|PENDING|Resources'; echo '12|2|PENDING|Priority'\n");
    cr_expect(STATUS(dir) == STOPPED_TERM, "%s", status_message());
    expect_said("slurm: 2 PENDING\n");
    expect_said("next: wait");
    snprintf(path, sizeof path, "%s/slurm/1/train.shards", dir);
    write_file(path, "4\n");
    open_journal(&journal, 0, 3); /* another cut, by hand */
    journal_close(&journal, OK);
    journal_free(&journal);
    cr_expect(STATUS(dir) == STOPPED_TERM, "%s", status_message());
    expect_said("slurm 12_1 PENDING (Resources)");
    expect_said(" --shard 0/4` and the same for 1 more shard train 2 runs");
    cr_expect(STATUS(dir, "--json") == STOPPED_TERM, "%s", status_message());
    expect_said("{\"job\": \"12\", \"task\": 2, \"state\": \"PENDING\", \"reason\": \"Priority\"}");
    install_squeue("exit 1\n");
    cr_expect(STATUS(dir) == ERROR_RUN, "%s", status_message());
}

/* The trials of `tune` are made by `tune`. */
Test(status_command, trials_are_tuned_not_run) {
    struct pool pool = {0};
    char path[512];
    sweep_change(&sweep, text_with(sweep_small, "small\n", "small-tune\n", &pool), NULL);
    sweep.options.n_shards = 2;
    sweep_trains(&sweep, 2);
    snprintf(path, sizeof path, "%s/plan.json", sweep_dir(&sweep));
    write_file(path,
               text_with(text_of(path, &pool), "test.yaml", "small-tune, made by normlab", &pool));
    cr_expect(STATUS(sweep_dir(&sweep), "--shards", "1") == ERROR_RUN, "%s", status_message());
    expect_said("`normlab tune small.yaml --out ");
    pool_free(&pool);
}

/* What `run FILE protocol=quick` fills is another folder; other words leave it as it is. */
Test(status_command, words_of_the_line_find_the_folder) {
    FILE *out = fopen(file, "a");
    cr_assert(out && fputs("quick: {set: {train.epochs: 1}}\n", out) >= 0 && fclose(out) == 0,
              "no");
    cr_expect(STATUS(file, "seed=0", "--out", sweep.out) == OK, "%s", status_message());
    cr_expect(STATUS(file, "protocol=quick", "--out", sweep.out) == ERROR_RESULTS,
              "no such folder");
    cr_expect(strstr(status_message(), "/small-quick is not there"), "%s", status_message());
    cr_expect(STATUS(file, "sed=0", "--out", sweep.out) == ERROR_USAGE, "%s", status_message());
    cr_expect(STATUS(dir, "seed=0") == ERROR_USAGE, "%s", status_message());
}
