/* Disks that fail, lie, or have no locks, while results are written and read. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/hash.h"
#include "lab/store/outcome.h"
#include "tests/calls.h"
#include "tests/lab/store/sample.h"

static char folder[64], path[128];

static void create_folder(void) {
    sample_folder(folder);
    setenv("TMPDIR", folder, 1);
}

static void remove_folder(void) {
    sample_remove(folder);
}

TestSuite(store_faults, .init = create_folder, .fini = remove_folder);

static int n_files(void) {
    int n = 0;
    DIR *listed = opendir(folder);
    for (const struct dirent *entry; listed && (entry = readdir(listed));)
        n += entry->d_name[0] != '.';
    closedir(listed);
    return n;
}

/* ---- writing ---- */

static void forget_faults(void) {
    test_calls = (struct test_calls){0};
}

static struct record record;
static const char *run_path;
static struct table summary;

static enum status write_run(void) {
    return store_write_run(folder, &record);
}

static enum status write_merged(void) {
    return store_write_merged(path, &sample_header, &summary, 1, &run_path);
}

/* The file's bytes as a hash. */
static void hash_file(const char *name, char text[HASH_TEXT_SIZE]) {
    static char bytes[1 << 20];
    FILE *file = fopen(name, "rb");
    size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    cr_assert(file && size < sizeof bytes && fclose(file) == 0, "%s", name);
    hash_block(bytes, size, text);
}

/* Makes one call after the other go wrong, until a write needs no more of them. Each time the
 * writer says so and nothing new stands in the folder; what was there is as it was. (A write that
 * is lost may have been written over by a later one: then all is well.) */
static void fails_each_time(enum status (*make)(void), const char *made, struct test_fault *fault,
                            int error, const char *words) {
    char right[HASH_TEXT_SIZE], found[HASH_TEXT_SIZE];
    cr_assert(make() == OK, "%s", status_message());
    hash_file(made, right);
    int before = n_files();
    for (long at = 1;; at++) {
        forget_faults();
        *fault = (struct test_fault){.at = at, .error = error};
        enum status status = make();
        bool met = fault->n >= at;
        forget_faults();
        hash_file(made, found);
        cr_assert(!strcmp(right, found), "call %ld, error %d: another file", at, error);
        if (met && !status && error == 0)
            continue;
        if (!met) {
            cr_assert(status == OK && at > 2, "after %ld: %s", at, status_message());
            return;
        }
        cr_assert(status == ERROR_RUN, "call %ld, error %d: status %d", at, error, status);
        cr_assert(strstr(status_message(), words), "call %ld: %s", at, status_message());
        cr_assert(n_files() == before, "call %ld: something is left", at);
    }
}

/* A leak sanitizer's; not there without one. */
extern void __lsan_disable(void) __attribute__((weak));

/* Where a read fails half-way through a header, HDF5 1.10.8 loses the bytes that it has; of what it
 * allocates from now on. */
static void expect_leaks_of_hdf5(void) {
    if (__lsan_disable)
        __lsan_disable();
}

static void prepare(void) {
    static char written[128];
    sample_record(1, &record);
    sample_summary(&summary);
    cr_assert(write_run() == OK, "%s", status_message());
    snprintf(written, sizeof written, "%s/%s.h5", folder, record.id);
    snprintf(path, sizeof path, "%s/merged.h5", folder);
    run_path = written;
}

/* The run's file is replaced in every turn; the merged one after it, by the last. */
Test(store_faults, no_write_that_fails_is_taken_for_done) {
    prepare();
    fails_each_time(write_run, run_path, &test_calls.pwrite, ENOSPC, "No space left");
    fails_each_time(write_merged, path, &test_calls.pwrite, EIO, "Input/output error");
}

Test(store_faults, no_write_that_is_lost_without_a_word_is_taken_for_done) {
    expect_leaks_of_hdf5();
    prepare();
    fails_each_time(write_run, run_path, &test_calls.pwrite, 0, "does not read back");
    fails_each_time(write_merged, path, &test_calls.pwrite, 0, "does not read back");
}

Test(store_faults, what_cannot_be_read_back_is_not_published) {
    expect_leaks_of_hdf5();
    prepare();
    fails_each_time(write_run, run_path, &test_calls.pread, EIO, "");
}

/* ---- reading ---- */

static enum status read_run(void) {
    struct record read = {0};
    enum status status = store_read_run(run_path, &read);
    record_free(&read);
    return status;
}

static enum status read_summary(void) {
    struct table read = {0};
    enum status status = store_read_summary(path, &read);
    table_free(&read);
    return status;
}

static enum status read_header(void) {
    struct pool pool = {0};
    struct store_header read;
    enum status status = store_read_header(path, &pool, &read);
    pool_free(&pool);
    return status;
}

static enum status peek(void) {
    struct pool pool = {0};
    struct outcome outcome = outcome_peek(run_path, record.id, &pool);
    pool_free(&pool);
    return outcome.state == RUN_FINISHED     ? OK
           : outcome.state == RUN_UNREADABLE ? ERROR_UNREADABLE
                                             : ERROR_RESULTS;
}

/* What is not read is neither damaged nor missing nor something else. */
Test(store_faults, a_disk_that_fails_is_no_damage) {
    enum status (*const readers[])(void) = {read_run, peek, read_summary, read_header};
    expect_leaks_of_hdf5();
    prepare();
    cr_assert(write_merged() == OK, "%s", status_message());
    for (int i = 0; i < 4; i++) {
        long n = 0;
        for (long at = 1; n + 1 >= at; at++) {
            forget_faults();
            test_calls.pread = (struct test_fault){.at = at, .error = EIO};
            enum status status = readers[i]();
            n = test_calls.pread.n;
            forget_faults();
            cr_assert(status == (n < at ? OK : ERROR_UNREADABLE), "reader %d, read %ld: %d, %s", i,
                      at, status, status_message());
            cr_assert(n < at || strstr(status_message(), "Input/output error"), "%s",
                      status_message());
        }
    }
}

/* ---- locks ---- */

Test(store_faults, a_file_system_without_locks_serves) {
    static const int errors[] = {ENOLCK, 524, EROFS, ENOSYS, ENOTSUP};
    prepare();
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        test_calls.flock_error = errors[i];
        cr_expect(write_run() == OK && write_merged() == OK, "%s", status_message());
        cr_expect(read_run() == OK && read_summary() == OK, "%s", status_message());
    }
}

Test(store_faults, a_file_that_another_program_writes_to_is_in_use_not_damaged) {
    prepare();
    int held = open(run_path, O_RDWR);
    cr_assert(flock(held, LOCK_EX) == 0);
    cr_expect(read_run() == ERROR_UNREADABLE && strstr(status_message(), "in use"), "%s",
              status_message());
    cr_expect(peek() == ERROR_UNREADABLE, "%s", status_message());
    cr_assert(flock(held, LOCK_SH) == 0);
    cr_expect(read_run() == OK, "another that reads is in nobody's way: %s", status_message());
    close(held);
}
