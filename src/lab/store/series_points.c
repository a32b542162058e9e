/* Points of series as a table: which series, at which places, of which runs. */
#include "lab/store/series_points.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "lab/store/store.h"

enum status results_find_run(const struct table *summary, const char *prefix,
                             char id[RUN_ID_SIZE]) {
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

bool results_has_run(const struct table *summary, int row) {
    const struct column *status = table_find(summary, "status");
    const char *text = status && status->type == TYPE_TEXT ? status->texts[row] : "complete";
    return strcmp(text, "missing") != 0 && strcmp(text, "failed") != 0;
}

/* ---- which series there are ---- */

/* "group/name" with a '*' for each number at the end of a part of the group: gamma of layer0,
 * layer1 and so on are one family. */
static const char *family_name(const struct series *series, struct pool *pool) {
    char *name = pool_format(pool, "%s/%s", series->group, series->name);
    char *to = name, *group_end = strrchr(name, '/');
    for (const char *from = name; *from;) {
        size_t digits = from < group_end ? strspn(from, "0123456789") : 0;
        if (digits > 0 && from > name && from[digits] == '/') {
            *to++ = '*';
            from += digits;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return name;
}

static struct series_info *find_info(struct series_list *list, const char *name) {
    for (int i = 0; i < list->n; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    return NULL;
}

static struct series_info *add_info(struct series_list *list, const char *name,
                                    const struct series *series) {
    struct pool *pool = &list->pool;
    list->items = pool_grow(pool, list->items, list->n, &list->capacity, sizeof *list->items);
    struct series_info *info = &list->items[list->n++];
    *info = (struct series_info){.name = pool_text(pool, name),
                                 .unit = pool_text(pool, series->unit ? series->unit : ""),
                                 .doc = pool_text(pool, series->doc ? series->doc : ""),
                                 .n_dims = series->n_dims};
    for (int d = 0; d < series->n_dims; d++) {
        info->dim_names[d] = pool_text(pool, series->dim_names[d]);
        info->min_dims[d] = info->max_dims[d] = series->dims[d];
    }
    return info;
}

static bool is_scale(const struct series *series) {
    return series->n_dims == 1 && strcmp(series->name, series->dim_names[0]) == 0;
}

static void add_shapes(struct series_list *list, const struct record *record) {
    struct pool pool = {0};
    bool *seen = pool_alloc(&pool, ((size_t)list->n + (size_t)record->n_series + 1) * sizeof *seen);
    for (int i = 0; i < record->n_series; i++) {
        const struct series *series = &record->series[i];
        if (is_scale(series))
            continue;
        const char *name = family_name(series, &pool);
        struct series_info *info = find_info(list, name);
        if (!info)
            info = add_info(list, name, series);
        for (int d = 0; d < series->n_dims && d < info->n_dims; d++) {
            size_t dim = series->dims[d];
            info->min_dims[d] = dim < info->min_dims[d] ? dim : info->min_dims[d];
            info->max_dims[d] = dim > info->max_dims[d] ? dim : info->max_dims[d];
        }
        bool *run_seen = &seen[info - list->items];
        info->n_runs += !*run_seen;
        *run_seen = true;
    }
    pool_free(&pool);
}

enum status results_list_series(const char *path, const struct table *summary, const char *id,
                                struct series_list *list) {
    const struct column *ids = table_find(summary, "run");
    enum status status = OK;
    *list = (struct series_list){0};
    for (int row = 0; ids && row < summary->n_rows && !status; row++) {
        struct record record = {0};
        if (!results_has_run(summary, row) || (id && strcmp(id, ids->texts[row]) != 0))
            continue;
        status = store_read_series_of(path, ids->texts[row], NULL, &record);
        if (!status)
            add_shapes(list, &record);
        record_free(&record);
    }
    if (status)
        series_list_free(list);
    return status;
}

void series_list_free(struct series_list *list) {
    pool_free(&list->pool);
    *list = (struct series_list){0};
}

/* ---- the points of one ---- */

struct point {
    int row; /* of the summary */
    long layer;
    double at[SERIES_DIMS];
    double value;
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

static double element(const struct series *series, size_t i) {
    switch (series->type) {
    case SERIES_F32:
        return (double)((const float *)series->data)[i];
    case SERIES_F64:
        return ((const double *)series->data)[i];
    case SERIES_I64:
        return (double)((const long *)series->data)[i];
    }
    return NAN;
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
        *point = (struct point){.row = row, .layer = layer, .value = element(series, i)};
        size_t rest = i; /* row-major: the last index is the fastest */
        for (int d = series->n_dims - 1; d >= 0; d--) {
            point->at[d] = element(scales[d], rest % series->dims[d]);
            rest /= series->dims[d];
        }
    }
    return status;
}

/* What was read besides the scales are the series that fit the pattern, and a scale that was asked
 * for. */
static enum status collect_run(const char *path, const char *id, const char *pattern, int row,
                               struct point_list *list, struct pool *pool) {
    struct record record = {0};
    enum status status = store_read_series_of(path, id, pattern, &record);
    for (int i = 0; i < record.n_series && !status; i++) {
        const struct series *series = &record.series[i];
        if (!is_scale(series)) {
            long layer = layer_of(pattern, series, pool);
            status = add_series_points(list, &record, series, row, layer, pool);
        }
    }
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
    const char *nearest = nearest_word(pattern, names, list.n);
    status = nearest ? fail(ERROR_USAGE, "no run has a series '%s' (did you mean '%s'?)", pattern,
                            nearest)
                     : fail(ERROR_USAGE, "no run has a series '%s'; `normlab show %s` lists them",
                            pattern, path);
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
        double number = dim < list->shape.n_dims ? point->at[dim] : point->value;
        if (whole)
            column->integers[row] = (long)number;
        else
            column->reals[row] = number;
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
            layer->integers[row] = list->items[row].layer;
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
        if (results_has_run(summary, row))
            status = collect_run(path, ids->texts[row], pattern, row, &list, &pool);
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
