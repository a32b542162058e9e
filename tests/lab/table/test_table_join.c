/* Tables of several files as one. */
#include "lab/table/table_join.h"

#include <criterion/criterion.h>
#include <math.h>

static struct table tables[2], joined;
static const char *const names[] = {"a.h5", "b.h5"};

/* Of one the columns run, lr, steps, on; of the other run, kind and steps. */
static void fill(void) {
    for (int i = 0; i < 2; i++) {
        table_create(&tables[i], 2);
        const char **runs = table_add(&tables[i], "run", TYPE_TEXT, "", "id")->texts;
        runs[0] = "r1";
        runs[1] = i ? "r1" : "r2";
    }
    double *lr = table_add(&tables[0], "optimizer.lr", TYPE_REAL, "1", "rate")->reals;
    lr[0] = 0.5;
    lr[1] = 0.25;
    table_add(&tables[0], "steps", TYPE_INT, "", "")->integers[1] = 7;
    table_add(&tables[0], "model.bias", TYPE_BOOL, "", "")->integers[1] = 1;
    table_add(&tables[1], "norm.kind", TYPE_TEXT, "", "")->texts[0] = "batch";
    table_add(&tables[1], "steps", TYPE_INT, "", "")->integers[0] = 9;
}

static void empty(void) {
    for (int i = 0; i < 2; i++)
        table_free(&tables[i]);
    table_free(&joined);
}

TestSuite(table_join, .init = fill, .fini = empty);

Test(table_join, what_a_file_lacks_does_not_apply) {
    cr_assert(tables_join(2, tables, names, &joined) == OK, "%s", status_message());
    cr_assert(joined.n_rows == 4 && joined.n_columns == 6, "%d x %d", joined.n_rows,
              joined.n_columns);
    cr_expect_str_eq(joined.columns[0].name, FILE_COLUMN);
    cr_expect_str_eq(table_find(&joined, FILE_COLUMN)->texts[2], "b.h5");
    const struct column *lr = table_find(&joined, "optimizer.lr");
    cr_expect(lr->reals[1] == 0.25 && isnan(lr->reals[2]), "%g %g", lr->reals[1], lr->reals[2]);
    cr_expect_str_eq(lr->doc, "rate");
    cr_expect_str_eq(table_find(&joined, "norm.kind")->texts[1], "");
    cr_expect_str_eq(table_find(&joined, "norm.kind")->texts[2], "batch");
    cr_expect(table_find(&joined, "steps")->integers[1] == 7, "steps");
    cr_expect(table_find(&joined, "steps")->integers[2] == 9, "steps");
    cr_expect(table_find(&joined, "model.bias")->integers[3] == -1, "a truth that is not there");
}

Test(table_join, unlike_tables_are_refused) {
    table_find(&tables[1], "steps")->name = "optimizer.lr";
    cr_assert(tables_join(2, tables, names, &joined) == ERROR_RESULTS, "types");
    cr_expect_str_eq(status_message(), "b.h5: 'optimizer.lr' is of another type than in a.h5");
}

/* A results file must not say which files are read. */
Test(table_join, no_file_names_another) {
    table_find(&tables[1], "norm.kind")->name = FILE_COLUMN;
    cr_assert(tables_join(2, tables, names, &joined) == ERROR_RESULTS, "a column of its own");
    cr_expect_str_eq(status_message(),
                     "b.h5: has a column 'file' of its own, which no results have");
}

Test(table_join, a_run_is_read_from_its_file) {
    cr_assert(tables_join(2, tables, names, &joined) == OK, "%s", status_message());
    cr_expect_str_eq(run_file(&joined, 3, NULL), "b.h5");
    cr_expect_str_eq(run_file(&tables[0], 0, "x.h5"), "x.h5");
}
