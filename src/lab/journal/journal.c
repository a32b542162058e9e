/* Writes the journal of this process: events behind each other, the beat always behind them. */
#include "lab/journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "io/json_writer.h"
#include "io/lock.h"
#include "io/machine.h"
#include "io/version_info.h"

/* ---- to the file ---- */

/* All of it at one place; returns the error, 0: none. */
static int write_at(int descriptor, const char *text, size_t size, off_t at) {
    while (size > 0) {
        ssize_t n = pwrite(descriptor, text, size, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : ENOSPC;
        text += n;
        at += n;
        size -= (size_t)n;
    }
    return 0;
}

/* Events that wait, then the beat; what is left of a longer one of before becomes spaces, so that
 * the file is whole lines at each moment. */
static void write_kept(struct journal *journal) {
    struct pool pool = {0};
    size_t beat = strlen(journal->beat), size = journal->n_kept + beat;
    size_t old = (size_t)(journal->size - journal->at), whole = size > old ? size : old;
    char *text = pool_alloc(&pool, whole + 1);
    if (journal->n_kept)
        memcpy(text, journal->kept, journal->n_kept);
    memcpy(text + journal->n_kept, journal->beat, beat);
    if (whole > size) {
        memset(text + size - 1, ' ', whole - size);
        text[whole - 1] = '\n';
    }
    journal->error = write_at(journal->descriptor, text, whole, journal->at);
    if (!journal->error && journal->synced && fsync(journal->descriptor) != 0)
        journal->error = errno;
    if (!journal->error) {
        journal->size = journal->at + (off_t)whole;
        journal->at += (off_t)journal->n_kept;
        journal->n_kept = 0;
    }
    pool_free(&pool);
}

static void keep(struct journal *journal, const char *line) {
    size_t size = strlen(line), needed = journal->n_kept + size;
    if (needed > journal->room) {
        char *more = pool_alloc(&journal->pool, 2 * needed);
        if (journal->n_kept)
            memcpy(more, journal->kept, journal->n_kept);
        journal->kept = more;
        journal->room = 2 * needed;
    }
    memcpy(journal->kept + journal->n_kept, line, size);
    journal->n_kept = needed;
}

/* ---- lines ---- */

/* "2026-01-31T12:00:00.123Z", for a person: nothing compares the clocks of two machines. */
static void put_time(struct json_writer *line) {
    struct timespec now;
    struct tm utc;
    char seconds[32], text[48];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text, sizeof text, "%s.%03dZ", seconds, (int)(now.tv_nsec / 1000000) % 1000);
    json_put_text(line, "time", text);
}

static void begin_line(struct json_writer *line, struct text *text, struct pool *pool,
                       const char *event) {
    *line = (struct json_writer){.out = text_begin(text, pool)};
    json_open_object(line, NULL, &json_one_line);
    put_time(line);
    json_put_text(line, "event", event);
}

static void end_line(struct journal *journal, struct json_writer *line, struct text *text,
                     bool echoed) {
    json_close(line);
    const char *written = text_end(text);
    if (echoed && journal->echo) {
        fputs(written, journal->echo);
        fflush(journal->echo); /* the program asks at its end whether all was written */
    }
    if (journal->descriptor < 0)
        return;
    keep(journal, written);
    journal->is_behind = true;
    write_kept(journal);
}

/* ---- the first line ---- */

/* Batch systems, and where they say which job this is; `index`: which task of it. */
static const struct batch_system {
    const char *name, *job, *index;
} batch_systems[] = {
    {"slurm", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID"},
    {"slurm", "SLURM_JOB_ID", NULL},
    {"pbs", "PBS_JOBID", NULL},
    {"lsf", "LSB_JOBID", "LSB_JOBINDEX"},
    {"hyperqueue", "HQ_JOB_ID", "HQ_TASK_ID"},
    {"gridengine", "JOB_ID", "SGE_TASK_ID"},
};

static void put_job(struct json_writer *line, struct pool *pool) {
    const char *queue = "", *job = "";
    for (size_t i = 0; i < sizeof batch_systems / sizeof *batch_systems && !*job; i++) {
        const struct batch_system *system = &batch_systems[i];
        const char *number = getenv(system->job);
        const char *index = system->index ? getenv(system->index) : NULL;
        if (!number || !*number || (system->index && (!index || !*index)))
            continue;
        queue = system->name;
        job = index ? pool_format(pool, "%s_%s", number, index) : number;
    }
    json_put_text(line, "queue", queue);
    json_put_text(line, "job", job);
}

static void write_begin(struct journal *journal, const struct journal_begin *begin) {
    struct pool pool = {0};
    struct text text;
    struct json_writer line;
    begin_line(&line, &text, &pool, "begin");
    json_put_text(&line, "host", journal->host);
    json_put(&line, "pid", "%ld", (long)getpid());
    json_put_text(&line, "shard",
                  begin->n_shards ? pool_format(&pool, "%d/%d", begin->shard, begin->n_shards)
                                  : "");
    json_put(&line, "jobs", "%d", begin->jobs);
    put_job(&line, &pool);
    json_put_text(&line, "processor", machine_processor(&pool));
    json_put_text(&line, "commit", build_commit);
    end_line(journal, &line, &text, false);
    pool_free(&pool);
}

/* "journal.node-3.4711.0123456789abcdef.jsonl" */
static enum status name_it(const char *dir, struct journal *journal) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    char host[64];
    uint64_t number;
    if (getrandom(&number, sizeof number, 0) != sizeof number)
        return fail(ERROR_RUN, "no random numbers for the name of a journal: %s", strerror(errno));
    snprintf(host, sizeof host, "%.*s", (int)strspn(journal->host, letters), journal->host);
    journal->path = pool_format(&journal->pool, "%s/journal.%s.%ld.%016" PRIx64 ".jsonl", dir,
                                *host ? host : "host", (long)getpid(), number);
    return OK;
}

enum status journal_open(const char *dir, const struct journal_begin *begin, FILE *echo,
                         struct journal *journal) {
    enum { A_SECOND = 100 };
    *journal = (struct journal){.descriptor = -1, .echo = echo, .beat = "", .host = "localhost"};
    gethostname(journal->host, sizeof journal->host - 1);
    enum status status = name_it(dir, journal);
    if (!status) {
        journal->descriptor =
            open(journal->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (journal->descriptor < 0)
            status = fail(ERROR_RUN, "cannot write '%s': %s", journal->path, strerror(errno));
    }
    if (status) {
        journal_free(journal);
        return status;
    }
    journal->locked = lock_wait(journal->descriptor, LOCK_EX, A_SECOND) == 0;
    journal->synced = !lock_is_common(journal->descriptor);
    write_begin(journal, begin);
    return OK;
}

int journal_close(struct journal *journal, enum status status) {
    struct pool pool = {0};
    struct text text;
    struct json_writer line;
    if (journal->descriptor < 0)
        return 0;
    begin_line(&line, &text, &pool, "close");
    json_put(&line, "status", "%d", (int)status);
    journal->beat = "";
    end_line(journal, &line, &text, false);
    if (!journal->error && ftruncate(journal->descriptor, journal->at) != 0)
        journal->error = errno;
    if (close(journal->descriptor) != 0 && !journal->error)
        journal->error = errno;
    journal->descriptor = -1;
    pool_free(&pool);
    return journal->error;
}

void journal_free(struct journal *journal) {
    pool_free(&journal->beat_pool);
    pool_free(&journal->pool);
    journal->path = journal->beat = "";
}

/* ---- runs ---- */

static void begin_run(struct json_writer *line, struct text *text, struct pool *pool,
                      const struct journal *journal, const char *event, const char *id, pid_t pid) {
    begin_line(line, text, pool, event);
    json_put_text(line, "id", id);
    json_put_text(line, "host", journal->host);
    json_put(line, "pid", "%ld", (long)pid);
}

void journal_start(struct journal *journal, const char *id, pid_t pid) {
    struct pool pool = {0};
    struct text text;
    struct json_writer line;
    begin_run(&line, &text, &pool, journal, "start", id, pid);
    end_line(journal, &line, &text, true);
    pool_free(&pool);
}

void journal_end(struct journal *journal, const char *id, pid_t pid, const char *status,
                 const char *reason, double seconds, long steps, long total) {
    struct pool pool = {0};
    struct text text;
    struct json_writer line;
    begin_run(&line, &text, &pool, journal, "end", id, pid);
    json_put_text(&line, "status", status);
    json_put_text(&line, "reason", reason);
    json_put(&line, "seconds", "%.3f", seconds);
    json_put(&line, "steps", "%ld", steps);
    json_put(&line, "total", "%ld", total);
    end_line(journal, &line, &text, true);
    pool_free(&pool);
}

/* ---- the beat ---- */

bool journal_is_due(const struct journal *journal) {
    static const double EVERY_S = 5, SOON_S = 1;
    double since_s = clock_seconds() - journal->beat_s;
    return journal->descriptor >= 0 &&
           (!journal->n_beats || since_s >= (journal->is_behind ? SOON_S : EVERY_S));
}

void journal_beat(struct journal *journal, int n, const struct beat *runs) {
    struct text text;
    struct json_writer line;
    if (journal->descriptor < 0)
        return;
    pool_free(&journal->beat_pool);
    begin_line(&line, &text, &journal->beat_pool, "beat");
    json_put(&line, "beat", "%ld", ++journal->n_beats);
    json_open_list(&line, "runs", &json_one_line);
    for (int i = 0; i < n; i++) {
        json_open_object(&line, NULL, &json_one_line);
        json_put_text(&line, "id", runs[i].id);
        json_put(&line, "steps", "%ld", runs[i].steps);
        json_put(&line, "total", "%ld", runs[i].total);
        json_put(&line, "seconds", "%.3f", runs[i].seconds);
        json_put(&line, "rate", "%.6g", runs[i].rate);
        json_close(&line);
    }
    json_close(&line);
    json_close(&line);
    if (!journal->locked) /* a reader had it; where there are no locks, the beat tells */
        journal->locked = flock(journal->descriptor, LOCK_EX | LOCK_NB) == 0;
    journal->beat = text_end(&text);
    journal->beat_s = clock_seconds();
    journal->is_behind = false;
    write_kept(journal);
}
