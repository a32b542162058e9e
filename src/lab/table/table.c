/* Typed columns in a pool, and tables made of tables. */
#include "lab/table/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/visible.h"
#include "base/words.h"

void table_create(struct table *table, int n_rows) {
    *table = (struct table){.n_rows = n_rows};
}

void table_free(struct table *table) {
    pool_free(&table->pool);
    *table = (struct table){0};
}

struct column *table_add(struct table *table, const char *name, enum cell_type type,
                         const char *unit, const char *doc) {
    struct pool *pool = &table->pool;
    table->columns =
        pool_grow(pool, table->columns, table->n_columns, &table->capacity, sizeof *table->columns);
    struct column *column = &table->columns[table->n_columns++];
    size_t n = (size_t)table->n_rows + 1; /* never nothing at all */
    *column = (struct column){.name = pool_text(pool, name),
                              .unit = pool_text(pool, unit ? unit : ""),
                              .doc = pool_text(pool, doc ? doc : ""),
                              .type = type};
    if (type == TYPE_REAL) {
        column->reals = pool_alloc(pool, n * sizeof *column->reals);
    } else if (type == TYPE_TEXT) {
        column->texts = pool_alloc(pool, n * sizeof *column->texts);
        for (int row = 0; row < table->n_rows; row++)
            column->texts[row] = "";
    } else {
        column->integers = pool_alloc(pool, n * sizeof *column->integers);
    }
    return column;
}

struct column *table_find(const struct table *table, const char *name) {
    for (int i = 0; i < table->n_columns; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

enum status table_require(const struct table *table, const char *name, struct column **column) {
    struct column *found = table_find(table, name);
    if (found) {
        *column = found;
        return OK;
    }
    struct pool pool = {0};
    size_t n = (size_t)table->n_columns;
    const char **names = pool_alloc(&pool, (n + 1) * sizeof *names);
    for (size_t i = 0; i < n; i++)
        names[i] = table->columns[i].name;
    const char *meant = words_meant(name, names, table->n_columns, &pool);
    enum status status = meant ? fail(ERROR_USAGE, "no column '%s' (did you mean %s?)", name, meant)
                               : fail(ERROR_USAGE, "no column '%s'", name);
    pool_free(&pool);
    return status;
}

const char *table_text(const struct column *column, int row, struct pool *pool) {
    if (column->type == TYPE_TEXT)
        return column->texts[row];
    if (column->type != TYPE_REAL)
        return pool_format(pool, "%ld", column->integers[row]);
    double value = column->reals[row];
    if (isnan(value))
        return "nan";
    if (isinf(value))
        return value > 0 ? "inf" : "-inf";
    return number_text(value, pool);
}

double table_number(const struct column *column, int row) {
    switch (column->type) {
    case TYPE_TEXT:
        return NAN;
    case TYPE_REAL:
        return column->reals[row];
    default:
        return (double)column->integers[row];
    }
}

/* ---- new tables from old ---- */

/* A copy of a column with the rows `rows[n_rows of result]`. */
static void copy_column(const struct column *column, const int *rows, struct table *result) {
    struct column *copy = table_add(result, column->name, column->type, column->unit, column->doc);
    for (int row = 0; row < result->n_rows; row++) {
        int from = rows ? rows[row] : row;
        if (column->type == TYPE_TEXT)
            copy->texts[row] = pool_text(&result->pool, column->texts[from]);
        else if (column->type == TYPE_REAL)
            copy->reals[row] = column->reals[from];
        else
            copy->integers[row] = column->integers[from];
    }
}

void table_take(const struct table *table, int n_rows, const int *rows, struct table *result) {
    table_create(result, n_rows);
    for (int i = 0; i < table->n_columns; i++)
        copy_column(&table->columns[i], rows, result);
}

enum status table_select(const struct table *table, int n, const char *const *names,
                         struct table *result) {
    struct table selected;
    table_create(&selected, table->n_rows);
    for (int i = 0; i < n; i++) {
        struct column *column = NULL;
        enum status status = table_require(table, names[i], &column);
        if (status) {
            table_free(&selected);
            return status;
        }
        copy_column(column, NULL, &selected);
    }
    *result = selected;
    return OK;
}

/* A tab or a line break inside a text would break the table: they become spaces. */
static void write_cell(const char *text, FILE *out) {
    struct pool pool = {0};
    for (text = text_visible(text, &pool); *text; text++)
        putc(*text == '\t' || *text == '\n' || *text == '\r' ? ' ' : *text, out);
    pool_free(&pool);
}

void table_write_tsv(const struct table *table, FILE *out) {
    for (int i = 0; i < table->n_columns; i++) {
        write_cell(table->columns[i].name, out);
        putc(i + 1 < table->n_columns ? '\t' : '\n', out);
    }
    for (int row = 0; row < table->n_rows; row++) {
        struct pool pool = {0};
        for (int i = 0; i < table->n_columns; i++) {
            write_cell(table_text(&table->columns[i], row, &pool), out);
            putc(i + 1 < table->n_columns ? '\t' : '\n', out);
        }
        pool_free(&pool);
    }
}
