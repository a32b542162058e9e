/* Compares rows to find which keys vary, and which of them tell arms apart. */
#include "lab/table/varied_keys.h"

#include "base/sort.h"
#include "lab/table/summary_columns.h"
#include "lab/table/table_join.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool key_is_seed(const char *name) {
    return !strcmp(name, "seed") || !strncmp(name, "seeds.", 6);
}

static bool is_final(const char *name) {
    for (int i = 0; i < summary_column_count(); i++)
        if (!strcmp(summary_column_get(i)->name, name))
            return true;
    return false;
}

/* A dotted name that this program does not know is a key of a normalizer that it was built without.
 */
bool column_is_key(const char *name) {
    bool is_file = !strcmp(name, FILE_COLUMN); /* of several results files: tells runs apart */
    return is_file || key_find(name) >= 0 || (strchr(name, '.') && !is_final(name));
}

/* A row's cells in the given columns, and the cell in question. */
struct row_text {
    const char *given, *cell;
};

static int compare_rows(const void *a, const void *b) {
    const struct row_text *x = a, *y = b;
    int order = strcmp(x->given, y->given);
    return order ? order : strcmp(x->cell, y->cell);
}

bool column_is_determined(const struct table *table, const struct column *column, int n_others,
                          const struct column *const *others) {
    struct pool pool = {0};
    size_t n = (size_t)table->n_rows;
    struct row_text *rows = pool_alloc(&pool, (n + 1) * sizeof *rows);
    for (int row = 0; row < table->n_rows; row++) {
        rows[row].given = "";
        for (int i = 0; i < n_others; i++)
            rows[row].given =
                pool_format(&pool, "%s%s\t", rows[row].given, table_text(others[i], row, &pool));
        rows[row].cell = table_text(column, row, &pool);
    }
    sort_items(rows, n, sizeof *rows, compare_rows);
    bool determined = true;
    for (size_t i = 1; i < n && determined; i++)
        determined = strcmp(rows[i - 1].given, rows[i].given) != 0 ||
                     strcmp(rows[i - 1].cell, rows[i].cell) == 0;
    pool_free(&pool);
    return determined;
}

bool column_is_constant(const struct table *table, const struct column *column) {
    return column_is_determined(table, column, 0, NULL);
}

bool key_applies(const struct column *column, int row) {
    int key = key_find(column->name);
    if (key >= 0 && !key_get(key)->when)
        return true; /* its -1 is "all" or "auto", its '' an empty list */
    if (column->type == TYPE_TEXT)
        return *column->texts[row] != '\0';
    return column->type == TYPE_REAL ? !isnan(column->reals[row]) : column->integers[row] != -1;
}

static int compare_by_text(const void *a, const void *b) {
    const struct column_value *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static int compare_by_row(const void *a, const void *b) {
    const struct column_value *x = a, *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

int column_values(const struct table *table, const struct column *column, struct pool *pool,
                  const struct column_value **values) {
    struct column_value *all = pool_alloc(pool, ((size_t)table->n_rows + 1) * sizeof *all);
    int n_all = 0, n = 0;
    for (int row = 0; row < table->n_rows; row++)
        if (key_applies(column, row))
            all[n_all++] = (struct column_value){table_text(column, row, pool), row, 1};
    sort_items(all, (size_t)n_all, sizeof *all, compare_by_text);
    for (int i = 0; i < n_all; i++)
        if (n > 0 && !strcmp(all[n - 1].text, all[i].text))
            all[n - 1].n_rows++;
        else
            all[n++] = all[i];
    sort_items(all, (size_t)n, sizeof *all, compare_by_row);
    *values = all;
    return n;
}

/* Where -1 is one of the key's words, such as auto, the other keys say whether that is what it
 * means. */
static bool is_word(const struct table *table, const struct column *column, int row,
                    struct pool *pool) {
    int index = key_find(column->name);
    const struct key *key = index >= 0 ? key_get(index) : NULL;
    if (!key || !key->when || key->type != KEY_INT || !key->words)
        return false;
    const struct condition *when;
    int n = key_conditions(index, &when);
    bool all = true;
    for (int i = 0; i < n && all; i++) {
        const struct column *other = table_find(table, when[i].name);
        all = other && condition_holds(&when[i], table_text(other, row, pool));
    }
    return all;
}

/* The same bits: then the same text, which need not be made. */
static bool is_same(const struct column *column, int a, int b) {
    if (column->type == TYPE_TEXT)
        return strcmp(column->texts[a], column->texts[b]) == 0;
    return column->type == TYPE_REAL
               ? memcmp(&column->reals[a], &column->reals[b], sizeof *column->reals) == 0
               : column->integers[a] == column->integers[b];
}

bool key_varies(const struct table *table, const char *name) {
    const struct column *column = table_find(table, name);
    struct pool pool = {0};
    const char *first = NULL;
    int last = -1; /* where it applies */
    bool varies = false;
    for (int row = 0; column && row < table->n_rows && !varies; row++) {
        if (last >= 0 && is_same(column, last, row))
            continue;
        if (!key_applies(column, row) && !is_word(table, column, row, &pool))
            continue;
        const char *text = table_text(column, row, &pool);
        varies = first && strcmp(first, text) != 0;
        first = first ? first : text;
        last = row;
    }
    pool_free(&pool);
    return varies;
}

int summary_varied(const struct table *summary, const struct column **varied) {
    int n = 0;
    for (int i = 0; i < summary->n_columns; i++) {
        const struct column *column = &summary->columns[i];
        int key = key_find(column->name);
        bool logged = key >= 0 && key_get(key)->volatile_;
        if (column_is_key(column->name) && !logged && key_varies(summary, column->name))
            varied[n++] = column;
    }
    return n;
}

/* norm.kind first; a rate, which may be one of its own for each cell, last. */
static int turn_of(const struct column *column) {
    bool is_rate = !strcmp(column->name, "optimizer.lr");
    return !strcmp(column->name, "norm.kind") ? 0 : is_rate ? 2 : 1;
}

int summary_arms(const struct table *summary, int n_given, const struct column *const *given,
                 const struct column **arms) {
    struct pool pool = {0};
    size_t most = (size_t)(n_given + summary->n_columns + 1);
    const struct column **varied = pool_alloc(&pool, most * sizeof *varied);
    const struct column **known = pool_alloc(&pool, most * sizeof *known);
    int n_varied = summary_varied(summary, varied), n = n_given;
    for (int i = 0; i < n_given; i++)
        known[i] = given[i];
    for (int turn = 0; turn <= 2; turn++)
        for (int i = 0; i < n_varied; i++)
            if (turn_of(varied[i]) == turn && !key_is_seed(varied[i]->name) &&
                !column_is_determined(summary, varied[i], n, known))
                known[n++] = varied[i];
    for (int i = n_given; i < n; i++)
        arms[i - n_given] = known[i];
    pool_free(&pool);
    return n - n_given;
}
