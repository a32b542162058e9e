/* Appends to journal.jsonl, and reads from it which runs failed and why. */
#include "lab/runner/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/sort.h"
#include "base/text.h"
#include "io/files.h"
#include "io/json.h"
#include "io/json_writer.h"

/* A line that a power cut or a full disk has torn must not swallow the next one. */
static bool is_torn(int descriptor) {
    char last = '\n';
    off_t size = lseek(descriptor, 0, SEEK_END);
    return size > 0 && pread(descriptor, &last, 1, size - 1) == 1 && last != '\n';
}

/* What cannot be written is remembered until journal_close: the runs do not depend on it. */
static void write_text(struct journal *journal, const char *text, size_t size) {
    while (size > 0) {
        ssize_t n = write(journal->descriptor, text, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            journal->error = n < 0 ? errno : ENOSPC;
            return;
        }
        text += n;
        size -= (size_t)n;
    }
}

enum status journal_open(const char *dir, FILE *echo, struct journal *journal) {
    struct pool pool = {0};
    const char *path = pool_format(&pool, "%s/journal.jsonl", dir);
    struct stat about;
    enum status status = OK;
    journal->error = 0;
    journal->echo = echo;
    snprintf(journal->host, sizeof journal->host, "localhost");
    gethostname(journal->host, sizeof journal->host - 1);
    journal->descriptor =
        open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    if (journal->descriptor < 0)
        status = fail(ERROR_RUN, "cannot write '%s': %s", path, strerror(errno));
    else if (fstat(journal->descriptor, &about) != 0 || !S_ISREG(about.st_mode))
        status =
            fail(ERROR_RUN, "cannot write '%s': there is something that is no regular file", path);
    if (status && journal->descriptor >= 0)
        close(journal->descriptor); /* nothing was written */
    pool_free(&pool);
    return status;
}

int journal_close(struct journal *journal) {
    if (close(journal->descriptor) != 0 && !journal->error)
        journal->error = errno;
    journal->descriptor = -1;
    return journal->error;
}

/* "2026-01-31T12:00:00.123Z" */
static void write_time(struct json_writer *line) {
    struct timespec now;
    struct tm utc;
    char seconds[32], text[48];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text, sizeof text, "%s.%03dZ", seconds, (int)(now.tv_nsec / 1000000) % 1000);
    json_put_text(line, "time", text);
}

/* status NULL: the run starts. */
static void write_line(struct json_writer *line, const struct journal *journal, const char *id,
                       pid_t pid, const char *status, const char *reason, double seconds) {
    json_open_object(line, NULL, &json_one_line);
    write_time(line);
    json_put_text(line, "event", status ? "end" : "start");
    json_put_text(line, "id", id);
    json_put_text(line, "host", journal->host);
    json_put(line, "pid", "%ld", (long)pid);
    if (status) {
        json_put_text(line, "status", status);
        json_put_text(line, "reason", reason);
        json_put(line, "seconds", "%.3f", seconds);
    }
    json_close(line);
}

static void append(struct journal *journal, const char *id, pid_t pid, const char *status,
                   const char *reason, double seconds) {
    struct pool pool = {0};
    struct text text;
    struct json_writer line = {.out = text_begin(&text, &pool)};
    bool torn = is_torn(journal->descriptor);
    if (torn)
        putc('\n', line.out);
    write_line(&line, journal, id, pid, status, reason, seconds);
    const char *written = text_end(&text);
    write_text(journal, written, strlen(written));
    if (journal->echo) {
        fputs(written + torn, journal->echo);
        fflush(journal->echo); /* the program asks at its end whether all was written */
    }
    pool_free(&pool);
}

void journal_start(struct journal *journal, const char *id, pid_t pid) {
    append(journal, id, pid, NULL, "", 0);
}

void journal_end(struct journal *journal, const char *id, pid_t pid, const char *status,
                 const char *reason, double seconds) {
    append(journal, id, pid, status, reason, seconds);
}

static bool is_failure(const struct json *line) {
    const char *status = json_text(line, "status", "");
    return strcmp(status, "failed") == 0 || strcmp(status, "timed_out") == 0;
}

static void read_line(const char *text, struct pool *pool, int n, const char *const *sorted_ids,
                      bool *failed) {
    struct json *line;
    if (json_parse(text, pool, &line) != OK || strcmp(json_text(line, "event", ""), "end") != 0)
        return;
    const char *id = json_text(line, "id", "");
    long found = find_text(id, sorted_ids, (size_t)n);
    if (found >= 0)
        failed[found] = is_failure(line);
}

enum status journal_failed(const char *dir, int n, const char *const *sorted_ids, bool *failed) {
    struct pool pool = {0};
    char *text, *rest = NULL;
    memset(failed, 0, (size_t)n * sizeof *failed);
    enum status status = file_read(pool_format(&pool, "%s/journal.jsonl", dir), &pool, &text);
    if (!status)
        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
            read_line(line, &pool, n, sorted_ids, failed);
    pool_free(&pool);
    return status == ERROR_UNREADABLE ? status : OK;
}

/* Runs that are under way at a line of the journal. */
struct under_way {
    struct pool pool;
    int n, capacity;
    const char **ids;
};

static void follow(struct under_way *runs, const struct json *line) {
    const char *id = json_text(line, "id", "");
    int at = 0;
    while (at < runs->n && strcmp(runs->ids[at], id) != 0)
        at++;
    if (strcmp(json_text(line, "event", ""), "end") == 0) {
        if (at < runs->n)
            runs->ids[at] = runs->ids[--runs->n];
    } else if (at == runs->n) {
        runs->ids = pool_grow(&runs->pool, runs->ids, runs->n, &runs->capacity, sizeof *runs->ids);
        runs->ids[runs->n++] = id;
    }
}

enum status journal_unended(const char *dir, int *n) {
    struct under_way runs = {0};
    struct pool *pool = &runs.pool;
    char *text, *rest = NULL;
    enum status status = file_read(pool_format(pool, "%s/journal.jsonl", dir), pool, &text);
    if (!status)
        for (char *at = strtok_r(text, "\n", &rest); at; at = strtok_r(NULL, "\n", &rest)) {
            struct json *line;
            if (json_parse(at, pool, &line) == OK)
                follow(&runs, line);
        }
    pool_free(pool);
    if (status == ERROR_UNREADABLE)
        return status;
    *n = runs.n;
    return OK;
}

const char *journal_reason(const char *dir, const char *id, struct pool *pool) {
    char *text, *rest = NULL;
    const char *reason = "";
    enum status status = file_read(pool_format(pool, "%s/journal.jsonl", dir), pool, &text);
    if (status)
        return status == ERROR_UNREADABLE ? pool_text(pool, status_message()) : reason;
    for (char *at = strtok_r(text, "\n", &rest); at; at = strtok_r(NULL, "\n", &rest)) {
        struct json *line;
        bool ended = json_parse(at, pool, &line) == OK &&
                     strcmp(json_text(line, "id", ""), id) == 0 &&
                     strcmp(json_text(line, "event", ""), "end") == 0;
        if (ended)
            reason = is_failure(line) ? json_text(line, "reason", "") : "";
    }
    return reason;
}
