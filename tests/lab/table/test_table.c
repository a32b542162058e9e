/* Tables: columns, rows taken in any order, cells as text. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/table/table.h"

static struct table table;

static void fill(void) {
    static const char *const kinds[] = {"none", "batch", "layer", "batch", "none"};
    static const double errors[] = {0.1, NAN, INFINITY, 1.0 / 3, -0.0};
    table_create(&table, 5);
    struct column *column = table_add(&table, "norm.kind", TYPE_TEXT, "", "normalizer");
    for (int row = 0; row < 5; row++)
        column->texts[row] = kinds[row];
    column = table_add(&table, "train.batch_size", TYPE_INT, "rows", "rows of a mini-batch");
    for (int row = 0; row < 5; row++)
        column->integers[row] = 1L << row;
    column = table_add(&table, "collapsed", TYPE_BOOL, "", "");
    column->integers[2] = 1;
    column->integers[3] = -1;
    column = table_add(&table, "test_error", TYPE_REAL, "1", "share of wrong answers");
    memcpy(column->reals, errors, sizeof errors);
}

static void empty(void) {
    table_free(&table);
}

TestSuite(table, .init = fill, .fini = empty);

Test(table, columns_are_selected_in_the_order_asked_for) {
    const char *const names[] = {"test_error", "norm.kind"}, *const wrong[] = {"test_eror"};
    struct table selected = {0};
    cr_assert(table_select(&table, 2, names, &selected) == OK, "%s", status_message());
    cr_assert(selected.n_columns == 2 && selected.n_rows == 5, "%d x %d", selected.n_rows,
              selected.n_columns);
    cr_assert(strcmp(selected.columns[0].name, "test_error") == 0, "order");
    cr_assert(strcmp(selected.columns[1].texts[2], "layer") == 0, "values");
    table_free(&selected);
    cr_assert(table_select(&table, 1, wrong, &selected) == ERROR_USAGE, "an unknown column");
    cr_assert(strstr(status_message(), "did you mean 'test_error'?"), "%s", status_message());
    cr_assert(selected.n_columns == 0, "the output was touched");
}

Test(table, rows_are_taken_in_the_order_given) {
    const int rows[] = {4, 0, 0};
    struct table taken;
    table_take(&table, 3, rows, &taken);
    cr_assert(taken.n_rows == 3, "%d rows", taken.n_rows);
    cr_assert(taken.columns[1].integers[0] == 16 && taken.columns[1].integers[2] == 1, "values");
    table_free(&taken);
}

Test(table, numbers_and_texts_of_cells) {
    struct pool pool = {0};
    const struct column *kind = &table.columns[0], *error = &table.columns[3];
    cr_assert(isnan(table_number(kind, 0)), "a text is a number");
    cr_assert(table_number(&table.columns[1], 3) == 8, "an integer");
    cr_assert(strcmp(table_text(error, 1, &pool), "nan") == 0, "nan");
    cr_assert(strcmp(table_text(error, 2, &pool), "inf") == 0, "inf");
    for (int row = 0; row < 5; row += row == 0 ? 3 : 1) {
        const char *text = table_text(error, row, &pool);
        double back = strtod(text, NULL);
        cr_assert(memcmp(&back, &error->reals[row], sizeof back) == 0, "%s does not read back",
                  text);
    }
    cr_assert(strcmp(table_text(error, 0, &pool), "0.1") == 0, "%s is not the shortest",
              table_text(error, 0, &pool));
    pool_free(&pool);
}

Test(table, many_columns_keep_their_values) {
    for (int i = 0; i < 200; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%d", i);
        table_add(&table, name, TYPE_INT, NULL, NULL)->integers[4] = i;
    }
    for (int i = 0; i < 200; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%d", i);
        const struct column *column = table_find(&table, name);
        cr_assert(column && column->integers[4] == i, "%s", name);
        cr_assert(strcmp(column->unit, "") == 0, "no unit is not the empty one");
    }
    cr_assert(strcmp(table.columns[0].texts[1], "batch") == 0, "the first column");
}

Test(table, tsv_has_one_header_line_and_no_broken_rows) {
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    table.columns[0].texts[0] = "a\tb\nc";
    table.columns[0].texts[1] = "";
    table_write_tsv(&table, out);
    fclose(out);
    static const char expected[] = "norm.kind\ttrain.batch_size\tcollapsed\ttest_error\n"
                                   "a b c\t1\t0\t0.1\n"
                                   "\t2\t0\tnan\n"
                                   "layer\t4\t1\tinf\n"
                                   "batch\t8\t-1\t0.3333333333333333\n"
                                   "none\t16\t0\t-0\n";
    cr_assert(strcmp(text, expected) == 0, "not as expected:\n%s", text);
    free(text);
}
