/* Tables of several results files as one, with a column that tells the files apart. */
#include "lab/table/table_join.h"

#include <math.h>
#include <string.h>

/* Of the table's rows, from row `at` on; of a table without the column: that it does not apply. */
static void copy_cells(const struct column *from, int n_rows, int at, struct column *to,
                       struct pool *pool) {
    for (int row = 0; row < n_rows; row++)
        if (to->type == TYPE_TEXT)
            to->texts[at + row] = from ? pool_text(pool, from->texts[row]) : "";
        else if (to->type == TYPE_REAL)
            to->reals[at + row] = from ? from->reals[row] : NAN;
        else
            to->integers[at + row] = from ? from->integers[row] : -1;
}

static void add_column(int n, const struct table *tables, const struct column *like,
                       struct table *joined) {
    struct column *to = table_add(joined, like->name, like->type, like->unit, like->doc);
    for (int i = 0, at = 0; i < n; at += tables[i++].n_rows)
        copy_cells(table_find(&tables[i], like->name), tables[i].n_rows, at, to, &joined->pool);
}

/* All columns of one table that are not there yet. */
static enum status add_columns(int n, const struct table *tables, int index,
                               const char *const *names, struct table *joined) {
    for (int c = 0; c < tables[index].n_columns; c++) {
        const struct column *column = &tables[index].columns[c],
                            *there = table_find(joined, column->name);
        if (!strcmp(column->name, FILE_COLUMN))
            return fail(ERROR_RESULTS, "%s: has a column '%s' of its own, which no results have",
                        names[index], FILE_COLUMN);
        if (there && there->type != column->type)
            return fail(ERROR_RESULTS, "%s: '%s' is of another type than in %s", names[index],
                        column->name, names[0]);
        if (!there)
            add_column(n, tables, column, joined);
    }
    return OK;
}

static void add_files(int n, const struct table *tables, const char *const *names,
                      struct table *joined) {
    const char **files = table_add(joined, FILE_COLUMN, TYPE_TEXT, "", "the results file")->texts;
    for (int i = 0, at = 0; i < n; i++)
        for (int row = 0; row < tables[i].n_rows; row++)
            files[at++] = pool_text(&joined->pool, names[i]);
}

enum status tables_join(int n, const struct table *tables, const char *const *names,
                        struct table *joined) {
    struct table all;
    int n_rows = 0;
    for (int i = 0; i < n; i++)
        n_rows += tables[i].n_rows;
    table_create(&all, n_rows);
    add_files(n, tables, names, &all);
    enum status status = OK;
    for (int i = 0; i < n && !status; i++)
        status = add_columns(n, tables, i, names, &all);
    if (status)
        table_free(&all);
    else
        *joined = all;
    return status;
}

const char *run_file(const struct table *summary, int row, const char *path) {
    return path ? path : table_find(summary, FILE_COLUMN)->texts[row];
}
