/* Only what nothing asks for is found, and removed only where that is asked for. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/lock.h"
#include "lab/archive/garbage.h"
#include "lab/journal/journals.h"
#include "tests/calls.h"
#include "tests/cli/capture.h"
#include "tests/lab/runner/sweep.h"

/* The runs of seeds 0 to 3, trained by three calls; small.h5 has a row for seeds 0 and 1, another
 * results file for 2, the plan is of the last call. Of seed 3 nobody asks any more. */
static struct sweep sweep;
static char lost[2][RUN_ID_SIZE];
static char *said;
static size_t said_size;

static const char *const seed_2[] = {"seed=2", NULL}, *const seed_3[] = {"seed=3", NULL};

static void train(const char *const *overrides) {
    sweep_change(&sweep, sweep_small, overrides);
    cr_assert(sweep_run(&sweep) == OK, "%s", status_message());
}

static void begin(void) {
    sweep_create(&sweep, sweep_small, NULL);
    train(seed_3);
    for (int i = 0; i < 2; i++)
        snprintf(lost[i], sizeof lost[i], "%s", sweep.plan.runs[i].id);
    cr_assert(unlink(sweep_merged(&sweep)) == 0, "no results of seed 3");
    train(seed_2);
    train(NULL);
}

static void end(void) {
    free(said);
    said = NULL;
    sweep_free(&sweep);
}

TestSuite(garbage, .init = begin, .fini = end);

static enum status collect(struct garbage_request request, struct garbage *garbage) {
    free(said);
    said = NULL;
    request.dir = request.dir ? request.dir : sweep.out;
    request.messages = open_memstream(&said, &said_size);
    enum status status = garbage_collect(&request, garbage);
    fclose(request.messages);
    return status;
}

/* How many are found; all must have this kind, NULL: any. */
static int find(struct garbage_request request, const char *kind) {
    struct garbage garbage;
    cr_assert(collect(request, &garbage) == OK, "%s", status_message());
    for (int i = 0; i < garbage.n && kind; i++)
        cr_expect_str_eq(garbage.items[i].kind, kind, "%s", garbage.items[i].path);
    int n = garbage.n;
    garbage_free(&garbage);
    return n;
}

static const char *in_folder(const char *name) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", sweep_dir(&sweep), name);
    return path;
}

static const char *lost_file(int i, const char *ending) {
    static char name[64];
    snprintf(name, sizeof name, "%s%s", lost[i], ending);
    return in_folder(name);
}

static void write_file(const char *path, const char *text) {
    FILE *out = fopen(path, "w");
    cr_assert(out && fputs(text, out) >= 0 && fclose(out) == 0, "%s", path);
}

Test(garbage, what_plan_and_results_ask_for_is_kept_and_the_rest_is_found) {
    struct garbage garbage;
    cr_assert(collect((struct garbage_request){0}, &garbage) == OK, "%s", status_message());
    cr_assert(garbage.n == 2, "%d found: %s", garbage.n, garbage.n ? garbage.items[0].path : "");
    for (int i = 0; i < 2; i++) {
        struct stat about;
        const struct garbage_item *item = &garbage.items[i];
        cr_expect_str_eq(item->kind, "run", "%s", item->kind);
        cr_expect(strstr(item->path, lost[0]) || strstr(item->path, lost[1]), "%s", item->path);
        cr_assert(stat(item->path, &about) == 0, "%s was removed by a list", item->path);
        cr_expect(about.st_size == item->bytes, "%ld bytes", item->bytes);
        cr_expect(item->age_s >= 0 && item->age_s < 600, "%g s old", item->age_s);
    }
    cr_expect(garbage.bytes == (double)(garbage.items[0].bytes + garbage.items[1].bytes), "sum");
    garbage_free(&garbage);
}

Test(garbage, removed_is_what_was_found_and_nothing_has_to_be_trained_again) {
    cr_expect(find((struct garbage_request){.remove = true}, "run") == 2, "not two");
    cr_expect(!sweep_exists(lost_file(0, ".h5")) && !sweep_exists(lost_file(1, ".h5")), "still");
    cr_expect(find((struct garbage_request){.remove = true}, NULL) == 0, "there is more");
    sweep_trains(&sweep, 0);
    sweep_change(&sweep, sweep_small, seed_2);
    sweep_trains(&sweep, 0);
    sweep_change(&sweep, sweep_small, seed_3);
    sweep_trains(&sweep, 2);
}

Test(garbage, age_size_and_kept_runs_narrow_it) {
    const char *kept[] = {lost[1]};
    struct timespec times[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};
    cr_expect(find((struct garbage_request){.older_s = 3600}, NULL) == 0, "too young");
    cr_expect(find((struct garbage_request){.larger_bytes = 1e9}, NULL) == 0, "too small");
    cr_expect(find((struct garbage_request){.n_kept = 1, .kept = kept}, NULL) == 1, "kept");
    cr_assert(utimensat(AT_FDCWD, lost_file(0, ".h5"), times, 0) == 0, "no time");
    cr_expect(find((struct garbage_request){.older_s = 3600}, NULL) == 1, "one is old");
}

Test(garbage, checkpoints_and_drafts_of_nobody_are_found_and_those_in_use_are_not) {
    char held[512], path[512];
    for (int i = 0; i < 2; i++)
        cr_assert(unlink(lost_file(i, ".h5")) == 0, "no run");
    snprintf(path, sizeof path, "%s", sweep_path(&sweep, 0));
    cr_expect(find((struct garbage_request){0}, NULL) == 0, "something is left");
    write_file(lost_file(0, ".checkpoint"), "x");
    strcpy(strrchr(path, '.'), ".checkpoint"); /* of a finished run */
    write_file(path, "x");
    cr_expect(find((struct garbage_request){0}, "checkpoint") == 2, "two checkpoints");
    cr_assert(unlink(sweep_path(&sweep, 0)) == 0, "no run"); /* it is asked for, and can go on */
    cr_expect(find((struct garbage_request){.remove = true}, "checkpoint") == 1, "one is of use");
    cr_expect(sweep_exists(path), "it was removed");

    write_file(in_folder("x.h5.tmp.0123456789abcdef"), "x");
    snprintf(held, sizeof held, "%s/y.h5.tmp.0123456789abcdef", sweep.out);
    write_file(held, "x");
    int descriptor = open(held, O_RDWR);
    cr_assert(flock(descriptor, LOCK_EX) == 0, "no lock");
    cr_expect(find((struct garbage_request){0}, "draft") == 1, "one draft");
    cr_expect(sweep_exists(in_folder("x.h5.tmp.0123456789abcdef")), "a list removed it");
    close(descriptor);
    cr_expect(find((struct garbage_request){.remove = true}, "draft") == 2, "two drafts");
    cr_expect(!sweep_exists(held) && !sweep_exists(in_folder("x.h5.tmp.0123456789abcdef")), "no");
}

static void expect_left_alone(const char *why) {
    cr_expect(find((struct garbage_request){.remove = true}, NULL) == 0, "%s: removed", why);
    cr_expect(strstr(said, "/small is left alone: ") && strstr(said, why), "it said: %s", said);
    cr_expect(sweep_exists(lost_file(0, ".h5")), "%s: the run is gone", why);
}

/* The lock of a process is no obstacle to itself: another one holds it. */
Test(garbage, a_folder_where_somebody_is_at_work_is_left_alone) {
    int ready[2], done[2];
    char byte = 0;
    cr_assert(pipe(ready) == 0 && pipe(done) == 0, "no pipes");
    pid_t pid = fork();
    if (pid == 0) {
        struct lock lock;
        bool taken = lock_take(sweep_dir(&sweep), &lock) == OK;
        _exit(taken && write(ready[1], "x", 1) == 1 && read(done[0], &byte, 1) == 1 ? 0 : 1);
    }
    cr_assert(read(ready[0], &byte, 1) == 1, "the other does not run");
    expect_left_alone("another normlab");
    cr_assert(write(done[1], "x", 1) == 1 && sweep_join(pid) == 0, "the other failed");
    cr_expect(find((struct garbage_request){0}, "run") == 2, "now there is nobody");
}

Test(garbage, a_shard_that_has_begun_a_run_is_at_work) {
    static const struct journal_begin begin = {.n_shards = 2};
    const struct timespec times[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};
    struct journal journal;
    char path[512];
    cr_assert(journal_open(sweep_dir(&sweep), &begin, NULL, &journal) == OK, "%s",
              status_message());
    snprintf(path, sizeof path, "%s", journal.path);
    journal_start(&journal, lost[0], 1);
    expect_left_alone("has begun there and not ended");
    journal_end(&journal, lost[0], 1, "complete", "", 1, 9, 9);
    cr_expect(find((struct garbage_request){0}, "run") == 2, "it has ended");
    journal_start(&journal, lost[0], 1);
    close(journal.descriptor); /* as who is killed does */
    cr_expect(find((struct garbage_request){0}, "run") == 2, "nobody holds its lock");
    test_calls.flock_error = ENOLCK;
    expect_left_alone("has begun there and not ended");
    cr_assert(utimensat(AT_FDCWD, path, times, 0) == 0, "no time");
    cr_expect(find((struct garbage_request){0}, "run") == 2, "that was long ago");
    test_calls.flock_error = 0;
    journal_free(&journal);
}

Test(garbage, what_cannot_be_read_asks_for_all) {
    struct garbage garbage;
    char path[512];
    write_file(in_folder("plan.json"), "{}");
    expect_left_alone("plan.json");
    snprintf(path, sizeof path, "%s/broken.h5", sweep.out);
    write_file(path, "no HDF5");
    cr_expect(collect((struct garbage_request){.remove = true}, &garbage) == ERROR_RESULTS, "read");
    cr_expect(strstr(status_message(), "broken.h5") &&
                  strstr(status_message(), "which runs it asks for cannot be known"),
              "%s", status_message());
    cr_expect(collect((struct garbage_request){.dir = sweep_dir(&sweep)}, &garbage) == ERROR_USAGE,
              "a folder of runs");
    cr_expect(strstr(status_message(), "name the folder above it"), "%s", status_message());
    cr_expect(collect((struct garbage_request){.dir = path}, &garbage) == ERROR_USAGE, "a file");
    cr_expect(collect((struct garbage_request){.dir = "/nowhere"}, &garbage) == ERROR_USAGE,
              "none");
}

/* ---- what goes wrong ---- */

/* The superuser may do anything: all becomes somebody's, and so does this process. */
static void become_somebody(void) {
    enum { SOMEBODY = 65534 };
    char command[128];
    if (geteuid() != 0)
        return;
    snprintf(command, sizeof command, "chown -R %d '%s'", SOMEBODY, sweep.out);
    cr_assert(system(command) == 0 && seteuid(SOMEBODY) == 0, "%s", command);
}

static void become_root_again(void) {
    cr_assert(getuid() != 0 || seteuid(0) == 0, "seteuid back");
}

/* With the mode `mode` of `path`, which becomes 0700 again. */
static enum status collect_where(const char *path, mode_t mode, struct garbage *garbage) {
    become_somebody();
    cr_assert(chmod(path, mode) == 0, "chmod");
    enum status status = collect((struct garbage_request){.remove = true}, garbage);
    become_root_again();
    cr_assert(chmod(path, 0700) == 0, "chmod");
    return status;
}

/* Without r nobody knows what is in a folder, without x not even whether it has a plan. */
Test(garbage, a_folder_that_cannot_be_read_asks_for_all) {
    struct garbage garbage;
    char dir[512];
    snprintf(dir, sizeof dir, "%s", sweep_dir(&sweep));
    cr_expect(collect_where(sweep.out, 0300, &garbage) == ERROR_UNREADABLE, "it was read");
    cr_expect(strstr(status_message(), "cannot read the folder"), "%s", status_message());
    static const mode_t modes[] = {0300, 0600};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        cr_assert(collect_where(dir, modes[i], &garbage) == OK, "%s", status_message());
        cr_expect(garbage.n == 0, "%o: %d removed", modes[i], garbage.n);
        cr_expect(strstr(said, "/small is left alone: ") && strstr(said, "Permission denied"),
                  "%o: it said: %s", modes[i], said);
        garbage_free(&garbage);
    }
    snprintf(dir, sizeof dir, "%s", in_folder("journal.some.1.0123456789abcdef.jsonl"));
    write_file(dir, "");
    cr_assert(collect_where(dir, 0, &garbage) == OK, "%s", status_message());
    cr_expect(garbage.n == 0 && strstr(said, "/small is left alone: "), "it said: %s", said);
    garbage_free(&garbage);
    cr_expect(find((struct garbage_request){0}, "run") == 2, "now it can be read");
}

/* The two lost runs can be removed; of the draft beside the results file it is refused. */
Test(garbage, what_was_removed_is_told_where_the_rest_cannot_be) {
    static char printed[4096];
    char draft[512];
    snprintf(draft, sizeof draft, "%s/x.h5.tmp.0123456789abcdef", sweep.out);
    write_file(draft, "x");
    become_somebody();
    cr_assert(chmod(sweep.out, 0500) == 0, "chmod");
    cr_redirect_stdout();
    cr_redirect_stderr();
    enum status status = capture_command(
        (const char *const[]){"normlab", "gc", sweep.out, "--delete", "--json", NULL},
        sizeof printed, printed);
    become_root_again();
    cr_assert(chmod(sweep.out, 0700) == 0, "chmod");
    cr_expect(status == ERROR_RUN, "status %d", (int)status);
    cr_expect(strstr(status_message(), "cannot remove '") && strstr(status_message(), draft), "%s",
              status_message());
    cr_expect(strstr(printed, "\"removed\": true"), "%s", printed);
    for (int i = 0; i < 2; i++) {
        cr_expect(!sweep_exists(lost_file(i, ".h5")), "run %d is there", i);
        cr_expect(strstr(printed, lost_file(i, ".h5")), "run %d is not told: %s", i, printed);
    }
    cr_expect(sweep_exists(draft) && !strstr(printed, draft), "%s", printed);
}

Test(garbage, nothing_is_removed_before_it_is_clear_how_it_will_be_listed) {
    static char printed[64];
    cr_redirect_stdout();
    cr_redirect_stderr();
    cr_expect(capture_command((const char *const[]){"normlab", "gc", sweep.out, "--delete",
                                                    "--sort", "age", NULL},
                              sizeof printed, printed) == ERROR_USAGE,
              "there is no such column");
    cr_expect(strstr(status_message(), "--sort"), "%s", status_message());
    cr_expect(sweep_exists(lost_file(0, ".h5")), "it was removed");
}
