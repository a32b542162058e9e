/* Conditions on rows. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/table/row_filter.h"

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

TestSuite(row_filter, .init = fill, .fini = empty);

/* The rows that meet one condition, as digits. */
static const char *digits_where(const char *condition) {
    static char digits[16];
    struct table met = {0};
    enum status status = table_where(&table, 1, &condition, &met);
    cr_assert(!status, "%s: %s", condition, status_message());
    for (int row = 0; row < met.n_rows; row++)
        digits[row] = (char)('0' + lround(log2((double)met.columns[1].integers[row])));
    digits[met.n_rows] = '\0';
    table_free(&met);
    return digits;
}

static void assert_rows(const char *condition, const char *expected) {
    const char *rows = digits_where(condition);
    cr_assert(strcmp(rows, expected) == 0, "%s: rows '%s', not '%s'", condition, rows, expected);
}

static void assert_usage(const char *condition, const char *words) {
    struct table met = {0};
    enum status status = table_where(&table, 1, &condition, &met);
    cr_assert(status == ERROR_USAGE, "%s: status %d", condition, status);
    cr_assert(strstr(status_message(), words), "%s: the message lacks '%s': %s", condition, words,
              status_message());
}

Test(row_filter, conditions_on_texts) {
    assert_rows("norm.kind=batch", "13");
    assert_rows("norm.kind==batch", "13");
    assert_rows("norm.kind!=batch", "024");
    assert_rows("norm.kind=batch|layer", "123");
    assert_rows("norm.kind!=batch|layer", "04");
    assert_rows("norm.kind=", "");
    assert_usage("norm.kind<batch", "is text");
    assert_usage("norm.kind=btach", "no run has norm.kind=btach (did you mean 'batch'?)");
    assert_rows("norm.kind=btach|none", "04");
    assert_rows("norm.kind!=btach", "01234");
    assert_rows("norm.kind=weightnorm", "");
}

Test(row_filter, conditions_on_lists) {
    static const char *const widths[] = {"8-8", "8", "", "16-8", "8-8"};
    struct column *column = table_add(&table, "model.hidden", TYPE_TEXT, "units", "");
    memcpy(column->texts, widths, sizeof widths);
    assert_rows("model.hidden=8-8", "04");
    assert_rows("model.hidden=[8,8]", "04");
    assert_rows("model.hidden=[8, 8]|[8]", "014");
    assert_rows("model.hidden!=[]", "0134");
}

Test(row_filter, conditions_on_numbers) {
    assert_rows("train.batch_size=4", "2");
    assert_rows("train.batch_size=4.0", "2");
    assert_rows("train.batch_size<4", "01");
    assert_rows("train.batch_size<=4", "012");
    assert_rows("train.batch_size>4", "34");
    assert_rows("train.batch_size>=4", "234");
    assert_rows("train.batch_size=1|16", "04");
    assert_rows("test_error=1e-1", "0");
    assert_rows("collapsed=true", "2");
    assert_rows("collapsed=0", "014");
    assert_usage("train.batch_size=four", "is none");
    assert_usage("train.batch_size=4x", "is none");
    assert_usage("train.batch_size=", "is none");
}

Test(row_filter, whole_numbers_beyond_2_53_are_not_taken_for_their_neighbours) {
    table.columns[1].integers[4] = 9007199254740992;
    static const char *const last = "train.batch_size=9007199254740992";
    struct table met = {0};
    cr_assert(table_where(&table, 1, &last, &met) == OK && met.n_rows == 1, "%s", status_message());
    table_free(&met);
    table.columns[1].integers[4] = 16;
    assert_usage("train.batch_size=9007199254740993",
                 "'train.batch_size': 9007199254740993 is beyond 9007199254740992");
    assert_usage("train.batch_size>=-9007199254740993", "is beyond 9007199254740992");
    assert_usage("train.batch_size<99999999999999999999", "is beyond 9007199254740992");
    assert_usage("train.batch_size=9007199254740992.5", "is beyond 9007199254740992");
    assert_usage("train.batch_size=9007199254740993e0", "would be taken for 9007199254740992");
    assert_usage("train.batch_size!=9007199254740991.5", "would be taken for 9007199254740992");
    assert_rows("train.batch_size<=8.5", "0123");
    assert_rows("train.batch_size=8.5", "");
    assert_rows("train.batch_size<1e300", "01234");
    assert_rows("train.batch_size=8.0", "3");
    assert_rows("test_error<99999999999999999999", "034");
}

Test(row_filter, nan_equals_nan_and_meets_no_order) {
    assert_rows("test_error=nan", "1");
    assert_rows("test_error!=nan", "0234");
    assert_rows("test_error<1", "034");
    assert_rows("test_error>=0", "0234");
    assert_rows("test_error=inf", "2");
}

Test(row_filter, several_conditions_must_all_hold) {
    const char *const conditions[] = {"norm.kind=batch", "train.batch_size>2"};
    struct table met;
    cr_assert(table_where(&table, 2, conditions, &met) == OK, "%s", status_message());
    cr_assert(met.n_rows == 1 && met.columns[1].integers[0] == 8, "%d rows", met.n_rows);
    cr_assert(met.n_columns == 4, "%d columns", met.n_columns);
    cr_assert(strcmp(met.columns[3].unit, "1") == 0, "the unit is lost");
    table_free(&met);
    cr_assert(table_where(&table, 0, NULL, &met) == OK && met.n_rows == 5, "no condition at all");
    table_free(&met);
}

Test(row_filter, what_is_no_condition_is_refused) {
    assert_usage("norm.kind", "name=value");
    assert_usage("=batch", "name=value");
    assert_usage("norm.kind!batch", "name=value");
    assert_usage("norm.kid=batch", "did you mean 'norm.kind'?");
}

/* Of three rows, in the summary's own numbers; the others are not looked at. */
Test(row_filter, only_among_the_rows_given) {
    int among[] = {1, 2, 4};
    const struct rows some = {3, among};
    const char *const batch = "norm.kind!=batch", *const typo = "norm.kind=bathc";
    struct pool pool = {0};
    struct rows met = {0};
    cr_assert(rows_where(&table, &some, 1, &batch, &pool, &met) == OK, "%s", status_message());
    cr_assert(met.n == 2 && met.items[0] == 2 && met.items[1] == 4, "%d rows, first %d", met.n,
              met.items[0]);
    cr_assert(rows_where(&table, &some, 0, NULL, &pool, &met) == OK && met.n == 3, "no condition");
    cr_assert(rows_where(&table, &some, 1, &typo, &pool, &met) == ERROR_USAGE, "%d rows", met.n);
    cr_assert(strstr(status_message(), "did you mean 'batch'?"), "%s", status_message());
    const struct rows none = {0, among};
    cr_assert(rows_where(&table, &none, 1, &typo, &pool, &met) == OK && met.n == 0,
              "no row has nearly that word");
    pool_free(&pool);
}
