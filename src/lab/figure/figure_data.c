/* The two tables that a figure is drawn from. */
#include "lab/figure/figure_data.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lab/store/store.h"
#include "lab/table/group_by.h"
#include "lab/table/varied_keys.h"

/* One point of one run; ranks say where it stands in the figure. */
struct point {
    int panel, row, arm, metric, run; /* run: row of drawing->runs */
    double x;                         /* a number, or the rank of a word */
    double value;
};

struct points {
    struct pool pool;
    int n, capacity;
    struct point *items;
};

/* The place of each run in the figure. */
struct places {
    int *panel, *row, *arm; /* [n_rows] */
    double *x;              /* [n_rows]; NULL for series */
    const char **arm_texts; /* [n_rows] */
};

static void points_add(struct points *points, struct point point) {
    if (points->n == points->capacity) {
        points->capacity = points->capacity ? 2 * points->capacity : 256;
        struct point *items = pool_alloc(&points->pool, (size_t)points->capacity * sizeof *items);
        if (points->n)
            memcpy(items, points->items, (size_t)points->n * sizeof *items);
        points->items = items;
    }
    points->items[points->n++] = point;
}

/* ---- places ---- */

static bool is_number(const struct column *column) {
    return column->type == TYPE_INT || column->type == TYPE_REAL;
}

static int compare_numbers(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Rank of each run's number; those without one stand first, as NaN has rank 0. */
static void rank_numbers(const struct table *runs, const struct column *column, int *ranks) {
    struct pool pool = {0};
    size_t n = 0;
    double *sorted = pool_alloc(&pool, ((size_t)runs->n_rows + 1) * sizeof *sorted);
    for (int row = 0; row < runs->n_rows; row++)
        if (!isnan(table_number(column, row)))
            sorted[n++] = table_number(column, row);
    qsort(sorted, n, sizeof *sorted, compare_numbers);
    for (int row = 0; row < runs->n_rows; row++) {
        double value = table_number(column, row);
        ranks[row] = 0;
        for (size_t i = 0; i < n && sorted[i] <= value; i++)
            ranks[row] += i == 0 || sorted[i] != sorted[i - 1];
    }
    pool_free(&pool);
}

/* Rank of each run's text in order of first appearance, from 1. */
static void rank_texts(int n, const char *const *texts, int *ranks) {
    int n_ranks = 0;
    for (int row = 0; row < n; row++) {
        ranks[row] = 0;
        for (int before = 0; before < row && !ranks[row]; before++)
            if (!strcmp(texts[before], texts[row]))
                ranks[row] = ranks[before];
        if (!ranks[row])
            ranks[row] = ++n_ranks;
    }
}

static int *ranks_of(const struct table *runs, const struct column *column, struct pool *pool) {
    size_t n = (size_t)runs->n_rows + 1;
    int *ranks = pool_alloc(pool, n * sizeof *ranks);
    if (!column)
        return ranks;
    if (is_number(column)) {
        rank_numbers(runs, column, ranks);
        return ranks;
    }
    const char **texts = pool_alloc(pool, n * sizeof *texts);
    for (int row = 0; row < runs->n_rows; row++)
        texts[row] = table_text(column, row, pool);
    rank_texts(runs->n_rows, texts, ranks);
    return ranks;
}

/* A cell as a reader wants it: true, not 1; all, not -1; "" where the key does not apply. */
static const char *cell_words(const struct column *column, int row, struct pool *pool) {
    int found = key_find(column->name);
    const struct key *key = found >= 0 ? key_get(found) : NULL;
    if (!key_applies(column, row))
        return "";
    if (column->type == TYPE_BOOL)
        return column->integers[row] ? "true" : "false";
    if (key && key->type == KEY_INT && key->words && column->integers[row] == -1)
        return key->words;
    return list_words(table_text(column, row, pool), pool);
}

/* "batch", "batch lr=0.1", "batch after": words of choices by themselves, other values with their
 * key. */
static const char *arm_text(const struct drawing *drawing, int row, struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < drawing->n_arm_columns; i++) {
        const struct column *column = drawing->arm_columns[i];
        const char *value = cell_words(column, row, pool);
        int key = key_find(column->name);
        const char *dot = strrchr(column->name, '.'), *space = *text ? " " : "";
        if (!*value)
            continue;
        if (key >= 0 && key_get(key)->type == KEY_CHOICE)
            text = pool_format(pool, "%s%s%s", text, space, value);
        else
            text = pool_format(pool, "%s%s%s=%s", text, space, dot ? dot + 1 : column->name, value);
    }
    return *text ? text : "all runs";
}

static void find_places(const struct drawing *drawing, struct pool *pool, struct places *places) {
    const struct table *runs = &drawing->runs;
    size_t n = (size_t)runs->n_rows + 1;
    *places = (struct places){.panel = ranks_of(runs, drawing->panel, pool),
                              .row = ranks_of(runs, drawing->row, pool),
                              .arm = pool_alloc(pool, n * sizeof(int)),
                              .arm_texts = pool_alloc(pool, n * sizeof(char *))};
    for (int row = 0; row < runs->n_rows; row++)
        places->arm_texts[row] = arm_text(drawing, row, pool);
    rank_texts(runs->n_rows, places->arm_texts, places->arm);
    if (!drawing->x)
        return;
    places->x = pool_alloc(pool, n * sizeof *places->x);
    int *ranks = ranks_of(runs, drawing->x, pool);
    for (int row = 0; row < runs->n_rows; row++)
        places->x[row] = is_number(drawing->x) ? table_number(drawing->x, row) : ranks[row];
}

static struct point point_of(const struct places *places, int run, int metric, double x,
                             double value) {
    return (struct point){.panel = places->panel[run],
                          .row = places->row[run],
                          .arm = places->arm[run],
                          .metric = metric,
                          .run = run,
                          .x = x,
                          .value = value};
}

/* ---- points of the summary ---- */

static bool has_status(const struct table *runs, int row, const char *word) {
    const struct column *status = table_find(runs, "status");
    return status && status->type == TYPE_TEXT && !strcmp(status->texts[row], word);
}

/* Has any run of the same arm a value? test_error_population has none where there is no running
 * state. */
static bool arm_has_values(const struct drawing *drawing, const struct places *places, int run,
                           const struct column *metric) {
    for (int row = 0; row < drawing->runs.n_rows; row++)
        if (places->arm[row] == places->arm[run] && !isnan(table_number(metric, row)))
            return true;
    return false;
}

/* A diverged run has no test error of any name: it counts as test_error_scored has it. Leaving it
 * out would favour the arm. */
static double scored(const struct drawing *drawing, const struct column *metric, int run) {
    const struct column *score = table_find(&drawing->runs, "test_error_scored");
    double value = table_number(metric, run);
    bool is_test_error = !strncmp(metric->name, "test_error", 10);
    return isnan(value) && is_test_error && score && has_status(&drawing->runs, run, "diverged")
               ? table_number(score, run)
               : value;
}

/* Ascending, each once; returns how many are left. */
static size_t sort_unique(size_t n, double *xs) {
    size_t n_unique = 0;
    if (n)
        qsort(xs, n, sizeof *xs, compare_numbers);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || xs[i] != xs[i - 1])
            xs[n_unique++] = xs[i];
    return n_unique;
}

/* The x that runs have. */
static size_t distinct_xs(const struct drawing *drawing, const struct places *places, double *xs) {
    size_t n = 0;
    for (int run = 0; run < drawing->runs.n_rows; run++)
        if (key_applies(drawing->x, run))
            xs[n++] = places->x[run];
    return sort_unique(n, xs);
}

/* A run to which x does not apply would be the same at every x. */
static void add_run(const struct drawing *drawing, const struct places *places, int run, int metric,
                    double value, struct points *points) {
    double one = places->x[run], *xs = &one;
    size_t n = 1;
    if (drawing->kind->x_everywhere && !key_applies(drawing->x, run)) {
        xs = pool_alloc(&points->pool, ((size_t)drawing->runs.n_rows + 1) * sizeof *xs);
        n = distinct_xs(drawing, places, xs);
    }
    for (size_t i = 0; i < n; i++)
        points_add(points, point_of(places, run, metric, xs[i], value));
}

static void add_summary_points(const struct drawing *drawing, const struct places *places,
                               struct points *points) {
    for (int metric = 0; metric < drawing->n_metrics; metric++) {
        const struct column *column = table_find(&drawing->runs, drawing->metrics[metric]);
        for (int run = 0; run < drawing->runs.n_rows; run++)
            if (metric == 0 || arm_has_values(drawing, places, run, column))
                add_run(drawing, places, run, metric, scored(drawing, column, run), points);
    }
}

/* ---- points of series ---- */

static double element(const struct series *series, size_t i) {
    if (series->type == SERIES_I64)
        return (double)((const int64_t *)series->data)[i];
    return series->type == SERIES_F32 ? (double)((const float *)series->data)[i]
                                      : ((const double *)series->data)[i];
}

static void add_series(const struct drawing *drawing, const struct places *places,
                       const struct record *record, int run, int metric, struct points *points) {
    const struct series *scale = record_find_series(record, drawing->group, drawing->x_name);
    const struct series *series =
        record_find_series(record, drawing->group, drawing->metrics[metric]);
    for (size_t i = 0; series && series->n_dims == 1 && i < series->dims[0]; i++)
        points_add(points, point_of(places, run, metric, scale ? element(scale, i) : (double)i,
                                    element(series, i)));
}

static enum status add_series_points(const struct figure_source *source,
                                     const struct drawing *drawing, const struct places *places,
                                     struct points *points) {
    const struct column *ids = table_find(&drawing->runs, "run");
    enum status status = OK;
    for (int run = 0; run < drawing->runs.n_rows && !status; run++) {
        if (has_status(&drawing->runs, run, "failed"))
            continue; /* it left nothing behind */
        for (int metric = 0; metric < drawing->n_metrics && !status; metric++) {
            struct record record = {0};
            const char *pattern =
                pool_format(&points->pool, "%s/%s", drawing->group, drawing->metrics[metric]);
            status = store_read_series_of(source->path, ids->texts[run], pattern, &record);
            if (!status)
                add_series(drawing, places, &record, run, metric, points);
            record_free(&record);
        }
    }
    return status;
}

/* ---- order ---- */

static int compare_places(const struct point *a, const struct point *b) {
    const int order[] = {a->panel - b->panel, a->row - b->row, a->metric - b->metric,
                         a->arm - b->arm};
    for (int i = 0; i < 4; i++)
        if (order[i])
            return order[i];
    return (a->x > b->x) - (a->x < b->x);
}

static int compare_points(const void *left, const void *right) {
    const struct point *a = left, *b = right;
    int order = compare_places(a, b);
    return order ? order : a->run - b->run;
}

static void points_sort(struct points *points) {
    if (points->n)
        qsort(points->items, (size_t)points->n, sizeof *points->items, compare_points);
}

/* ---- runs that ended early ---- */

/* How far to look for the points that a run would have had. */
enum reach { THE_ARM, THE_PANEL, THE_FIGURE, REACHES };

static bool in_reach(const struct point *a, const struct point *b, enum reach reach) {
    bool same_panel = a->panel == b->panel && a->row == b->row;
    return a->metric == b->metric && (reach == THE_FIGURE || same_panel) &&
           (reach != THE_ARM || a->arm == b->arm);
}

/* The x of the points within reach, ascending, each once. In the arm itself those of runs that
 * reached the end; never those where a loss is infinite, which are the diverging run's own. */
static size_t find_xs(const struct drawing *drawing, const struct points *points,
                      const struct point *place, enum reach reach, double *xs) {
    size_t n = 0;
    for (int i = 0; i < points->n; i++) {
        const struct point *point = &points->items[i];
        if (in_reach(place, point, reach) && isfinite(point->value) &&
            (reach != THE_ARM || has_status(&drawing->runs, point->run, "complete")))
            xs[n++] = point->x;
    }
    return sort_unique(n, xs);
}

/* Has the arm runs that reached the end? */
static bool arm_goes_on(const struct drawing *drawing, const struct places *places, int run) {
    for (int other = 0; other < drawing->runs.n_rows; other++)
        if (places->panel[other] == places->panel[run] && places->row[other] == places->row[run] &&
            places->arm[other] == places->arm[run] && has_status(&drawing->runs, other, "complete"))
            return true;
    return false;
}

/* Where the run would have points, had it gone on. */
static size_t planned_xs(const struct drawing *drawing, const struct places *places,
                         const struct points *points, const struct point *place, double *xs) {
    if (arm_goes_on(drawing, places, place->run)) /* none: the metric does not apply to it */
        return find_xs(drawing, points, place, THE_ARM, xs);
    size_t n = 0;
    for (int reach = THE_PANEL; reach < REACHES && n == 0; reach++)
        n = find_xs(drawing, points, place, (enum reach)reach, xs);
    return n;
}

/* The run's points at `xs`, NaN where it has none. Its own points have ascending x. */
static void add_at(const struct points *points, const struct point *place, const double *xs,
                   size_t n, struct points *aligned) {
    int at = 0;
    for (size_t i = 0; i < n; i++) {
        struct point point = *place;
        point.x = xs[i];
        point.value = NAN;
        while (at < points->n &&
               (points->items[at].run != place->run || points->items[at].metric != place->metric ||
                points->items[at].x < xs[i]))
            at++;
        if (at < points->n && points->items[at].x == xs[i])
            point.value = points->items[at].value;
        points_add(aligned, point);
    }
}

/* Of series, not sorted yet. A run that ended early has no points at its end, or none at all, and
 * would not be counted there; those that survive would then look like all. */
static void align_ended_runs(const struct drawing *drawing, const struct places *places,
                             struct points *points) {
    struct points aligned = {0};
    double *xs = pool_alloc(&points->pool, ((size_t)points->n + 1) * sizeof *xs);
    for (int i = 0; i < points->n; i++)
        if (has_status(&drawing->runs, points->items[i].run, "complete"))
            points_add(&aligned, points->items[i]);
    for (int run = 0; run < drawing->runs.n_rows; run++) {
        if (has_status(&drawing->runs, run, "complete"))
            continue;
        for (int metric = 0; metric < drawing->n_metrics; metric++) {
            struct point place = point_of(places, run, metric, 0, NAN);
            size_t n = planned_xs(drawing, places, points, &place, xs);
            add_at(points, &place, xs, n, &aligned);
        }
    }
    pool_free(&points->pool);
    *points = aligned;
}

/* ---- tables ---- */

/* "train.batch_size=2"; "" without a column. */
static const char *key_value(const struct column *column, int row, struct pool *pool) {
    return column ? pool_format(pool, "%s=%s", column->name, cell_words(column, row, pool)) : "";
}

static const char *x_text(const struct drawing *drawing, const struct point *point,
                          struct pool *pool) {
    bool is_own =
        drawing->x && (!drawing->kind->x_everywhere || key_applies(drawing->x, point->run));
    return is_own ? cell_words(drawing->x, point->run, pool) : number_text(point->x, pool);
}

static void fill_points(const struct drawing *drawing, const struct places *places,
                        const struct points *points, struct table *table) {
    static const char *const texts[] = {"panel", "row", "arm", "measure", "x", "status"};
    enum { TEXTS = sizeof texts / sizeof *texts };
    struct column *seeds = table_find(&drawing->runs, "seed");
    struct column *states = table_find(&drawing->runs, "status");
    struct column *collapsed = table_find(&drawing->runs, "collapsed");
    table_create(table, points->n);
    const char **cells[TEXTS];
    for (int i = 0; i < TEXTS; i++)
        cells[i] = table_add(table, texts[i], TYPE_TEXT, "", "")->texts;
    long *seed = table_add(table, "seed", TYPE_INT, "", "")->integers;
    long *flag = table_add(table, "collapsed", TYPE_BOOL, "", "")->integers;
    double *values = table_add(table, "value", TYPE_REAL, "", "")->reals;
    for (int i = 0; i < points->n; i++) {
        const struct point *point = &points->items[i];
        int run = point->run;
        cells[0][i] = key_value(drawing->panel, run, &table->pool);
        cells[1][i] = key_value(drawing->row, run, &table->pool);
        cells[2][i] = pool_text(&table->pool, places->arm_texts[run]);
        cells[3][i] = pool_text(&table->pool, drawing->metrics[point->metric]);
        cells[4][i] = x_text(drawing, point, &table->pool);
        cells[5][i] = pool_text(&table->pool, states ? states->texts[run] : "complete");
        seed[i] = seeds ? (long)table_number(seeds, run) : 0;
        flag[i] = collapsed && table_number(collapsed, run) > 0;
        values[i] = point->value;
    }
}

/* The names that the scripts know. */
static void rename_columns(struct table *data) {
    static const char *const names[][2] = {{"n", "runs"},
                                           {"value_n", "n"},
                                           {"value", "median"},
                                           {"value_low", "low"},
                                           {"value_high", "high"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        table_find(data, names[i][0])->name = names[i][1];
}

static enum status find_points(const struct figure_source *source, const struct drawing *drawing,
                               const struct places *places, struct points *points) {
    if (!drawing->group) {
        add_summary_points(drawing, places, points);
        return OK;
    }
    enum status status = add_series_points(source, drawing, places, points);
    if (status)
        return status;
    align_ended_runs(drawing, places, points);
    return points->n > 0
               ? OK
               : fail(ERROR_RESULTS, "%s: no points: all %d runs diverged before the first",
                      drawing->name, drawing->runs.n_rows);
}

enum status figure_data(const struct figure_source *source, const struct drawing *drawing,
                        struct table *points, struct table *data) {
    static const char *const by[] = {"panel", "row", "arm", "measure", "x"};
    static const char *const figures[] = {"value"};
    struct pool pool = {0};
    struct points list = {0};
    struct places places;
    find_places(drawing, &pool, &places);
    enum status status = find_points(source, drawing, &places, &list);
    if (!status) {
        points_sort(&list);
        fill_points(drawing, &places, &list, points);
        status = table_by(points, 5, by, 1, figures, data);
        if (status)
            table_free(points);
        else
            rename_columns(data);
    }
    pool_free(&list.pool);
    pool_free(&pool);
    return status;
}
