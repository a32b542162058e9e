/* Effect sizes: of figures whose ratio is known, and what seeds and rows could have decided. */
#include <criterion/criterion.h>
#include <math.h>

#include "judge/stats/effect_size.h"

enum { N = 8 };

static const double more[N] = {0.10, 0.12, 0.11, 0.13, 0.12, 0.11, 0.30, 0.12};

static struct effect_size size_of(const double *first, const double *second) {
    const struct decision decision = {.kind = CLAIM_DIRECTION, .n_seeds = N};
    return effect_size_of(&decision, first, second);
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

/* What is more is in the decision: of a claim of direction the effect, of equality the margin. */
Test(effect_size, what_can_be_decided_depends_on_what_is_claimed) {
    struct decision decision = {
        .kind = CLAIM_DIRECTION, .n_seeds = N, .smallest_effect = 0.008, .smallest_margin = 0.003};
    cr_expect_eq(effect_size_of(&decision, more, more).decidable, 0.008);
    decision.kind = CLAIM_EQUALITY;
    cr_expect_eq(effect_size_of(&decision, more, more).decidable, 0.003);
}
