#include "lab/table/group_by.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"

TestSuite(analysis);

static void assert_near(double value, double expected, const char *what) {
    double distance = fabs(value - expected);
    cr_assert(distance <= 1e-12 * fmax(1, fabs(expected)), "%s is %.17g, not %.17g", what, value,
              expected);
}

/* 1..n in an order that is not sorted. */
static void ranks(int n, double *x) {
    for (int i = 0; i < n; i++)
        x[i] = 1 + (i * 7 + 3) % n;
}

/* Table of the sign test (e.g. Conover, Practical Nonparametric Statistics, A3): ranks k and n+1-k.
 */
Test(analysis, intervals_are_those_of_the_sign_test) {
    static const struct {
        int n, k;
        double coverage;
    } known[] = {{1, 1, 0},
                 {2, 1, 0.5},
                 {5, 1, 0.9375},
                 {6, 1, 0.96875},
                 {8, 1, 0.9921875},
                 {9, 2, 1 - 2 * 10 / 512.0},
                 {10, 2, 1 - 2 * 11 / 1024.0},
                 {16, 4, 1 - 2 * 697 / 65536.0},
                 {20, 6, 1 - 2 * 21700 / 1048576.0}};
    double x[20];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int n = known[i].n;
        struct summary_stats stats;
        ranks(n, x);
        stats_of(x, n, &stats);
        cr_assert(stats.low == known[i].k && stats.high == n + 1 - known[i].k,
                  "n %d: %g to %g, not %d to %d", n, stats.low, stats.high, known[i].k,
                  n + 1 - known[i].k);
        assert_near(stats.coverage, known[i].coverage, "coverage");
    }
}

Test(analysis, no_narrower_pair_covers_95_percent) {
    for (int n = 6; n <= 3000; n = n * 3 / 2) {
        static double x[3000];
        struct summary_stats stats;
        for (int i = 0; i < n; i++)
            x[i] = i + 1;
        stats_of(x, n, &stats);
        double k = stats.low;
        cr_assert(stats.coverage >= 0.95 && stats.coverage < 1, "n %d: coverage %g", n,
                  stats.coverage);
        double next = 2 * exp(lgamma(n + 1.0) - lgamma(k + 1) - lgamma(n - k + 1) - n * log(2.0));
        cr_assert(stats.coverage - next < 0.95, "n %d: k %g could be larger", n, k);
        cr_assert(stats.high == n + 1 - k, "n %d is not symmetric", n);
    }
}

/* The interval of 9 normal numbers holds the median 0 in 96.1 % of 4,000 draws, 4 errors wide. */
Test(analysis, the_interval_covers_as_often_as_it_says) {
    enum { DRAWS = 4000, N = 9 };
    struct random_key key = {1, RANDOM_TEST, 99};
    int n_held = 0;
    double coverage = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
        double x[N];
        for (int i = 0; i < N; i++)
            x[i] = random_normal(key, (uint64_t)(draw * N + i));
        struct summary_stats stats;
        stats_of(x, N, &stats);
        n_held += stats.low <= 0 && 0 <= stats.high;
        coverage = stats.coverage;
    }
    double share = (double)n_held / DRAWS, error = sqrt(coverage * (1 - coverage) / DRAWS);
    cr_assert(fabs(share - coverage) <= 4 * error, "%g of the intervals, not %g", share, coverage);
}

Test(analysis, statistics_of_a_few_numbers) {
    const double x[] = {4, 1, 3, 2};
    struct summary_stats stats;
    stats_of(x, 4, &stats);
    cr_assert(stats.n == 4 && stats.median == 2.5, "n %d, median %g", stats.n, stats.median);
    cr_assert(stats.min == 1 && stats.max == 4 && stats.mean == 2.5, "range or mean");
    assert_near(stats.deviation, sqrt(5 / 3.0), "deviation");
    cr_assert(x[0] == 4 && x[3] == 2, "the input was sorted");
    stats_of(x, 3, &stats);
    cr_assert(stats.median == 3, "median %g", stats.median);
}

Test(analysis, nan_is_left_out_and_infinity_stays) {
    const double x[] = {NAN, 3, INFINITY, 1, NAN, 2, INFINITY};
    struct summary_stats stats;
    stats_of(x, 7, &stats);
    cr_assert(stats.n == 5, "n %d", stats.n);
    cr_assert(stats.median == 3, "median %g", stats.median);
    cr_assert(stats.low == 1 && isinf(stats.high) && isinf(stats.max), "range");
    const double y[] = {1, INFINITY, INFINITY, INFINITY};
    stats_of(y, 4, &stats);
    cr_assert(isinf(stats.median) && stats.median > 0, "median %g", stats.median);
}

Test(analysis, nothing_has_no_statistics_and_one_no_interval) {
    const double x[] = {NAN, 7};
    struct summary_stats stats;
    stats_of(x, 1, &stats);
    cr_assert(stats.n == 0 && isnan(stats.median) && isnan(stats.low) && isnan(stats.mean),
              "statistics of nothing");
    stats_of(NULL, 0, &stats);
    cr_assert(stats.n == 0 && isnan(stats.coverage), "statistics of no values");
    stats_of(x, 2, &stats);
    cr_assert(stats.n == 1 && stats.low == 7 && stats.high == 7 && stats.coverage == 0,
              "coverage %g of a single value", stats.coverage);
    cr_assert(isnan(stats.deviation), "deviation %g of a single value", stats.deviation);
}

/* ---- groups ---- */

/* Two keys, nine rows; layer at 2 stands apart in the middle. */
static void fill(struct table *table) {
    static const char *const kinds[] = {"batch", "none",  "batch", "layer", "none",
                                        "batch", "batch", "none",  "batch"};
    static const long sizes[] = {2, 2, 2, 2, 2, 64, 2, 2, 64};
    static const double errors[] = {0.5, 0.1, NAN, 0.3, 0.2, 0.7, 0.6, 0.15, 0.8};
    static const char *const statuses[] = {"complete", "complete", "diverged",
                                           "missing",  "complete", "complete",
                                           "failed",   "complete", "complete"};
    table_create(table, 9);
    for (int i = 0; i < 5; i++) {
        static const char *const names[] = {"norm.kind", "train.batch_size", "test_error", "status",
                                            "collapsed"};
        static const enum cell_type types[] = {TYPE_TEXT, TYPE_INT, TYPE_REAL, TYPE_TEXT,
                                               TYPE_BOOL};
        table_add(table, names[i], types[i], i == 2 ? "1" : "", "words");
    }
    for (int row = 0; row < 9; row++) {
        table->columns[0].texts[row] = kinds[row];
        table->columns[1].integers[row] = sizes[row];
        table->columns[2].reals[row] = errors[row];
        table->columns[3].texts[row] = statuses[row];
    }
    table->columns[4].integers[4] = 1;
    table->columns[4].integers[3] = -1; /* unknown is not collapsed; missing it is */
}

Test(analysis, groups_keep_their_order_and_count_failures) {
    struct table table, result;
    const char *const by[] = {"norm.kind", "train.batch_size"}, *const figures[] = {"test_error"};
    fill(&table);
    cr_assert(table_by(&table, 2, by, 1, figures, &result) == OK, "%s", status_message());
    static const char *const kinds[] = {"batch", "none", "layer", "batch"};
    static const long sizes[] = {2, 2, 2, 64}, n[] = {3, 3, 1, 2}, failed[] = {2, 1, 0, 0},
                      missing[] = {0, 0, 1, 0};
    static const long numbers[] = {2, 3, 1, 2};
    static const double medians[] = {0.55, 0.15, 0.3, 0.75}, lows[] = {0.5, 0.1, 0.3, 0.7},
                        highs[] = {0.6, 0.2, 0.3, 0.8}, coverages[] = {0.5, 0.75, 0, 0.5};
    cr_assert(result.n_rows == 4, "%d groups", result.n_rows);
    for (int g = 0; g < 4; g++) {
        cr_assert(strcmp(table_find(&result, "norm.kind")->texts[g], kinds[g]) == 0, "kind %d", g);
        cr_assert(table_find(&result, "train.batch_size")->integers[g] == sizes[g], "size %d", g);
        cr_assert(table_find(&result, "n")->integers[g] == n[g], "n %d", g);
        cr_assert(table_find(&result, "failed")->integers[g] == failed[g], "failed %d", g);
        cr_assert(table_find(&result, "missing")->integers[g] == missing[g], "missing %d", g);
        cr_assert(table_find(&result, "test_error_n")->integers[g] == numbers[g], "numbers %d", g);
        assert_near(table_find(&result, "test_error")->reals[g], medians[g], "median");
        assert_near(table_find(&result, "test_error_low")->reals[g], lows[g], "low");
        assert_near(table_find(&result, "test_error_high")->reals[g], highs[g], "high");
        assert_near(table_find(&result, "coverage")->reals[g], coverages[g], "coverage");
    }
    cr_assert(strcmp(table_find(&result, "test_error_low")->unit, "1") == 0, "unit");
    table_free(&result);
    table_free(&table);
}

Test(analysis, several_figures_have_a_coverage_each) {
    struct table table, result;
    const char *const by[] = {"norm.kind"}, *const figures[] = {"test_error", "collapsed"};
    fill(&table);
    cr_assert(table_by(&table, 1, by, 2, figures, &result) == OK, "%s", status_message());
    cr_assert(!table_find(&result, "coverage"), "whose coverage?");
    /* batch: four of its five errors are numbers */
    assert_near(table_find(&result, "test_error_coverage")->reals[0], 0.875, "of test_error");
    assert_near(table_find(&result, "collapsed_coverage")->reals[0], 0.9375, "of collapsed");
    table_free(&result);
    table_free(&table);
}

Test(analysis, an_unknown_column_or_a_text_as_figure_is_refused) {
    struct table table, result = {0};
    const char *const good[] = {"norm.kind"}, *const wrong[] = {"norm.kid"};
    const char *const figure[] = {"test_error"};
    fill(&table);
    cr_assert(table_by(&table, 1, wrong, 1, figure, &result) == ERROR_USAGE, "a key");
    cr_assert(strstr(status_message(), "did you mean 'norm.kind'?"), "%s", status_message());
    cr_assert(table_by(&table, 1, good, 1, wrong, &result) == ERROR_USAGE, "a figure");
    cr_assert(table_by(&table, 1, good, 1, good, &result) == ERROR_USAGE, "a text");
    cr_assert(strstr(status_message(), "is text"), "%s", status_message());
    cr_assert(result.n_columns == 0, "the output was touched");
    table_free(&table);
}

Test(analysis, many_groups_of_nan_and_numbers_stay_apart) {
    enum { ROWS = 20000, GROUPS = 5000 };
    struct table table, result;
    const char *const by[] = {"x"}, *const figures[] = {"y"};
    table_create(&table, ROWS);
    table_add(&table, "x", TYPE_REAL, "", "");
    table_add(&table, "y", TYPE_INT, "", "");
    for (int row = 0; row < ROWS; row++) {
        int group = row % GROUPS;
        table.columns[0].reals[row] = group == 0 ? NAN : group / 7.0;
        table.columns[1].integers[row] = group;
    }
    cr_assert(table_by(&table, 1, by, 1, figures, &result) == OK, "%s", status_message());
    cr_assert(result.n_rows == GROUPS, "%d groups", result.n_rows);
    for (int g = 0; g < GROUPS; g++) {
        cr_assert(table_find(&result, "y")->reals[g] == g, "median of group %d", g);
        cr_assert(table_find(&result, "n")->integers[g] == ROWS / GROUPS, "size of group %d", g);
    }
    table_free(&result);
    table_free(&table);
}
