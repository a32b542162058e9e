/* What there is of a run: nothing, a file that cannot be read now, a damaged one, a finished one.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/store/outcome.h"
#include "tests/calls.h"
#include "tests/lab/store/sample.h"

static char folder[64];

static void create_folder(void) {
    sample_folder(folder);
}

static void remove_folder(void) {
    sample_remove(folder);
}

TestSuite(outcome, .init = create_folder, .fini = remove_folder);

static char id[RUN_ID_SIZE];

/* Writes a finished run; its file. */
static const char *write_sample(void) {
    static char path[128];
    struct record record = {0};
    sample_record(1, &record);
    snprintf(id, sizeof id, "%s", record.id);
    cr_assert(store_write_run(folder, &record) == OK, "%s", status_message());
    record_free(&record);
    snprintf(path, sizeof path, "%s/%s.h5", folder, id);
    return path;
}

static enum run_state peek(const char *path) {
    struct pool pool = {0};
    struct outcome outcome = outcome_peek(path, id, &pool);
    pool_free(&pool);
    return outcome.state;
}

Test(outcome, a_file_that_is_not_there_is_absent_and_a_cut_one_damaged) {
    const char *path = write_sample();
    char below[256];
    cr_expect(peek(path) == RUN_FINISHED, "finished: %s", status_message());
    cr_assert(truncate(path, 1000) == 0);
    cr_expect(peek(path) == RUN_DAMAGED, "cut: %s", status_message());
    snprintf(below, sizeof below, "%s/x.h5", path);
    cr_expect(peek(below) == RUN_ABSENT, "below a file: %s", status_message());
    cr_assert(unlink(path) == 0 && mkfifo(path, 0600) == 0);
    cr_expect(peek(path) == RUN_DAMAGED && strstr(status_message(), "not a file"), "FIFO: %s",
              status_message());
    cr_assert(unlink(path) == 0);
    cr_expect(peek(path) == RUN_ABSENT && strstr(status_message(), path), "gone: %s",
              status_message());
}

/* At each number of descriptors that is left, it is the finished run or nothing is known: never
 * damaged, never absent. The limit is up again before Criterion needs it. */
Test(outcome, a_file_is_unreadable_where_no_descriptor_is_left) {
    const char *path = write_sample();
    struct rlimit before, limit;
    int n_unreadable = 0;
    getrlimit(RLIMIT_NOFILE, &before);
    for (int left = 16; left >= 0; left--) {
        limit = (struct rlimit){(rlim_t)left, before.rlim_max};
        int lowered = setrlimit(RLIMIT_NOFILE, &limit);
        enum run_state state = peek(path);
        cr_assert(setrlimit(RLIMIT_NOFILE, &before) == 0 && lowered == 0);
        n_unreadable += state == RUN_UNREADABLE;
        cr_expect(state == RUN_FINISHED || state == RUN_UNREADABLE, "%d descriptors: state %d, %s",
                  left, (int)state, status_message());
    }
    cr_expect(n_unreadable > 0, "descriptors never ran out");
}

Test(outcome, a_file_that_one_may_not_read_is_unreadable) {
    const char *path = write_sample();
    struct record record = {0};
    if (geteuid() == 0)
        cr_skip_test("root may read everything");
    cr_assert(chmod(path, 0) == 0);
    cr_expect(peek(path) == RUN_UNREADABLE, "%s", status_message());
    cr_expect(store_read_run(path, &record) == ERROR_UNREADABLE, "%s", status_message());
}

/* Another process gives it its name between two looks. */
static int refuse_once(const char *path) {
    static int n;
    return strstr(path, id) && n++ == 0 ? ENOENT : 0;
}

Test(outcome, a_file_that_got_its_name_just_now_is_not_damaged) {
    const char *path = write_sample();
    test_calls.open_error = refuse_once;
    enum run_state state = peek(path);
    test_calls.open_error = NULL;
    cr_expect(state == RUN_FINISHED, "state %d: %s", (int)state, status_message());
}
