/* Reads the journals of a folder: names, lines, beats, locks. */
#include "lab/journal/journal_read.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/words.h"
#include "io/draft.h"
#include "io/files.h"
#include "io/json.h"
#include "io/lock.h"

static const char old_name[] = "journal.jsonl";

/* Nobody who lives is silent for so long, by far: beats come every five seconds, and a network file
 * system may keep them to itself for a minute. */
static const double SILENT_S = 180;

bool journal_is_name(const char *name) {
    return strcmp(name, old_name) == 0 ||
           (strncmp(name, "journal.", 8) == 0 && text_ends_in(name, ".jsonl") && strlen(name) > 14);
}

/* ---- lines ---- */

/* A folder that is looked at, and the file of it that is being read. */
struct reading {
    struct journal_lines *lines;
    const struct journal_lines *before;
    const char *dir;
    bool asked;   /* for the file system's time */
    double now_s; /* the answer */

    struct journal_process process;
    int first_event;         /* its events begin here */
    const struct json *beat; /* the last one's runs; NULL: none */
    bool torn;               /* there is something that is no line */
    bool any;                /* there is something that is one */
};

static const char *const words[JOURNAL_WORDS] = {
    [JOURNAL_START] = "start",         [JOURNAL_COMPLETE] = "complete",
    [JOURNAL_DIVERGED] = "diverged",   [JOURNAL_FAILED] = "failed",
    [JOURNAL_TIMED_OUT] = "timed_out", [JOURNAL_INTERRUPTED] = "interrupted"};

const char *journal_word_name(enum journal_word word) {
    return words[word];
}

/* A whole number that a stranger wrote; outside 0 to 1e15: 0. */
static long count(const struct json *line, const char *name) {
    double number = json_number(line, name, 0);
    return number >= 0 && number <= 1e15 ? (long)number : 0;
}

static double amount(const struct json *line, const char *name) {
    double number = json_number(line, name, 0);
    return number >= 0 && number <= 1e12 ? number : 0;
}

static void read_event(struct reading *reading, const struct json *line, enum journal_word word) {
    struct journal_lines *lines = reading->lines;
    lines->events = pool_grow(&lines->pool, lines->events, lines->n_events, &lines->event_capacity,
                              sizeof *lines->events);
    lines->events[lines->n_events] = (struct journal_event){
        .word = word,
        .id = json_text(line, "id", ""),
        .time = json_text(line, "time", ""),
        .reason = json_text(line, "reason", ""),
        .pid = count(line, "pid"),
        .seconds = word == JOURNAL_START ? -1 : amount(line, "seconds"),
        .steps = count(line, "steps"),
        .total = count(line, "total"),
        .process = lines->n_processes,
        .place = lines->n_events,
    };
    lines->n_events++;
}

static void read_start(struct reading *reading, const struct json *line) {
    read_event(reading, line, JOURNAL_START);
}

static void read_end(struct reading *reading, const struct json *line) {
    const char *status = json_text(line, "status", "");
    for (int word = JOURNAL_COMPLETE; word < JOURNAL_WORDS; word++)
        if (strcmp(status, words[word]) == 0)
            read_event(reading, line, (enum journal_word)word);
}

/* "3/8", of as many shards as `run` knows. */
static void read_shard(const char *text, struct journal_process *process) {
    enum { MOST_SHARDS = 1000000 };
    char *end;
    long shard = strtol(text, &end, 10), n = *end == '/' ? strtol(end + 1, &end, 10) : 0;
    if (*end || n < 1 || n > MOST_SHARDS || shard < 0 || shard >= n)
        return;
    process->shard = (int)shard;
    process->n_shards = (int)n;
}

static void read_begin(struct reading *reading, const struct json *line) {
    struct journal_process *process = &reading->process;
    process->host = json_text(line, "host", "");
    process->queue = json_text(line, "queue", "");
    process->job = json_text(line, "job", "");
    process->processor = json_text(line, "processor", "");
    process->commit = json_text(line, "commit", "");
    process->time = json_text(line, "time", "");
    process->pid = count(line, "pid");
    process->jobs = (int)fmin((double)count(line, "jobs"), INT_MAX);
    read_shard(json_text(line, "shard", ""), process);
}

static void read_close(struct reading *reading, const struct json *line) {
    reading->process.closed = true;
    reading->process.status = (int)fmin((double)count(line, "status"), INT_MAX);
}

/* The last start of the run in this file; *tries: events that may still be looked at. */
static struct journal_event *last_start(struct reading *reading, const char *id, long *tries) {
    struct journal_lines *lines = reading->lines;
    for (int i = lines->n_events - 1; i >= reading->first_event && (*tries)-- > 0; i--)
        if (lines->events[i].word == JOURNAL_START && strcmp(lines->events[i].id, id) == 0)
            return &lines->events[i];
    return NULL;
}

static void read_beat(struct reading *reading, const struct json *line) {
    reading->process.beat = count(line, "beat");
    reading->beat = json_list(line, "runs");
}

/* The last beat says where the runs are that have not ended. Starts of runs that are under way are
 * among the last events, so what takes long to find is no journal of ours. */
static void apply_beat(struct reading *reading) {
    long tries = 10000000;
    const struct json *run = reading->beat ? reading->beat->first : NULL;
    for (; run && tries > 0; run = run->next) {
        struct journal_event *start = last_start(reading, json_text(run, "id", ""), &tries);
        if (!start)
            continue;
        start->steps = count(run, "steps");
        start->total = count(run, "total");
        start->seconds = amount(run, "seconds");
        start->rate = amount(run, "rate");
    }
}

static void read_line(struct reading *reading, const char *text) {
    static const struct {
        const char *event;
        void (*read)(struct reading *, const struct json *);
    } events[] = {{"begin", read_begin},
                  {"start", read_start},
                  {"end", read_end},
                  {"beat", read_beat},
                  {"close", read_close}};
    struct json *line;
    if (json_parse(text, &reading->lines->pool, &line) != OK || line->type != JSON_MAP) {
        reading->torn = true;
        return;
    }
    const char *event = json_text(line, "event", "");
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (strcmp(event, events[i].event) == 0)
            events[i].read(reading, line);
    reading->any = true;
}

/* What a power cut has left as zeros ends a line, too. */
static void read_lines(struct reading *reading, char *bytes, size_t size) {
    char *end = bytes + size;
    for (char *at = bytes, *next; at < end; at = next + 1) {
        for (next = at; next < end && *next && *next != '\n';)
            next++;
        *next = '\0'; /* there is a 0 behind the last byte */
        if (*at)
            read_line(reading, at);
    }
}

/* ---- one file ---- */

static void read_once(struct reading *reading, char *bytes, size_t size) {
    const struct journal_process *was = &reading->process;
    reading->process = (struct journal_process){.name = was->name,
                                                .life = was->life,
                                                .host = "",
                                                .queue = "",
                                                .job = "",
                                                .processor = "",
                                                .commit = "",
                                                .time = ""};
    reading->lines->n_events = reading->first_event;
    reading->torn = reading->any = false;
    reading->beat = NULL;
    read_lines(reading, bytes, size);
    apply_beat(reading);
}

/* Who reads a journal in the middle of a write finds halves of two lines; the next look has them
 * whole. What a dead writer has left torn stays so. */
static enum status read_whole(int descriptor, struct reading *reading) {
    enum { LOOKS = 5 };
    struct pool *pool = &reading->lines->pool;
    for (int look = 1;; look++) {
        char *bytes;
        size_t size;
        if (lseek(descriptor, 0, SEEK_SET) != 0)
            return fail(ERROR_UNREADABLE, "%s", strerror(errno));
        enum status status = file_read_open(descriptor, pool, &bytes, &size);
        if (status)
            return status;
        read_once(reading, bytes, size);
        if (!reading->torn || look == LOOKS || reading->process.life == JOURNAL_GONE)
            return OK;
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
}

/* A lock that somebody holds is proof; that nobody does is one where all would see it. It is asked
 * for to share, so that two who look do not see each other. */
static enum journal_life life_by_lock(int descriptor) {
    bool free = flock(descriptor, LOCK_SH | LOCK_NB) == 0;
    if (!free && errno == EWOULDBLOCK)
        return JOURNAL_LIVE;
    return free && lock_is_common(descriptor) ? JOURNAL_GONE : JOURNAL_UNKNOWN;
}

static const struct journal_process *find_process(const struct journal_lines *lines,
                                                  const char *name) {
    for (int i = 0; lines && i < lines->n_processes; i++)
        if (strcmp(lines->processes[i].name, name) == 0)
            return &lines->processes[i];
    return NULL;
}

/* What is known without a lock that all can see: by a beat that has grown, or by the age of the
 * last write. Both ends of that age are of the file system's clock. */
static enum journal_life life_by_signs(struct reading *reading) {
    const struct journal_process *process = &reading->process;
    const struct journal_process *was = find_process(reading->before, process->name);
    if (was && process->beat > was->beat)
        return JOURNAL_LIVE;
    if (!reading->asked)
        reading->now_s = draft_clock(reading->dir);
    reading->asked = true;
    if (reading->now_s < 0)
        return JOURNAL_UNKNOWN;
    return reading->now_s - process->written_s < SILENT_S ? JOURNAL_LIVE : JOURNAL_GONE;
}

static double changed_s(int descriptor) {
    struct stat about;
    return fstat(descriptor, &about) == 0
               ? (double)about.st_mtim.tv_sec + 1e-9 * (double)about.st_mtim.tv_nsec
               : 0;
}

/* The lock is asked for before the lines are read: those of a writer that was gone are its last. */
static enum status read_open(const char *name, int descriptor, struct reading *reading) {
    struct journal_lines *lines = reading->lines;
    struct journal_process *process = &reading->process;
    bool old = strcmp(name, old_name) == 0; /* of many writers, who held no lock */
    *process = (struct journal_process){.name = name,
                                        .life = old ? JOURNAL_GONE : life_by_lock(descriptor)};
    enum status status = read_whole(descriptor, reading);
    process->written_s = changed_s(descriptor);
    process->certain = process->closed || (!old && process->life != JOURNAL_UNKNOWN);
    if (process->closed)
        process->life = JOURNAL_GONE;
    else if (process->life == JOURNAL_UNKNOWN)
        process->life = life_by_signs(reading);
    if (status || !reading->any)
        return status;
    lines->processes = pool_grow(&lines->pool, lines->processes, lines->n_processes,
                                 &lines->process_capacity, sizeof *lines->processes);
    lines->processes[lines->n_processes++] = *process;
    return OK;
}

/* One that is listed and is not there any more was removed. */
static enum status read_file(const char *name, struct reading *reading) {
    struct pool *pool = &reading->lines->pool;
    const char *path = pool_format(pool, "%s/%s", reading->dir, name);
    int descriptor;
    reading->first_event = reading->lines->n_events;
    enum status status = file_open_listed(path, &descriptor);
    if (!status) {
        status = read_open(name, descriptor, reading);
        close(descriptor); /* only read from; its lock goes with it */
    }
    return status == ERROR_UNREADABLE ? fail_in(status, "%s", path) : OK;
}

enum status journal_read(const char *dir, const struct journal_lines *before,
                         struct journal_lines *lines) {
    struct reading reading = {.lines = lines, .before = before, .dir = dir};
    const char **names = NULL;
    int n = 0;
    enum status status = folder_names(dir, &lines->pool, &names, &n);
    if (status)
        return status == ERROR_UNREADABLE ? status : OK;
    for (int i = 0; i < n && !status; i++)
        if (journal_is_name(names[i]))
            status = read_file(names[i], &reading);
    return status;
}

void journal_lines_free(struct journal_lines *lines) {
    pool_free(&lines->pool);
    *lines = (struct journal_lines){0};
}
