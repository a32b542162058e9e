/* What one process does in a folder of runs, written down while it does it: a line a start and an
 * end of a run, and how far the runs under way are.
 *
 * "journal.<host>.<pid>.<random>.jsonl", one a process, so that machines which share a folder never
 * write to the same file: appends of two of them lose lines on NFS. It is locked (flock) as long as
 * its writer lives. Lines of JSON:
 *
 *     {"event": "begin", ...}   who writes: host, pid, shard, job, processor, commit
 *     {"event": "start", ...}   a run starts
 *     {"event": "end", ...}     one has ended, and how
 *     {"event": "close", ...}   the writer has ended in good order
 *     {"event": "beat", ...}    always the last line: a number that grows, and where each run is
 *
 * The beat is written in its place again and again: an event goes where it stood, with the beat
 * behind it. So the file of a long night stays small, and whoever sees the number grow knows, with
 * no clock, that its writer lives. A line that is torn costs itself only. The run files decide what
 * is finished; journals tell what became of the others. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/pool.h"
#include "base/status.h"

enum { JOURNAL_HOST_SIZE = 256 };

/* What the first line says of its writer, beside what it finds out by itself. */
struct journal_begin {
    int shard, n_shards; /* n_shards 0: all runs are its own */
    int jobs;            /* runs at a time */
};

/* Where a run under way is. */
struct beat {
    const char *id;
    long steps, total; /* updates done; of so many, 0: not yet known */
    double seconds;    /* since it was started */
    double rate;       /* updates a second; 0: not yet known */
};

struct journal {
    struct pool pool;
    const char *path;
    char host[JOURNAL_HOST_SIZE];
    int descriptor; /* -1: none is kept, and nothing of this does anything */
    FILE *echo;     /* starts and ends go there as well; NULL: nowhere */
    off_t at, size; /* where the beat stands; of the file */
    char *kept;     /* [n_kept] events that are not written yet, [room] */
    size_t n_kept, room;
    struct pool beat_pool;
    const char *beat; /* the last line; "": none */
    long n_beats;
    double beat_s;  /* when it was made, of the system's clock */
    bool is_behind; /* events came since */
    bool locked;    /* as long as it is open */
    bool synced;    /* after each write: others may be on another machine */
    int error;      /* why events are kept, as an errno; 0: none are */
};

/* Makes the file, with its first line. ERROR_RUN: cannot be written. */
enum status journal_open(const char *dir, const struct journal_begin *begin, FILE *echo,
                         struct journal *journal);
/* Ends it with what the writer's exit status will be. Why some line could not be written, as an
 * errno; 0: all were. `path` stays until journal_free. */
int journal_close(struct journal *journal, enum status status);
void journal_free(struct journal *journal);

void journal_start(struct journal *journal, const char *id, pid_t pid);
/* status: complete | diverged | failed | timed_out | interrupted; reason: "" where there is nothing
 * to say; steps of total updates were made, as far as is known. What cannot be written is kept, and
 * written with what comes next. */
void journal_end(struct journal *journal, const char *id, pid_t pid, const char *status,
                 const char *reason, double seconds, long steps, long total);
/* Is it time for a beat? Every five seconds, and a second after an event. */
bool journal_is_due(const struct journal *journal);
void journal_beat(struct journal *journal, int n, const struct beat *runs);
