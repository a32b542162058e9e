/* The permutation test against SciPy's, against a slow one, and at its limits. */
#include "judge/stats/sign_flip.h"

#include <criterion/criterion.h>

#include "base/random.h"
#include "judge/stats/statistics.h"
#include "tests/judge/stats/scipy_values.h"

TestSuite(judge_sign_flip);

#define COUNT(values) (sizeof(values) / sizeof *(values))
enum { MOST = 64 };

Test(judge_sign_flip, is_scipys) {
    for (size_t i = 0; i < COUNT(flip_values); i++) {
        struct flip_test test = sign_flip_test(flip_values[i].x, flip_values[i].n, 0);
        cr_assert(fabs(test.upper - flip_values[i].upper) <= 1e-12, "row %zu: upper %g, SciPy %g",
                  i, test.upper, flip_values[i].upper);
        cr_assert(fabs(test.lower - flip_values[i].lower) <= 1e-12, "row %zu: lower %g, SciPy %g",
                  i, test.lower, flip_values[i].lower);
    }
}

static void draw(int n, uint32_t stream, double shift, double *x) {
    const struct random_key key = {3, RANDOM_TEST, stream};
    for (int i = 0; i < n; i++)
        x[i] = shift + random_normal(key, (uint64_t)i);
}

/* By the definition: change signs, sort, average. */
static struct flip_test slow_test(const double *x, int n) {
    double own = interquartile_mean(x, n);
    int upper = 0, lower = 0;
    for (int pattern = 0; pattern < 1 << n; pattern++) {
        double y[MOST];
        for (int i = 0; i < n; i++)
            y[i] = pattern >> i & 1 ? -x[i] : x[i];
        double mean = interquartile_mean(y, n);
        upper += mean >= own - 1e-12;
        lower += mean <= own + 1e-12;
    }
    return (struct flip_test){ldexp(upper, -n), ldexp(lower, -n)};
}

Test(judge_sign_flip, is_the_definition) {
    for (int n = 1; n <= 11; n++) {
        double x[MOST];
        draw(n, (uint32_t)n, 0.3, x);
        struct flip_test fast = sign_flip_test(x, n, 0), slow = slow_test(x, n);
        cr_assert(fast.upper == slow.upper && fast.lower == slow.lower,
                  "n = %d: %g %g instead of %g %g", n, fast.upper, fast.lower, slow.upper,
                  slow.lower);
    }
}

Test(judge_sign_flip, positive_values_reach_the_floor) {
    for (int n = 2; n <= FLIPS_EXACT; n++) {
        double x[MOST];
        for (int i = 0; i < n; i++)
            x[i] = 1 + 0.37 * ((7 * i) % 17);
        struct flip_test test = sign_flip_test(x, n, 0);
        cr_assert(test.upper == sign_flip_floor(n), "n = %d: %g, floor %g", n, test.upper,
                  sign_flip_floor(n));
        cr_assert(test.lower == 1, "n = %d: lower %g", n, test.lower);
    }
}

/* The two-sided floors of the protocol: .125 at 5 seeds, .062 at 6, .031 at 8, .0078 at 10, .0039
 * at 12. */
Test(judge_sign_flip, floors) {
    static const struct {
        int n;
        double two_sided;
    } known[] = {{5, 0.125}, {6, 0.0625}, {8, 0.03125}, {10, 0.0078125}, {12, 0.00390625}};
    for (size_t i = 0; i < COUNT(known); i++)
        cr_assert(2 * sign_flip_floor(known[i].n) == known[i].two_sided, "n = %d: %g", known[i].n,
                  2 * sign_flip_floor(known[i].n));
}

Test(judge_sign_flip, mirrored_data_swap_the_tails) {
    double x[MOST], y[MOST];
    for (int n = 5; n <= 40; n += 5) {
        draw(n, 40 + (uint32_t)n, 0.5, x);
        for (int i = 0; i < n; i++)
            y[i] = -x[i];
        struct flip_test of_x = sign_flip_test(x, n, 0), of_y = sign_flip_test(y, n, 0);
        cr_assert(of_x.upper == of_y.lower, "n = %d: %g and %g", n, of_x.upper, of_y.lower);
        cr_assert(of_x.lower == of_y.upper, "n = %d: %g and %g", n, of_x.lower, of_y.upper);
    }
}

/* Ten seeds that all say the same are no weaker evidence than ten that scatter. */
Test(judge_sign_flip, equal_values_count_as_if_they_differed) {
    double x[10], zero[10] = {0};
    for (int i = 0; i < 10; i++)
        x[i] = 0.005;
    struct flip_test test = sign_flip_test(x, 10, 0);
    cr_assert(test.upper == sign_flip_floor(10), "equal values: %g", test.upper);
    test = sign_flip_test(zero, 10, 0);
    cr_assert(test.upper == 1 && test.lower == 1, "zeros tell nothing: %g %g", test.upper,
              test.lower);
}

/* 2^20 patterns by 65,536 random ones: within four deviations, and never 0. */
Test(judge_sign_flip, random_patterns_approximate_all) {
    enum { N = 17 };
    double x[MOST];
    draw(N, 98, 0.2, x);
    struct flip_test random = sign_flip_test(x, N, 0), exact = slow_test(x, N);
    double deviation = sqrt(exact.upper * (1 - exact.upper) / FLIPS_RANDOM);
    cr_assert(exact.upper > 0.01 && exact.upper < 0.5, "a p worth approximating: %g", exact.upper);
    cr_assert(fabs(random.upper - exact.upper) <= 4 * deviation, "%g instead of %g", random.upper,
              exact.upper);
    for (int i = 0; i < MOST; i++)
        x[i] = 1 + i;
    struct flip_test sure = sign_flip_test(x, MOST, 0);
    cr_assert(sure.upper > 0 && sure.upper <= 2.0 / FLIPS_RANDOM, "64 positive values: %g",
              sure.upper);
}

/* ---- power ---- */

Test(judge_sign_flip, power_scales_with_the_scatter_and_shifts_with_delta) {
    double x[10], wide[10];
    draw(10, 7, 0, x);
    for (int i = 0; i < 10; i++)
        wide[i] = 5 + 3 * x[i];
    struct flip_power of_x = sign_flip_power(x, 10, 0.5, 0.025, 0),
                      of_wide = sign_flip_power(wide, 10, 1.5, 0.025, 0);
    cr_assert(of_x.effect > 0.5 && of_x.margin > 0, "%g %g", of_x.effect, of_x.margin);
    cr_assert(fabs(of_wide.effect - 3 * of_x.effect) <= 0.05, "effect %g, three times %g",
              of_wide.effect, of_x.effect);
    cr_assert(fabs(of_wide.margin - 3 * of_x.margin) <= 0.05, "margin %g, three times %g",
              of_wide.margin, of_x.margin);
    struct flip_power farther = sign_flip_power(x, 10, 1.5, 0.025, 0);
    cr_assert(fabs(farther.effect - of_x.effect - 1) <= 0.03, "effect %g, 1 more than %g",
              farther.effect, of_x.effect);
}

/* Of 1,500 normal samples of 10 shifted by 1.0 deviations 80.1 % were found above 0. */
Test(judge_sign_flip, power_is_that_of_a_simulation) {
    double sum = 0;
    for (uint32_t k = 0; k < 12; k++) {
        double x[10];
        draw(10, 200 + k, 0, x);
        sum += sign_flip_power(x, 10, 0.1, 0.025, 0).effect - 0.1;
    }
    cr_assert(sum / 12 >= 0.85 && sum / 12 <= 1.15, "mean of 12: %g deviations", sum / 12);
}

Test(judge_sign_flip, power_of_what_cannot_be_decided) {
    double x[6], equal[10] = {0};
    draw(6, 1, 0, x);
    struct flip_power power = sign_flip_power(x, 6, 0.1, 0.025, 0);
    cr_assert(isnan(power.effect) && isnan(power.margin), "six seeds: %g", power.effect);
    power = sign_flip_power(equal, 10, 0.1, 0.025, 0);
    cr_assert(power.effect == 0.1 && power.margin == 0, "no scatter: %g %g", power.effect,
              power.margin);
}

/* Rows that err alike in all seeds: few of them ask for larger effects, ever more for none but
 * those of the seeds. */
Test(judge_sign_flip, power_falls_with_the_variance_of_the_rows) {
    double x[10];
    draw(10, 7, 0, x);
    struct flip_power alone = sign_flip_power(x, 10, 0.5, 0.025, 0),
                      many = sign_flip_power(x, 10, 0.5, 0.025, 1e-12),
                      few = sign_flip_power(x, 10, 0.5, 0.025, 1);
    cr_expect(fabs(many.effect - alone.effect) < 0.03, "%g, %g", many.effect, alone.effect);
    cr_expect(fabs(many.margin - alone.margin) < 0.03, "%g, %g", many.margin, alone.margin);
    cr_expect(few.effect - 0.5 > 2.8 && few.effect > 1.5 * alone.effect, "%g", few.effect);
    cr_expect(few.margin > 3.2, "%g", few.margin);
    double equal[10] = {0};
    struct flip_power rows = sign_flip_power(equal, 10, 0.5, 0.025, 1);
    cr_expect(rows.effect - 0.5 > 2.8, "seeds that agree: %g", rows.effect);
}

/* Ratios of equal learning rates scatter by their rounding, far below the digits of delta. */
Test(judge_sign_flip, power_where_the_scatter_is_a_rounding, .timeout = 60) {
    double x[10];
    for (int i = 0; i < 10; i++)
        x[i] = i % 2 ? 1 : nextafter(1, 2);
    struct flip_power power = sign_flip_power(x, 10, 0.5, 0.025, 0);
    cr_assert(fabs(power.effect - 0.5) < 1e-12 && power.margin < 1e-12, "%g %g", power.effect,
              power.margin);
}
