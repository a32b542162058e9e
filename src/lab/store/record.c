/* Lists that grow in a pool: a record owns copies of all that is added to it. */
#include "lab/store/record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_NAME = 1024 };

void record_free(struct record *record) {
    pool_free(&record->pool);
    *record = (struct record){0};
}

static const char *copy_text(struct pool *pool, const char *text) {
    return text ? pool_text(pool, text) : NULL;
}

static struct attribute *add_attribute(struct record *record, struct attributes *list,
                                       const char *name, enum cell_type type, const char *unit,
                                       const char *doc) {
    list->items =
        pool_grow(&record->pool, list->items, list->n, &list->capacity, sizeof *list->items);
    struct attribute *attribute = &list->items[list->n++];
    *attribute = (struct attribute){
        .name = pool_text(&record->pool, name),
        .type = type,
        .unit = copy_text(&record->pool, unit),
        .doc = copy_text(&record->pool, doc),
    };
    return attribute;
}

void attributes_add_int(struct record *record, struct attributes *list, const char *name,
                        long value, const char *unit, const char *doc) {
    add_attribute(record, list, name, TYPE_INT, unit, doc)->integer = value;
}

void attributes_add_bool(struct record *record, struct attributes *list, const char *name,
                         bool value, const char *doc) {
    add_attribute(record, list, name, TYPE_BOOL, NULL, doc)->integer = value;
}

void attributes_add_real(struct record *record, struct attributes *list, const char *name,
                         double value, const char *unit, const char *doc) {
    add_attribute(record, list, name, TYPE_REAL, unit, doc)->real = value;
}

void attributes_add_text(struct record *record, struct attributes *list, const char *name,
                         const char *value, const char *doc) {
    add_attribute(record, list, name, TYPE_TEXT, NULL, doc)->text =
        pool_text(&record->pool, value ? value : "");
}

const struct attribute *attributes_find(const struct attributes *list, const char *name) {
    for (int i = 0; i < list->n; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    return NULL;
}

size_t series_element_size(enum series_type type) {
    static const size_t sizes[] = {[SERIES_F32] = sizeof(float),
                                   [SERIES_F64] = sizeof(double),
                                   [SERIES_I64] = sizeof(long),
                                   [SERIES_TEXT] = sizeof(const char *)};
    return sizes[type];
}

size_t series_count(const struct series *series) {
    size_t count = 1;
    for (int d = 0; d < series->n_dims; d++)
        count *= series->dims[d];
    return count;
}

double series_number(const struct series *series, size_t i) {
    switch (series->type) { /* analysis: a series that was found */
    case SERIES_F32:
        return (double)((const float *)series->data)[i];
    case SERIES_F64:
        return ((const double *)series->data)[i];
    case SERIES_I64:
        return (double)((const long *)series->data)[i];
    case SERIES_TEXT:
        break;
    }
    return NAN;
}

bool series_is_scale(const struct series *series) {
    return series->n_dims == 1 && strcmp(series->name, series->dim_names[0]) == 0;
}

bool series_fits(const char *pattern, const char *group, const char *name) {
    char full[MOST_NAME];
    snprintf(full, sizeof full, "%s/%s", group, name);
    const char *at = full;
    for (; *pattern; pattern++) {
        if (*pattern == '*') {
            size_t digits = strspn(at, "0123456789");
            if (digits == 0)
                return false;
            at += digits;
        } else if (*pattern != *at++) {
            return false;
        }
    }
    return *at == '\0';
}

void record_add_series(struct record *record, const struct series *series) {
    struct pool *pool = &record->pool;
    record->series = pool_grow(pool, record->series, record->n_series, &record->series_capacity,
                               sizeof *record->series);
    struct series *copy = &record->series[record->n_series++];
    *copy = *series;
    copy->group = pool_text(pool, series->group);
    copy->name = pool_text(pool, series->name);
    copy->unit = copy_text(pool, series->unit);
    copy->doc = copy_text(pool, series->doc);
    for (int d = 0; d < series->n_dims; d++)
        copy->dim_names[d] = pool_text(pool, series->dim_names[d]);
    if (series->data) {
        size_t size = series_count(series) * series_element_size(series->type);
        void *data = pool_alloc(pool, size);
        memcpy(data, series->data, size);
        for (size_t i = 0; series->type == SERIES_TEXT && i < series_count(series); i++)
            ((const char **)data)[i] = pool_text(pool, ((const char *const *)data)[i]);
        copy->data = data;
    }
}

/* Steps and epochs are counted; the number of anything else has no unit. */
static const char *scale_unit(const char *name) {
    return strcmp(name, "step") == 0 ? "steps" : strcmp(name, "epoch") == 0 ? "epochs" : "1";
}

void record_add_scale(struct record *record, const char *group, const char *name, const char *doc,
                      enum series_type type, size_t n, const void *values) {
    struct series scale = {group, name, scale_unit(name), doc, type, 1, {n}, {name}, values};
    record_add_series(record, &scale);
}

void record_add_count(struct record *record, const char *group, const char *name, const char *doc,
                      size_t n, long first) {
    struct pool pool = {0};
    long *values = pool_alloc(&pool, (n + 1) * sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = first + (long)i;
    record_add_scale(record, group, name, doc, SERIES_I64, n, values);
    pool_free(&pool);
}

const struct series *record_find_series(const struct record *record, const char *group,
                                        const char *name) {
    for (int i = 0; i < record->n_series; i++)
        if (strcmp(record->series[i].group, group) == 0 &&
            strcmp(record->series[i].name, name) == 0)
            return &record->series[i];
    return NULL;
}
