/* The journals of a folder, each read once: what their lines say, and whether their writers live.
 *
 * Nothing in them is trusted: what is no line of a journal is passed over. */
#pragma once

#include "lab/journal/journal.h"

/* Does the process that wrote it live? */
enum journal_life {
    JOURNAL_GONE,
    JOURNAL_LIVE,
    JOURNAL_UNKNOWN, /* no locks that tell, no clock, and nobody has looked before */
};

enum journal_word {
    JOURNAL_START,
    JOURNAL_COMPLETE, /* from here on: ends */
    JOURNAL_DIVERGED,
    JOURNAL_FAILED,
    JOURNAL_TIMED_OUT,
    JOURNAL_INTERRUPTED,
    JOURNAL_WORDS
};

/* A start or an end of a run. */
struct journal_event {
    enum journal_word word;
    const char *id, *time, *reason;
    long pid;
    double seconds; /* of an end; of a start, where it has not ended: by the last beat, -1: none */
    long steps, total;  /* likewise; 0: not known */
    double rate;        /* updates a second, by the last beat; 0: not known */
    int process, place; /* whose, and which of its events */
};

struct journal_process {
    const char *name; /* of its file */
    const char *host, *queue, *job, *processor, *commit;
    const char *time; /* when it began, by its own clock; "": it does not say */
    long pid;
    int shard, n_shards; /* n_shards 0: all runs */
    int jobs;
    enum journal_life life;
    bool certain; /* by its lock, or its last line */
    bool closed;
    int status;       /* its exit status, where it is closed */
    long beat;        /* its last number; 0: none */
    double written_s; /* when its file was changed last, by the file system's clock */
};

/* What is in the journals of some folders. */
struct journal_lines {
    struct pool pool;
    int n_processes, process_capacity;
    struct journal_process *processes;
    int n_events, event_capacity;
    struct journal_event *events;
};

/* Of a folder: journal.*.jsonl, and journal.jsonl, which earlier builds wrote all into; none where
 * there is no such folder. `before`: what was read some time ago, or NULL: where locks do not tell,
 * a number that has grown since does. ERROR_UNREADABLE: there is one that cannot be read now. */
enum status journal_read(const char *dir, const struct journal_lines *before,
                         struct journal_lines *lines);
void journal_lines_free(struct journal_lines *lines);
/* "journal.<host>.<pid>.<random>.jsonl", or the name of before */
bool journal_is_name(const char *name);
/* "start", "complete", "diverged", "failed", "timed_out", "interrupted" */
const char *journal_word_name(enum journal_word word);
