/* Columns under each other, as wide as their longest cell; what finds no room stands below. */
#include "cli/print_table.h"

#include <math.h>
#include <string.h>

#include "base/visible.h"
#include "cli/print.h"
#include "cli/terminal_colour.h"

enum { GAP = 2, LEAST_TEXT = 24 }; /* columns between two cells; of a text that is broken */

struct page {
    const struct table *table;
    int digits, width;
    FILE *out;
    struct pool pool;
    int *widths; /* [n_columns] */
};

const char **print_texts(struct table *table, const char *name) {
    return table_add(table, name, TYPE_TEXT, "", "")->texts;
}

const char *print_cell_text(const struct column *column, int row, int digits, struct pool *pool) {
    bool rounds = digits > 0 && column->type == TYPE_REAL && isfinite(column->reals[row]);
    return rounds ? pool_format(pool, "%.*g", digits, column->reals[row])
                  : table_text(column, row, pool);
}

static const char *cell_of(struct page *page, int column, int row) {
    const struct column *from = &page->table->columns[column];
    return row < 0
               ? from->name
               : text_visible(print_cell_text(from, row, page->digits, &page->pool), &page->pool);
}

static void measure(struct page *page) {
    const struct table *table = page->table;
    page->widths = pool_alloc(&page->pool, ((size_t)table->n_columns + 1) * sizeof *page->widths);
    for (int i = 0; i < table->n_columns; i++)
        for (int row = -1; row < table->n_rows; row++) {
            int width = print_columns(cell_of(page, i, row));
            page->widths[i] = width > page->widths[i] ? width : page->widths[i];
        }
}

/* ---- a block: columns that fit beside each other ---- */

static bool is_text(const struct page *page, int column) {
    return page->table->columns[column].type == TYPE_TEXT;
}

/* Where the cells of column `from` begin: behind the first column, which every block repeats. */
static int block_begin(const struct page *page, int from) {
    return from > 0 ? page->widths[0] + GAP : 0;
}

/* The columns `from` to the one before the result; at least one. *broken: the last of them is a
 * text that goes on below itself. */
static int block_end(const struct page *page, int from, bool *broken) {
    int at = block_begin(page, from), to = from;
    *broken = false;
    for (; to < page->table->n_columns; to++) {
        bool fits = page->width == 0 || at + page->widths[to] <= page->width;
        *broken = !fits && is_text(page, to) && at + LEAST_TEXT <= page->width;
        if (!fits)
            return *broken || to == from ? to + 1 : to;
        at += page->widths[to] + GAP;
    }
    return to;
}

/* Lists as keys have them, "gamma,beta", have no blank at which to break. */
static const char *breakable(struct page *page, const char *text) {
    char *copy = pool_alloc(&page->pool, 2 * strlen(text) + 1), *to = copy;
    for (; *text; text++) {
        *to++ = *text;
        if (*text == ',' && text[1] && text[1] != ' ')
            *to++ = ' ';
    }
    return copy;
}

/* Nothing is put behind the last column. */
static void print_cell(struct page *page, int column, int row, bool last) {
    const char *text = cell_of(page, column, row);
    int blanks = page->widths[column] - print_columns(text);
    if (!is_text(page, column)) {
        fprintf(page->out, "%*s%s", blanks, "", text);
    } else {
        terminal_print_word(page->out, text);
        fprintf(page->out, "%*s", last ? 0 : blanks, "");
    }
    fputs(last ? "\n" : "  ", page->out);
}

static void print_block(struct page *page, int from, int to, bool broken) {
    int begin = block_begin(page, from);
    for (int i = from; i < to - 1; i++)
        begin += page->widths[i] + GAP;
    for (int row = -1; row < page->table->n_rows; row++) {
        if (from > 0)
            print_cell(page, 0, row, false);
        for (int i = from; i < to - 1; i++)
            print_cell(page, i, row, false);
        if (broken)
            print_hanging(page->out, breakable(page, cell_of(page, to - 1, row)), begin, begin,
                          page->width);
        else
            print_cell(page, to - 1, row, true);
    }
}

void print_aligned(const struct table *table, int digits, int width, FILE *out) {
    struct page page = {.table = table, .digits = digits, .width = width, .out = out};
    measure(&page);
    for (int from = 0, to; from < table->n_columns; from = to) {
        bool broken;
        to = block_end(&page, from, &broken);
        if (from > 0)
            putc('\n', out);
        print_block(&page, from, to, broken);
    }
    pool_free(&page.pool);
}
