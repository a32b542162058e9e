#include "lab/table/table.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/words.h"
#include "lab/config/keys.h"

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
    const char *nearest = nearest_word(name, names, table->n_columns);
    enum status status =
        nearest ? fail(ERROR_USAGE, "no column '%s' (did you mean '%s'?)", name, nearest)
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

/* ---- conditions ---- */

/* A condition on a column of the table. */
struct asked {
    struct condition condition;
    const struct column *column;
};

static enum status read_condition(const struct table *table, const char *text, struct pool *pool,
                                  struct asked *asked) {
    struct column *column = NULL;
    enum status status = condition_read(text, pool, &asked->condition);
    if (status)
        return status;
    status = table_require(table, asked->condition.name, &column);
    if (status)
        return fail_in(status, "condition '%s'", text);
    asked->column = column;
    return OK;
}

static enum status read_number(const struct column *column, const char *text, double *number) {
    if (column->type == TYPE_BOOL && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)) {
        *number = text[0] == 't';
        return OK;
    }
    char *end;
    *number = strtod(text, &end);
    if (end == text || *end)
        return fail(ERROR_USAGE, "'%s' holds numbers, and '%s' is none", column->name, text);
    return OK;
}

/* "[8, 8]" as it stands in the table, 8-8; other texts as they are. */
static const char *text_value(const struct column *column, const char *text, struct pool *pool) {
    int key = key_find(column->name);
    struct value value;
    bool is_list =
        key >= 0 && text[0] == '[' && value_parse(key_get(key), text, pool, &value) == OK;
    return is_list ? value_text(key_get(key), &value, pool) : text;
}

/* A word that no row has, but nearly: nobody asks for that. */
static enum status check_word(const struct column *column, const char *word, int n_rows,
                              struct pool *pool) {
    const char *near = nearest_word(text_value(column, word, pool), column->texts, n_rows);
    return near ? fail(ERROR_USAGE, "no run has %s=%s (did you mean '%s'?)", column->name, word,
                       near)
                : OK;
}

/* Clears the rows that do not stand in the condition's relation to any (for !=: to all) of the
 * values. */
static enum status apply_condition(const struct asked *asked, int n_rows, struct pool *pool,
                                   bool *keep) {
    const struct column *column = asked->column;
    const struct condition *condition = &asked->condition;
    bool is_text = column->type == TYPE_TEXT;
    bool negative = condition->relation == NOT_EQUAL;
    if (is_text && condition->relation > NOT_EQUAL)
        return fail(ERROR_USAGE, "'%s' is text: only = and != can be asked", column->name);
    bool *meets = pool_alloc(pool, (size_t)n_rows + 1);
    enum relation relation = negative ? EQUAL : condition->relation;
    for (int i = 0; i < condition->n_values; i++) {
        const char *value = condition->values[i];
        double number = 0;
        enum status status = is_text ? OK : read_number(column, value, &number);
        if (status)
            return status;
        const char *text = is_text ? text_value(column, value, pool) : "";
        for (int row = 0; row < n_rows; row++)
            meets[row] |= is_text ? strcmp(column->texts[row], text) == 0
                                  : relation_holds(table_number(column, row), relation, number);
    }
    bool any = false;
    for (int row = 0; row < n_rows; row++) {
        any = any || meets[row];
        keep[row] = keep[row] && meets[row] != negative;
    }
    return is_text && !any && !negative ? check_word(column, condition->values[0], n_rows, pool)
                                        : OK;
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

enum status table_where(const struct table *table, int n, const char *const *conditions,
                        struct table *result) {
    struct pool pool = {0};
    size_t size = (size_t)table->n_rows + 1;
    bool *keep = pool_alloc(&pool, size * sizeof *keep);
    int *rows = pool_alloc(&pool, size * sizeof *rows);
    memset(keep, true, size);
    enum status status = OK;
    for (int i = 0; i < n && !status; i++) {
        struct asked asked = {0};
        status = read_condition(table, conditions[i], &pool, &asked);
        if (!status)
            status = apply_condition(&asked, table->n_rows, &pool, keep);
    }
    if (!status) {
        int n_rows = 0;
        for (int row = 0; row < table->n_rows; row++)
            if (keep[row])
                rows[n_rows++] = row;
        table_take(table, n_rows, rows, result);
    }
    pool_free(&pool);
    return status;
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
    for (; *text; text++)
        putc(*text == '\t' || *text == '\n' || *text == '\r' ? ' ' : *text, out);
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
