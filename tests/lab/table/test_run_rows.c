/* Which run is meant, and how it ended. */
#include <criterion/criterion.h>
#include <string.h>

#include "lab/table/run_rows.h"

enum { RUNS = 5 };
static const char *const ids[RUNS] = {"ra1", "ra2", "rb1", "rb2", "rc1"};
static const char *const statuses[RUNS] = {"complete", "diverged", "failed", "missing", "complete"};

static struct table table;

static void fill(void) {
    table_create(&table, RUNS);
    memcpy(table_add(&table, "run", TYPE_TEXT, "", "")->texts, ids, sizeof ids);
    memcpy(table_add(&table, "status", TYPE_TEXT, "", "")->texts, statuses, sizeof statuses);
    long *collapsed = table_add(&table, "collapsed", TYPE_BOOL, "", "")->integers;
    collapsed[3] = -1; /* not known */
    collapsed[4] = 1;
}

static void empty(void) {
    table_free(&table);
}

TestSuite(run_rows, .init = fill, .fini = empty);

Test(run_rows, how_a_run_ended) {
    static const bool has_group[RUNS] = {true, true, false, false, true};
    static const bool went_wrong[RUNS] = {false, true, true, false, true};
    for (int row = 0; row < RUNS; row++) {
        for (enum run_end end = 0; end < RUN_ENDS; end++)
            cr_assert(run_ended(&table, row, end) == !strcmp(run_end_name(end), statuses[row]),
                      "row %d, %s", row, run_end_name(end));
        cr_assert(run_has_group(&table, row) == has_group[row], "row %d", row);
        cr_assert(run_went_wrong(&table, row) == went_wrong[row], "row %d", row);
    }
}

Test(run_rows, ends_have_words_and_are_counted) {
    static const char *const words[RUN_ENDS] = {"complete", "diverged", "failed", "missing"};
    static const int counts[RUN_ENDS] = {2, 1, 1, 1};
    for (enum run_end end = 0; end < RUN_ENDS; end++) {
        cr_expect_str_eq(run_end_name(end), words[end], "%s", run_end_name(end));
        cr_expect(run_count(&table, end) == counts[end], "%s: %d", words[end],
                  run_count(&table, end));
    }
}

/* Rows of which `planned_steps` says nothing: what `collapsed` meant there is another thing. */
Test(run_rows, an_old_flag_is_not_known) {
    const long *collapsed = table_find(&table, "collapsed")->integers;
    run_forget_collapsed(&table);
    for (int row = 0; row < RUNS; row++)
        cr_assert(collapsed[row] == -1, "row %d: %ld, and nobody says how it was judged", row,
                  collapsed[row]);
    cr_assert(!run_went_wrong(&table, 4), "what is not known is held against nobody");
    long *planned = table_add(&table, "planned_steps", TYPE_INT, "", "")->integers;
    long *flags = table_find(&table, "collapsed")->integers;
    for (int row = 0; row < RUNS; row++) {
        flags[row] = row % 2;
        planned[row] = row < 2 ? -1 : 10;
    }
    run_forget_collapsed(&table);
    for (int row = 0; row < RUNS; row++)
        cr_assert(flags[row] == (row < 2 ? -1 : row % 2), "row %d: %ld", row, flags[row]);
}

/* A table without these columns, or with numbers there: nothing is known against its rows. */
Test(run_rows, without_a_status_all_is_well) {
    struct table bare;
    table_create(&bare, 1);
    cr_assert(!run_ended(&bare, 0, END_COMPLETE) && run_has_group(&bare, 0));
    cr_assert(!run_went_wrong(&bare, 0));
    table_add(&bare, "status", TYPE_INT, "", "");
    cr_assert(!run_ended(&bare, 0, END_COMPLETE) && run_has_group(&bare, 0));
    cr_assert(!run_went_wrong(&bare, 0));
    table_free(&bare);
}

Test(run_rows, a_run_is_found_by_the_beginning_of_its_id) {
    char id[RUN_ID_SIZE] = "";
    cr_assert(run_find(&table, "rc", id) == OK && !strcmp(id, "rc1"), "'%s'", id);
    cr_assert(run_find(&table, "rb2", id) == OK && !strcmp(id, "rb2"), "'%s'", id);
    cr_assert(run_find(&table, "ra", id) == ERROR_USAGE, "two begin so");
    cr_assert(strstr(status_message(), "the ids of 2 runs"), "%s", status_message());
    cr_assert(run_find(&table, "rd", id) == ERROR_USAGE, "none begins so");
    cr_assert(!strcmp(id, "rb2"), "the output was touched");
}

Test(run_rows, a_run_has_its_row_wherever_one_begins_to_look) {
    for (int first = 0; first <= table.n_rows; first++)
        for (int row = 0; row < table.n_rows; row++)
            cr_assert(run_row(&table, ids[row], first) == row, "%s from %d on", ids[row], first);
    cr_assert(run_row(&table, "rd", 1) == -1, "no such run");
}
