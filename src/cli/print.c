/* Tables and paragraphs for a person. */
#include "cli/print.h"

#include <string.h>

#include "base/visible.h"

static size_t longer(size_t a, size_t b) {
    return a > b ? a : b;
}

/* Bytes that begin a character of UTF-8. */
static size_t width_of(const char *text) {
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static const char *cell_of(const struct column *column, int row, struct pool *pool) {
    return text_visible(table_text(column, row, pool), pool);
}

static size_t column_width(const struct table *table, const struct column *column,
                           struct pool *pool) {
    size_t width = width_of(column->name);
    for (int row = 0; row < table->n_rows; row++)
        width = longer(width, width_of(cell_of(column, row, pool)));
    return width;
}

/* Nothing is put behind the last column. */
static void print_cell(FILE *out, const char *text, size_t width, bool right, bool last) {
    int blanks = (int)(width - width_of(text));
    if (right)
        fprintf(out, "%*s%s", blanks, "", text);
    else
        fprintf(out, "%s%*s", text, last ? 0 : blanks, "");
    fputs(last ? "\n" : "  ", out);
}

void print_aligned(const struct table *table, FILE *out) {
    struct pool pool = {0};
    size_t *widths = pool_alloc(&pool, ((size_t)table->n_columns + 1) * sizeof *widths);
    for (int i = 0; i < table->n_columns; i++)
        widths[i] = column_width(table, &table->columns[i], &pool);
    for (int row = -1; row < table->n_rows; row++)
        for (int i = 0; i < table->n_columns; i++) {
            const struct column *column = &table->columns[i];
            const char *text = row < 0 ? column->name : cell_of(column, row, &pool);
            print_cell(out, text, widths[i], column->type != TYPE_TEXT, i == table->n_columns - 1);
        }
    pool_free(&pool);
}

const char **print_texts(struct table *table, const char *name) {
    return table_add(table, name, TYPE_TEXT, "", "")->texts;
}

void print_wrapped(FILE *out, const char *text, int width) {
    int column = 0;
    while (*text) {
        int size = (int)strcspn(text, " \n");
        if (column > 0 && column + 1 + size > width) {
            putc('\n', out);
            column = 0;
        }
        column += fprintf(out, "%s%.*s", column ? " " : "", size, text);
        text += size;
        if (*text == '\n') {
            putc('\n', out);
            column = 0;
        }
        text += *text == '\n' ? 1 : strspn(text, " ");
    }
    putc('\n', out);
}
