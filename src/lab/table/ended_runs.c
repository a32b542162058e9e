/* Completes groups of points: where others of a group have points, runs that ended early get some.
 */
#include "lab/table/ended_runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A point of the result: a run at a place. */
struct entry {
    int run;   /* row of the summary */
    int place; /* row of a point that lies there */
    int order; /* in which it was added */
    double value;
};

struct list {
    struct pool pool;
    int n, capacity;
    struct entry *items;
};

/* The work in hand. */
struct filling {
    struct pool pool;
    const struct table *summary, *points;
    int n_places;
    const struct column *places; /* [n_places] of the points; after them stands the value */
    const int *run_of;           /* [points] row of the summary */
    const bool *complete;        /* [summary] */
    const char **groups;         /* [summary] cells of the columns `by` */
};

static void list_add(struct list *list, int run, int place, double value) {
    list->items =
        pool_grow(&list->pool, list->items, list->n, &list->capacity, sizeof *list->items);
    list->items[list->n] = (struct entry){run, place, list->n, value};
    list->n++;
}

static int compare_entries(const void *left, const void *right) {
    const struct entry *a = left, *b = right;
    return a->run != b->run ? a->run - b->run : a->order - b->order;
}

/* ---- the summary's side ---- */

static const int *find_runs(struct filling *work) {
    const struct column *ids = table_find(work->summary, "run"),
                        *runs = table_find(work->points, "run");
    int *run_of = pool_alloc(&work->pool, ((size_t)work->points->n_rows + 1) * sizeof *run_of);
    int run = 0; /* the points have the summary's order */
    for (int row = 0; row < work->points->n_rows; row++) {
        while (run + 1 < work->summary->n_rows && strcmp(ids->texts[run], runs->texts[row]) != 0)
            run++;
        run_of[row] = run;
    }
    return run_of;
}

static const bool *find_complete(struct filling *work) {
    const struct column *status = table_find(work->summary, "status");
    bool *complete = pool_alloc(&work->pool, (size_t)work->summary->n_rows + 1);
    for (int run = 0; run < work->summary->n_rows; run++)
        complete[run] = !status || !strcmp(status->texts[run], "complete");
    return complete;
}

static enum status find_groups(struct filling *work, int n_by, const char *const *by) {
    size_t n = (size_t)work->summary->n_rows + 1;
    work->groups = pool_alloc(&work->pool, n * sizeof *work->groups);
    for (int run = 0; run < work->summary->n_rows; run++)
        work->groups[run] = "";
    for (int i = 0; i < n_by; i++) {
        struct column *column;
        enum status status = table_require(work->summary, by[i], &column);
        if (status)
            return status;
        for (int run = 0; run < work->summary->n_rows; run++)
            work->groups[run] = pool_format(&work->pool, "%s%s\t", work->groups[run],
                                            table_text(column, run, &work->pool));
    }
    return OK;
}

/* ---- places ---- */

static bool same_place(const struct filling *work, int a, int b) {
    for (int i = 0; i < work->n_places; i++)
        if (!(table_number(&work->places[i], a) == table_number(&work->places[i], b)))
            return false;
    return true;
}

/* Adds the place of a point unless it is there. Runs have their points in one order, so that it is
 * most often the one after `*next`. */
static void add_place(const struct filling *work, int row, int *places, int *n, int *next) {
    for (int i = 0; i < *n; i++) {
        int at = (*next + i) % *n;
        if (same_place(work, places[at], row)) {
            *next = at + 1;
            return;
        }
    }
    places[(*n)++] = row;
    *next = *n;
}

/* Where the runs of the group lie that reached the end; without any, where all runs lie. */
static int group_places(const struct filling *work, const char *group, int *places) {
    bool any = false;
    int n = 0, next = 0;
    for (int run = 0; run < work->summary->n_rows; run++)
        any = any || (work->complete[run] && !strcmp(work->groups[run], group));
    for (int row = 0; row < work->points->n_rows; row++) {
        int run = work->run_of[row];
        if (!any || (work->complete[run] && !strcmp(work->groups[run], group)))
            add_place(work, row, places, &n, &next);
    }
    return n;
}

/* An ended run at each of the places. Its own points, in the same order, stand together. */
static void add_run(const struct filling *work, int run, int n, const int *places,
                    struct list *list) {
    int begin = 0, end;
    while (begin < work->points->n_rows && work->run_of[begin] != run)
        begin++;
    for (end = begin; end < work->points->n_rows && work->run_of[end] == run; end++)
        continue;
    int next = begin;
    for (int i = 0; i < n; i++) {
        int row = next;
        while (row < end && !same_place(work, row, places[i]))
            row++;
        double value = row < end ? table_number(&work->places[work->n_places], row) : NAN;
        next = row < end ? row + 1 : next;
        list_add(list, run, places[i], value);
    }
}

/* All ended runs of the group of run `first`, which is the first of them. */
static void add_group(const struct filling *work, int first, int *places, struct list *list) {
    int n = group_places(work, work->groups[first], places);
    for (int run = first; run < work->summary->n_rows; run++)
        if (!work->complete[run] && !strcmp(work->groups[run], work->groups[first]))
            add_run(work, run, n, places, list);
}

static bool is_first_ended(const struct filling *work, int run) {
    if (work->complete[run])
        return false;
    for (int before = 0; before < run; before++)
        if (!work->complete[before] && !strcmp(work->groups[before], work->groups[run]))
            return false;
    return true;
}

static void collect(struct filling *work, struct list *list) {
    int *places = pool_alloc(&work->pool, ((size_t)work->points->n_rows + 1) * sizeof *places);
    for (int row = 0; row < work->points->n_rows; row++)
        if (work->complete[work->run_of[row]])
            list_add(list, work->run_of[row], row,
                     table_number(&work->places[work->n_places], row));
    for (int run = 0; run < work->summary->n_rows; run++)
        if (is_first_ended(work, run))
            add_group(work, run, places, list);
    if (list->n)
        qsort(list->items, (size_t)list->n, sizeof *list->items, compare_entries);
}

/* ---- the table ---- */

static enum status build(const struct filling *work, const struct list *list,
                         struct table *result) {
    int n_carried = work->points->n_columns - work->n_places - 1;
    struct pool pool = {0};
    const char **names = pool_alloc(&pool, ((size_t)n_carried + 1) * sizeof *names);
    struct table chosen, places;
    for (int i = 0; i < n_carried; i++)
        names[i] = work->points->columns[i].name;
    enum status status = table_select(work->summary, n_carried, names, &chosen);
    if (status) {
        pool_free(&pool);
        return status;
    }
    int *rows = pool_alloc(&pool, ((size_t)list->n + 1) * sizeof *rows);
    for (int row = 0; row < list->n; row++)
        rows[row] = list->items[row].run;
    table_take(&chosen, list->n, rows, result);
    for (int row = 0; row < list->n; row++)
        rows[row] = list->items[row].place;
    table_take(work->points, list->n, rows, &places);
    pool_free(&pool);
    for (int i = 0; i <= work->n_places; i++) {
        const struct column *from = &places.columns[n_carried + i];
        bool whole = from->type == TYPE_INT && i < work->n_places;
        struct column *to =
            table_add(result, from->name, whole ? TYPE_INT : TYPE_REAL, from->unit, from->doc);
        for (int row = 0; row < list->n; row++)
            if (whole)
                to->integers[row] = from->integers[row];
            else
                to->reals[row] = i < work->n_places ? from->reals[row] : list->items[row].value;
    }
    table_free(&places);
    table_free(&chosen);
    return OK;
}

enum status points_add_ended(const struct table *summary, int n_by, const char *const *by,
                             int n_places, const struct table *points, struct table *result) {
    struct filling work = {.summary = summary, .points = points, .n_places = n_places};
    struct list list = {0};
    work.places = points->columns + points->n_columns - 1 - n_places;
    work.run_of = find_runs(&work);
    work.complete = find_complete(&work);
    enum status status = find_groups(&work, n_by, by);
    if (!status) {
        collect(&work, &list);
        status = build(&work, &list, result);
    }
    pool_free(&list.pool);
    pool_free(&work.pool);
    return status;
}
