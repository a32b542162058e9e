/* journal.jsonl: what happened in a folder of runs, one line a start and one an end of a run.
 *
 * Each line is one append, so several processes may write at once. The run files decide what is
 * finished; the journal tells a person, and a merge, what became of the others. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/pool.h"
#include "base/status.h"

struct journal {
    int descriptor;
    char host[256];
    int error;  /* what journal_close will return */
    FILE *echo; /* every line goes there as well; NULL: nowhere */
};

/* Opens for appending. ERROR_RUN: cannot be written. */
enum status journal_open(const char *dir, FILE *echo, struct journal *journal);
/* Why some line could not be written, as an errno; 0: all were. */
int journal_close(struct journal *journal);
void journal_start(struct journal *journal, const char *id, pid_t pid);
/* status: complete | diverged | failed | timed_out | interrupted; reason: "" where there is nothing
 * to say. */
void journal_end(struct journal *journal, const char *id, pid_t pid, const char *status,
                 const char *reason, double seconds);

/* Which of `n` runs, sorted by id, failed or were timed out the last time they ended, by the
 * journal in `dir`. A line that cannot be read (a machine that lost power) is passed over; no
 * journal: none failed. ERROR_UNREADABLE: there is one that cannot be read now. */
enum status journal_failed(const char *dir, int n, const char *const *sorted_ids, bool *failed);
/* How many runs have begun and not ended, by the journal in `dir`; none where there is no journal.
 * ERROR_UNREADABLE: there is one that cannot be read now. */
enum status journal_unended(const char *dir, int *n);
/* Why run `id` failed, by the last of its lines in `dir`; "": it did not, or nobody knows. Where
 * the journal cannot be read now: that. */
const char *journal_reason(const char *dir, const char *id, struct pool *pool);
