/* Against SciPy's values and against what can be worked out by hand. */
#include "judge/stats/statistics.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "tests/judge/stats/scipy_values.h"

TestSuite(judge_statistics);

#define COUNT(values) (sizeof(values) / sizeof *(values))

static void assert_near(double value, double expected, double tolerance, const char *what) {
    cr_assert(fabs(value - expected) <= tolerance, "%s: %.17g instead of %.17g", what, value,
              expected);
}

/* ---- interquartile mean ---- */

Test(judge_statistics, weights_are_those_of_the_middle_half) {
    static const struct {
        int n;
        double w[10];
    } known[] = {
        {1, {1}},
        {2, {0.5, 0.5}},
        {3, {1 / 6.0, 2 / 3.0, 1 / 6.0}},
        {4, {0, 0.5, 0.5, 0}},
        {5, {0, 0.3, 0.4, 0.3, 0}},
        {10, {0, 0, 0.1, 0.2, 0.2, 0.2, 0.2, 0.1, 0, 0}},
    };
    for (size_t k = 0; k < COUNT(known); k++) {
        double w[10];
        interquartile_weights(known[k].n, w);
        for (int i = 0; i < known[k].n; i++)
            cr_assert(fabs(w[i] - known[k].w[i]) <= 1e-15, "n = %d, weight %d: %g", known[k].n, i,
                      w[i]);
    }
}

Test(judge_statistics, weights_sum_to_one_and_mirror) {
    for (int n = 1; n <= 50; n++) {
        double w[50], sum = 0;
        interquartile_weights(n, w);
        for (int i = 0; i < n; i++) {
            sum += w[i];
            cr_assert(fabs(w[i] - w[n - 1 - i]) <= 1e-15, "n = %d: not symmetric", n);
        }
        assert_near(sum, 1, 1e-14, "sum of the weights");
    }
}

Test(judge_statistics, is_scipys_trimmed_mean_where_quarters_are_whole) {
    for (size_t i = 0; i < COUNT(trim_values); i++)
        assert_near(interquartile_mean(trim_values[i].x, trim_values[i].n), trim_values[i].mean,
                    1e-14, "trim_mean");
}

Test(judge_statistics, outliers_within_a_quarter_do_not_count) {
    const double plain[] = {3, 1, 5, 4, 2, 7, 6, 8}, wild[] = {3, -1e9, 5, 4, 2, 1e9, 6, 8};
    double mean = interquartile_mean(plain, 8);
    assert_near(mean, 4.5, 1e-15, "3, 4, 5, 6");
    assert_near(interquartile_mean(wild, 8), (3 + 4 + 5 + 6) / 4.0, 1e-15, "with two outliers");
}

/* ---- bootstrap ---- */

/* SciPy's 200,000 resamples are others than our 10,000: a few % of the interval's length, most
 * where the tail is heavy. */
Test(judge_statistics, interval_is_scipys_bca) {
    for (size_t i = 0; i < COUNT(bootstrap_values); i++) {
        struct interval interval = bootstrap_interval(bootstrap_values[i].x, bootstrap_values[i].n);
        double low = bootstrap_values[i].low, high = bootstrap_values[i].high;
        cr_assert(fabs(interval.low - low) <= 0.06 * (high - low), "row %zu: low %g, SciPy %g", i,
                  interval.low, low);
        cr_assert(fabs(interval.high - high) <= 0.06 * (high - low), "row %zu: high %g, SciPy %g",
                  i, interval.high, high);
    }
}

Test(judge_statistics, interval_moves_with_the_data) {
    const double *x = bootstrap_values[4].x;
    int n = bootstrap_values[4].n;
    double y[16];
    for (int i = 0; i < n; i++)
        y[i] = 1000 + 3 * x[i];
    struct interval of_x = bootstrap_interval(x, n), of_y = bootstrap_interval(y, n);
    assert_near(of_y.low, 1000 + 3 * of_x.low, 1e-9, "low");
    assert_near(of_y.high, 1000 + 3 * of_x.high, 1e-9, "high");
    cr_assert(of_x.low < interquartile_mean(x, n) && interquartile_mean(x, n) < of_x.high,
              "the estimate lies outside");
}

Test(judge_statistics, interval_is_the_same_to_the_bit_in_any_order) {
    const double *x = bootstrap_values[5].x;
    int n = bootstrap_values[5].n;
    struct interval first = bootstrap_interval(x, n);
    double y[16];
    for (int i = 0; i < n; i++)
        y[i] = x[(n + 3 - i) % n];
    struct interval again = bootstrap_interval(y, n);
    cr_assert(memcmp(&first, &again, sizeof first) == 0, "[%.17g, %.17g], then [%.17g, %.17g]",
              first.low, first.high, again.low, again.high);
}

/* The range of the data is the widest that resampling can give. */
Test(judge_statistics, interval_of_few_or_equal_values) {
    const double equal[] = {0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25}, two[] = {1, 2};
    struct interval interval = bootstrap_interval(equal, 7);
    cr_assert(interval.low == 0.25 && interval.high == 0.25, "equal values: [%g, %g]", interval.low,
              interval.high);
    interval = bootstrap_interval(two, 2);
    cr_assert(interval.low == 1 && interval.high == 2, "two values: [%g, %g]", interval.low,
              interval.high);
    interval = bootstrap_interval(two, 1);
    cr_assert(isnan(interval.low) && isnan(interval.high), "one value has no interval");
}

/* ---- shares, several tests, counts ---- */

Test(judge_statistics, share_is_scipys) {
    for (size_t i = 0; i < COUNT(share_values); i++) {
        struct interval interval = share_interval(share_values[i].wins, (int)share_values[i].n);
        assert_near(interval.low, share_values[i].low, 1e-10, "low");
        assert_near(interval.high, share_values[i].high, 1e-10, "high");
    }
}

Test(judge_statistics, share_with_halves_lies_between) {
    struct interval below = share_interval(6, 10), half = share_interval(6.5, 10),
                    above = share_interval(7, 10);
    cr_assert(below.low < half.low && half.low < above.low, "low: %g", half.low);
    cr_assert(below.high < half.high && half.high < above.high, "high: %g", half.high);
}

/* 4 x .01, 3 x .02, 2 x .03 = the step before, 1 x .2. */
Test(judge_statistics, holm_by_hand) {
    double p[] = {0.03, 0.01, 0.2, 0.02}, expected[] = {0.06, 0.04, 0.2, 0.06};
    holm_adjust(4, p);
    for (int i = 0; i < 4; i++)
        assert_near(p[i], expected[i], 1e-15, "adjusted p");
    double one[] = {0.03}, large[] = {0.9, 0.8}, equal[] = {0.01, 0.01, 0.01};
    holm_adjust(1, one);
    holm_adjust(2, large);
    holm_adjust(3, equal);
    assert_near(one[0], 0.03, 0, "a single p is left alone");
    cr_assert(large[0] == 1 && large[1] == 1, "at most 1: %g %g", large[0], large[1]);
    for (int i = 0; i < 3; i++)
        assert_near(equal[i], 0.03, 1e-15, "equal p stay equal");
}

Test(judge_statistics, sign_test_by_hand) {
    assert_near(sign_test(0, 0), 1, 0, "nothing differs");
    assert_near(sign_test(5, 0), 2 / 32.0, 1e-15, "five to nothing");
    assert_near(sign_test(1, 7), 2 * 9 / 256.0, 1e-15, "one to seven");
    assert_near(sign_test(3, 3), 1, 1e-15, "three all");
}

/* ---- distances from the median ---- */

static void assert_distances(int n, const double *x, const double *expected) {
    double distances[8];
    memcpy(distances, x, (size_t)n * sizeof *x);
    distances_from_median(distances, n);
    for (int i = 0; i < n; i++)
        assert_near(distances[i], expected[i], 1e-15, "distance");
}

/* Medians 4, 2.5, 7, 3. */
Test(judge_statistics, distances_are_from_the_middle_value) {
    assert_distances(5, (double[]){9, 4, 1, 6, 4}, (double[]){5, 0, 3, 2, 0});
    assert_distances(4, (double[]){1, 2, 3, 100}, (double[]){1.5, 0.5, 0.5, 97.5});
    assert_distances(1, (double[]){7}, (double[]){0});
    assert_distances(3, (double[]){3, 3, 3}, (double[]){0, 0, 0});
    assert_distances(3, (double[]){-2, 0, -4}, (double[]){0, 2, 2});
}

Test(judge_statistics, one_infinite_value_leaves_the_other_distances) {
    double x[] = {1, INFINITY, 2};
    distances_from_median(x, 3);
    cr_assert(isinf(x[1]) && x[0] <= 1 && x[0] >= 1 && x[2] <= 0, "%g, %g, %g", x[0], x[1], x[2]);
}
