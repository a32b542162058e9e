/* What a process writes into its journal, line by line. */
#include "lab/journal/journal.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/files.h"
#include "io/json.h"
#include "tests/calls.h"
#include "tests/lab/journal/folder.h"

TestSuite(journal, .init = folder_begin, .fini = folder_end, .timeout = 60);

static const struct journal_begin all = {.jobs = 2}, shard = {.shard = 3, .n_shards = 8, .jobs = 1};

/* The events of its file, "begin start beat ", as they stand there; each must be a line. */
static const char *events_of(const struct journal *journal, struct pool *pool) {
    const char *events = "";
    char *text, *rest = NULL;
    cr_assert(file_read(journal->path, pool, &text) == OK, "%s", status_message());
    for (char *at = strtok_r(text, "\n", &rest); at; at = strtok_r(NULL, "\n", &rest)) {
        struct json *line;
        cr_assert(json_parse(at, pool, &line) == OK, "'%s': %s", at, status_message());
        events = pool_format(pool, "%s%s ", events, json_text(line, "event", "?"));
    }
    return events;
}

static void expect_events(const struct journal *journal, const char *expected) {
    struct pool pool = {0};
    cr_expect_str_eq(events_of(journal, &pool), expected);
    pool_free(&pool);
}

static long size_of(const struct journal *journal) {
    struct stat about;
    cr_assert(stat(journal->path, &about) == 0, "%s", strerror(errno));
    return (long)about.st_size;
}

Test(journal, the_beat_is_always_the_last_line) {
    struct journal journal;
    folder_open(&all, &journal);
    cr_expect(journal_is_due(&journal), "the first beat is not due");
    journal_start(&journal, "r000000000001", 11);
    expect_events(&journal, "begin start ");
    journal_beat(&journal, 1, &(struct beat){.id = "r000000000001", .total = 500});
    cr_expect(!journal_is_due(&journal), "a beat follows the other at once");
    expect_events(&journal, "begin start beat ");
    journal_start(&journal, "r000000000002", 12);
    expect_events(&journal, "begin start start beat ");
    journal_end(&journal, "r000000000001", 11, "complete", "", 1, 500, 500);
    expect_events(&journal, "begin start start end beat ");
    cr_assert(journal_close(&journal, OK) == 0, "%s", strerror(journal.error));
    expect_events(&journal, "begin start start end close ");
    journal_free(&journal);
}

/* A night of beats takes the room of the longest, and one that is shorter leaves nothing of it. */
Test(journal, beats_stand_in_one_place) {
    static const struct beat two[] = {{"r000000000001", 120, 500, 3.5, 40},
                                      {"r000000000002", 1, 500, 2, 0}};
    struct journal journal;
    folder_open(&all, &journal);
    journal_beat(&journal, 2, two);
    long size = size_of(&journal);
    for (int i = 0; i < 7; i++) {
        journal_beat(&journal, i % 3, two);
        expect_events(&journal, "begin beat ");
        cr_expect(size_of(&journal) == size, "beat %d: %ld bytes, not %ld", i, size_of(&journal),
                  size);
    }
    journal_close(&journal, STOPPED_TERM);
    expect_events(&journal, "begin close ");
    journal_free(&journal);
}

Test(journal, its_name_and_its_first_line_say_who_writes) {
    struct pool pool = {0};
    struct journal journal;
    struct json *line;
    char *text;
    long pid;
    setenv("SLURM_ARRAY_JOB_ID", "4711", 1);
    setenv("SLURM_ARRAY_TASK_ID", "3", 1);
    setenv("SLURM_JOB_ID", "4715", 1);
    folder_open(&shard, &journal);
    cr_assert(file_read(journal.path, &pool, &text) == OK, "%s", status_message());
    cr_assert(json_parse(text, &pool, &line) == OK, "%s", status_message());
    cr_expect_str_eq(json_text(line, "shard", ""), "3/8");
    cr_expect_str_eq(json_text(line, "queue", ""), "slurm");
    cr_expect_str_eq(json_text(line, "job", ""), "4711_3");
    cr_expect(*json_text(line, "host", "") && *json_text(line, "processor", "") &&
                  *json_text(line, "commit", ""),
              "%s", text);
    cr_expect(json_number(line, "pid", 0) == getpid() && json_number(line, "jobs", 0) == 1, "%s",
              text);
    cr_expect(sscanf(strrchr(journal.path, '/'), "/journal.%*[a-zA-Z0-9-].%ld.", &pid) == 1 &&
                  pid == getpid(),
              "%s", journal.path);
    journal_close(&journal, OK);
    journal_free(&journal);
    pool_free(&pool);
}

/* What a batch system says of an array it says in two words; half of them is none. */
Test(journal, a_job_that_is_no_array_has_its_number) {
    struct pool pool = {0};
    struct journal journal;
    char *text;
    setenv("SLURM_ARRAY_JOB_ID", "4711", 1);
    unsetenv("SLURM_ARRAY_TASK_ID");
    setenv("SLURM_JOB_ID", "4715", 1);
    folder_open(&all, &journal);
    cr_assert(file_read(journal.path, &pool, &text) == OK, "%s", status_message());
    cr_expect(strstr(text, "\"job\": \"4715\"") && strstr(text, "\"shard\": \"\""), "%s", text);
    journal_close(&journal, OK);
    journal_free(&journal);
    pool_free(&pool);
}

/* Two of one folder know nothing of each other, each with a lock on its own file. */
Test(journal, each_process_has_a_file_of_its_own) {
    struct journal one, other;
    folder_open(&all, &one);
    folder_open(&all, &other);
    cr_assert(strcmp(one.path, other.path) != 0, "both write %s", one.path);
    cr_expect(flock(one.descriptor, LOCK_EX | LOCK_NB) == 0, "it is not its own");
    journal_start(&one, "r000000000001", 1);
    expect_events(&one, "begin start ");
    expect_events(&other, "begin ");
    journal_close(&one, OK);
    journal_close(&other, OK);
    journal_free(&one);
    journal_free(&other);
}

Test(journal, cannot_be_written) {
    struct journal journal;
    enum status status = journal_open("/dev/null/folder", &all, NULL, &journal);
    cr_assert(status == ERROR_RUN, "status %d", (int)status);
    cr_assert(strstr(status_message(), "/dev/null/folder/journal."), "%s", status_message());
}

static int full; /* the descriptor that has no room */

static int refuse_full(int descriptor) {
    return descriptor == full ? ENOSPC : 0;
}

/* What a full disk did not take comes with the next line; whoever closes hears of what never came.
 */
Test(journal, a_line_that_was_refused_is_written_with_the_next) {
    struct journal journal;
    folder_open(&all, &journal);
    journal_beat(&journal, 0, NULL);
    full = journal.descriptor;
    test_calls.pwrite_error = refuse_full;
    journal_start(&journal, "r000000000001", 11);
    journal_end(&journal, "r000000000001", 11, "failed", "a \"reason\"\nof two lines", 1, 0, 0);
    test_calls.pwrite_error = NULL;
    expect_events(&journal, "begin beat ");
    journal_start(&journal, "r000000000002", 12);
    expect_events(&journal, "begin start end start beat ");
    test_calls.pwrite_error = refuse_full;
    cr_assert(journal_close(&journal, OK) == ENOSPC, "nobody says that a line is lost");
    journal_free(&journal);
}

/* Where others may be on another machine, it does not wait in this one's memory. */
Test(journal, is_synced_where_locks_are_not_common) {
    enum { NFS = 0x6969 };
    struct journal journal;
    for (int remote = 0; remote < 2; remote++) {
        test_calls.file_system = remote ? NFS : folder_is_local;
        test_calls.n_files_synced = 0;
        folder_open(&all, &journal);
        journal_beat(&journal, 0, NULL);
        cr_expect(test_calls.n_files_synced == 2 * remote, "%d synced", test_calls.n_files_synced);
        journal_close(&journal, OK);
        journal_free(&journal);
    }
}

/* No journal: nothing to do. */
Test(journal, none_takes_everything) {
    struct journal none = {.descriptor = -1, .beat = ""};
    journal_start(&none, "r000000000001", 11);
    journal_beat(&none, 0, NULL);
    journal_end(&none, "r000000000001", 11, "complete", "", 1, 1, 1);
    cr_assert(!journal_is_due(&none) && journal_close(&none, OK) == 0, "it does something");
}
