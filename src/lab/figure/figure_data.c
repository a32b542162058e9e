/* The two tables that a figure is drawn from: every point, and the median of each group. */
#include "lab/figure/figure_data.h"

#include <string.h>

#include "base/number.h"
#include "lab/figure/figure_ended.h"
#include "lab/table/group_by.h"
#include "lab/table/run_rows.h"
#include "lab/table/varied_keys.h"

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
        cells[5][i] =
            pool_text(&table->pool, states ? states->texts[run] : run_end_name(END_COMPLETE));
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

/* Runs that are missing have no points here. */
static enum status drop_missing(struct table *data) {
    struct pool pool = {0};
    struct table kept;
    const char **names = pool_alloc(&pool, (size_t)data->n_columns * sizeof *names);
    int n = 0;
    for (int i = 0; i < data->n_columns; i++)
        if (strcmp(data->columns[i].name, "missing") != 0)
            names[n++] = data->columns[i].name;
    enum status status = table_select(data, n, names, &kept);
    pool_free(&pool);
    table_free(data);
    if (!status)
        *data = kept;
    return status;
}

static enum status find_points(const struct figure_source *source, const struct drawing *drawing,
                               const struct places *places, struct points *points) {
    if (!drawing->group) {
        points_of_summary(drawing, places, points);
        return OK;
    }
    enum status status = points_of_series(source, drawing, places, points);
    if (status)
        return status;
    points_complete_ended(drawing, places, points);
    return points->n > 0
               ? OK
               : fail(ERROR_RESULTS, "%s: no points: all %d runs diverged before the first",
                      drawing->name, drawing->runs.n_rows);
}

/* A logarithmic axis has a place for 0, at its foot, and none for less. */
static enum status check_log(const struct drawing *drawing, const struct points *points) {
    bool asked = false;
    int n = 0;
    for (int i = 0; i < drawing->n_options; i++)
        asked |=
            !strcmp(drawing->option_names[i], "log") && !strcmp(drawing->option_values[i], "y");
    for (int i = 0; i < points->n; i++)
        n += points->items[i].value < 0;
    return asked && n > 0
               ? fail(ERROR_USAGE,
                      "log: %d of %d values are below 0, which a logarithmic axis has no "
                      "place for; choose log=n",
                      n, points->n)
               : OK;
}

enum status figure_data(const struct figure_source *source, const struct drawing *drawing,
                        struct table *points, struct table *data) {
    static const char *const by[] = {"panel", "row", "arm", "measure", "x"};
    static const char *const metrics[] = {"value"};
    struct pool pool = {0};
    struct points list = {0};
    struct places places;
    places_find(drawing, &pool, &places);
    enum status status = find_points(source, drawing, &places, &list);
    if (!status)
        status = check_log(drawing, &list);
    if (!status) {
        points_sort(&list);
        fill_points(drawing, &places, &list, points);
        status = table_by(points, 5, by, 1, metrics, data);
        if (!status)
            status = drop_missing(data);
        if (status)
            table_free(points);
        else
            rename_columns(data);
    }
    pool_free(&list.pool);
    pool_free(&pool);
    return status;
}
