/* Gathers the shapes of all runs' series, without their values. */
#include "lab/store/series_list.h"

#include <string.h>

#include "lab/store/store.h"
#include "lab/table/run_rows.h"
#include "lab/table/table_join.h"

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

static void add_shapes(struct series_list *list, const struct record *record) {
    struct pool pool = {0};
    bool *seen = pool_alloc(&pool, ((size_t)list->n + (size_t)record->n_series + 1) * sizeof *seen);
    for (int i = 0; i < record->n_series; i++) {
        const struct series *series = &record->series[i];
        if (series_is_scale(series))
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

static void visit_run(const struct record *shapes, void *context) {
    add_shapes(context, shapes);
}

enum status results_list_series(const char *path, const struct table *summary, const char *id,
                                struct series_list *list) {
    const struct column *ids = table_find(summary, "run");
    struct pool pool = {0};
    const char **wanted = pool_alloc(&pool, ((size_t)summary->n_rows + 1) * sizeof *wanted);
    enum status status = OK;
    *list = (struct series_list){0};
    for (int row = 0, n = 0; ids && row < summary->n_rows && !status; row++) {
        const char *file = run_file(summary, row, path);
        if (run_has_group(summary, row) && (!id || strcmp(id, ids->texts[row]) == 0))
            wanted[n++] = ids->texts[row];
        bool is_last =
            row + 1 == summary->n_rows || strcmp(run_file(summary, row + 1, path), file) != 0;
        if (is_last && n > 0)
            status = store_each_shapes(file, n, wanted, visit_run, list);
        n = is_last ? 0 : n;
    }
    pool_free(&pool);
    if (status)
        series_list_free(list);
    return status;
}

void series_list_free(struct series_list *list) {
    pool_free(&list->pool);
    *list = (struct series_list){0};
}
