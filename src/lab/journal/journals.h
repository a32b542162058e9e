/* All journals of some folders as one: what became of each run, however many processes have tried
 * it, on whatever machine. */
#pragma once

#include "lab/journal/journal_read.h"

/* What the journals say of a run. Where several processes have had it, the last is the one whose
 * line is of the latest time; that is the one place where clocks of machines are compared, and it
 * decides between failures only. */
struct journal_run {
    const char *id;
    int n_failed, n_timed_out;           /* ends of that kind */
    int n_cut;                           /* interrupted, or its process died meanwhile */
    int n_running;                       /* processes that live and have it */
    const struct journal_event *end;     /* the last; NULL: it never ended */
    const struct journal_event *running; /* a start whose process lives; NULL: none does */
    const struct journal_event *cut; /* the last start or end, where that was no end of a run: its
                                        process died, or was asked to stop; NULL: it was one */
};

struct journals {
    struct journal_lines lines;
    int n_runs;
    struct journal_run *runs; /* [n_runs], sorted by id */
};

/* ERROR_UNREADABLE: as journal_read; `before` may be NULL. */
enum status journals_read(int n_dirs, const char *const *dirs, const struct journals *before,
                          struct journals *journals);
void journals_free(struct journals *journals);
/* NULL: no journal knows it. */
const struct journal_run *journals_find(const struct journals *journals, const char *id);
/* Did it fail, or was it timed out, the last time it ended? */
bool journal_run_failed(const struct journal_run *run);
/* Why run `id` failed, by the journals of `dir`; "": it did not, or nobody knows. Where they cannot
 * be read now: that. */
const char *journal_reason(const char *dir, const char *id, struct pool *pool);
