/* The table of overs: which of two runs is kept, and the numbers that are not a run's own. */
#include "judge/claim/over.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "lab/table/run_rows.h"

TestSuite(over);

Test(over, every_row_has_words_and_is_found_by_its_name) {
    for (int i = 0; i < over_count(); i++) {
        const struct over *over = over_get(i);
        cr_expect(over_find(over->name) == over && !strcmp(over_name(i), over->name), "%s",
                  over->name);
        cr_expect(over->sentence && strlen(over->sentence) > 5, "%s has no sentence", over->name);
        cr_expect(!over->needs_at || over->number, "%s has a target and no use for it", over->name);
    }
    cr_expect(!over_name(over_count()) && !over_find("none"), "more than there are");
}

/* Of two runs one is kept, never both; a run without a number is never better. */
Test(over, of_two_different_runs_one_is_better) {
    for (int i = 0; i < over_count(); i++) {
        const struct over *over = over_get(i);
        cr_expect(over->is_better(1, 2) != over->is_better(2, 1), "%s", over->name);
        cr_expect(!over->is_better(1, 1), "%s: equal runs", over->name);
        cr_expect(!over->is_better(NAN, 1), "%s: no number", over->name);
    }
    cr_expect(over_find("min")->is_better(1, 2) && over_find("max")->is_better(2, 1));
}

static double largest_below(int n, const double *keys, const double *values, double at) {
    return over_find("largest_below")->number(n, keys, values, at);
}

Test(over, largest_key_of_a_run_below_the_target) {
    static const double keys[] = {0.2, 0.1, 0.4, 0.8}, values[] = {3, 1, 3, 9};
    cr_expect(largest_below(4, keys, values, 4) == 0.4);
    cr_expect(largest_below(4, keys, values, 3) == 0.1, "below, not at");
    cr_expect(largest_below(4, keys, values, 10) == 0.8);
    cr_expect(largest_below(4, keys, values, INFINITY) == 0.8);
    cr_expect(largest_below(1, keys, values, 4) == 0.2);
}

/* Where no run is below: half of the smallest key, so that the arm counts as worse than any. */
Test(over, half_of_the_smallest_key_where_no_run_is_below) {
    static const double keys[] = {0.2, 0.1, 0.4}, values[] = {3, 1, NAN}, none[] = {NAN, NAN, NAN};
    cr_expect(largest_below(3, keys, values, 1) == 0.05);
    cr_expect(largest_below(3, keys, none, 10) == 0.05);
    cr_expect(largest_below(3, keys, values, 4) == 0.2, "a run without a number is not below");
    cr_expect(isnan(largest_below(3, none, values, 4)), "no key");
}

/* ---- the choice on other seeds ---- */

enum { CHOOSING = 2, JUDGED = 4, PER_RATE = CHOOSING + JUDGED, RATES = 2 };

/* At each of the rates .1 and .2 seeds 100 and 101, which choose, and 0 to 3. */
static void plant_rates(const double values[RATES][PER_RATE], struct table *table, double *taken) {
    table_create(table, RATES * PER_RATE);
    const char **states = table_add(table, "status", TYPE_TEXT, "", "")->texts;
    const char **kinds = table_add(table, "norm.kind", TYPE_TEXT, "", "")->texts;
    double *rates = table_add(table, "optimizer.lr", TYPE_REAL, "", "")->reals;
    long *seeds = table_add(table, "seed", TYPE_INT, "", "")->integers;
    for (int row = 0; row < table->n_rows; row++) {
        int rate = row / PER_RATE, i = row % PER_RATE;
        states[row] = isnan(values[rate][i]) ? "missing" : "complete";
        kinds[row] = "none";
        rates[row] = rate ? 0.2 : 0.1;
        seeds[row] = i < CHOOSING ? 100 + i : i - CHOOSING;
        taken[row] = values[rate][i];
    }
}

static const struct value choosing[CHOOSING] = {{.integer = 100}, {.integer = 101}};

/* What is left of planted runs: as many rows, and the value of each. */
static int left(const double values[RATES][PER_RATE], const char *take, double *taken) {
    struct metric metric = {.over_key = take ? "optimizer.lr" : NULL,
                            .over = take ? over_find(take) : NULL,
                            .over_at = 6,
                            .n_choosing = CHOOSING,
                            .choosing = choosing};
    struct table table;
    plant_rates(values, &table, taken);
    over_choose(&metric, &table, taken);
    int n = table.n_rows;
    table_free(&table);
    return n;
}

/* .2 has the smaller mean on the choosing seeds, 1.4 against 1.5, and the larger errors on the
 * others; there is no luck of each seed's in it. */
Test(over, other_seeds_choose_the_value_of_the_key) {
    static const double values[RATES][PER_RATE] = {{1, 2, 5, 5, 5, 5}, {1, 1.8, 9, 8, 7, 4}};
    double taken[RATES * PER_RATE];
    cr_assert(left(values, "min", taken) == JUDGED, "one run a seed");
    cr_expect(taken[0] == 9 && taken[1] == 8 && taken[2] == 7 && taken[3] == 4, "those at .2");
    cr_assert(left(values, "max", taken) == JUDGED, "one run a seed");
    for (int i = 0; i < JUDGED; i++)
        cr_expect(taken[i] == 5, "those at .1, %d: %g", i, taken[i]);
}

Test(over, of_equal_values_the_smaller_is_chosen) {
    static const double values[RATES][PER_RATE] = {{2, 1, 5, 5, 5, 5}, {1, 2, 9, 9, 9, 9}};
    double taken[RATES * PER_RATE];
    cr_expect(left(values, "min", taken) == JUDGED && taken[0] == 5, "%g", taken[0]);
    cr_expect(left(values, "max", taken) == JUDGED && taken[0] == 5, "%g", taken[0]);
}

/* Each seed finds its largest rate below 6 for itself, and without `over` all runs stay: the
 * choosing seeds have no part in either. */
Test(over, choosing_seeds_count_for_nothing_else) {
    static const double values[RATES][PER_RATE] = {{1, 2, 5, 5, 5, 5}, {1, 1.8, 9, 8, 7, 4}};
    double taken[RATES * PER_RATE];
    cr_assert(left(values, "largest_below", taken) == JUDGED, "one number a seed");
    cr_expect(taken[0] == 0.1 && taken[1] == 0.1 && taken[2] == 0.1 && taken[3] == 0.2, "%g",
              taken[3]);
    cr_expect(left(values, NULL, taken) == RATES * JUDGED, "all but the choosing ones");
}

/* Its row is left, so that whoever decides finds a run missing. */
Test(over, nothing_is_chosen_while_a_choosing_run_is_missing) {
    static const double values[RATES][PER_RATE] = {{1, 2, 5, 5, 5, 5}, {1, NAN, 9, 8, 7, 6}};
    double taken[RATES * PER_RATE];
    int n = left(values, "min", taken), missing = 0;
    for (int i = 0; i < n; i++)
        missing += isnan(taken[i]);
    cr_expect(missing == 1, "%d of %d", missing, n);
}
