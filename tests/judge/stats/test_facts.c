/* The six tests by hand: ties, exact margins, mirrored arms, nested answers, seeds and rows. */
#include "judge/stats/facts.h"

#include <criterion/criterion.h>
#include <math.h>

#include "base/random.h"
#include "judge/stats/decision.h"
#include "judge/stats/sign_flip.h"

TestSuite(judge_facts);

enum { MOST = 64 };

static void assert_p(const struct facts *facts, enum effect effect, double expected) {
    cr_assert(facts->p[effect] == expected, "%s: %.17g instead of %.17g", effect_name(effect),
              facts->p[effect], expected);
}

/* Of 4 values the two in the middle count. 1, 2, 3, 4: only a flip of the 1 leaves their mean at
 * 2.5. */
Test(judge_facts, four_values_by_hand) {
    const double x[] = {3, 1, 4, 2};
    struct facts facts = facts_test(x, 4, 100, 0);
    assert_p(&facts, EFFECT_POSITIVE, 2 / 16.0);
    assert_p(&facts, EFFECT_NEGATIVE, 1);
    assert_p(&facts, EFFECT_NOT_ABOVE, 2 / 16.0);
    assert_p(&facts, EFFECT_NOT_BELOW, 2 / 16.0);
    assert_p(&facts, EFFECT_WITHIN, 2 / 16.0);
    assert_p(&facts, EFFECT_ABOVE, 1);
    assert_p(&facts, EFFECT_BELOW, 1);
}

/* Equal sizes: the later seed's is the larger one by an infinitesimal part.
 *
 * 1, 1, 1, 1: offsets 0 1 2 3, own mean 1 + 1.5 e; a flip of the first leaves offsets 1 and 2 in
 * the middle, of the second 0 and 2. 1, -1, 2, 3: own mean 1.5 without an offset; no flip, or that
 * of the first in place of the second, leaves the second's 1 in the middle: 1.5 + .5 e. -1, 1, 2,
 * 3: own mean 1.5 + .5 e, and a flip of the second in place of the first loses the offset. */
Test(judge_facts, ties_by_hand) {
    const double equal[] = {1, 1, 1, 1}, later[] = {1, -1, 2, 3}, earlier[] = {-1, 1, 2, 3};
    cr_assert(sign_flip_test(equal, 4, 0).upper == 2 / 16.0, "equal: %g",
              sign_flip_test(equal, 4, 0).upper);
    cr_assert(sign_flip_test(later, 4, 0).upper == 3 / 16.0, "the later one against: %g",
              sign_flip_test(later, 4, 0).upper);
    cr_assert(sign_flip_test(earlier, 4, 0).upper == 2 / 16.0, "the earlier one against: %g",
              sign_flip_test(earlier, 4, 0).upper);
}

/* Sizes that differ in the last digits are equal. */
Test(judge_facts, ties_by_rounding) {
    const double later[] = {1 + 1e-15, -1, 2, 3}, earlier[] = {-1 - 1e-15, 1, 2, 3};
    cr_assert(sign_flip_test(later, 4, 1e-12).upper == 3 / 16.0, "later");
    cr_assert(sign_flip_test(earlier, 4, 1e-12).upper == 2 / 16.0, "earlier");
}

/* ---- exact margins ---- */

static struct decision decide(const struct question *question) {
    struct decision decision;
    cr_assert(decision_test(question, &decision) == OK, "%s", status_message());
    return decision;
}

/* Ten differences of delta, as subtraction gives them: a little more, a little less, or one and the
 * other. Nothing is settled but the sign. */
static void assert_at_delta(double more, double less, double other_more, double other_less,
                            long m) {
    double d[10];
    for (int i = 0; i < 10; i++)
        d[i] = i % 3 ? more - less : other_more - other_less;
    struct question question = {.kind = CLAIM_DIRECTION,
                                .delta = 0.005,
                                .n_strata = 1,
                                .n_seeds = 10,
                                .d = d,
                                .largest = fmax(more, other_more),
                                .m = m};
    struct decision decision = decide(&question);
    const struct facts *facts = &decision.overall.tests.facts;
    assert_p(facts, EFFECT_ABOVE, 1);
    assert_p(facts, EFFECT_NOT_ABOVE, 1);
    assert_p(facts, EFFECT_POSITIVE, sign_flip_floor(10));
    cr_assert(decision.verdict == VERDICT_SIGN_ONLY, "%s", verdict_name(decision.verdict));
    decision_free(&decision);
    question.kind = CLAIM_EQUALITY;
    decision = decide(&question);
    cr_assert(decision.verdict == VERDICT_INCONCLUSIVE, "%s", verdict_name(decision.verdict));
    decision_free(&decision);
}

Test(judge_facts, differences_of_exactly_delta_are_neither_above_nor_below) {
    for (long m = 0; m <= 1000; m += 1000) {
        assert_at_delta(0.110, 0.105, 0.110, 0.105, m);
        assert_at_delta(0.105, 0.100, 0.105, 0.100, m);
        assert_at_delta(0.110, 0.105, 0.105, 0.100, m);
    }
}

/* .3 - .1 and .1 - .3 are -5e-17 together, .7 - .1 and .1 - .7 are 0. */
Test(judge_facts, strata_that_cancel_are_no_difference) {
    double d[2][10];
    for (int i = 0; i < 10; i++) {
        d[0][i] = (0.1 + 0.2) - 0.1 * (1 + i % 4);
        d[1][i] = 0.1 * (1 + i % 4) - 0.3;
    }
    const struct question question = {.kind = CLAIM_DIRECTION,
                                      .delta = 0.005,
                                      .n_strata = 2,
                                      .n_seeds = 10,
                                      .d = d[0],
                                      .largest = 0.4};
    struct decision decision = decide(&question);
    assert_p(&decision.overall.tests.facts, EFFECT_POSITIVE, 1);
    assert_p(&decision.overall.tests.facts, EFFECT_NEGATIVE, 1);
    cr_assert(decision.overall.tests.effect == EFFECT_WITHIN, "%s",
              effect_name(decision.overall.tests.effect));
    decision_free(&decision);
}

/* 50 rows, 17 of the commonest class: a diverged run's error is 1 - 17/50, a constant prediction's
 * 33/50. */
Test(judge_facts, a_diverged_run_ties_with_a_constant_prediction) {
    double d[10];
    for (int i = 0; i < 10; i++)
        d[i] = i % 2 ? (1 - 17 / 50.0) - 33 / 50.0 : 33 / 50.0 - (1 - 17 / 50.0);
    const struct question question = {.kind = CLAIM_EQUALITY,
                                      .delta = 0.005,
                                      .n_strata = 1,
                                      .n_seeds = 10,
                                      .d = d,
                                      .largest = 33 / 50.0};
    struct decision decision;
    cr_assert(decision_make(&question, &decision) == OK, "%s", status_message());
    cr_assert(d[1] != 0, "a difference of %g is none to try", d[1]);
    assert_p(&decision.overall.tests.facts, EFFECT_POSITIVE, 1);
    assert_p(&decision.overall.tests.facts, EFFECT_NEGATIVE, 1);
    cr_assert(decision.overall.improvement == 0.5, "ties count half: %g",
              decision.overall.improvement);
    cr_assert(decision.verdict == VERDICT_SUPPORTED, "%s", verdict_name(decision.verdict));
    decision_free(&decision);
}

/* Whole rows: 19 differ where delta is 19 of 3800, whatever 1/3800 rounds to. */
Test(judge_facts, rows_are_counted) {
    double d[10];
    for (int i = 0; i < 10; i++)
        d[i] = (511 + i) / 3800.0 - (492 + i) / 3800.0;
    const struct question question = {
        .kind = CLAIM_DIRECTION, .delta = 0.005, .n_strata = 1, .n_seeds = 10, .d = d, .m = 3800};
    struct decision decision = decide(&question);
    assert_p(&decision.overall.tests.facts, EFFECT_ABOVE, 1);
    assert_p(&decision.overall.tests.facts, EFFECT_NOT_ABOVE, 1);
    cr_assert(decision.overall.estimate == 19 * (1 / 3800.0), "%.17g", decision.overall.estimate);
    decision_free(&decision);
}

/* ---- laws ---- */

/* Few different values, so that many are tied, some with a margin; or continuous ones. */
static void draw(int n, uint32_t stream, bool few, double *x) {
    const struct random_key key = {9, RANDOM_TEST, stream};
    for (int i = 0; i < n; i++)
        x[i] = few ? (double)random_below(key, (uint64_t)i, 7) - 2
                   : 0.7 + 1.5 * random_normal(key, (uint64_t)i);
}

static void assert_mirrored(const struct facts *one, const struct facts *other, int n) {
    static const enum effect mirror[EFFECT_OPEN] = {
        [EFFECT_ABOVE] = EFFECT_BELOW,         [EFFECT_BELOW] = EFFECT_ABOVE,
        [EFFECT_WITHIN] = EFFECT_WITHIN,       [EFFECT_NEGATIVE] = EFFECT_POSITIVE,
        [EFFECT_NOT_ABOVE] = EFFECT_NOT_BELOW, [EFFECT_POSITIVE] = EFFECT_NEGATIVE,
        [EFFECT_NOT_BELOW] = EFFECT_NOT_ABOVE};
    for (enum effect e = 0; e < EFFECT_OPEN; e++)
        cr_assert(one->p[e] == other->p[mirror[e]], "n = %d, %s: %.17g, swapped %.17g", n,
                  effect_name(e), one->p[e], other->p[mirror[e]]);
}

Test(judge_facts, swapped_arms_mirror_p_to_the_bit) {
    static const int sizes[] = {5, 8, 10, 13, 16, 17, 20, 33, 40};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (int few = 0; few <= 1; few++) {
            double x[MOST], y[MOST];
            int n = sizes[k];
            draw(n, 100 + (uint32_t)k, few, x);
            for (int i = 0; i < n; i++)
                y[i] = -x[i];
            struct facts of_x = facts_test(x, n, 1, 0), of_y = facts_test(y, n, 1, 0);
            assert_mirrored(&of_x, &of_y, n);
            double estimate = interquartile_mean(x, n);
            struct facts rows_x = facts_with_rows(&of_x, estimate, 1, 0.01, 0);
            struct facts rows_y = facts_with_rows(&of_y, interquartile_mean(y, n), 1, 0.01, 0);
            assert_mirrored(&rows_x, &rows_y, n);
        }
}

Test(judge_facts, swapped_arms_mirror_the_interval_to_the_bit) {
    for (uint32_t trial = 0; trial < 40; trial++) {
        double x[MOST], y[MOST];
        int n = 5 + (int)trial % 17;
        draw(n, 200 + trial, trial % 4 == 0, x);
        x[0] += trial % 2 ? 20 : 0; /* one far out */
        for (int i = 0; i < n; i++)
            y[i] = -x[i];
        struct interval of_x = bootstrap_interval(x, n), of_y = bootstrap_interval(y, n);
        cr_assert(of_x.low == -of_y.high && of_x.high == -of_y.low,
                  "n = %d: [%.17g, %.17g], swapped [%.17g, %.17g]", n, of_x.low, of_x.high,
                  of_y.low, of_y.high);
        cr_assert(interquartile_mean(x, n) == -interquartile_mean(y, n), "n = %d: estimate", n);
    }
}

/* By the theorem behind it p is monotone for any data without ties; with ties the weaker
 * statement's is taken. So no answer contradicts another, at any level. */
Test(judge_facts, what_implies_another_has_no_smaller_p) {
    for (uint32_t trial = 0; trial < 200; trial++) {
        double x[MOST];
        int n = 5 + (int)trial % 9;
        draw(n, 300 + trial, trial % 2, x);
        const struct facts facts = facts_test(x, n, 1, 0);
        const double *p = facts.p;
        cr_assert(p[EFFECT_ABOVE] >= p[EFFECT_POSITIVE] &&
                      p[EFFECT_POSITIVE] >= p[EFFECT_NOT_BELOW],
                  "upwards: %g %g %g", p[EFFECT_ABOVE], p[EFFECT_POSITIVE], p[EFFECT_NOT_BELOW]);
        cr_assert(p[EFFECT_BELOW] >= p[EFFECT_NEGATIVE] &&
                      p[EFFECT_NEGATIVE] >= p[EFFECT_NOT_ABOVE],
                  "downwards: %g %g %g", p[EFFECT_BELOW], p[EFFECT_NEGATIVE], p[EFFECT_NOT_ABOVE]);
    }
}

/* The same patterns for every shift: p of d > c never falls as c rises, above 16 seeds as well. */
Test(judge_facts, p_is_monotone_in_the_margin) {
    static const int sizes[] = {7, 10, 12, 20};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        double x[MOST], shifted[MOST], last = 0;
        int n = sizes[k];
        draw(n, 600 + (uint32_t)k, false, x);
        for (double c = -4; c <= 4; c += 0.21) {
            for (int i = 0; i < n; i++)
                shifted[i] = x[i] - c;
            double p = sign_flip_test(shifted, n, 0).upper;
            cr_assert(p >= last, "n = %d, margin %g: %g after %g", n, c, p, last);
            last = p;
        }
        cr_assert(last == 1, "n = %d: %g", n, last);
    }
}

/* ---- seeds and rows ---- */

/* p = Phi(-2), T = .01: a deviation of .005 over seeds; with V = 3 x .005^2 twice that, Phi(-1). */
Test(judge_facts, rows_by_hand) {
    struct facts seeds = {{0}};
    for (enum effect e = 0; e < EFFECT_OPEN; e++)
        seeds.p[e] = 0.022750131948179209;
    struct facts facts = facts_with_rows(&seeds, 0.01, 1, 3 * 0.005 * 0.005, 0);
    cr_assert(fabs(facts.p[EFFECT_POSITIVE] - 0.15865525393145707) <= 1e-12, "%.15g",
              facts.p[EFFECT_POSITIVE]);
    cr_assert(facts.p[EFFECT_NEGATIVE] == 0.5, "T < 0: %g", facts.p[EFFECT_NEGATIVE]);
    struct facts same = facts_with_rows(&seeds, 0.01, 1, 0, 0);
    cr_assert(same.p[EFFECT_POSITIVE] == seeds.p[EFFECT_POSITIVE], "V = 0: %g",
              same.p[EFFECT_POSITIVE]);
    for (enum effect e = 0; e < EFFECT_OPEN; e++)
        seeds.p[e] = 0.75;
    facts = facts_with_rows(&seeds, 0.01, 1, 0.1, 0);
    cr_assert(facts.p[EFFECT_POSITIVE] == 0.75, "p >= .5: %g", facts.p[EFFECT_POSITIVE]);
}

/* T / sqrt(V) = 2.5, 50, 47.5: the rows leave room for d > 0, and for d < delta. */
Test(judge_facts, rows_alone_by_hand) {
    struct facts facts = facts_of_rows_alone(0.05, 1, 0.02 * 0.02, 0);
    cr_assert(fabs(facts.p[EFFECT_POSITIVE] - 0.0062096653257761352) <= 1e-12, "%.15g",
              facts.p[EFFECT_POSITIVE]);
    cr_assert(facts.p[EFFECT_NOT_ABOVE] < 1e-100 && facts.p[EFFECT_ABOVE] == 1, "%g %g",
              facts.p[EFFECT_NOT_ABOVE], facts.p[EFFECT_ABOVE]);
}

/* The larger p of each, before anything is settled. */
Test(judge_facts, differences_between_two_bounds) {
    double d[10], low[10];
    for (int i = 0; i < 10; i++) {
        d[i] = 0.3 + 0.01 * i;
        low[i] = i < 3 ? -0.7 : d[i];
    }
    const struct question question = {.kind = CLAIM_DIRECTION,
                                      .delta = 0.1,
                                      .n_strata = 1,
                                      .n_seeds = 10,
                                      .d = d,
                                      .d_low = low,
                                      .d_high = d};
    struct question plain = question, other = question;
    plain.d_low = plain.d_high = other.d_low = other.d_high = NULL;
    other.d = low;
    struct decision both = decide(&question), first = decide(&plain), second = decide(&other);
    for (enum effect e = 0; e < EFFECT_OPEN; e++)
        assert_p(&both.overall.tests.facts, e,
                 fmax(first.overall.tests.facts.p[e], second.overall.tests.facts.p[e]));
    cr_assert(first.verdict == VERDICT_SUPPORTED && both.verdict != VERDICT_SUPPORTED, "%s, %s",
              verdict_name(first.verdict), verdict_name(both.verdict));
    cr_assert(both.overall.estimate == first.overall.estimate, "the estimate is that of d");
    decision_free(&both);
    decision_free(&first);
    decision_free(&second);
}
