/* Points of a series as a table: at which places, of which runs. */
#include "lab/store/series_points.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "base/words.h"
#include "lab/store/series_list.h"
#include "lab/store/store.h"
#include "lab/table/run_rows.h"
#include "lab/table/table_join.h"

struct point {
    int row; /* of the summary */
    long layer;
    double at[SERIES_DIMS];
    double value;
    long whole; /* the value of a series of whole numbers, to the last digit */
};

struct point_list {
    struct pool pool;
    size_t n, capacity;
    struct point *items;
    bool has_layer;
    struct series_info shape; /* of the first that was found: its scales, unit and sentence */
    bool whole[SERIES_DIMS];  /* the scale holds whole numbers */
    bool whole_value;
};

static struct point *add_point(struct point_list *list) {
    if (list->n == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 1024;
        struct pool pool = {0};
        struct point *items = pool_alloc(&pool, list->capacity * sizeof *items);
        if (list->n > 0)
            memcpy(items, list->items, list->n * sizeof *items);
        pool_free(&list->pool);
        list->pool = pool;
        list->items = items;
    }
    return &list->items[list->n++];
}

static long whole_element(const struct series *series, size_t i) {
    return series->type == SERIES_I64 ? ((const long *)series->data)[i] : 0;
}

/* The number that stands for '*'; 0 where there is none. */
static long layer_of(const char *pattern, const struct series *series, struct pool *pool) {
    const char *name = pool_format(pool, "%s/%s", series->group, series->name);
    const char *star = strchr(pattern, '*');
    return star ? strtol(name + (star - pattern), NULL, 10) : 0;
}

static enum status set_shape(struct point_list *list, const struct series *series,
                             const struct series *const *scales, struct pool *pool) {
    struct series_info *shape = &list->shape;
    if (shape->name) {
        bool same = shape->n_dims == series->n_dims;
        for (int d = 0; same && d < series->n_dims; d++)
            same = strcmp(shape->dim_names[d], series->dim_names[d]) == 0;
        return same ? OK
                    : fail(ERROR_RESULTS, "'%s' has not the same dimensions in all runs",
                           series->name);
    }
    *shape = (struct series_info){.name = pool_text(pool, series->name),
                                  .unit = pool_text(pool, series->unit),
                                  .doc = pool_text(pool, series->doc),
                                  .n_dims = series->n_dims};
    list->whole_value = series->type == SERIES_I64;
    for (int d = 0; d < series->n_dims; d++) {
        shape->dim_names[d] = pool_text(pool, series->dim_names[d]);
        list->whole[d] = scales[d]->type == SERIES_I64;
    }
    return OK;
}

static enum status add_series_points(struct point_list *list, const struct record *record,
                                     const struct series *series, int row, long layer,
                                     struct pool *pool) {
    const struct series *scales[SERIES_DIMS] = {0};
    for (int d = 0; d < series->n_dims; d++) {
        scales[d] = record_find_series(record, series->group, series->dim_names[d]);
        if (!scales[d] || series_count(scales[d]) != series->dims[d]) {
            return fail(ERROR_RESULTS, "run %s: '%s/%s' does not fit its scale '%s'", record->id,
                        series->group, series->name, series->dim_names[d]);
        }
    }
    enum status status = set_shape(list, series, scales, pool);
    size_t count = series_count(series);
    for (size_t i = 0; i < count && !status; i++) {
        struct point *point = add_point(list);
        *point = (struct point){.row = row,
                                .layer = layer,
                                .value = series_number(series, i),
                                .whole = whole_element(series, i)};
        size_t rest = i; /* row-major: the last index is the fastest */
        for (int d = series->n_dims - 1; d >= 0; d--) {
            point->at[d] = series_number(scales[d], rest % series->dims[d]);
            rest /= series->dims[d];
        }
    }
    return status;
}

/* The series that fit the pattern, without their scales. */
static enum status collect(const struct record *record, const char *pattern, int row,
                           struct point_list *list, struct pool *pool) {
    enum status status = OK;
    for (int i = 0; i < record->n_series && !status; i++) {
        const struct series *series = &record->series[i];
        if (!series_is_scale(series) && series_fits(pattern, series->group, series->name)) {
            long layer = layer_of(pattern, series, pool);
            status = add_series_points(list, record, series, row, layer, pool);
        }
    }
    return status;
}

static enum status collect_run(const char *path, const char *id, const char *pattern, int row,
                               struct point_list *list, struct pool *pool) {
    struct record record = {0};
    enum status status = store_read_series_of(path, id, pattern, &record);
    if (!status)
        status = collect(&record, pattern, row, list, pool);
    record_free(&record);
    return status;
}

static enum status unknown_series(const char *path, const struct table *summary,
                                  const char *pattern) {
    struct series_list list;
    enum status status = results_list_series(path, summary, NULL, &list);
    if (status)
        return status;
    struct pool pool = {0};
    const char **names = pool_alloc(&pool, ((size_t)list.n + 1) * sizeof *names);
    for (int i = 0; i < list.n; i++)
        names[i] = list.items[i].name;
    const char *meant = words_meant(pattern, names, list.n, &pool);
    status = meant
                 ? fail(ERROR_USAGE, "no run has a series '%s' (did you mean %s?)", pattern, meant)
                 : fail(ERROR_USAGE, "no run has a series '%s'; `normlab show %s` lists them",
                        pattern, text_quoted(run_file(summary, 0, path), &pool));
    pool_free(&pool);
    series_list_free(&list);
    return status;
}

/* A column that says where a point lies on dimension `dim`, or its value after the last of them. */
static void add_number_column(struct table *points, const struct point_list *list, int dim,
                              const char *name, const char *unit, const char *doc, bool whole) {
    struct column *column = table_add(points, name, whole ? TYPE_INT : TYPE_REAL, unit, doc);
    for (int row = 0; row < points->n_rows; row++) {
        const struct point *point = &list->items[row];
        bool is_place = dim < list->shape.n_dims;
        double number = is_place ? point->at[dim] : point->value; /* analysis: a row a point */
        if (!whole)
            column->reals[row] = number;
        else
            column->integers[row] = is_place ? (long)number : point->whole;
    }
}

/* The columns of the runs' rows, repeated for each of their points. */
static enum status carry_columns(const struct table *summary, const struct point_list *list,
                                 int n_carried, const char *const *carried, struct table *points) {
    struct table chosen;
    struct pool pool = {0};
    enum status status = table_select(summary, n_carried, carried, &chosen);
    if (status)
        return status;
    int *rows = pool_alloc(&pool, (list->n + 1) * sizeof *rows);
    for (size_t i = 0; i < list->n; i++)
        rows[i] = list->items[i].row;
    table_take(&chosen, (int)list->n, rows, points);
    pool_free(&pool);
    table_free(&chosen);
    return OK;
}

static int add_place_columns(const struct point_list *list, struct table *points) {
    const struct series_info *shape = &list->shape;
    if (list->has_layer) {
        struct column *layer = table_add(points, "layer", TYPE_INT, "", "index of the layer");
        for (int row = 0; row < points->n_rows; row++)
            layer->integers[row] = list->items[row].layer; /* analysis: a row a point */
    }
    for (int d = 0; d < shape->n_dims; d++) {
        add_number_column(points, list, d, shape->dim_names[d], "", "scale of the series",
                          list->whole[d]);
    }
    add_number_column(points, list, shape->n_dims, "value", shape->unit, shape->doc,
                      list->whole_value);
    return shape->n_dims + list->has_layer;
}

enum status results_points(const char *path, const struct table *summary, const char *pattern,
                           int n_carried, const char *const *carried, int *n_places,
                           struct table *points) {
    struct pool pool = {0};
    struct point_list list = {.has_layer = strchr(pattern, '*')};
    const struct column *ids = table_find(summary, "run");
    enum status status = OK;
    for (int row = 0; ids && row < summary->n_rows && !status; row++)
        if (run_has_group(summary, row))
            status = collect_run(run_file(summary, row, path), ids->texts[row], pattern, row, &list,
                                 &pool);
    if (!status && !list.shape.name)
        status = unknown_series(path, summary, pattern);
    if (!status && list.n > INT_MAX / 2) {
        status = fail(ERROR_USAGE, "'%s' has %zu points: choose fewer runs with --where", pattern,
                      list.n);
    }
    if (!status)
        status = carry_columns(summary, &list, n_carried, carried, points);
    if (!status)
        *n_places = add_place_columns(&list, points);
    pool_free(&list.pool);
    pool_free(&pool);
    return status;
}

enum status record_points(const struct record *record, const char *pattern, int *n_places,
                          struct table *points) {
    struct pool pool = {0};
    struct point_list list = {.has_layer = strchr(pattern, '*')};
    enum status status = collect(record, pattern, 0, &list, &pool);
    if (!status) {
        table_create(points, (int)list.n);
        const char **ids = table_add(points, "run", TYPE_TEXT, "", "id of the run")->texts;
        for (size_t i = 0; i < list.n; i++)
            ids[i] = pool_text(&points->pool, record->id);
        *n_places = add_place_columns(&list, points);
    }
    pool_free(&list.pool);
    pool_free(&pool);
    return status;
}
