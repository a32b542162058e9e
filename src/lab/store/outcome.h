/* What a run's file says: is it finished, and as what? Is it the planned run, and what does it give
 * for its row of /summary? */
#pragma once

#include "lab/config/cell.h"
#include "lab/config/keys.h"
#include "lab/store/record.h"

/* What there is of a run. */
enum run_state {
    RUN_ABSENT,     /* no file */
    RUN_UNREADABLE, /* a file that cannot be read now: whatever it holds may be a finished run */
    RUN_DAMAGED,    /* a file that is cut, changed, or does not hold this run finished */
    RUN_FINISHED,   /* a file that says complete or diverged */
};

struct outcome {
    enum run_state state;
    bool diverged, collapsed;
    bool other_build; /* another commit, compiler, flags or matrix library than this program's */
    struct log_config logged;
    double test_error; /* NaN: none */
    double seconds;    /* training, evaluation and logging together; NaN: unknown */
};

/* Is it known to have collapsed? Of a run from before normlab kept planned_steps it is not:
 * run_forget_collapsed. */
bool outcome_collapsed(const struct record *record);
/* `status_message()` says why where it is not finished; it begins with the path. */
struct outcome outcome_peek(const char *path, const char *id, struct pool *pool);
/* And the record without its series, empty where there is none; the caller frees it. */
struct outcome outcome_read(const char *path, const char *id, struct pool *pool,
                            struct record *record);
struct outcome outcome_of(const struct record *record, const char *id, struct pool *pool);
/* What its writer said of the run that it has just published, where the file is there and its seal
 * whole; it is not opened otherwise. As outcome_peek where not. */
struct outcome outcome_confirm(const char *path, const struct outcome *said);
/* Is it finished, and was at least as much logged as is asked for? */
bool outcome_serves(const struct outcome *outcome, const struct log_config *asked);
/* What to log where the run is trained once more: what is asked for, and no less than its file has,
 * which the new one replaces. */
struct log_config outcome_log(const struct outcome *outcome, const struct log_config *asked,
                              struct pool *pool);
/* "complete", "diverged", "missing"; not of one that is unreadable. */
const char *outcome_status(const struct outcome *outcome);

/* The final metrics of `record`, and how it was logged: by the names of their columns. Texts are in
 * the pool. ERROR_RESULTS: it is of another configuration than `cell`, or has not the id of its
 * own. */
MUST_CHECK enum status summary_row(const struct record *record, const struct cell *cell,
                                   struct pool *pool, struct attributes *row);
