/* The takes against values worked out by hand: every row by its example, and those that decide
 * claims on series that are short, flat or have diverged. */
#include "judge/claim/take.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

TestSuite(take);

enum { MOST_POINTS = 8 };

static const double inf = INFINITY;

/* Places 0, 10, 20, ... */
static double of(const char *name, double at, int n, const double *values) {
    double places[MOST_POINTS], kept[MOST_POINTS];
    struct curve curve = {0, places, kept};
    for (int i = 0; i < n; i++)
        curve_add(&curve, 10 * i, values[i]);
    return take_number(take_find(name), &curve, at);
}

static bool is(double value, double expected) {
    return isnan(expected) ? isnan(value)
                           : value == expected || fabs(value - expected) <= 1e-14 * fabs(expected);
}

struct known {
    const char *take;
    double expected, at;
};

/* Each of the numbers of one series. */
static void expect_all(int n_known, const struct known *known, int n, const double *values) {
    for (int i = 0; i < n_known; i++) {
        double value = of(known[i].take, known[i].at, n, values);
        cr_expect(is(value, known[i].expected), "%s: %.17g instead of %.17g", known[i].take, value,
                  known[i].expected);
    }
}

#define EXPECT(known, ...)                                                                         \
    expect_all((int)(sizeof(known) / sizeof *(known)), known,                                      \
               (int)(sizeof((double[]){__VA_ARGS__}) / sizeof(double)), (double[]){__VA_ARGS__})

/* ---- the table ---- */

Test(take, every_row_has_words_and_is_found_by_its_name) {
    for (int i = 0; i < take_count(); i++) {
        const struct take *take = take_get(i);
        cr_expect(take_find(take->name) == take && !strcmp(take_name(i), take->name), "%s",
                  take->name);
        cr_expect(take->sentence && strlen(take->sentence) > 5, "%s has no sentence", take->name);
    }
    cr_expect(!take_name(take_count()) && !take_find("latest"), "more than there are");
}

Test(take, every_row_gives_what_its_example_says) {
    struct curve curve = take_example();
    for (int i = 0; i < take_count(); i++) {
        const struct take *take = take_get(i);
        double value = take_number(take, &curve, TAKE_EXAMPLE_AT);
        cr_expect(is(value, take->example), "%s: %.17g instead of %.17g", take->name, value,
                  take->example);
    }
}

/* Whoever says that the order does not matter is asked. */
Test(take, order_matters_where_declared_alone) {
    static const double sorted[] = {1, 3, 3, 4, 9};
    struct curve curve = take_example();
    for (int i = 0; i < take_count(); i++) {
        const struct take *take = take_get(i);
        double value = of(take->name, TAKE_EXAMPLE_AT, 5, sorted);
        cr_expect(take->in_order || is(value, take_number(take, &curve, TAKE_EXAMPLE_AT)), "%s",
                  take->name);
    }
}

Test(take, a_series_without_points_has_no_number) {
    for (int i = 0; i < take_count(); i++)
        cr_expect(isnan(of(take_name(i), 1, 0, NULL)), "%s", take_name(i));
}

Test(take, what_is_no_number_is_no_point) {
    static const double with[] = {NAN, 4, NAN, 1, 6, NAN}, without[] = {4, 1, 6};
    double places[MOST_POINTS], kept[MOST_POINTS];
    struct curve curve = {0, places, kept};
    for (int i = 0; i < 6; i++)
        curve_add(&curve, 10 * i, with[i]);
    cr_assert(curve.n == 3 && is(places[0], 10) && is(places[2], 40), "%d points", curve.n);
    for (int i = 0; i < take_count(); i++)
        if (!take_get(i)->is_place)
            cr_expect(is(take_number(take_get(i), &curve, 0), of(take_name(i), 0, 3, without)),
                      "%s", take_name(i));
}

/* ---- short, flat, diverged ---- */

Test(take, of_one_point) {
    static const struct known known[] = {
        {"last", 5, 0},        {"first", 5, 0},     {"mean", 5, 0},          {"sum", 5, 0},
        {"min", 5, 0},         {"max", 5, 0},       {"median", 5, 0},        {"spike", 1, 0},
        {"roughness", NAN, 0}, {"variation", 0, 0}, {"first_below", NAN, 5},
    };
    EXPECT(known, 5);
}

/* One difference has no deviation. */
Test(take, of_two_points) {
    static const struct known known[] = {
        {"median", 4, 0},    {"spike", 1.5, 0},       {"roughness", NAN, 0},
        {"variation", 4, 0}, {"first_below", NAN, 6},
    };
    EXPECT(known, 6, 2);
}

/* Differences 2, 4: mean 3, deviations -1 and 1, sqrt(2 / 1). */
Test(take, of_three_points) {
    static const struct known known[] = {
        {"roughness", 1.4142135623730951, 0},
        {"variation", 6, 0},
        {"median", 3, 0},
        {"spike", 7 / 3.0, 0},
        {"mean", 11 / 3.0, 0},
    };
    EXPECT(known, 1, 3, 7);
}

/* Differences 3, -2, 6: mean 7/3, squares of 2/3, -13/3, 11/3 sum to 98/3, over 2. */
Test(take, of_an_even_number_of_points) {
    static const struct known known[] = {
        {"median", 3, 0},
        {"spike", 8 / 3.0, 0},
        {"roughness", 4.041451884327381, 0},
        {"variation", 11, 0},
    };
    EXPECT(known, 1, 4, 2, 8);
}

/* A straight line is not rough, however steep. */
Test(take, of_equal_values_and_of_a_line) {
    static const struct known flat[] = {
        {"min", 2, 0},       {"max", 2, 0},       {"median", 2, 0},       {"spike", 1, 0},
        {"roughness", 0, 0}, {"variation", 0, 0}, {"first_below", 40, 2}, {"first_below", NAN, 1.5},
    };
    static const struct known line[] = {
        {"roughness", 0, 0},
        {"variation", 9, 0},
        {"median", 5.5, 0},
        {"spike", 10 / 5.5, 0},
    };
    EXPECT(flat, 2, 2, 2, 2, 2);
    EXPECT(line, 10, 7, 4, 1);
}

Test(take, of_values_that_cancel_or_are_below_zero) {
    static const struct known zero[] = {{"spike", INFINITY, 0}, {"median", 0, 0}, {"max", 1, 0}};
    static const struct known none[] = {{"spike", NAN, 0}};
    static const struct known below[] = {
        {"min", -3, 0}, {"max", -1, 0}, {"median", -2, 0}, {"spike", 0.5, 0}, {"sum", -6, 0}};
    EXPECT(zero, 0, 0, 1);
    EXPECT(none, 0, 0, 0);
    EXPECT(below, -3, -1, -2);
}

/* The loss of a run that diverged ends with infinity. */
Test(take, of_a_series_that_diverged) {
    static const struct known known[] = {
        {"last", INFINITY, 0},  {"first", 1, 0},       {"mean", INFINITY, 0},
        {"min", 1, 0},          {"max", INFINITY, 0},  {"median", 2, 0},
        {"spike", INFINITY, 0}, {"roughness", NAN, 0}, {"variation", INFINITY, 0},
    };
    EXPECT(known, 1, 2, inf);
}

/* Means of five: 6, 4, 3, 3.5 at 40, 50, 60, 70. */
Test(take, place_where_a_line_between_smoothed_points_falls_to_the_target) {
    static const struct known known[] = {
        {"first_below", 40, 6}, /* with the first five */
        {"first_below", 40, 9}, /* long there */
        {"first_below", 45, 5}, /* half of 6 to 4 */
        {"first_below", 50, 4}, /* on a point */
        {"first_below", 57.5, 3.25},
        {"first_below", NAN, 2.9}, /* never, though points are below it */
        {"first_below", NAN, -INFINITY},
    };
    EXPECT(known, 12, 8, 5, 1, 4, 2, 3, 7.5);
    static const struct known from_infinity[] = {{"first_below", 50, 2}, {"first_below", 50, 1}};
    EXPECT(from_infinity, inf, 1, 1, 1, 1, 1);
}

/* One touch among four that are far: .8 four times and 0 are .64. */
Test(take, a_touch_is_not_a_target_reached) {
    static const struct known known[] = {{"first_below", NAN, 0.6}, {"first_below", 40, 0.64}};
    EXPECT(known, 0.8, 0.8, 0.8, 0.8, 0, 0.8);
}

/* Of 5,000 rows 800 are .16, as is the mean of 799, 801, 798, 802 and 800; as doubles it is not. */
Test(take, a_target_that_is_met_exactly_is_met) {
    static const double wrong[] = {900, 799, 801, 798, 802, 800};
    double errors[6];
    for (int i = 0; i < 6; i++)
        errors[i] = wrong[i] / 5000;
    cr_expect(of("first_below", 0.16, 6, errors) == 50, "%.17g",
              of("first_below", 0.16, 6, errors));
    for (int n = 1; n < 5000; n++) {
        double target = n / 5000.0, five[] = {target, target, target, target, target};
        cr_expect(of("first_below", target, 5, five) == 40, "%d rows", n);
    }
}
