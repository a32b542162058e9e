/* Completes groups of points: where others of a group have points, runs that ended early get some.
 */
#include "lab/table/ended_runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "lab/table/run_rows.h"
#include "lab/table/table_join.h"

/* ---- the algorithm ---- */

void run_points_add(struct run_points *points, struct run_point point) {
    points->items =
        pool_grow(&points->pool, points->items, points->n, &points->capacity, sizeof point);
    points->items[points->n++] = point;
}

static bool any_complete(const struct ended_scopes *scopes, int level, int run) {
    const int *group_of = scopes->group_of[level];
    for (int other = 0; other < scopes->n_runs; other++)
        if (scopes->complete[other] && group_of[other] == group_of[run])
            return true;
    return false;
}

/* Marks the places that runs alike have; complete ones alone, or all. Are there any? */
static bool mark_places(const struct run_points *points, const struct ended_scopes *scopes,
                        int level, int run, bool complete_only, int n_places, bool *has) {
    const int *group_of = scopes->group_of[level];
    bool any = false;
    memset(has, 0, (size_t)n_places * sizeof *has);
    for (int i = 0; i < points->n; i++) {
        const struct run_point *point = &points->items[i];
        if (point->counts && point->place >= 0 && group_of[point->run] == group_of[run] &&
            (!complete_only || scopes->complete[point->run]))
            any = has[point->place] = true;
    }
    return any;
}

/* Where the run would have points, had it gone on. */
static void find_places(const struct run_points *points, const struct ended_scopes *scopes, int run,
                        int n_places, bool *has) {
    if (any_complete(scopes, 0, run)) {
        mark_places(points, scopes, 0, run, true, n_places, has);
        return;
    }
    for (int level = 1; level < scopes->n; level++)
        if (mark_places(points, scopes, level, run, false, n_places, has))
            return;
}

/* The points of each run, in the order given. */
struct by_run {
    int *begin; /* [n_runs + 1] */
    int *order; /* [points] */
};

static struct by_run sort_by_run(const struct run_points *points, int n_runs, struct pool *pool) {
    struct by_run by = {pool_alloc(pool, ((size_t)n_runs + 1) * sizeof *by.begin),
                        pool_alloc(pool, ((size_t)points->n + 1) * sizeof *by.order)};
    int *next = pool_alloc(pool, ((size_t)n_runs + 1) * sizeof *next);
    for (int i = 0; i < points->n; i++)
        by.begin[points->items[i].run + 1]++;
    for (int run = 0; run < n_runs; run++)
        by.begin[run + 1] += by.begin[run];
    memcpy(next, by.begin, (size_t)n_runs * sizeof *next);
    for (int i = 0; i < points->n; i++)
        by.order[next[points->items[i].run]++] = i;
    return by;
}

/* Points at the places, with the values that the run has there; `own` is room for them. */
static void add_ended(const struct run_points *points, const struct by_run *by, int run,
                      int n_places, const bool *has, double *own, struct run_points *result) {
    for (int place = 0; place < n_places; place++)
        own[place] = NAN;
    for (int i = by->begin[run]; i < by->begin[run + 1]; i++) {
        const struct run_point *point = &points->items[by->order[i]];
        if (point->place >= 0)
            own[point->place] = point->value;
    }
    for (int place = 0; place < n_places; place++)
        if (has[place])
            run_points_add(result, (struct run_point){run, place, own[place], true});
}

void ended_complete(const struct run_points *points, int n_places,
                    const struct ended_scopes *scopes, struct run_points *result) {
    struct pool pool = {0};
    struct by_run by = sort_by_run(points, scopes->n_runs, &pool);
    bool *has = pool_alloc(&pool, (size_t)n_places + 1);
    double *own = pool_alloc(&pool, ((size_t)n_places + 1) * sizeof *own);
    int last = -1; /* the ended run whose places stand in `has` */
    for (int run = 0; run < scopes->n_runs; run++) {
        if (scopes->complete[run]) {
            for (int i = by.begin[run]; i < by.begin[run + 1]; i++)
                run_points_add(result, points->items[by.order[i]]);
            continue;
        }
        if (last < 0 || scopes->group_of[0][last] != scopes->group_of[0][run])
            find_places(points, scopes, run, n_places, has);
        last = run;
        add_ended(points, &by, run, n_places, has, own, result);
    }
    pool_free(&pool);
}

/* ---- with tables ---- */

/* The work in hand. */
struct filling {
    struct pool pool;
    const struct table *summary, *points;
    int n_columns;
    const struct column *columns; /* [n_columns] of the points: where one lies; after them, value */
    int n_places;
    int *row_at; /* [n_places] a row of the points that lies there */
};

/* Is the point of that run? Of several files, one may be in two. */
static bool is_point_of(const struct filling *work, int row, int run) {
    static const char *const names[] = {"run", FILE_COLUMN};
    for (int i = 0; i < 2; i++) {
        const struct column *runs = table_find(work->summary, names[i]),
                            *points = table_find(work->points, names[i]);
        if (runs && points && strcmp(runs->texts[run], points->texts[row]) != 0)
            return false;
    }
    return true;
}

/* The run of every point: the points have the summary's order. */
static void find_runs(const struct filling *work, struct run_points *points) {
    int run = 0;
    for (int row = 0; row < work->points->n_rows; row++) {
        while (run + 1 < work->summary->n_rows && !is_point_of(work, row, run))
            run++;
        double value = table_number(&work->columns[work->n_columns], row);
        run_points_add(points, (struct run_point){run, -1, value, true});
    }
}

/* A row of the points with where it lies. */
struct placed_row {
    const struct filling *work;
    int row;
};

static int compare_places(const void *left, const void *right) {
    const struct placed_row *a = left, *b = right;
    for (int i = 0; i < a->work->n_columns; i++) {
        const struct column *column = &a->work->columns[i];
        double x = table_number(column, a->row), y = table_number(column, b->row);
        if (!(x == y))
            return x < y ? -1 : 1;
    }
    return 0;
}

/* Ranks the places. */
static void find_places_of_rows(struct filling *work, struct run_points *points) {
    size_t n = (size_t)work->points->n_rows;
    struct placed_row *rows = pool_alloc(&work->pool, (n + 1) * sizeof *rows);
    work->row_at = pool_alloc(&work->pool, (n + 1) * sizeof *work->row_at);
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct placed_row){work, (int)i};
    if (n)
        sort_items(rows, n, sizeof *rows, compare_places);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || compare_places(&rows[i - 1], &rows[i]) != 0)
            work->row_at[work->n_places++] = rows[i].row;
        points->items[rows[i].row].place = work->n_places - 1;
    }
}

/* The first run that has the same cells in the columns `by`. */
static enum status find_groups(struct filling *work, int n_by, const char *const *by,
                               int *group_of) {
    int n = work->summary->n_rows;
    const char **texts = pool_alloc(&work->pool, ((size_t)n + 1) * sizeof *texts);
    for (int run = 0; run < n; run++)
        texts[run] = "";
    for (int i = 0; i < n_by; i++) {
        struct column *column;
        enum status status = table_require(work->summary, by[i], &column);
        if (status)
            return status;
        for (int run = 0; run < n; run++)
            texts[run] = pool_format(&work->pool, "%s%s\t", texts[run],
                                     table_text(column, run, &work->pool));
    }
    for (int run = 0; run < n; run++)
        while (strcmp(texts[group_of[run]], texts[run]) != 0)
            group_of[run]++;
    return OK;
}

static bool *find_complete(struct filling *work) {
    int n = work->summary->n_rows;
    bool *complete = pool_alloc(&work->pool, (size_t)n + 1);
    bool any_status = table_find(work->summary, "status") != NULL;
    for (int run = 0; run < n; run++)
        complete[run] = !any_status || run_ended(work->summary, run, END_COMPLETE);
    return complete;
}

/* A column of where the points lie, or their values. */
static void add_column(const struct filling *work, int index, const struct run_points *all,
                       struct table *result) {
    const struct column *from = &work->columns[index];
    bool is_place = index < work->n_columns, whole = is_place && from->type == TYPE_INT;
    struct column *to =
        table_add(result, from->name, whole ? TYPE_INT : TYPE_REAL, from->unit, from->doc);
    for (int i = 0; i < all->n; i++) {
        const struct run_point *point = &all->items[i];
        int row = work->row_at[point->place];
        if (whole)
            to->integers[i] = from->integers[row];
        else
            to->reals[i] = is_place ? from->reals[row] : point->value;
    }
}

/* The columns of the runs, then where the points lie, then their values. */
static enum status build(struct filling *work, const struct run_points *all, struct table *result) {
    int n_carried = work->points->n_columns - work->n_columns - 1;
    const char **names = pool_alloc(&work->pool, ((size_t)n_carried + 1) * sizeof *names);
    int *rows = pool_alloc(&work->pool, ((size_t)all->n + 1) * sizeof *rows);
    struct table chosen;
    for (int i = 0; i < n_carried; i++)
        names[i] = work->points->columns[i].name;
    for (int i = 0; i < all->n; i++)
        rows[i] = all->items[i].run;
    enum status status = table_select(work->summary, n_carried, names, &chosen);
    if (status)
        return status;
    table_take(&chosen, all->n, rows, result);
    table_free(&chosen);
    for (int i = 0; i <= work->n_columns; i++)
        add_column(work, i, all, result);
    return OK;
}

enum status points_add_ended(const struct table *summary, int n_by, const char *const *by,
                             int n_places, const struct table *points, struct table *result) {
    struct filling work = {.summary = summary, .points = points, .n_columns = n_places};
    struct run_points given = {0}, all = {0};
    size_t size = ((size_t)summary->n_rows + 1) * sizeof(int);
    int *groups = pool_alloc(&work.pool, size);
    const int *group_of[] = {groups, pool_alloc(&work.pool, size)};
    work.columns = points->columns + points->n_columns - 1 - n_places;
    enum status status = find_groups(&work, n_by, by, groups);
    if (!status) {
        const struct ended_scopes scopes = {summary->n_rows, find_complete(&work), 2, group_of};
        find_runs(&work, &given);
        find_places_of_rows(&work, &given);
        ended_complete(&given, work.n_places, &scopes, &all);
        status = build(&work, &all, result);
    }
    pool_free(&given.pool);
    pool_free(&all.pool);
    pool_free(&work.pool);
    return status;
}
