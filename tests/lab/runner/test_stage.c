/* Runs that are written to a disk of this machine first: --stage. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "tests/calls.h"
#include "tests/lab/runner/sweep.h"

TestSuite(stage, .timeout = 300);

static char stage[64], home[128];

static void create(struct sweep *sweep) {
    snprintf(stage, sizeof stage, "/tmp/normlab-stage-XXXXXX");
    cr_assert(mkdtemp(stage), "no folder under /tmp");
    sweep_create(sweep, sweep_small, NULL);
    snprintf(home, sizeof home, "%s", sweep_dir(sweep));
    sweep->options.stage = stage;
}

static int count_staged(void) {
    int n = 0;
    DIR *folder = opendir(stage);
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        n += entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return n;
}

static void expect_whole(const struct sweep *sweep) {
    struct table summary;
    sweep_summary(sweep_merged(sweep), &summary);
    for (int run = 0; run < sweep->plan.n_runs; run++)
        cr_expect_str_eq(sweep_status_of(&summary, sweep->plan.runs[run].id), "complete");
    table_free(&summary);
    cr_expect(sweep_count_files(sweep, ".tmp.") == 0, "a draft is left at home");
}

static void destroy(struct sweep *sweep) {
    cr_expect(rmdir(stage) == 0, "something is left in the stage");
    sweep_free(sweep);
}

static bool is_below(const char *path, const char *folder) {
    return strncmp(path, folder, strlen(folder)) == 0;
}

static int refuse_stage(const char *path) {
    return is_below(path, stage) && strstr(path, ".h5") ? ENOSPC : 0;
}

Test(stage, runs_come_home_whole_and_leave_nothing) {
    struct sweep sweep;
    create(&sweep);
    sweep_trains(&sweep, 4);
    expect_whole(&sweep);
    cr_expect(count_staged() == 0, "%d files are left", count_staged());
    cr_expect(!strstr(sweep.said, "without --stage"), "%s", sweep.said);
    sweep_trains(&sweep, 0);
    destroy(&sweep);
}

/* Staged is the file by now, and at home its draft begins. */
static int die_at_home(const char *path) {
    if (is_below(path, home) && strstr(path, ".h5.tmp.")) {
        kill(getppid(), SIGKILL);
        kill(getpid(), SIGKILL);
    }
    return 0;
}

Test(stage, a_kill_between_loses_that_run_alone_and_the_next_call_cleans) {
    struct sweep sweep;
    create(&sweep);
    test_calls.open_error = die_at_home;
    pid_t child = sweep_fork(&sweep);
    cr_assert(sweep_join(child) == 128 + SIGKILL, "the child lives");
    test_calls.open_error = NULL;
    for (int tries = 0; count_staged() != 1; tries++) {
        cr_assert(tries < 1000, "%d files are staged", count_staged());
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    cr_expect(sweep_count_files(&sweep, ".h5") == 0, "half a run is published");
    sweep_trains(&sweep, 4);
    expect_whole(&sweep);
    destroy(&sweep);
}

/* As a shard, which merges nothing, while the calls of its workers go wrong. What workers say needs
 * a file that they share. */
static void expect_written_at_home(struct sweep *sweep) {
    char said[4096] = "";
    FILE *messages = tmpfile();
    cr_assert(messages, "no temporary file");
    sweep->options.n_shards = 1;
    sweep->options.messages = messages;
    cr_expect(runner_run(&sweep->plan, &sweep->options) == OK, "%s", status_message());
    test_calls.open_error = NULL;
    test_calls.pwrite = (struct test_fault){0};
    rewind(messages);
    cr_assert(fread(said, 1, sizeof said - 1, messages) > 0, "nothing was said");
    fclose(messages);
    const char *words = strstr(said, " is written without --stage ");
    cr_expect(words && strstr(words, strerror(ENOSPC)), "it said %s", said);
    sweep->options.n_shards = 0;
    sweep_trains(sweep, 0);
    expect_whole(sweep);
}

Test(stage, a_full_stage_costs_no_run) {
    struct sweep sweep;
    create(&sweep);
    test_calls.open_error = refuse_stage;
    expect_written_at_home(&sweep);
    destroy(&sweep);
}

/* It fills up in the middle of a file, which is then written anew. */
Test(stage, a_stage_that_fills_up_costs_no_run) {
    struct sweep sweep;
    create(&sweep);
    test_calls.pwrite = (struct test_fault){.at = 4, .error = ENOSPC};
    expect_written_at_home(&sweep);
    destroy(&sweep);
}

Test(stage, a_stage_that_cannot_be_there_is_said_before_anything_is_trained) {
    struct sweep sweep;
    char path[80];
    create(&sweep);
    snprintf(path, sizeof path, "%s/file", stage);
    fclose(fopen(path, "w"));
    const char *const bad[] = {path, "/proc/nowhere/stage", ""};
    const char *const words[] = {path, "cannot create the folder '/proc/nowhere'",
                                 "cannot create the folder ''"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        sweep.options.stage = bad[i];
        cr_expect(sweep_run(&sweep) == ERROR_RUN, "'%s' is taken for a folder", bad[i]);
        cr_expect(strstr(status_message(), words[i]), "%s", status_message());
    }
    cr_expect(sweep_count_files(&sweep, ".h5") == 0, "a run was trained");
    remove(path);
    destroy(&sweep);
}

static int make_file(const char *name, char path[160]) {
    snprintf(path, 160, "%s/%s", stage, name);
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
}

/* The folder may be /tmp: other files stay, and files of those who are at work. */
Test(stage, only_abandoned_files_of_runs_are_removed) {
    struct sweep sweep;
    char abandoned[160], held[160], other[160];
    create(&sweep);
    close(make_file("r0123456789ab.h5.tmp.0123456789abcdef", abandoned));
    int holder = make_file("r0123456789ab.h5.tmp.fedcba9876543210", held);
    close(make_file("somebodys.tmp.0123456789abcdef", other));
    cr_assert(flock(holder, LOCK_EX | LOCK_NB) == 0, "cannot lock");
    sweep_trains(&sweep, 4);
    cr_expect(!sweep_exists(abandoned), "what a dead process left is still there");
    cr_expect(sweep_exists(held), "what a living process holds is gone");
    cr_expect(sweep_exists(other), "a stranger's file is gone");
    close(holder);
    remove(held);
    remove(other);
    destroy(&sweep);
}

/* A checkpoint is of use to another machine: it goes home. */
Test(stage, checkpoints_go_home) {
    struct sweep sweep;
    int run;
    create(&sweep);
    sweep_change(&sweep, sweep_slow, (const char *const[]){"seed=0", "train.epochs=100000", NULL});
    sweep.options.checkpoint_s = 0.01;
    pid_t child = sweep_fork(&sweep);
    sweep_wait_start(&sweep, 0, &run);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    kill(child, SIGTERM);
    cr_expect(sweep_join(child) == STOPPED_TERM, "it did not stop");
    cr_expect(sweep_count_files(&sweep, ".checkpoint") == 1, "no checkpoint at home");
    cr_expect(count_staged() == 0, "%d files are staged", count_staged());
    destroy(&sweep);
}
