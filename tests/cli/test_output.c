/* Tables as they leave the program: aligned, tab-separated, JSON, for papers. */
#include "cli/output.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "cli/print_table.h"
#include "io/json.h"

static struct table table;
static struct pool pool;

/* Three rows: words, whole numbers, real ones, truths. */
static void fill(void) {
    table_create(&table, 3);
    const char **kinds = table_add(&table, "norm.kind", TYPE_TEXT, "", "which")->texts;
    long *sizes = table_add(&table, "n", TYPE_INT, "runs", "")->integers;
    double *errors = table_add(&table, "error", TYPE_REAL, "1", "")->reals;
    double *low = table_add(&table, "error_low", TYPE_REAL, "1", "")->reals;
    double *high = table_add(&table, "error_high", TYPE_REAL, "1", "")->reals;
    long *failed = table_add(&table, "failed", TYPE_INT, "", "")->integers;
    long *collapsed = table_add(&table, "collapsed", TYPE_BOOL, "", "")->integers;
    for (int row = 0; row < 3; row++) {
        kinds[row] = row == 0 ? "batch" : row == 1 ? "layer \"x\"" : "none";
        sizes[row] = 8 * row + 2;
        errors[row] = row == 2 ? NAN : 0.1 + 0.2 * row;
        low[row] = row == 2 ? NAN : errors[row] - 0.01;
        high[row] = row == 2 ? INFINITY : errors[row] + 0.0125;
        failed[row] = row;
        collapsed[row] = row - 1;
    }
}

static void empty(void) {
    table_free(&table);
    pool_free(&pool);
}

TestSuite(output, .init = fill, .fini = empty);

static const struct output_heading heading = {.command = "table"};

static const char *printed(const struct output_options *options) {
    struct text text;
    FILE *out = text_begin(&text, &pool);
    cr_assert(output_table(options, &heading, &table, out) == OK, "%s", status_message());
    return text_end(&text);
}

static const char *in_width(int width) {
    struct text text;
    print_aligned(&table, 6, width, text_begin(&text, &pool));
    return text_end(&text);
}

Test(output, a_pipe_gets_tabs_and_every_digit) {
    const struct output_options options = {0};
    const char *said = printed(&options);
    cr_expect(strstr(said, "batch\t2\t0.1\t0.09000000000000001\t0.1125\t0\t-1\n"), "%s", said);
    cr_expect(strstr(said, "none\t18\tnan\tnan\tinf\t2\t1\n"), "%s", said);
}

Test(output, digits_round) {
    const struct output_options options = {.digits = 2};
    cr_expect(strstr(printed(&options), "batch\t2\t0.1\t0.09\t0.11\t0\t-1\n"), "%s",
              printed(&options));
}

Test(output, sorts_by_several_columns_and_keeps_nan_last) {
    static const struct {
        const char *words[2], *first;
    } cases[] = {{{"error", NULL}, "batch"},
                 {{"-error", NULL}, "layer"},
                 {{"-norm.kind", NULL}, "none"},
                 {{"-collapsed", "n"}, "none"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *words[2] = {cases[i].words[0], cases[i].words[1]};
        const struct output_options options = {.sort = {words[1] ? 2 : 1, words}};
        const char *row = strchr(printed(&options), '\n') + 1;
        cr_expect(!strncmp(row, cases[i].first, strlen(cases[i].first)), "%s: %s", words[0], row);
        if (i < 2) {
            const char *last = strstr(row, "none");
            cr_expect(last && !strchr(strchr(last, '\n') + 1, '\n'), "nan is not last: %s", row);
        }
    }
    const char *wrong[] = {"eror"};
    const struct output_options options = {.sort = {1, wrong}};
    cr_expect(output_table(&options, &heading, &table, stdout) == ERROR_USAGE, "no such column");
    cr_expect_str_eq(status_message(), "--sort: no column 'eror' (did you mean 'error'?)");
}

/* Whatever the order in which they come. */
Test(output, numbers_come_before_words) {
    static const char *const texts[][3] = {{"20", "100", "100-100"}, {"100-100", "20", "100"}};
    const char *words[] = {"model.hidden"};
    const struct output_options options = {.sort = {1, words}};
    for (int i = 0; i < 2; i++) {
        struct text text;
        struct table hidden;
        table_create(&hidden, 3);
        const char **cells = table_add(&hidden, "model.hidden", TYPE_TEXT, "", "")->texts;
        memcpy(cells, texts[i], sizeof texts[i]);
        FILE *out = text_begin(&text, &pool);
        cr_assert(output_table(&options, &heading, &hidden, out) == OK, "%s", status_message());
        cr_expect_str_eq(text_end(&text), "model.hidden\n20\n100\n100-100\n", "case %d", i);
        table_free(&hidden);
    }
}

Test(output, json_reads_back) {
    const struct output_options options = {.flag = "json"};
    struct json *root = NULL;
    const char *said = printed(&options);
    cr_assert(json_parse(said, &pool, &root) == OK, "%s: %s", status_message(), said);
    cr_expect(strstr(said, "{\"name\": \"n\", \"type\": \"integer\", \"unit\": \"runs\", "), "%s",
              said);
    cr_expect(strstr(said, "\"error\": 0.1, \"error_low\": 0.09000000000000001,"), "%s", said);
    cr_expect(strstr(said, "\"norm.kind\": \"layer \\\"x\\\"\""), "%s", said);
    cr_expect(strstr(said, "\"error\": null, \"error_low\": null, \"error_high\": \"inf\", "
                           "\"failed\": 2, \"collapsed\": true}"),
              "%s", said);
    cr_expect(strstr(said, "\"collapsed\": null}") && strstr(said, "\"collapsed\": false}"), "%s",
              said);
}

Test(output, flags_and_formats_exclude_each_other) {
    const struct output_options options = {.flag = "json", .format = OUTPUT_LATEX};
    cr_expect(output_table(&options, &heading, &table, stdout) == ERROR_USAGE, "both");
    cr_expect_str_eq(status_message(), "--json and --format exclude each other");
}

Test(output, papers_have_intervals_and_failures_of_n) {
    const struct output_options latex = {.format = OUTPUT_LATEX},
                                markdown = {.format = OUTPUT_MARKDOWN};
    const char *said = printed(&latex);
    cr_expect(strstr(said, "norm.kind & error & failures & collapsed \\\\"), "%s", said);
    cr_expect(strstr(said, "batch & 0.100 [0.090, 0.113] & 0/2 & -1 \\\\"), "%s", said);
    cr_expect(strstr(said, "none & - & 2/18 & 1 \\\\"), "%s", said);
    said = printed(&markdown);
    cr_expect(strstr(said, "| norm.kind | error | failures | collapsed |\n| --- | ---: | ---: | "),
              "%s", said);
    cr_expect(strstr(said, "| layer \"x\" | 0.300 [0.290, 0.313] | 1/10 | 0 |"), "%s", said);
}

Test(output, latex_has_no_character_that_it_would_obey) {
    table_find(&table, "norm.kind")->texts[0] = "a_b & 50% $x$ #1 {y} ~ ^ \\z";
    const struct output_options latex = {.format = OUTPUT_LATEX};
    cr_expect(strstr(printed(&latex), "a\\_b \\& 50\\% \\$x\\$ \\#1 \\{y\\} \\textasciitilde{} "
                                      "\\textasciicircum{} \\textbackslash{}z & "),
              "%s", printed(&latex));
}

static int longest_line(const char *text) {
    int longest = 0;
    for (; *text; text += strcspn(text, "\n") + 1) {
        int size = (int)strcspn(text, "\n");
        longest = size > longest ? size : longest;
    }
    return longest;
}

/* Whatever the width, every cell is there, and no line is longer. */
Test(output, aligned_fits) {
    const char **docs = table_add(&table, "what", TYPE_TEXT, "", "")->texts;
    docs[0] = "a sentence of several words that finds no room in one line of a terminal";
    docs[1] = "norm.r_max,norm.d_max,norm.relax_from,norm.r_max_at,norm.d_max_at,norm.rows";
    static const int widths[] = {40, 60, 80, 140};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        const char *said = in_width(widths[i]);
        cr_expect(longest_line(said) <= widths[i], "%d: %d\n%s", widths[i], longest_line(said),
                  said);
        static const char *const parts[] = {"0.1125", "layer \"x\"", "inf",      "18",
                                            "room",   "several",     "d_max_at", "norm.rows"};
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
            cr_expect(strstr(said, parts[k]), "%d: no %s\n%s", widths[i], parts[k], said);
    }
    cr_expect(strstr(in_width(0), "norm.r_max,norm.d_max"), "unbroken where nobody says how wide");
}
