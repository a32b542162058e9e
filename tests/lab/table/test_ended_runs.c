/* Runs that ended early get the points that they would have had: by hand. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "lab/table/ended_runs.h"

/* ---- the algorithm ---- */

enum { RUNS = 5 };
static const bool complete[RUNS] = {true, false, true, false, false};
/* Runs 0 to 2 are an arm of which two reached the end; 3 is alone; 4 alone in a panel of its own.
 */
static const int arms[RUNS] = {0, 0, 0, 1, 2}, panels[RUNS] = {0, 0, 0, 0, 1}, all[RUNS] = {0};
static const int *const scopes_of[] = {arms, panels, all};
static const struct ended_scopes scopes = {RUNS, complete, 3, scopes_of};

/* "run:place=value ", nan as -. */
static const char *words(const struct run_points *points) {
    static char text[512];
    text[0] = '\0';
    for (int i = 0; i < points->n; i++) {
        const struct run_point *point = &points->items[i];
        char value[16] = "-";
        if (!isnan(point->value))
            snprintf(value, sizeof value, "%g", point->value);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d:%d=%s", i ? " " : "",
                 point->run, point->place, value);
    }
    return text;
}

static void expect(int n, const struct run_point *points, const char *expected) {
    struct run_points given = {0}, result = {0};
    for (int i = 0; i < n; i++)
        run_points_add(&given, points[i]);
    ended_complete(&given, 4, &scopes, &result);
    cr_assert(!strcmp(words(&result), expected), "%s\nnot %s", words(&result), expected);
    pool_free(&given.pool);
    pool_free(&result.pool);
}

#define EXPECT(expected, ...)                                                                      \
    expect((int)(sizeof(struct run_point[]){__VA_ARGS__} / sizeof(struct run_point)),              \
           (const struct run_point[]){__VA_ARGS__}, expected)

/* Run 1 gets place 3; run 3, without a complete run beside it, all that its panel has; run 4, in a
 * panel without points, all that the figure has. */
Test(ended_runs, points_where_the_next_runs_have_them) {
    EXPECT("0:0=1 0:3=2 1:0=5 1:3=- 2:0=3 2:3=4 3:0=- 3:3=- 4:0=- 4:3=-", {0, 0, 1, true},
           {0, 3, 2, true}, {1, 0, 5, true}, {2, 0, 3, true}, {2, 3, 4, true});
}

/* Place 1 is run 1's own, and the complete runs of its arm have none there: it goes. In the panel
 * it stays. */
Test(ended_runs, a_place_of_an_ended_run_alone) {
    EXPECT("0:0=1 1:0=- 3:0=- 3:1=7 4:0=- 4:1=-", {0, 0, 1, true}, {1, 1, 5, true},
           {3, 1, 7, true});
}

/* A point that does not count (an infinite loss) makes no place; its value stays where there is
 * one.
 */
Test(ended_runs, what_does_not_count_makes_no_place) {
    EXPECT("0:0=1 1:0=inf 3:0=- 4:0=-", {0, 0, 1, true}, {1, 0, INFINITY, false},
           {3, 2, INFINITY, false});
}

Test(ended_runs, where_nobody_has_points_there_are_none) {
    EXPECT("", {3, 2, INFINITY, false});
}

/* The complete runs of the arm have none: the metric does not apply there. */
Test(ended_runs, an_arm_that_reached_its_end_without_points_has_none) {
    EXPECT("3:1=7 4:1=-", {3, 1, 7, true});
}

/* ---- with tables ---- */

static struct table summary, points;

static void set_points(int n, const char *const *ids, const long *epochs, const double *values) {
    table_create(&points, n);
    memcpy(table_add(&points, "run", TYPE_TEXT, "", "")->texts, ids, (size_t)n * sizeof *ids);
    memcpy(table_add(&points, "epoch", TYPE_INT, "", "")->integers, epochs,
           (size_t)n * sizeof *epochs);
    memcpy(table_add(&points, "value", TYPE_REAL, "s", "")->reals, values,
           (size_t)n * sizeof *values);
}

Test(ended_runs, a_table_is_completed) {
    static const char *const ids[] = {"a", "b", "c"}, *const kinds[] = {"x", "x", "y"},
                             *const statuses[] = {"complete", "diverged", "failed"},
                             *const runs[] = {"a", "a", "b"}, *const by[] = {"kind"},
                             *const none[] = {"no"};
    static const long epochs[] = {1, 2, 1};
    static const double values[] = {0.5, 0.25, 0.75};
    table_create(&summary, 3);
    memcpy(table_add(&summary, "run", TYPE_TEXT, "", "")->texts, ids, sizeof ids);
    memcpy(table_add(&summary, "kind", TYPE_TEXT, "", "")->texts, kinds, sizeof kinds);
    memcpy(table_add(&summary, "status", TYPE_TEXT, "", "")->texts, statuses, sizeof statuses);
    set_points(3, runs, epochs, values);
    struct table result;
    cr_assert(points_add_ended(&summary, 1, by, 1, &points, &result) == OK, "%s", status_message());
    static const char *const expected_runs[] = {"a", "a", "b", "b", "c", "c"};
    static const long expected_epochs[] = {1, 2, 1, 2, 1, 2};
    static const double expected[] = {0.5, 0.25, 0.75, NAN, NAN, NAN};
    cr_assert(result.n_rows == 6 && result.n_columns == 3, "%d rows, %d columns", result.n_rows,
              result.n_columns);
    for (int row = 0; row < 6; row++) {
        double value = table_find(&result, "value")->reals[row];
        cr_assert(!strcmp(table_find(&result, "run")->texts[row], expected_runs[row]), "row %d",
                  row);
        cr_assert(table_find(&result, "epoch")->integers[row] == expected_epochs[row], "row %d",
                  row);
        cr_assert(value == expected[row] || (isnan(value) && isnan(expected[row])), "row %d: %g",
                  row, value);
    }
    cr_assert(points_add_ended(&summary, 1, none, 1, &points, &result) == ERROR_USAGE, "no column");
    table_free(&result);
    table_free(&points);
    table_free(&summary);
}
