/* Journals of several processes, read as one: whole or torn, of the living and the dead. */
#include "lab/journal/journals.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/calls.h"
#include "tests/lab/journal/folder.h"

TestSuite(journals, .init = folder_begin, .fini = folder_end, .timeout = 60);

enum { NFS = 0x6969 };
static const char one[] = "r000000000001", two[] = "r000000000002", three[] = "r000000000003",
                  four[] = "r000000000004";
static const struct journal_begin shard = {.shard = 3, .n_shards = 8, .jobs = 2};

static const struct journal_run *find(const struct journals *journals, const char *id) {
    const struct journal_run *run = journals_find(journals, id);
    cr_assert(run, "nobody knows %s", id);
    return run;
}

static void expect_failed(const char *id, bool failed) {
    struct journals journals;
    folder_read(NULL, &journals);
    cr_expect(journal_run_failed(journals_find(&journals, id)) == failed, "%s", id);
    journals_free(&journals);
}

static void expect_life(const char *what, const struct journals *before, enum journal_life life) {
    struct journals journals;
    folder_read(before, &journals);
    cr_assert(journals.lines.n_processes == 1, "%s: %d processes", what,
              journals.lines.n_processes);
    cr_expect(journals.lines.processes[0].life == life, "%s: its life is %d", what,
              (int)journals.lines.processes[0].life);
    journals_free(&journals);
}

/* ---- what became of the runs ---- */

Test(journals, the_last_end_counts) {
    struct journal journal;
    struct pool pool = {0};
    expect_failed(one, false);
    folder_open(&shard, &journal);
    journal_start(&journal, one, 11);
    journal_end(&journal, one, 11, "failed", "a \"reason\"\nof two lines", 0.5, 7, 9);
    journal_end(&journal, two, 12, "failed", "", 1, 0, 0);
    journal_end(&journal, two, 13, "complete", "", 1, 9, 9);
    journal_end(&journal, four, 16, "timed_out", "too long", 1, 5, 9);
    journal_start(&journal, three, 15);
    expect_failed(one, true);
    expect_failed(two, false);
    expect_failed(three, false);
    expect_failed(four, true);
    cr_expect_str_eq(journal_reason(folder, one, &pool), "a \"reason\"\nof two lines");
    cr_expect_str_eq(journal_reason(folder, two, &pool), "", "it did not fail in the end");
    cr_expect_str_eq(journal_reason(folder, four, &pool), "too long");
    cr_expect_str_eq(journal_reason("/nonexistent", one, &pool), "", "no journal");
    journal_close(&journal, ERROR_RUN);
    journal_free(&journal);
    pool_free(&pool);
}

Test(journals, a_process_says_who_it_is_and_how_far) {
    struct journals journals;
    struct journal journal;
    folder_open(&shard, &journal);
    journal_start(&journal, one, 11);
    journal_start(&journal, two, 12);
    journal_beat(&journal, 2, (const struct beat[]){{one, 120, 500, 3.5, 40}, {two, 0, 0, 1, 0}});
    folder_read(NULL, &journals);
    const struct journal_process *process = &journals.lines.processes[0];
    cr_expect(process->shard == 3 && process->n_shards == 8 && process->jobs == 2, "its shard");
    cr_expect(process->pid == getpid() && process->beat == 1 && *process->host, "its process");
    cr_expect(process->life == JOURNAL_LIVE && process->certain, "it lives");
    const struct journal_event *running = find(&journals, one)->running;
    cr_assert(running, "it does not run");
    cr_expect(running->steps == 120 && running->total == 500 && running->rate == 40 &&
                  running->seconds == 3.5 && running->pid == 11,
              "%ld of %ld", running->steps, running->total);
    journals_free(&journals);
    journal_close(&journal, STOPPED_TERM);
    folder_read(NULL, &journals);
    process = &journals.lines.processes[0];
    cr_expect(process->life == JOURNAL_GONE && process->closed && process->status == 75, "closed");
    cr_expect(find(&journals, one)->n_cut == 1 && find(&journals, one)->cut, "it was cut");
    journals_free(&journals);
    journal_free(&journal);
}

/* The journal of an earlier build, and that of another host whose clock is hours behind. */
Test(journals, many_files_are_read_as_one) {
    struct journals journals;
    folder_write("journal.jsonl",
                 "{\"time\": \"2026-01-01T10:00:00.000Z\", \"event\": \"start\", \"id\": "
                 "\"r000000000001\", \"host\": \"old\", \"pid\": 5}\n"
                 "{\"time\": \"2026-01-01T10:00:01.000Z\", \"event\": \"end\", \"id\": "
                 "\"r000000000001\", \"status\": \"failed\", \"reason\": \"old\"}\n"
                 "{\"time\": \"2026-01-01T10:00:02.000Z\", \"event\": \"start\", \"id\": "
                 "\"r000000000002\", \"host\": \"old\", \"pid\": 6}\n");
    folder_write("journal.a.1.0.jsonl",
                 "{\"event\": \"begin\", \"host\": \"a\", \"shard\": \"0/2\"}\n"
                 "{\"time\": \"2026-01-01T08:00:00.000Z\", \"event\": \"start\", \"id\": "
                 "\"r000000000003\"}\n"
                 "{\"time\": \"2026-01-01T08:00:01.000Z\", \"event\": \"end\", \"id\": "
                 "\"r000000000003\", \"status\": \"interrupted\", \"reason\": \"b\"}\n"
                 "{\"time\": \"2026-01-01T11:00:00.000Z\", \"event\": \"start\", \"id\": "
                 "\"r000000000001\"}\n"
                 "{\"time\": \"2026-01-01T11:00:01.000Z\", \"event\": \"end\", \"id\": "
                 "\"r000000000001\", \"status\": \"failed\", \"reason\": \"new\"}\n");
    folder_read(NULL, &journals);
    cr_assert(journals.lines.n_processes == 2 && journals.n_runs == 3, "%d processes, %d runs",
              journals.lines.n_processes, journals.n_runs);
    cr_expect(find(&journals, one)->n_failed == 2, "how often it failed");
    cr_expect_str_eq(find(&journals, one)->end->reason, "new");
    cr_expect(!find(&journals, one)->cut, "it has ended");
    cr_expect(find(&journals, two)->cut && find(&journals, two)->n_cut == 1, "nobody holds it");
    cr_expect(find(&journals, three)->cut->word == JOURNAL_INTERRUPTED, "it was interrupted");
    cr_expect(journals_find(&journals, "r") == NULL, "part of an id");
    journals_free(&journals);
}

/* ---- who lives ---- */

/* A child that keeps a journal until it is killed. */
static pid_t keep_one(void) {
    int ready[2];
    char byte;
    cr_assert(pipe(ready) == 0, "no pipe");
    pid_t pid = fork();
    if (pid == 0) {
        struct journal journal;
        bool made = journal_open(folder, &shard, NULL, &journal) == OK;
        journal_start(&journal, one, 11);
        made = made && write(ready[1], "x", 1) == 1;
        while (made)
            made = pause() != 0;
        _exit(1);
    }
    cr_assert(read(ready[0], &byte, 1) == 1, "it keeps none");
    close(ready[0]);
    close(ready[1]);
    return pid;
}

static void bury(pid_t pid) {
    kill(pid, SIGKILL);
    cr_assert(waitpid(pid, NULL, 0) == pid, "it is not there");
}

/* Two readers at once do not take each other for the writer. */
Test(journals, a_killed_writer_is_gone_at_once) {
    struct journals journals;
    pid_t pid = keep_one();
    expect_life("it runs", NULL, JOURNAL_LIVE);
    bury(pid);
    expect_life("it was killed", NULL, JOURNAL_GONE);
    folder_read(NULL, &journals);
    cr_expect(!find(&journals, one)->running && find(&journals, one)->n_cut == 1, "it was cut");
    journals_free(&journals);
}

static void set_age(double age_s) {
    struct journals journals;
    struct timespec now;
    char path[256];
    folder_read(NULL, &journals);
    snprintf(path, sizeof path, "%s/%s", folder, journals.lines.processes[0].name);
    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec -= (time_t)age_s;
    cr_assert(utimensat(AT_FDCWD, path, (struct timespec[2]){now, now}, 0) == 0, "no time");
    journals_free(&journals);
}

/* A lock that is not there says nothing where another machine's would not be seen. */
Test(journals, without_common_locks_the_age_of_its_last_write_tells) {
    pid_t pid = keep_one();
    bury(pid);
    test_calls.file_system = NFS;
    expect_life("a moment ago", NULL, JOURNAL_LIVE);
    set_age(1000);
    expect_life("long ago", NULL, JOURNAL_GONE);
    test_calls.flock_error = ENOLCK;
    expect_life("without locks, long ago", NULL, JOURNAL_GONE);
    set_age(0);
    expect_life("without locks, now", NULL, JOURNAL_LIVE);
}

static int refuse_clock(const char *path) {
    return strstr(path, ".clock") ? EROFS : 0;
}

Test(journals, where_nothing_can_be_written_its_life_is_not_known) {
    bury(keep_one());
    test_calls.file_system = NFS;
    test_calls.open_error = refuse_clock;
    expect_life("who knows", NULL, JOURNAL_UNKNOWN);
}

/* By the clock of the file system it is long dead, and its host's clock is of another year. */
Test(journals, a_beat_that_grows_lives_whatever_clocks_say) {
    struct journals before;
    struct journal journal;
    folder_open(&shard, &journal);
    test_calls.file_system = NFS;
    test_calls.flock_error = ENOLCK;
    journal_beat(&journal, 0, NULL);
    set_age(1e6);
    folder_read(NULL, &before);
    expect_life("no beat since", &before, JOURNAL_GONE);
    journal_beat(&journal, 0, NULL);
    set_age(1e6);
    expect_life("a beat since", &before, JOURNAL_LIVE);
    journal_close(&journal, OK);
    expect_life("closed", &before, JOURNAL_GONE);
    journal_free(&journal);
    journals_free(&before);
}

/* ---- lines ---- */

Test(journals, torn_and_hostile_lines_cost_themselves_only) {
    static const char *const lines[] = {
        "{\"event\": \"end\", \"id\": \"r00000",
        "{\"event\": \"end\", \"id\": 7, \"status\": [\"failed\"]}",
        "{\"event\": \"begin\", \"shard\": \"9/8\", \"pid\": -1, \"jobs\": 1e300}",
        "{\"event\": \"beat\", \"beat\": 1e308, \"runs\": [7]}",
        "{\"event\": \"beat\", \"runs\": [{\"id\": \"r000000000002\", \"steps\": -5}]}",
        "{\"event\": \"beat\", \"runs\": [{\"total\": 1e200, \"seconds\": -1}]}",
        "{\"event\": \"begin\", \"shard\": \"0/2147483647\"}",
        "{\"event\": \"begin\", \"shard\": \"1/2x\"}",
        "[1, 2]",
        "null",
        "\x01\xff",
        "{\"event\": \"start\", \"id\": \"r000000000002\"}",
        "{\"event\": \"no such\", \"id\": \"r000000000003\"}",
        "{\"event\": \"end\", \"id\": \"r000000000003\", \"status\": \"no such\"}",
        "{\"event\": \"close\", \"status\": -1}",
        "{\"event\": \"beat\", \"runs\": {}}"};
    struct journals journals;
    for (size_t bad = 0; bad < sizeof lines / sizeof *lines; bad++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "%s\n{\"event\": \"end\", \"id\": \"%s\", \"status\": "
                 "\"failed\", \"reason\": \"it\"}\n",
                 lines[bad], one);
        folder_write("journal.a.1.0.jsonl", text);
        folder_read(NULL, &journals);
        cr_expect(journal_run_failed(journals_find(&journals, one)), "behind %s", lines[bad]);
        for (int i = 0; i < journals.lines.n_events; i++)
            cr_expect(journals.lines.events[i].steps >= 0 && journals.lines.events[i].total >= 0,
                      "steps of %s", lines[bad]);
        cr_expect(journals.lines.processes[0].n_shards == 0, "a shard of %s", lines[bad]);
        journals_free(&journals);
    }
}

/* Zeros in place of a line, as after a power cut; and a file with nothing in it. */
Test(journals, zeros_end_a_line) {
    char path[256];
    folder_write("journal.a.1.0.jsonl", "{\"event\": \"start\", \"id\": \"r000000000001\"}\n");
    snprintf(path, sizeof path, "%s/journal.a.1.0.jsonl", folder);
    cr_assert(truncate(path, 4096) == 0, "%s", strerror(errno));
    FILE *out = fopen(path, "a");
    cr_assert(out &&
                  fputs("{\"event\": \"end\", \"id\": \"r000000000001\", \"status\": "
                        "\"failed\"}",
                        out) > 0 &&
                  fclose(out) == 0,
              "cannot append");
    folder_write("journal.b.1.0.jsonl", "");
    expect_failed(one, true);
}

/* While a beat is rewritten a reader has every event that was there before it looked. */
Test(journals, a_reader_misses_nothing_of_a_busy_writer) {
    enum { EVENTS = 3000 };
    int said[2], n_seen = 0;
    cr_assert(pipe(said) == 0, "no pipe");
    pid_t pid = fork();
    if (pid == 0) {
        struct journal journal;
        struct beat runs[40];
        for (int i = 0; i < 40; i++)
            runs[i] = (struct beat){.id = "r00000000000f"};
        if (journal_open(folder, &shard, NULL, &journal) != OK)
            _exit(1);
        for (int i = 0; i < EVENTS; i++) {
            journal_end(&journal, i % 2 ? one : two, 11, "failed", "some reason", 1, i, 9);
            journal_beat(&journal, i % 40, runs);
            if (write(said[1], "x", 1) != 1)
                _exit(1);
        }
        _exit(0);
    }
    close(said[1]);
    for (char bytes[4096]; n_seen < EVENTS;) {
        struct journals journals;
        ssize_t n = read(said[0], bytes, sizeof bytes);
        cr_assert(n > 0, "the writer failed");
        n_seen += (int)n;
        folder_read(NULL, &journals);
        cr_assert(journals.lines.n_events >= n_seen, "%d events, of %d at least",
                  journals.lines.n_events, n_seen);
        journals_free(&journals);
    }
    bury(pid);
}

static const struct {
    const char *text;
    off_t at;
} rest = {"\"r000000000001\", \"status\": \"failed\"}\n", 23};
static int half_written;

static void write_rest(int number) {
    (void)number;
    ssize_t n = pwrite(half_written, rest.text, strlen(rest.text), rest.at);
    if (n != (ssize_t)strlen(rest.text))
        abort();
}

/* Who looks into the middle of a write looks again: here it is finished a millisecond later. */
Test(journals, a_line_that_is_being_written_is_waited_for) {
    const struct itimerval soon = {.it_value = {.tv_usec = 1000}};
    char path[256];
    folder_write("journal.a.1.0.jsonl", "{\"event\": \"end\", \"id\": ...... the beat of before\n");
    snprintf(path, sizeof path, "%s/journal.a.1.0.jsonl", folder);
    half_written = open(path, O_WRONLY);
    cr_assert(half_written >= 0 && flock(half_written, LOCK_EX) == 0, "no writer");
    signal(SIGALRM, write_rest);
    cr_assert(setitimer(ITIMER_REAL, &soon, NULL) == 0, "no timer");
    expect_failed(one, true);
    close(half_written);
}

/* ---- file systems of several machines ---- */

static int n_tries, error;

static int refuse_twice(const char *path) {
    return strstr(path, "journal.") && n_tries++ < 2 ? error : 0;
}

static int refuse_always(const char *path) {
    return strstr(path, "journal.") ? error : 0;
}

/* A name is listed before it is found, or its handle is of the file before; one that stays away
 * was removed; one that may not be read now is neither. */
Test(journals, a_name_that_was_listed_is_looked_for_again) {
    static const int errors[] = {ENOENT, ESTALE};
    folder_write("journal.a.1.0.jsonl", "{\"event\": \"end\", \"id\": \"r000000000001\", "
                                        "\"status\": \"failed\"}\n");
    for (int i = 0; i < 2; i++) {
        error = errors[i];
        n_tries = 0;
        test_calls.open_error = refuse_twice;
        expect_failed(one, true);
        cr_expect(n_tries == 3, "%d tries", n_tries);
    }
    error = ENOENT;
    test_calls.open_error = refuse_always;
    expect_failed(one, false);
    error = EACCES;
    const char *dir = folder;
    struct journals journals;
    cr_expect(journals_read(1, &dir, NULL, &journals) == ERROR_UNREADABLE &&
                  strstr(status_message(), "journal.a.1.0.jsonl"),
              "%s", status_message());
    test_calls.open_error = NULL;
}

Test(journals, only_their_own_names_are_read) {
    static const char *const others[] = {"journal",        "journal.",
                                         "journal..jsonl", "xjournal.jsonl",
                                         "journal.a.json", "journal.jsonl.tmp.0123456789abcdef"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect(!journal_is_name(others[i]), "%s", others[i]);
    cr_expect(journal_is_name("journal.jsonl") && journal_is_name("journal.a.1.0.jsonl"), "names");
    char path[256];
    snprintf(path, sizeof path, "%s/journal.fifo.jsonl", folder);
    cr_assert(mkfifo(path, 0666) == 0, "no FIFO");
    expect_failed(one, false);
}
