/* Tables for a paper, in LaTeX and Markdown. */
#include "cli/output_paper.h"

#include <math.h>
#include <string.h>

#include "base/visible.h"
#include "base/words.h"
#include "cli/print_table.h"

/* ---- a table of texts ---- */

struct paper {
    const struct table *from;
    int digits;
    struct table texts; /* all columns are texts */
    bool *numbers;      /* [columns of texts] stand to the right */
};

static const struct column *find(const struct paper *paper, const char *name, const char *suffix) {
    struct pool pool = {0};
    const struct column *column = table_find(paper->from, pool_format(&pool, "%s%s", name, suffix));
    pool_free(&pool);
    return column;
}

static const char **add_texts(struct paper *paper, const char *name, bool is_number) {
    const char **texts = print_texts(&paper->texts, name);
    paper->numbers[paper->texts.n_columns - 1] = is_number;
    return texts;
}

static bool is_zero(const struct column *column, int n_rows) {
    bool zero = column->type == TYPE_INT;
    for (int row = 0; row < n_rows && zero; row++)
        zero = column->integers[row] == 0;
    return zero;
}

/* Is it said in another column: the ends of an interval, counts beside it? Or nothing at all: that
 * none is missing. */
static bool is_told_elsewhere(const struct paper *paper, const char *name) {
    static const char *const suffixes[] = {"_low", "_high", "_n", "_coverage"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        struct pool pool = {0};
        int size = (int)(strlen(name) - strlen(suffixes[i]));
        bool is = text_ends_in(name, suffixes[i]) &&
                  find(paper, pool_format(&pool, "%.*s", size, name), "_low") != NULL;
        pool_free(&pool);
        if (is)
            return true;
    }
    bool counts = table_find(paper->from, "failed") && table_find(paper->from, "n");
    return counts && (!strcmp(name, "n") || !strcmp(name, "coverage") ||
                      (!strcmp(name, "missing") &&
                       is_zero(table_find(paper->from, name), paper->from->n_rows)));
}

/* "0.1230 [0.1195, 0.1250]": all three with the decimals that the first needs. */
static const char *interval_text(double x, double low, double high, int digits, struct pool *pool) {
    double size = fabs(x);
    if (isnan(x))
        return "-";
    if (size > 0 && (size < 1e-4 || size >= 1e6))
        return pool_format(pool, "%.*g [%.*g, %.*g]", digits, x, digits, low, digits, high);
    int decimals = digits - 1 - (size > 0 ? (int)floor(log10(size)) : 0);
    decimals = decimals > 0 ? decimals : 0;
    return pool_format(pool, "%.*f [%.*f, %.*f]", decimals, x, decimals, low, decimals, high);
}

static void add_interval(struct paper *paper, const struct column *column) {
    const struct column *low = find(paper, column->name, "_low"),
                        *high = find(paper, column->name, "_high");
    const char **texts = add_texts(paper, column->name, true);
    for (int row = 0; row < paper->from->n_rows; row++)
        texts[row] = interval_text(column->reals[row], low->reals[row], high->reals[row],
                                   paper->digits, &paper->texts.pool);
}

static void add_failed(struct paper *paper, const struct column *failed) {
    const struct column *n = table_find(paper->from, "n");
    const char **texts = add_texts(paper, "failures", true);
    for (int row = 0; row < paper->from->n_rows; row++)
        texts[row] =
            pool_format(&paper->texts.pool, "%ld/%ld", failed->integers[row], n->integers[row]);
}

static void add_plain(struct paper *paper, const struct column *column) {
    const char **texts = add_texts(paper, column->name, column->type != TYPE_TEXT);
    for (int row = 0; row < paper->from->n_rows; row++)
        texts[row] = print_cell_text(column, row, paper->digits, &paper->texts.pool);
}

static bool is_count(const struct column *column) {
    return column && (column->type == TYPE_INT || column->type == TYPE_BOOL);
}

static void paper_create(const struct table *table, int digits, struct paper *paper) {
    *paper = (struct paper){.from = table, .digits = digits};
    table_create(&paper->texts, table->n_rows);
    size_t n = (size_t)table->n_columns + 1;
    paper->numbers = pool_alloc(&paper->texts.pool, n * sizeof *paper->numbers);
    for (int i = 0; i < table->n_columns; i++) {
        const struct column *column = &table->columns[i];
        const struct column *low = find(paper, column->name, "_low"),
                            *high = find(paper, column->name, "_high");
        bool reals = column->type == TYPE_REAL && low && low->type == TYPE_REAL && high &&
                     high->type == TYPE_REAL;
        if (reals)
            add_interval(paper, column);
        else if (!strcmp(column->name, "failed") && is_count(column) &&
                 is_count(table_find(table, "n")))
            add_failed(paper, column);
        else if (!is_told_elsewhere(paper, column->name))
            add_plain(paper, column);
    }
}

/* ---- LaTeX ---- */

static void put_latex(const char *text, FILE *out) {
    static const struct {
        char character;
        const char *latex;
    } escapes[] = {{'\\', "\\textbackslash{}"},
                   {'~', "\\textasciitilde{}"},
                   {'^', "\\textasciicircum{}"},
                   {'&', "\\&"},
                   {'%', "\\%"},
                   {'$', "\\$"},
                   {'#', "\\#"},
                   {'_', "\\_"},
                   {'{', "\\{"},
                   {'}', "\\}"},
                   {'\n', " "},
                   {'\t', " "},
                   {'<', "\\textless{}"},
                   {'>', "\\textgreater{}"}};
    for (; *text; text++) {
        const char *latex = NULL;
        for (size_t i = 0; i < sizeof escapes / sizeof *escapes && !latex; i++)
            latex = *text == escapes[i].character ? escapes[i].latex : NULL;
        if (latex)
            fputs(latex, out);
        else
            putc(*text, out);
    }
}

static void put_markdown(const char *text, FILE *out) {
    for (; *text; text++) {
        if (strchr("|\\`*_<", *text))
            putc('\\', out);
        putc(*text == '\n' || *text == '\t' ? ' ' : *text, out);
    }
}

/* Cells between `begin` and `end`, parted by `next`. */
static void put_row(struct paper *paper, int row, void (*put)(const char *text, FILE *out),
                    const char *next, const char *end, FILE *out) {
    struct table *texts = &paper->texts;
    for (int i = 0; i < texts->n_columns; i++) {
        const struct column *column = &texts->columns[i];
        fputs(i ? next : "", out);
        put(text_visible(row < 0 ? column->name : column->texts[row], &texts->pool), out);
    }
    fputs(end, out);
}

void output_latex(const struct table *table, int digits, FILE *out) {
    struct paper paper;
    paper_create(table, digits, &paper);
    fputs("% \\usepackage{booktabs}\n\\begin{tabular}{", out);
    for (int i = 0; i < paper.texts.n_columns; i++)
        putc(paper.numbers[i] ? 'r' : 'l', out);
    fputs("}\n\\toprule\n", out);
    put_row(&paper, -1, put_latex, " & ", " \\\\\n\\midrule\n", out);
    for (int row = 0; row < table->n_rows; row++)
        put_row(&paper, row, put_latex, " & ", " \\\\\n", out);
    fputs("\\bottomrule\n\\end{tabular}\n", out);
    table_free(&paper.texts);
}

void output_markdown(const struct table *table, int digits, FILE *out) {
    struct paper paper;
    paper_create(table, digits, &paper);
    fputs("| ", out);
    put_row(&paper, -1, put_markdown, " | ", " |\n|", out);
    for (int i = 0; i < paper.texts.n_columns; i++)
        fputs(paper.numbers[i] ? " ---: |" : " --- |", out);
    putc('\n', out);
    for (int row = 0; row < table->n_rows; row++) {
        fputs("| ", out);
        put_row(&paper, row, put_markdown, " | ", " |\n", out);
    }
    table_free(&paper.texts);
}
