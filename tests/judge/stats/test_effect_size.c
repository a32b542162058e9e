/* Effect sizes: of figures whose ratio is known, and what seeds and rows could have decided. */
#include <criterion/criterion.h>
#include <math.h>

#include "judge/stats/effect_size.h"
#include "judge/stats/sign_flip.h"

enum { N = 8 };

static const double more[N] = {0.10, 0.12, 0.11, 0.13, 0.12, 0.11, 0.30, 0.12};

static struct effect_size size_of(const double *first, const double *second) {
    const struct question question = {
        .kind = CLAIM_DIRECTION, .delta = 0.005, .n_strata = 1, .n_seeds = N};
    return effect_size_of(&question, first, second);
}

static void expect_near(double found, double wanted, const char *what) {
    cr_expect(fabs(found - wanted) <= 1e-8 * fabs(wanted), "%s: %.17g, not %.17g", what, found,
              wanted);
}

/* Sorted, the middle half is .11, .12, .12, .12: an outlier has no part in it. */
Test(effect_size, figures_are_interquartile_means_and_the_ratio_is_of_pairs) {
    double less[N];
    for (int i = 0; i < N; i++)
        less[i] = 0.8 * more[i];
    struct effect_size size = size_of(more, less);
    expect_near(size.more, 0.1175, "more");
    expect_near(size.less, 0.8 * 0.1175, "less");
    expect_near(size.ratio, 0.8, "ratio");
    expect_near(size.ratio_interval.low, 0.8, "its interval");
    expect_near(size.ratio_interval.high, 0.8, "its interval");
}

Test(effect_size, swapped_arms_give_the_reciprocal) {
    static const double less[N] = {0.09, 0.10, 0.12, 0.11, 0.10, 0.08, 0.12, 0.11};
    struct effect_size size = size_of(more, less), swapped = size_of(less, more);
    cr_expect(size.ratio_interval.low < size.ratio && size.ratio < size.ratio_interval.high,
              "%g in %g to %g", size.ratio, size.ratio_interval.low, size.ratio_interval.high);
    expect_near(swapped.ratio, 1 / size.ratio, "ratio");
    expect_near(swapped.ratio_interval.low, 1 / size.ratio_interval.high, "its interval");
    expect_near(swapped.ratio_interval.high, 1 / size.ratio_interval.low, "its interval");
}

/* An end of the one interval is at 0 where that of the other is at 1. (Without ties: an interval
 * jumps where values change their order.) */
Test(effect_size, the_ratio_says_what_the_difference_says) {
    static const double first[N] = {0.103, 0.124, 0.1153, 0.131, 0.1227, 0.1171, 0.1099, 0.1282},
                        second[N] = {0.0911, 0.1303, 0.1049, 0.1188, 0.1216, 0.0987, 0.1122, 0.113};
    double d[N], shifted[N];
    for (int i = 0; i < N; i++)
        d[i] = first[i] - second[i];
    double low = bootstrap_interval(d, N).low;
    for (int side = -1; side <= 1; side += 2) {
        for (int i = 0; i < N; i++)
            shifted[i] = first[i] - low + side * 1e-6;
        double high = size_of(shifted, second).ratio_interval.high;
        cr_expect(side > 0 ? high < 1 : high > 1, "%.9f", high);
        cr_expect(fabs(high - 1) < 1e-3, "%.9f", high);
    }
    expect_near(size_of(first, first).ratio, 1, "of the same");
}

Test(effect_size, what_is_divided_by_0_has_no_ratio) {
    static const double zero[N] = {0.1, 0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, all[N];
    struct effect_size size = size_of(zero, more);
    cr_expect(isnan(size.ratio) && isnan(size.ratio_interval.low), "%g", size.ratio);
    expect_near(size.more, 0.1, "more");
    cr_expect_eq(size_of(more, all).ratio, 0);
}

/* Of direction the test is that above delta; rows make larger what can be decided, and with ever
 * more of them it is as over seeds. */
Test(effect_size, what_can_be_decided_is_of_the_seeds_and_the_rows) {
    static const double less[N] = {0.09, 0.10, 0.12, 0.11, 0.10, 0.08, 0.12, 0.11};
    double d[N];
    for (int i = 0; i < N; i++)
        d[i] = more[i] - less[i];
    struct flip_power power = sign_flip_power(d, N, 0.005, LEVEL, 0);
    for (enum claim_kind kind = CLAIM_DIRECTION; kind <= CLAIM_EQUALITY; kind++) {
        double found[3];
        for (int i = 0; i < 3; i++) {
            const struct row_parts rows[2] = {{.variance = 1},
                                              {.variance = (double[]){0, 1e-18, 4e-4}[i]}};
            const struct question question = {
                .kind = kind, .delta = 0.005, .n_strata = 1, .n_seeds = N, .rows = i ? rows : NULL};
            found[i] = effect_size_of(&question, more, less).decidable;
        }
        double wanted = kind == CLAIM_DIRECTION ? power.effect : power.margin;
        cr_expect_eq(found[0], wanted, "%g, not %g", found[0], wanted);
        cr_expect(fabs(found[1] - wanted) <= 1e-6 * wanted, "%g, not %g", found[1], wanted);
        cr_expect(found[2] > 1.1 * wanted, "%g, not above %g", found[2], wanted);
    }
}
