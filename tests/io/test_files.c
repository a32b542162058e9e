/* Whatever stands where a file should: a sentence, and no wait. */
#include "io/files.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/format/idx.h"
#include "io/draft.h"
#include "lab/plan/experiment.h"
#include "lab/store/store.h"
#include "lab/table/table.h"
#include "tests/calls.h"

static char folder[] = "/tmp/normlab-files-XXXXXX";
static const char *const names[] = {"folder", "fifo", "loop", "dangling", "device"};
enum { NAMES = sizeof names / sizeof *names };

static char *in_folder(const char *name) {
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void create(void) {
    cr_assert(mkdtemp(folder), "%s", strerror(errno));
    bool made = mkdir(in_folder("folder"), 0777) == 0 && mkfifo(in_folder("fifo"), 0666) == 0 &&
                symlink("loop", in_folder("loop")) == 0 &&
                symlink("/nowhere/x", in_folder("dangling")) == 0 &&
                symlink("/dev/zero", in_folder("device")) == 0;
    cr_assert(made, "%s", strerror(errno));
}

static void destroy(void) {
    rmdir(in_folder("folder"));
    for (int i = 1; i < NAMES; i++)
        unlink(in_folder(names[i]));
    unlink(in_folder("text"));
    rmdir(folder);
}

TestSuite(files, .init = create, .fini = destroy, .timeout = 60);

static void says_the_path(const char *path) {
    cr_assert(strstr(status_message(), path), "'%s' does not name %s", status_message(), path);
}

Test(files, only_a_file_is_read) {
    for (int i = 0; i < NAMES; i++) {
        const char *path = in_folder(names[i]);
        struct pool pool = {0};
        struct table table;
        struct experiment experiment;
        struct array idx;
        char *text = NULL;
        int descriptor = -7;
        cr_assert(file_open(path, &descriptor) == ERROR_RESULTS && descriptor == -7, "%s", path);
        cr_assert(file_read(path, &pool, &text) == ERROR_RESULTS && !text, "%s", path);
        says_the_path(path);
        cr_assert(store_read_summary(path, &table) == ERROR_RESULTS, "%s", path);
        says_the_path(path);
        cr_assert(experiment_read(path, 0, NULL, &experiment) == ERROR_USAGE, "%s", path);
        says_the_path(path);
        cr_assert(idx_read_images(path, NULL, &idx) == ERROR_DATA, "%s", path);
        says_the_path(path);
        pool_free(&pool);
    }
}

Test(files, a_text_holds_no_zero_and_has_a_size_that_texts_have) {
    const char *path = in_folder("text");
    struct pool pool = {0};
    char *text = NULL;
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite("a\0b", 1, 3, file) == 3 && fclose(file) == 0);
    cr_assert(file_read(path, &pool, &text) == ERROR_RESULTS && !text, "a zero byte");
    says_the_path(path);
    cr_assert(truncate(path, 1L << 40) == 0, "%s", strerror(errno));
    cr_assert(file_read(path, &pool, &text) == ERROR_RESULTS && !text, "a terabyte");
    cr_assert(truncate(path, 1) == 0, "%s", strerror(errno));
    cr_assert(file_read(path, &pool, &text) == OK && !strcmp(text, "a"), "%s", status_message());
    pool_free(&pool);
}

/* A device, a FIFO and a folder are there for others; a link that leads nowhere is replaced. */
Test(files, only_a_file_is_replaced) {
    for (int i = 0; i < NAMES; i++) {
        bool replaced = !strcmp(names[i], "loop") || !strcmp(names[i], "dangling");
        struct stat before, after;
        const char *path = in_folder(names[i]);
        cr_assert(lstat(path, &before) == 0, "%s", strerror(errno));
        cr_assert((file_publish(path, "text") == OK) == replaced, "%s: %s", path, status_message());
        cr_assert(lstat(path, &after) == 0 && (after.st_mode == before.st_mode) != replaced, "%s",
                  path);
    }
}

Test(files, are_published_whole) {
    char dir[] = "/tmp/normlab-test-XXXXXX", path[128], inside[160], *text;
    struct pool pool = {0};
    cr_assert(mkdtemp(dir), "no folder");
    snprintf(path, sizeof path, "%s/a/b", dir);
    snprintf(inside, sizeof inside, "%s/text", path);
    cr_assert(folder_create(path) == OK, "%s", status_message());
    cr_assert(folder_create(path) == OK, "a second time: %s", status_message());
    test_calls.n_files_synced = test_calls.n_folders_synced = 0;
    cr_assert(file_publish(inside, "one") == OK, "%s", status_message());
    cr_assert(test_calls.n_files_synced == 1 && test_calls.n_folders_synced == 1,
              "%d files and %d folders synced", test_calls.n_files_synced,
              test_calls.n_folders_synced);
    cr_assert(file_publish(inside, "two") == OK, "%s", status_message());
    cr_assert(file_read(inside, &pool, &text) == OK, "%s", status_message());
    cr_assert_str_eq(text, "two", "it holds %s", text);
    cr_assert(folder_create(inside) == ERROR_RUN, "a file taken for a folder");
    cr_assert(file_publish("/dev/null/x", "text") == ERROR_RUN, "written where nothing can be");
    cr_assert(file_read(path, &pool, &text) == ERROR_RESULTS, "a folder read as a file");
    unlink(inside);
    cr_assert(rmdir(path) == 0, "a temporary file is left");
    *strrchr(path, '/') = '\0';
    rmdir(path);
    rmdir(dir);
    pool_free(&pool);
}

static int n_tries, tried_error;

static int refuse_twice(const char *path) {
    return strstr(path, "/text") && n_tries++ < 2 ? tried_error : 0;
}

/* A stale handle is tried again by all, a missing name by who has just seen it listed. */
Test(files, a_listed_name_is_tried_again) {
    static const struct {
        int error;
        enum status plain, listed;
    } cases[] = {
        {ESTALE, OK, OK}, {ENOENT, ERROR_RESULTS, OK}, {EIO, ERROR_UNREADABLE, ERROR_UNREADABLE}};
    int descriptor;
    cr_assert(file_publish(in_folder("text"), "text") == OK, "%s", status_message());
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tried_error = cases[i].error;
        test_calls.open_error = refuse_twice;
        for (int listed = 0; listed < 2; listed++) {
            n_tries = 0;
            enum status status =
                (listed ? file_open_listed : file_open)(in_folder("text"), &descriptor);
            cr_expect(status == (listed ? cases[i].listed : cases[i].plain), "%s, %d: status %d",
                      strerror(tried_error), listed, (int)status);
            if (!status)
                close(descriptor);
        }
        test_calls.open_error = NULL;
    }
    cr_expect(file_open_listed(in_folder("never"), &descriptor) == ERROR_RESULTS,
              "it is not there");
}

Test(files, names_of_a_folder_are_sorted_and_all_or_none) {
    struct pool pool = {0};
    const char **found = NULL;
    int n = -1;
    cr_assert(file_publish(in_folder("text"), "text") == OK, "%s", status_message());
    cr_assert(folder_names(folder, &pool, &found, &n) == OK && n == NAMES + 1, "%d names", n);
    for (int i = 1; i < n; i++)
        cr_expect(strcmp(found[i - 1], found[i]) < 0, "%s before %s", found[i - 1], found[i]);
    cr_expect(folder_names(in_folder("never"), &pool, &found, &n) == ERROR_RESULTS, "none");
    cr_expect(folder_names(in_folder("text"), &pool, &found, &n) == ERROR_RESULTS, "a file");
    cr_expect(n == NAMES + 1, "it was changed");
    pool_free(&pool);
}
