/* The journal: its lines, whole or torn. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/files.h"
#include "io/json.h"
#include "lab/runner/journal.h"
#include "tests/calls.h"

TestSuite(journal, .timeout = 60);

static const struct json *parse(const char *text, struct pool *pool) {
    struct json *value;
    cr_assert(json_parse(text, pool, &value) == OK, "'%s': %s", text, status_message());
    return value;
}

static void remove_folder(const char *dir) {
    char path[128];
    snprintf(path, sizeof path, "%s/journal.jsonl", dir);
    unlink(path);
    cr_assert(rmdir(dir) == 0, "more in %s than the journal", dir);
}

Test(journal, the_last_end_counts) {
    static const char *const ids[] = {"r000000000001", "r000000000002", "r000000000003",
                                      "r000000000004"};
    char dir[] = "/tmp/normlab-test-XXXXXX";
    struct journal journal;
    bool failed[4];
    cr_assert(mkdtemp(dir), "no folder");
    journal_failed(dir, 4, ids, failed);
    cr_assert(!failed[0] && !failed[1] && !failed[2] && !failed[3], "failed without a journal");
    cr_assert(journal_open(dir, NULL, &journal) == OK, "%s", status_message());
    journal_start(&journal, ids[0], 11);
    journal_end(&journal, ids[0], 11, "failed", "a \"reason\"\nof two lines", 0.5);
    journal_end(&journal, ids[1], 12, "failed", "", 1);
    journal_end(&journal, ids[1], 13, "complete", "", 1);
    journal_end(&journal, ids[3], 16, "timed_out", "too long", 1);
    journal_end(&journal, "r00000000000f", 14, "failed", "", 1);
    cr_assert(write(journal.descriptor, "{\"torn\n", 7) == 7, "cannot write");
    journal_start(&journal, ids[2], 15);
    cr_assert(journal_close(&journal) == 0, "%s", strerror(journal.error));
    journal_failed(dir, 4, ids, failed);
    cr_assert(failed[0] && !failed[1] && !failed[2] && failed[3], "failed: %d %d %d %d", failed[0],
              failed[1], failed[2], failed[3]);
    struct pool pool = {0};
    cr_assert_str_eq(journal_reason(dir, ids[0], &pool), "a \"reason\"\nof two lines", "reason");
    cr_assert_str_eq(journal_reason(dir, ids[3], &pool), "too long", "of a run that took too long");
    cr_assert_str_eq(journal_reason(dir, ids[1], &pool), "", "it did not fail in the end");
    cr_assert_str_eq(journal_reason("/nonexistent", ids[0], &pool), "", "no journal");
    pool_free(&pool);
    remove_folder(dir);
}

/* What a power cut leaves of a line must not swallow the first line after it. */
Test(journal, a_torn_last_line_costs_itself_only) {
    static const char *const ids[] = {"r000000000001", "r000000000002"};
    char dir[] = "/tmp/normlab-test-XXXXXX", path[128], *text;
    struct journal journal;
    struct pool pool = {0};
    bool failed[2];
    cr_assert(mkdtemp(dir), "no folder");
    for (int i = 0; i < 2; i++) {
        cr_assert(journal_open(dir, NULL, &journal) == OK, "%s", status_message());
        journal_end(&journal, ids[i], 11, "failed", "some reason", 1);
        cr_assert(i > 0 || write(journal.descriptor, "{\"time\": \"2026-", 15) == 15, "no write");
        cr_assert(journal_close(&journal) == 0, "%s", strerror(journal.error));
    }
    journal_failed(dir, 2, ids, failed);
    cr_assert(failed[0] && failed[1], "failed: %d %d", failed[0], failed[1]);
    cr_assert(journal_open(dir, NULL, &journal) == OK, "%s", status_message());
    cr_assert(journal_close(&journal) == 0, "%s", strerror(journal.error));
    snprintf(path, sizeof path, "%s/journal.jsonl", dir);
    cr_assert(file_read(path, &pool, &text) == OK, "%s", status_message());
    cr_assert(!strstr(text, "\n\n"), "an empty line:\n%s", text);
    pool_free(&pool);
    remove_folder(dir);
}

/* Several runners may share a folder: no line is torn. */
Test(journal, lines_of_several_processes_stay_whole) {
    enum { PROCESSES = 4, LINES = 200 };
    char dir[] = "/tmp/normlab-test-XXXXXX", path[128], *text, *rest = NULL;
    struct pool pool = {0};
    int n = 0;
    cr_assert(mkdtemp(dir), "no folder");
    for (int p = 0; p < PROCESSES; p++) {
        if (fork() != 0)
            continue;
        struct journal journal;
        if (journal_open(dir, NULL, &journal) != OK)
            _exit(1);
        for (int i = 0; i < LINES; i++)
            journal_end(&journal, "r000000000001", getpid(), "failed", "some reason", i);
        _exit(0);
    }
    for (int p = 0; p < PROCESSES; p++)
        wait(NULL);
    snprintf(path, sizeof path, "%s/journal.jsonl", dir);
    cr_assert(file_read(path, &pool, &text) == OK, "%s", status_message());
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest), n++)
        cr_assert_str_eq(json_text(parse(line, &pool), "reason", ""), "some reason", "%s", line);
    cr_assert(n == PROCESSES * LINES, "%d lines, not %d", n, PROCESSES * LINES);
    pool_free(&pool);
    remove_folder(dir);
}

Test(journal, cannot_be_written) {
    struct journal journal;
    enum status status = journal_open("/dev/null/folder", NULL, &journal);
    cr_assert(status == ERROR_RUN, "status %d", (int)status);
    cr_assert(strstr(status_message(), "/dev/null/folder"), "%s", status_message());
}

Test(journal, files_are_published_whole) {
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

static int n_refused;

static int refuse_once(int descriptor) {
    (void)descriptor;
    return n_refused++ == 0 ? ENOSPC : 0;
}

/* A line that is lost, and half a line, cost themselves only; whoever closes hears of it. */
Test(journal, a_lost_line_is_told_at_the_end) {
    static const char *const ids[] = {"r000000000001", "r000000000002"};
    char dir[] = "/tmp/normlab-test-XXXXXX";
    struct journal journal;
    bool failed[2];
    cr_assert(mkdtemp(dir), "no folder");
    cr_assert(journal_open(dir, NULL, &journal) == OK, "%s", status_message());
    test_calls.write_error = refuse_once;
    journal_start(&journal, ids[0], 11);
    test_calls.write_error = NULL;
    cr_assert(write(journal.descriptor, "{\"time\": \"2026-", 15) == 15, "no write");
    journal_end(&journal, ids[0], 11, "failed", "", 1);
    journal_end(&journal, ids[1], 11, "failed", "", 1);
    cr_assert(journal_close(&journal) == ENOSPC, "nobody says that a line is lost");
    cr_assert(journal_failed(dir, 2, ids, failed) == OK, "%s", status_message());
    cr_assert(failed[0] && failed[1], "failed: %d %d", failed[0], failed[1]);
    remove_folder(dir);
}
