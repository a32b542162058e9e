/* Files that cannot be read now, and files that vanish: what is finished is not trained again, not
 * called missing, and the results that are there stay. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/files.h"
#include "lab/journal/journal_read.h"
#include "lab/merge/merge_file.h"
#include "lab/merge/merge_folders.h"
#include "tests/calls.h"
#include "tests/lab/runner/sweep.h"

static struct sweep sweep;
static struct stat merged_before;

/* Four runs, trained and merged. */
static void create_results(void) {
    sweep_create(&sweep, sweep_small, NULL);
    sweep_trains(&sweep, 4);
    cr_assert(stat(sweep_merged(&sweep), &merged_before) == 0, "no results");
}

static void free_results(void) {
    test_calls.open_error = NULL;
    sweep_free(&sweep);
}

TestSuite(unreadable, .init = create_results, .fini = free_results, .timeout = 120);

static void assert_merged_stays(void) {
    struct stat now;
    cr_assert(stat(sweep_merged(&sweep), &now) == 0 && now.st_ino == merged_before.st_ino,
              "the results were replaced");
    cr_assert(sweep_count_files(&sweep, ".tmp") == 0, "a draft is left");
}

/* ---- cannot be read now ---- */

static char refused[512];
static int refusal;

static int refuse_one(const char *path) {
    return strcmp(path, refused) == 0 ? refusal : 0;
}

static void refuse(const char *path, int error) {
    snprintf(refused, sizeof refused, "%s", path);
    refusal = error;
    test_calls.open_error = refuse_one;
}

static void assert_unreadable(enum status status, const char *path) {
    cr_assert(status == ERROR_UNREADABLE, "status %d: %s", (int)status, status_message());
    cr_assert(strstr(status_message(), path) && strstr(status_message(), strerror(refusal)),
              "'%s' does not say which file, and why", status_message());
}

Test(unreadable, run_trains_nothing_while_a_run_file_cannot_be_read) {
    static const int errors[] = {EACCES, EMFILE, EIO, ENOMEM};
    int n_started = sweep_count_events(&sweep, -1, "start", NULL);
    for (int i = 0; i < 4; i++) {
        refuse(sweep_path(&sweep, 2), errors[i]);
        assert_unreadable(sweep_run(&sweep), refused);
        sweep.options.dry_run = sweep.options.force = true;
        assert_unreadable(sweep_run(&sweep), refused);
        sweep.options.dry_run = sweep.options.force = false;
        assert_merged_stays();
    }
    cr_assert(sweep_count_events(&sweep, -1, "start", NULL) == n_started, "a run was trained");
    test_calls.open_error = NULL;
    sweep_trains(&sweep, 0);
    assert_merged_stays();
}

Test(unreadable, merge_takes_no_run_for_missing_that_cannot_be_read) {
    struct merge merge;
    refuse(sweep_path(&sweep, 2), EACCES);
    const char *dir = sweep_dir(&sweep);
    assert_unreadable(merge_folders(&merge, 1, &dir), refused);
    test_calls.open_error = NULL;
    cr_assert(merge_folders(&merge, 1, &dir) == OK && merge.n_missing == 0, "%s", status_message());
    merge_free(&merge);
}

Test(unreadable, a_copy_in_another_folder_serves) {
    struct sweep other;
    struct merge merge;
    sweep_create(&other, sweep_small, NULL);
    sweep_trains(&other, 4);
    refuse(sweep_path(&sweep, 2), EACCES);
    const char *dirs[] = {sweep_dir(&sweep), sweep_dir(&other)};
    cr_assert(merge_folders(&merge, 2, dirs) == OK && merge.n_missing == 0, "%s", status_message());
    merge_free(&merge);
    sweep_free(&other);
}

/* The one that the sweep has left. */
static const char *journal_of(struct pool *pool, const char *dir) {
    const char **names;
    int n;
    cr_assert(folder_names(dir, pool, &names, &n) == OK, "%s", status_message());
    for (int i = 0; i < n; i++)
        if (journal_is_name(names[i]))
            return pool_format(pool, "%s/%s", dir, names[i]);
    cr_assert_fail("no journal");
    return NULL;
}

Test(unreadable, the_results_themselves_the_plan_and_the_journal) {
    struct merge merge;
    struct pool pool = {0};
    const char *dir = pool_text(&pool, sweep_dir(&sweep));
    refuse(sweep_merged(&sweep), EMFILE);
    assert_unreadable(sweep_run(&sweep), refused);
    refuse(pool_format(&pool, "%s/plan.json", dir), EIO);
    assert_unreadable(merge_folders(&merge, 1, &dir), refused);
    refuse(journal_of(&pool, dir), EIO);
    cr_assert(merge_folders(&merge, 1, &dir) == OK, "nothing is missing, but it is asked for why");
    merge_free(&merge);
    unlink(sweep_path(&sweep, 0));
    assert_unreadable(merge_folders(&merge, 1, &dir), refused);
    assert_merged_stays();
    pool_free(&pool);
}

Test(unreadable, the_experiment_file) {
    struct experiment experiment;
    refuse("experiments/smoke.yaml", EIO);
    assert_unreadable(experiment_read(refused, 0, NULL, &experiment), refused);
}

/* ---- gone ---- */

static pid_t runner;
static bool seen[4];

/* When the runner has seen all runs finished and begins anew, at the first, the last one goes. */
static int take_away_before_the_merge(const char *path) {
    bool all = seen[0] && seen[1] && seen[2] && seen[3];
    for (int run = 0; run < 4 && getpid() == runner; run++)
        if (strcmp(path, sweep_path(&sweep, run)) == 0) {
            seen[run] = true;
            if (run == 0 && all)
                unlink(sweep_path(&sweep, 3));
        }
    return 0;
}

/* The process that merges reads them one by one; those that train read no finished file. */
static int take_away_while_merging(const char *path) {
    if (getpid() != runner && strcmp(path, sweep_path(&sweep, 0)) == 0)
        unlink(sweep_path(&sweep, 3));
    return 0;
}

static void assert_gone(int (*take_away)(const char *path)) {
    runner = getpid();
    unlink(sweep_path(&sweep, 1)); /* something to train */
    test_calls.open_error = take_away;
    enum status status = sweep_run(&sweep);
    test_calls.open_error = NULL;
    cr_assert(!sweep_exists(sweep_path(&sweep, 3)), "it did not vanish");
    cr_assert(status == ERROR_RUN || status == ERROR_RESULTS, "status %d", (int)status);
    cr_assert(strstr(status_message(), "cannot merge") &&
                  strstr(status_message(), sweep_path(&sweep, 3)),
              "'%s'", status_message());
    assert_merged_stays();
    sweep_trains(&sweep, 1);
}

Test(unreadable, a_run_that_vanishes_before_the_merge_is_not_merged_away) {
    assert_gone(take_away_before_the_merge);
}

Test(unreadable, a_run_that_vanishes_while_merging_is_not_merged_away) {
    assert_gone(take_away_while_merging);
}

Test(unreadable, results_that_have_more_stay) {
    struct merge merge;
    struct pool pool = {0};
    const char *dir = sweep_dir(&sweep);
    const char *elsewhere = pool_format(&pool, "%s/elsewhere.h5", sweep.out);
    unlink(sweep_path(&sweep, 3));
    cr_assert(merge_folders(&merge, 1, &dir) == OK && merge.n_missing == 1, "%s", status_message());
    cr_assert(merge_write(&merge, elsewhere) == OK, "%s", status_message());
    cr_assert(merge_write(&merge, elsewhere) == OK, "again, as it had no more: %s",
              status_message());
    cr_assert(merge_write(&merge, sweep_merged(&sweep)) == ERROR_RUN, "it was written");
    assert_merged_stays();
    merge_free(&merge);
    pool_free(&pool);
}
