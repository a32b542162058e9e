/* The state of each run, from the plan, the names of files and the journals; and from the files
 * where they are opened. */
#include "lab/journal/sweep_status.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/draft.h"
#include "io/files.h"
#include "lab/plan/plan_shards.h"
#include "tests/calls.h"
#include "tests/lab/runner/sweep.h"

/* Four runs, which are all done. */
static struct sweep sweep;
static const char *dir;
static struct pool paths;

static void begin(void) {
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    test_calls.file_system = TMPFS_MAGIC;
    dir = pool_text(&paths, sweep_dir(&sweep));
}

static void end(void) {
    test_calls = (struct test_calls){0};
    sweep_free(&sweep);
    pool_free(&paths);
}

TestSuite(sweep_status, .init = begin, .fini = end, .timeout = 60);

static const char *id_of(int run) {
    return sweep.plan.runs[run].id;
}

static const char *file_of(int run, const char *ending) {
    return pool_format(&paths, "%s/%s%s", dir, id_of(run), ending);
}

static void look(struct sweep_status *status) {
    cr_assert(sweep_status_read(1, &dir, 0, NULL, status) == OK, "%s", status_message());
    for (int i = 0; i < 4; i++)
        cr_assert_str_eq(status->plan.runs[i].id, id_of(i), "another order");
}

static void expect_state(const char *what, int run, enum sweep_state state, const char *why) {
    struct sweep_status status;
    look(&status);
    cr_expect_str_eq(sweep_state_name(status.runs[run].state), sweep_state_name(state), "%s: %s",
                     what, sweep_state_name(status.runs[run].state));
    cr_expect(strstr(status.runs[run].why, why), "%s: %s", what, status.runs[run].why);
    int n = 0;
    for (int i = 0; i < SWEEP_STATES; i++)
        n += status.counts[i];
    cr_expect(n == 4 && status.counts[state] >= 1, "%s: the counts", what);
    sweep_status_free(&status);
}

static void open_journal(struct journal *journal, int shard, int n_shards) {
    const struct journal_begin first = {.shard = shard, .n_shards = n_shards, .jobs = 1};
    cr_assert(journal_open(dir, &first, NULL, journal) == OK, "%s", status_message());
}

static void close_journal(struct journal *journal) {
    cr_assert(journal_close(journal, ERROR_RUN) == 0, "not closed");
    journal_free(journal);
}

static void make_file(const char *path, const char *text) {
    FILE *out = fopen(path, "w");
    cr_assert(out && fputs(text, out) >= 0 && fclose(out) == 0, "cannot write %s", path);
}

static void remove_journals(void) {
    const char **names;
    int n;
    cr_assert(folder_names(dir, &paths, &names, &n) == OK, "%s", status_message());
    for (int i = 0; i < n; i++)
        if (journal_is_name(names[i]))
            unlink(pool_format(&paths, "%s/%s", dir, names[i]));
}

Test(sweep_status, a_run_goes_from_state_to_state) {
    struct journal journal;
    expect_state("trained", 1, SWEEP_COMPLETE, "");
    unlink(file_of(1, ".h5"));
    expect_state("removed", 1, SWEEP_MISSING, "its file is gone");
    open_journal(&journal, 0, 0);
    expect_state("not begun", 1, SWEEP_MISSING, "its file is gone");
    journal_start(&journal, id_of(1), 11);
    expect_state("begun", 1, SWEEP_RUNNING, "");
    journal_end(&journal, id_of(1), 11, "failed", "killed by signal 9", 1, 5, 40);
    expect_state("failed", 1, SWEEP_FAILED, "killed by signal 9");
    journal_start(&journal, id_of(1), 12);
    expect_state("tried again", 1, SWEEP_RUNNING, "");
    journal_end(&journal, id_of(1), 12, "timed_out", "too long", 1, 5, 40);
    expect_state("timed out", 1, SWEEP_TIMED_OUT, "too long");
    journal_start(&journal, id_of(1), 13);
    journal_end(&journal, id_of(1), 13, "interrupted", "after 7 of 40 steps", 1, 7, 40);
    expect_state("interrupted", 1, SWEEP_INTERRUPTED, "after 7 of 40 steps");
    journal_start(&journal, id_of(1), 14);
    expect_state("once more", 1, SWEEP_RUNNING, "");
    close_journal(&journal);
    expect_state("its process is gone", 1, SWEEP_INTERRUPTED, "its process died");
    make_file(file_of(1, ".h5"), "");
    expect_state("its file is there", 1, SWEEP_DONE, "");
    remove_journals();
    expect_state("without journals", 1, SWEEP_DONE, "");
    unlink(file_of(1, ".h5"));
    expect_state("without a file", 1, SWEEP_MISSING, "");
}

Test(sweep_status, says_how_often_how_far_and_how_long) {
    struct sweep_status status;
    struct journal journal;
    look(&status);
    cr_expect(sweep_status_done(&status) == 4 && status.counts[SWEEP_COMPLETE] == 4, "not done");
    cr_expect(estimate_is_learned(&status.estimate), "nothing is learned of time");
    sweep_status_free(&status);
    unlink(file_of(0, ".h5"));
    unlink(file_of(2, ".h5"));
    make_file(file_of(2, ".checkpoint"), "");
    open_journal(&journal, 0, 0);
    journal_end(&journal, id_of(2), 11, "failed", "", 1, 0, 0);
    journal_end(&journal, id_of(2), 11, "failed", "", 1, 0, 0);
    journal_start(&journal, id_of(0), 12);
    journal_beat(&journal, 1, &(struct beat){id_of(0), 10, 40, 2.5, 5});
    look(&status);
    const struct sweep_run *running = &status.runs[0], *failed = &status.runs[2];
    cr_expect(running->steps == 10 && running->total == 40 && running->seconds == 2.5, "how far");
    cr_expect(running->left_s == 6, "30 steps at 5 a second: %g s", running->left_s);
    cr_expect(sweep_process(&status, running)->pid == getpid(), "where");
    cr_expect(failed->told->n_failed == 2 && failed->checkpoint && !running->checkpoint, "often");
    cr_expect(failed->left_s > 0 && failed->left_s < 60, "%g s", failed->left_s);
    cr_expect(status.runs[1].left_s == 0, "it is done");
    sweep_status_free(&status);
    journal_beat(&journal, 1, &(struct beat){id_of(0), 10, 40, 2.5, 0});
    look(&status);
    cr_expect(status.runs[0].left_s == 7.5, "10 steps in 2.5 s: %g s", status.runs[0].left_s);
    sweep_status_free(&status);
    close_journal(&journal);
}

/* ---- what is in two folders, or listed late ---- */

Test(sweep_status, a_run_in_any_of_the_folders_is_done) {
    struct sweep_status status;
    struct sweep other;
    sweep_create(&other, sweep_small, NULL);
    sweep_trains(&other, 4);
    const char *dirs[] = {dir, pool_text(&paths, sweep_dir(&other))};
    unlink(file_of(1, ".h5"));
    cr_assert(sweep_status_read(2, dirs, 0, NULL, &status) == OK, "%s", status_message());
    cr_expect(sweep_status_done(&status) == 4, "%d done", sweep_status_done(&status));
    sweep_status_free(&status);
    sweep_free(&other);
}

/* A folder of several machines: the journal has the end already, the listing not yet the name. */
Test(sweep_status, a_file_that_is_listed_late_is_opened) {
    test_calls.hidden_name = path_name(file_of(1, ".h5"));
    expect_state("hidden", 1, SWEEP_COMPLETE, "");
    remove_journals();
    expect_state("nobody knows of it", 1, SWEEP_MISSING, "");
}

/* ---- shards ---- */

Test(sweep_status, shards_are_those_of_run_and_of_who_wrote_last) {
    const struct timespec long_ago[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};
    struct sweep_status status;
    struct journal journal;
    bool take[4];
    look(&status);
    cr_expect(status.n_shards == 0 && status.runs[0].shard == -1, "shards of nobody");
    sweep_status_free(&status);
    open_journal(&journal, 1, 3);
    look(&status);
    cr_assert(status.n_shards == 3, "%d shards", status.n_shards);
    for (int shard = 0; shard < 3; shard++) {
        plan_shard(&sweep.plan, shard, 3, take);
        for (int i = 0; i < 4; i++)
            cr_expect((status.runs[i].shard == shard) == take[i], "run %d, shard %d", i, shard);
    }
    sweep_status_free(&status);
    cr_assert(sweep_status_read(1, &dir, 2, NULL, &status) == OK && status.n_shards == 2, "asked");
    sweep_status_free(&status);
    cr_assert(utimensat(AT_FDCWD, journal.path, long_ago, 0) == 0, "%s", strerror(errno));
    look(&status);
    cr_expect(status.n_shards == 0, "shards of who wrote first");
    sweep_status_free(&status);
    close_journal(&journal);
}

/* ---- opened ---- */

static enum sweep_state verified(int run) {
    struct sweep_status status;
    look(&status);
    sweep_status_verify(&status);
    enum sweep_state state = status.runs[run].state;
    bool says = *status.runs[run].why != '\0', left = status.runs[run].left_s > 0;
    cr_expect(says == !sweep_state_is_done(state) && left == says, "%s", status.runs[run].why);
    sweep_status_free(&status);
    return state;
}

static int refuse_runs(const char *path) {
    return strstr(path, id_of(1)) ? EACCES : 0;
}

Test(sweep_status, verified_it_is_what_the_files_hold) {
    remove_journals();
    expect_state("by its name", 1, SWEEP_DONE, "");
    cr_expect(verified(1) == SWEEP_COMPLETE, "a good file");
    test_calls.open_error = refuse_runs;
    cr_expect(verified(1) == SWEEP_UNREADABLE, "a file that may not be read");
    test_calls.open_error = NULL;
    cr_assert(truncate(file_of(1, ".h5"), 5000) == 0, "%s", strerror(errno));
    expect_state("by its name", 1, SWEEP_DONE, "");
    cr_expect(verified(1) == SWEEP_DAMAGED, "a file that was cut");
    cr_assert(rename(file_of(2, ".h5"), file_of(1, ".h5")) == 0, "%s", strerror(errno));
    cr_expect(verified(1) == SWEEP_DAMAGED, "another run's file");
}

/* ---- what is wrong ---- */

Test(sweep_status, needs_a_plan_and_a_folder_that_can_be_read) {
    struct sweep_status status;
    make_file(pool_format(&paths, "%s/plan.json", dir), "{}");
    cr_expect(sweep_status_read(1, &dir, 0, NULL, &status) == ERROR_RESULTS, "no plan");
    cr_expect(strstr(status_message(), "plan.json"), "%s", status_message());
    const char *none = "/nonexistent";
    cr_expect(sweep_status_read(1, &none, 0, NULL, &status) == ERROR_RESULTS, "no folder");
}
