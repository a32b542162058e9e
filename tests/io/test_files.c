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

#include "engine/data/idx.h"
#include "io/draft.h"
#include "lab/plan/experiment.h"
#include "lab/runner/journal.h"
#include "lab/store/store.h"
#include "lab/table/table.h"

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
    unlink(in_folder("journal.jsonl"));
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
        struct idx idx;
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

Test(files, a_journal_is_a_file_and_no_link_to_another) {
    char path[1024];
    struct journal journal = {0};
    strcpy(path, in_folder("journal.jsonl"));
    cr_assert(mkfifo(path, 0666) == 0, "%s", strerror(errno));
    cr_assert(journal_open(folder, NULL, &journal) == ERROR_RUN, "a FIFO");
    says_the_path(path);
    unlink(path);
    cr_assert(symlink(in_folder("text"), path) == 0, "%s", strerror(errno));
    cr_assert(journal_open(folder, NULL, &journal) == ERROR_RUN, "a link");
    cr_assert(access(in_folder("text"), F_OK) != 0, "what it leads to was made");
}
