/* Holds a finished run against its plan, and keeps what /summary says of it. */
#include "lab/store/summary_row.h"

#include <string.h>

#include "lab/table/summary_check.h"
#include "lab/table/summary_columns.h"

/* ---- is the run in the file the planned one? ---- */

static bool is_value(const struct key *key, const struct value *value,
                     const struct attribute *attribute) {
    struct pool pool = {0};
    bool same = attribute->type == key_column_type(key);
    if (same && attribute->type == TYPE_TEXT)
        same = strcmp(attribute->text, value_text(key, value, &pool)) == 0;
    else if (same && attribute->type == TYPE_REAL)
        same = attribute->real == value->real;
    else if (same)
        same = attribute->integer == value->integer;
    pool_free(&pool);
    return same;
}

/* Keys that came later, at their default, are not in files of before. */
static enum status check_values(const struct cell *cell, const struct record *record) {
    for (int i = 0; i < key_count(); i++) {
        const struct key *key = key_get(i);
        const struct attribute *attribute = attributes_find(&record->config, key->name);
        if (key->local || key->volatile_ || !cell->applies[i])
            continue;
        if (attribute ? !is_value(key, &cell->values[i], attribute)
                      : key_identifies(key, &cell->values[i]))
            return fail(ERROR_RESULTS, "its %s is not the planned one", key->name);
    }
    return OK;
}

/* An id is believed where it is that of the configuration and the data. */
static enum status check_identity(const struct cell *cell, const struct record *record) {
    const struct attribute *data = attributes_find(&record->config, "data.hash");
    char id[RUN_ID_SIZE] = "";
    struct pool pool = {0};
    if (data && data->type == TYPE_TEXT)
        run_identity(cell_canonical(cell, &pool), data->text, id);
    pool_free(&pool);
    return strcmp(id, record->id) == 0
               ? OK
               : fail(ERROR_RESULTS, "the planned configuration with its data has the id %s", id);
}

/* ---- what is kept ---- */

static void keep(struct attributes *row, const struct attributes *list, const char *name,
                 struct pool *pool) {
    const struct attribute *attribute = attributes_find(list, name);
    if (!attribute)
        return;
    row->items = pool_grow(pool, row->items, row->n, &row->capacity, sizeof *row->items);
    row->items[row->n++] = (struct attribute){
        .name = name,
        .type = attribute->type,
        .integer = attribute->integer,
        .real = attribute->real,
        .text = attribute->text ? pool_text(pool, attribute->text) : NULL,
    };
}

enum status summary_row(const struct record *record, const struct cell *cell, struct pool *pool,
                        struct attributes *row) {
    enum status status = check_values(cell, record);
    if (!status)
        status = check_identity(cell, record);
    if (status)
        return status;
    *row = (struct attributes){0};
    for (int i = 0; i < summary_column_count(); i++)
        keep(row, &record->final, summary_column_get(i)->name, pool);
    for (int i = 0; i < key_count(); i++)
        if (key_get(i)->volatile_)
            keep(row, &record->config, key_get(i)->name, pool);
    return OK;
}
