/* Asks a summary's columns run, status and collapsed. */
#include "lab/table/run_rows.h"

#include <stdio.h>
#include <string.h>

const char *run_end_name(enum run_end end) {
    static const char *const names[RUN_ENDS] = {[END_COMPLETE] = "complete",
                                                [END_DIVERGED] = "diverged",
                                                [END_FAILED] = "failed",
                                                [END_MISSING] = "missing"};
    return names[end];
}

static const struct column *status_column(const struct table *summary) {
    const struct column *status = table_find(summary, "status");
    return status && status->type == TYPE_TEXT ? status : NULL;
}

bool run_ended(const struct table *summary, int row, enum run_end end) {
    const struct column *column = status_column(summary);
    return column && !strcmp(column->texts[row], run_end_name(end));
}

int run_count(const struct table *summary, enum run_end end) {
    int n = 0;
    for (int row = 0; row < summary->n_rows; row++)
        n += run_ended(summary, row, end);
    return n;
}

bool run_has_group(const struct table *summary, int row) {
    return !run_ended(summary, row, END_MISSING) && !run_ended(summary, row, END_FAILED);
}

bool run_went_wrong(const struct table *summary, int row) {
    const struct column *collapsed = table_find(summary, "collapsed");
    return run_ended(summary, row, END_DIVERGED) || run_ended(summary, row, END_FAILED) ||
           (collapsed && table_number(collapsed, row) > 0);
}

void run_forget_collapsed(struct table *summary) {
    struct column *collapsed = table_find(summary, "collapsed");
    const struct column *planned = table_find(summary, "planned_steps");
    for (int row = 0; collapsed && row < summary->n_rows; row++)
        if (!planned || planned->integers[row] < 0)
            collapsed->integers[row] = -1;
}

enum status run_find(const struct table *summary, const char *prefix, char id[RUN_ID_SIZE]) {
    const struct column *ids = table_find(summary, "run");
    int n_found = 0, found = 0;
    for (int row = 0; ids && row < summary->n_rows; row++) {
        if (strncmp(ids->texts[row], prefix, strlen(prefix)) == 0) {
            found = row;
            n_found++;
        }
    }
    if (n_found == 1) {
        snprintf(id, RUN_ID_SIZE, "%s", ids->texts[found]);
        return OK;
    }
    return n_found == 0 ? fail(ERROR_USAGE, "no run's id begins with '%s'", prefix)
                        : fail(ERROR_USAGE, "the ids of %d runs begin with '%s': give more of it",
                               n_found, prefix);
}

int run_row(const struct table *summary, const char *id, int first) {
    const struct column *ids = table_find(summary, "run");
    for (int i = 0; ids && i < summary->n_rows; i++) {
        int row = (first + i) % summary->n_rows;
        if (strcmp(ids->texts[row], id) == 0)
            return row;
    }
    return -1;
}
