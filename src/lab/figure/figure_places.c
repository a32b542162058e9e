/* Gives each run its panel, row, arm and x. */
#include "lab/figure/figure_places.h"

#include <math.h>
#include <string.h>

#include "base/sort.h"
#include "lab/table/varied_keys.h"

static bool is_number(const struct column *column) {
    return column->type == TYPE_INT || column->type == TYPE_REAL;
}

/* Rank of each run's number; those without one stand first, as NaN has rank 0. */
static void rank_numbers(const struct table *runs, const struct column *column, int *ranks) {
    struct pool pool = {0};
    size_t n = 0;
    double *sorted = pool_alloc(&pool, ((size_t)runs->n_rows + 1) * sizeof *sorted);
    for (int row = 0; row < runs->n_rows; row++)
        if (!isnan(table_number(column, row)))
            sorted[n++] = table_number(column, row);
    n = sort_unique(sorted, n);
    for (int row = 0; row < runs->n_rows; row++) {
        double value = table_number(column, row);
        ranks[row] = 0;
        while ((size_t)ranks[row] < n && sorted[ranks[row]] <= value)
            ranks[row]++;
    }
    pool_free(&pool);
}

/* Rank of each run's text in order of first appearance, from 1. */
static void rank_texts(int n, const char *const *texts, int *ranks) {
    int n_ranks = 0;
    for (int row = 0; row < n; row++) {
        ranks[row] = 0;
        for (int before = 0; before < row && !ranks[row]; before++)
            if (!strcmp(texts[before], texts[row]))
                ranks[row] = ranks[before];
        if (!ranks[row])
            ranks[row] = ++n_ranks;
    }
}

static int *ranks_of(const struct table *runs, const struct column *column, struct pool *pool) {
    size_t n = (size_t)runs->n_rows + 1;
    int *ranks = pool_alloc(pool, n * sizeof *ranks);
    if (!column)
        return ranks;
    if (is_number(column)) {
        rank_numbers(runs, column, ranks);
        return ranks;
    }
    const char **texts = pool_alloc(pool, n * sizeof *texts);
    for (int row = 0; row < runs->n_rows; row++)
        texts[row] = table_text(column, row, pool);
    rank_texts(runs->n_rows, texts, ranks);
    return ranks;
}

const char *cell_words(const struct column *column, int row, struct pool *pool) {
    int found = key_find(column->name);
    const struct key *key = found >= 0 ? key_get(found) : NULL;
    if (!key_applies(column, row))
        return "";
    if (column->type == TYPE_BOOL)
        return column->integers[row] ? "true" : "false";
    if (key && key->type == KEY_INT && key->words && column->integers[row] == -1)
        return key->words;
    return list_words(table_text(column, row, pool), pool);
}

/* "batch", "batch lr=0.1", "batch after": words of choices by themselves, other values with their
 * key. */
static const char *arm_text(const struct drawing *drawing, int row, struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < drawing->n_arm_columns; i++) {
        const struct column *column = drawing->arm_columns[i];
        const char *value = cell_words(column, row, pool);
        int key = key_find(column->name);
        const char *dot = strrchr(column->name, '.'), *space = *text ? " " : "";
        if (!*value)
            continue;
        if (key >= 0 && key_get(key)->type == KEY_CHOICE)
            text = pool_format(pool, "%s%s%s", text, space, value);
        else
            text = pool_format(pool, "%s%s%s=%s", text, space, dot ? dot + 1 : column->name, value);
    }
    return *text ? text : "all runs";
}

void places_find(const struct drawing *drawing, struct pool *pool, struct places *places) {
    const struct table *runs = &drawing->runs;
    size_t n = (size_t)runs->n_rows + 1;
    *places = (struct places){.panel = ranks_of(runs, drawing->panel, pool),
                              .row = ranks_of(runs, drawing->row, pool),
                              .arm = pool_alloc(pool, n * sizeof(int)),
                              .arm_texts = pool_alloc(pool, n * sizeof(char *))};
    for (int row = 0; row < runs->n_rows; row++)
        places->arm_texts[row] = arm_text(drawing, row, pool);
    rank_texts(runs->n_rows, places->arm_texts, places->arm);
    if (!drawing->x)
        return;
    places->x = pool_alloc(pool, n * sizeof *places->x);
    int *ranks = ranks_of(runs, drawing->x, pool);
    for (int row = 0; row < runs->n_rows; row++)
        places->x[row] = is_number(drawing->x) ? table_number(drawing->x, row) : ranks[row];
}
