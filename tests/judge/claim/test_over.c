/* The table of overs: which of two runs is kept, and the numbers that are not a run's own. */
#include "judge/claim/over.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

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
