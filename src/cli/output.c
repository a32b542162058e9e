/* Chooses how a table is printed, and sorts it. */
#include "cli/output.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/sort.h"
#include "base/text.h"
#include "base/visible.h"
#include "cli/output_json.h"
#include "cli/output_paper.h"
#include "cli/print_table.h"
#include "cli/terminal.h"

/* ---- notes ---- */

void note(struct notes *notes, struct pool *pool, const char *format, ...) {
    struct text text;
    va_list arguments;
    va_start(arguments, format);
    vfprintf(text_begin(&text, pool), format, arguments);
    va_end(arguments);
    notes->items = pool_grow(pool, notes->items, notes->n, &notes->capacity, sizeof *notes->items);
    notes->items[notes->n++] = text_end(&text);
}

void notes_print(const struct output_options *options, const struct notes *notes) {
    if (output_format(options) == OUTPUT_JSON)
        return;
    for (int i = 0; i < notes->n; i++)
        text_print(stderr, "%s\n", notes->items[i]);
}

/* ---- sorting ---- */

struct sort_key {
    const struct column *column;
    int sign;
};

struct sorting {
    int n;
    struct sort_key *keys;
};

struct sorted_row {
    const struct sorting *by;
    int row;
};

static int compare_numbers(double a, double b) {
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b); /* the last, whichever way */
    return (a > b) - (a < b);
}

/* Texts that are numbers, as values of keys are where several become one text, by size, and before
 * those that are none. */
static int compare_texts(const char *a, const char *b, int sign) {
    double x, y;
    bool a_is = number_read(a, &x), b_is = number_read(b, &y);
    return sign * (a_is && b_is   ? compare_numbers(x, y)
                   : a_is != b_is ? b_is - a_is
                                  : strcmp(a, b));
}

static int compare_cells(const struct sort_key *key, int a, int b) {
    const struct column *column = key->column;
    if (column->type == TYPE_TEXT)
        return compare_texts(column->texts[a], column->texts[b], key->sign);
    double x = table_number(column, a), y = table_number(column, b);
    bool missing = isnan(x) || isnan(y);
    return compare_numbers(x, y) * (missing ? 1 : key->sign);
}

static int compare_rows(const void *a, const void *b) {
    const struct sorted_row *x = a, *y = b;
    for (int i = 0; i < x->by->n; i++) {
        int order = compare_cells(&x->by->keys[i], x->row, y->row);
        if (order)
            return order;
    }
    return (x->row > y->row) - (x->row < y->row);
}

static enum status read_sorting(const struct words *words, const struct table *table,
                                struct pool *pool, struct sorting *sorting) {
    *sorting =
        (struct sorting){.keys = pool_alloc(pool, ((size_t)words->n + 1) * sizeof *sorting->keys)};
    for (int i = 0; i < words->n; i++) {
        const char *name = words->items[i];
        struct column *column;
        bool down = *name == '-';
        enum status status = table_require(table, name + down, &column);
        if (status)
            return fail_in(status, "--sort");
        sorting->keys[sorting->n++] = (struct sort_key){column, down ? -1 : 1};
    }
    return OK;
}

static enum status sort_table(const struct words *words, const struct table *table,
                              struct table *sorted) {
    struct pool pool = {0};
    struct sorting sorting;
    enum status status = read_sorting(words, table, &pool, &sorting);
    size_t n = (size_t)table->n_rows;
    struct sorted_row *rows = pool_alloc(&pool, (n + 1) * sizeof *rows);
    int *order = pool_alloc(&pool, (n + 1) * sizeof *order);
    for (int row = 0; row < table->n_rows; row++)
        rows[row] = (struct sorted_row){&sorting, row};
    if (!status) {
        sort_items(rows, n, sizeof *rows, compare_rows);
        for (int row = 0; row < table->n_rows; row++)
            order[row] = rows[row].row;
        table_take(table, table->n_rows, order, sorted);
    }
    pool_free(&pool);
    return status;
}

/* ---- printing ---- */

enum output_format output_format(const struct output_options *options) {
    if (options->flag)
        return !strcmp(options->flag, "json") ? OUTPUT_JSON : OUTPUT_TSV;
    if (options->format != OUTPUT_AUTO)
        return (enum output_format)options->format;
    return terminal_is_output() ? OUTPUT_TEXT : OUTPUT_TSV;
}

/* With fewer digits than it takes to read back the same. */
static void write_rounded_tsv(const struct table *table, int digits, FILE *out) {
    struct table rounded;
    table_create(&rounded, table->n_rows);
    for (int i = 0; i < table->n_columns; i++) {
        const struct column *column = &table->columns[i];
        const char **texts = print_texts(&rounded, column->name);
        for (int row = 0; row < table->n_rows; row++)
            texts[row] = print_cell_text(column, row, digits, &rounded.pool);
    }
    table_write_tsv(&rounded, out);
    table_free(&rounded);
}

static void print(const struct output_options *options, const struct output_heading *heading,
                  const struct table *table, FILE *out) {
    enum { TERMINAL_DIGITS = 6, PAPER_DIGITS = 3 };
    int digits = options->digits;
    switch (output_format(options)) {
    case OUTPUT_JSON:
        output_json(heading, table, digits, out);
        break;
    case OUTPUT_LATEX:
        output_latex(table, digits ? digits : PAPER_DIGITS, out);
        break;
    case OUTPUT_MARKDOWN:
        output_markdown(table, digits ? digits : PAPER_DIGITS, out);
        break;
    case OUTPUT_TEXT:
        print_aligned(table, digits ? digits : TERMINAL_DIGITS, terminal_width(), out);
        break;
    default:
        if (digits)
            write_rounded_tsv(table, digits, out);
        else
            table_write_tsv(table, out);
    }
}

enum status output_check(const struct output_options *options, const struct table *table) {
    struct pool pool = {0};
    struct sorting sorting;
    if (options->flag && options->format != OUTPUT_AUTO)
        return fail(ERROR_USAGE, "--%s and --format exclude each other", options->flag);
    enum status status = read_sorting(&options->sort, table, &pool, &sorting);
    pool_free(&pool);
    return status;
}

enum status output_table(const struct output_options *options, const struct output_heading *heading,
                         const struct table *table, FILE *out) {
    struct table sorted = {0};
    enum status status = output_check(options, table);
    if (!status && options->sort.n)
        status = sort_table(&options->sort, table, &sorted);
    if (!status)
        print(options, heading, options->sort.n ? &sorted : table, out);
    table_free(&sorted);
    return status;
}
