/* Keys and values under each other: lists of a zip, or a table in comments. */
#include "judge/tune/columns.h"

#include <stdbool.h>
#include <string.h>

enum { LINE_WIDTH = 100 };

void columns_create(struct columns *columns, int n_names, int n, struct pool *pool) {
    *columns = (struct columns){.n_names = n_names, .n = n, .pool = pool};
    size_t count = (size_t)n_names * (size_t)n;
    columns->names = pool_alloc(pool, (size_t)n_names * sizeof *columns->names + 1);
    columns->texts = pool_alloc(pool, count * sizeof *columns->texts + 1);
}

const char **columns_at(const struct columns *columns, int name, int column) {
    return &columns->texts[name * columns->n + column];
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

static int width_of(const char *text) {
    return (int)strlen(text);
}

/* ---- zip ---- */

static int names_width(const struct columns *columns) {
    int width = 0;
    for (int name = 0; name < columns->n_names; name++)
        width = larger(width, width_of(columns->names[name]));
    return width;
}

static int column_width(const struct columns *columns, int column) {
    int width = 0;
    for (int name = 0; name < columns->n_names; name++)
        width = larger(width, width_of(*columns_at(columns, name, column)));
    return width;
}

/* Before which columns lines are broken: the same for all names, so that they stay under each
 * other. */
static void find_breaks(const struct columns *columns, int indent, bool *breaks) {
    int at = indent;
    for (int c = 0; c < columns->n; c++) {
        int width = column_width(columns, c) + 2;
        breaks[c] = c > 0 && at + width > LINE_WIDTH;
        at = (breaks[c] ? indent : at) + width;
    }
}

/* "a, " and blanks up to the column's width, none at the end of a line. */
static void write_value(const struct columns *columns, int name, int c, bool ends, FILE *out) {
    const char *text = *columns_at(columns, name, c);
    bool last = c + 1 == columns->n;
    fprintf(out, "%s%s", text, last ? "]\n" : ends ? ",\n" : ", ");
    if (!last && !ends)
        fprintf(out, "%*s", column_width(columns, c) - width_of(text), "");
}

void columns_write_entry(const struct columns *columns, FILE *out) {
    int width = names_width(columns), indent = 4 + width + 3;
    bool *breaks = pool_alloc(columns->pool, (size_t)columns->n + 1);
    find_breaks(columns, indent, breaks);
    for (int name = 0; name < columns->n_names; name++) {
        fprintf(out, "  %c %s:%*s[", name ? ' ' : '-', columns->names[name],
                width - width_of(columns->names[name]) + 1, "");
        for (int c = 0; c < columns->n; c++) {
            if (breaks[c])
                fprintf(out, "%*s", indent, "");
            write_value(columns, name, c, breaks[c + 1], out);
        }
    }
}

/* ---- comment ---- */

static int place_width(const struct columns *columns, int name) {
    int width = width_of(columns->names[name]);
    for (int c = 0; c < columns->n; c++)
        width = larger(width, width_of(*columns_at(columns, name, c)));
    return width;
}

void columns_write_comment(const struct columns *columns, FILE *out) {
    for (int c = -1; c < columns->n; c++) {
        fputc('#', out);
        for (int name = 0; name < columns->n_names; name++) {
            const char *text = c < 0 ? columns->names[name] : *columns_at(columns, name, c);
            bool last = name + 1 == columns->n_names;
            fprintf(out, "  %s%*s", text, last ? 0 : place_width(columns, name) - width_of(text),
                    "");
        }
        fputc('\n', out);
    }
}
