/* What no definition asks for any more in a folder of results, and what killed programs have left.
 *
 * A run is asked for by the plan of its folder and by every results file, each row of which is one;
 * so the runs of a definition stay after another call with key=value has planned fewer. */
#pragma once

#include <stdio.h>

#include "base/pool.h"
#include "base/status.h"

struct garbage_request {
    const char *dir;         /* "results": has NAME/ID.h5 and NAME.h5 */
    double older_s;          /* nothing that was changed since */
    double larger_bytes;     /* nothing that is smaller */
    bool remove;             /* what is found; else only list it */
    int n_kept;              /* runs that are asked for, too */
    const char *const *kept; /* [n_kept] ids */
    FILE *messages;          /* what is left alone, and why; NULL: say nothing */
};

struct garbage_item {
    const char *kind; /* run, checkpoint, draft */
    const char *path;
    long bytes;
    double age_s; /* since it was written last */
};

struct garbage {
    struct pool pool;
    int n, capacity;
    struct garbage_item *items;
    double bytes; /* of all */
};

/* Leaves alone each folder where a `normlab run` is at work or a run has begun and not ended, and
 * each that cannot be read, or whose plan cannot. ERROR_USAGE: `dir` is no folder of results;
 * ERROR_RESULTS, ERROR_UNREADABLE: it, or a results file, cannot be read, so nobody knows what is
 * asked for; ERROR_RUN: a
 * file cannot be removed. `garbage` then has what was removed before, and is to be freed as well.
 */
enum status garbage_collect(const struct garbage_request *request, struct garbage *garbage);
void garbage_free(struct garbage *garbage);
