/* Puts the lines of all journals together, run by run. */
#include "lab/journal/journals.h"

#include <string.h>

#include "base/sort.h"

/* By run, process, and the order in the file. */
static int compare_events(const void *a, const void *b) {
    const struct journal_event *x = *(const struct journal_event *const *)a;
    const struct journal_event *y = *(const struct journal_event *const *)b;
    int order = strcmp(x->id, y->id);
    if (!order)
        order = x->process - y->process;
    return order ? order : x->place - y->place;
}

static bool is_later(const struct journal_event *event, const struct journal_event *than) {
    return !than || strcmp(event->time, than->time) >= 0;
}

/* What one process did with one run: events [n], in order; `last` is the last event of the run so
 * far. */
static void add_process(struct journal_run *run, const struct journal_lines *lines, int n,
                        const struct journal_event *const *events,
                        const struct journal_event **last) {
    const struct journal_event *end = NULL, *newest = events[n - 1];
    bool lives = lines->processes[newest->process].life != JOURNAL_GONE;
    for (int i = 0; i < n; i++) {
        run->n_failed += events[i]->word == JOURNAL_FAILED;
        run->n_timed_out += events[i]->word == JOURNAL_TIMED_OUT;
        bool goes_on = i + 1 < n ? events[i + 1]->word != JOURNAL_START : lives;
        run->n_cut += events[i]->word == JOURNAL_INTERRUPTED ||
                      (events[i]->word == JOURNAL_START && !goes_on);
        if (events[i]->word != JOURNAL_START)
            end = events[i];
    }
    if (end && is_later(end, run->end))
        run->end = end;
    if (newest->word == JOURNAL_START && lives) {
        run->n_running++;
        if (is_later(newest, run->running))
            run->running = newest;
    }
    if (is_later(newest, *last))
        *last = newest;
}

/* All events of one run, [n]. */
static void add_run(struct journals *journals, int n, const struct journal_event *const *events) {
    struct journal_run *run = &journals->runs[journals->n_runs++];
    const struct journal_event *last = NULL;
    *run = (struct journal_run){.id = events[0]->id};
    for (int i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && events[next]->process == events[i]->process;)
            next++;
        add_process(run, &journals->lines, next - i, events + i, &last);
    }
    if (last->word == JOURNAL_START || /* analysis: n > 0 */ last->word == JOURNAL_INTERRUPTED)
        run->cut = last;
}

static void add_runs(struct journals *journals) {
    struct journal_lines *lines = &journals->lines;
    int n = lines->n_events;
    const struct journal_event **events = pool_alloc(&lines->pool, (size_t)n * sizeof *events + 1);
    for (int i = 0; i < n; i++)
        events[i] = &lines->events[i];
    sort_items(events, (size_t)n, sizeof *events, compare_events);
    journals->runs = pool_alloc(&lines->pool, (size_t)n * sizeof *journals->runs + 1);
    for (int i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && strcmp(events[next]->id, events[i]->id) == 0;)
            next++;
        add_run(journals, next - i, events + i);
    }
}

enum status journals_read(int n_dirs, const char *const *dirs, const struct journals *before,
                          struct journals *journals) {
    struct journals read = {0};
    enum status status = OK;
    for (int i = 0; i < n_dirs && !status; i++)
        status = journal_read(dirs[i], before ? &before->lines : NULL, &read.lines);
    if (status) {
        journals_free(&read);
        return status;
    }
    add_runs(&read);
    *journals = read;
    return OK;
}

void journals_free(struct journals *journals) {
    journal_lines_free(&journals->lines);
    *journals = (struct journals){0};
}

static int compare_runs(const void *a, const void *b) {
    const struct journal_run *x = a, *y = b;
    return strcmp(x->id, y->id);
}

const struct journal_run *journals_find(const struct journals *journals, const char *id) {
    const struct journal_run wanted = {.id = id};
    return find_item(&wanted, journals->runs, (size_t)journals->n_runs, sizeof wanted,
                     compare_runs);
}

bool journal_run_failed(const struct journal_run *run) {
    return run && run->end &&
           (run->end->word == JOURNAL_FAILED || run->end->word == JOURNAL_TIMED_OUT);
}

const char *journal_reason(const char *dir, const char *id, struct pool *pool) {
    struct journals journals;
    if (journals_read(1, &dir, NULL, &journals) != OK)
        return pool_text(pool, status_message());
    const struct journal_run *run = journals_find(&journals, id);
    const char *reason = journal_run_failed(run) ? pool_text(pool, run->end->reason) : "";
    journals_free(&journals);
    return reason;
}
