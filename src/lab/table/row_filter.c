/* Conditions on the cells of a table's rows. */
#include "lab/table/row_filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "lab/config/condition.h"
#include "lab/config/keys.h"

/* ---- values as the column has them ---- */

/* Numbers are compared as doubles: a whole one beyond 2^53 would be taken for its neighbour, as a
 * fraction that lies close to one. */
static enum status check_exact(const struct column *column, const char *text, double number) {
    long double written = strtold(text, NULL);
    bool plain = !text[strspn(text, " +-.0123456789")]; /* 1e300 says itself how exact it is */
    if (plain && fabsl(written) > WHOLE_MAX)
        return fail(ERROR_USAGE, "'%s': %s is beyond %ld, up to which whole numbers are told apart",
                    column->name, text, WHOLE_MAX);
    if (written != number && fabs(number) <= (double)WHOLE_MAX && number == rint(number))
        return fail(ERROR_USAGE, "'%s' holds whole numbers, and %s would be taken for %.0f",
                    column->name, text, number);
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
    return column->type == TYPE_INT ? check_exact(column, text, *number) : OK;
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
static enum status check_word(const struct column *column, const char *word,
                              const struct rows *rows, struct pool *pool) {
    const char **texts = pool_alloc(pool, ((size_t)rows->n + 1) * sizeof *texts);
    for (int i = 0; i < rows->n; i++)
        texts[i] = column->texts[rows->items[i]];
    const char *near = nearest_word(text_value(column, word, pool), texts, rows->n);
    return near ? fail(ERROR_USAGE, "no run has %s=%s (did you mean '%s'?)", column->name, word,
                       near)
                : OK;
}

/* ---- one condition ---- */

/* Marks the rows with the value, meets [rows->n]; with numbers, those in relation to it. */
static enum status mark_value(const struct column *column, enum relation relation,
                              const char *value, const struct rows *rows, struct pool *pool,
                              bool *meets) {
    bool is_text = column->type == TYPE_TEXT;
    const char *text = is_text ? text_value(column, value, pool) : "";
    double number = 0;
    enum status status = is_text ? OK : read_number(column, value, &number);
    for (int i = 0; i < rows->n && !status; i++)
        meets[i] |= is_text
                        ? strcmp(column->texts[rows->items[i]], text) == 0
                        : relation_holds(table_number(column, rows->items[i]), relation, number);
    return status;
}

/* Clears the rows that do not stand in the condition's relation to any (for !=: to all) of the
 * values; keep [rows->n]. */
static enum status apply_condition(const struct condition *condition, const struct column *column,
                                   const struct rows *rows, struct pool *pool, bool *keep) {
    bool is_text = column->type == TYPE_TEXT, negative = condition->relation == NOT_EQUAL;
    if (is_text && condition->relation > NOT_EQUAL)
        return fail(ERROR_USAGE, "'%s' is text: only = and != can be asked", column->name);
    bool *meets = pool_alloc(pool, (size_t)rows->n + 1), any = false;
    enum relation relation = negative ? EQUAL : condition->relation;
    enum status status = OK;
    for (int i = 0; i < condition->n_values && !status; i++)
        status = mark_value(column, relation, condition->values[i], rows, pool, meets);
    for (int i = 0; i < rows->n; i++) {
        any = any || meets[i];
        keep[i] = keep[i] && meets[i] != negative;
    }
    if (status || !is_text || any || negative)
        return status;
    return check_word(column, condition->values[0], rows, pool);
}

static enum status apply_text(const struct table *table, const char *text, const struct rows *rows,
                              struct pool *pool, bool *keep) {
    struct condition condition;
    struct column *column = NULL;
    enum status status = condition_read(text, pool, &condition);
    if (status)
        return status;
    status = table_require(table, condition.name, &column);
    return status ? fail_in(status, "condition '%s'", text)
                  : apply_condition(&condition, column, rows, pool, keep);
}

/* ---- all of them ---- */

static struct rows all_rows(const struct table *table, struct pool *pool) {
    struct rows all = {table->n_rows, pool_alloc(pool, ((size_t)table->n_rows + 1) * sizeof(int))};
    for (int row = 0; row < all.n; row++)
        all.items[row] = row;
    return all;
}

enum status rows_where(const struct table *table, const struct rows *among, int n,
                       const char *const *conditions, struct pool *pool, struct rows *met) {
    struct pool work = {0};
    struct rows rows = among ? *among : all_rows(table, &work);
    bool *keep = pool_alloc(&work, (size_t)rows.n + 1);
    memset(keep, true, (size_t)rows.n);
    enum status status = OK;
    for (int i = 0; i < n && !status; i++)
        status = apply_text(table, conditions[i], &rows, &work, keep);
    if (!status) {
        *met = (struct rows){0, pool_alloc(pool, ((size_t)rows.n + 1) * sizeof *met->items)};
        for (int i = 0; i < rows.n; i++)
            if (keep[i])
                met->items[met->n++] = rows.items[i];
    }
    pool_free(&work);
    return status;
}

enum status table_where(const struct table *table, int n, const char *const *conditions,
                        struct table *result) {
    struct pool pool = {0};
    struct rows met;
    enum status status = rows_where(table, NULL, n, conditions, &pool, &met);
    if (!status)
        table_take(table, met.n, met.items, result);
    pool_free(&pool);
    return status;
}
