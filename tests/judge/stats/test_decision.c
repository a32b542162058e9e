/* The rule on data whose answer is plain, and what it refuses. */
#include "judge/stats/decision.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "judge/stats/sign_flip.h"
#include "tests/judge/stats/planted.h"

TestSuite(judge_decision);

static const double better[] = {0.02, 0.02, 0.02, 0.02}, worse[] = {-0.02, -0.02, -0.02, -0.02},
                    same[] = {0, 0, 0, 0}, crossed[] = {0.02, 0.02, -0.02, -0.02},
                    some[] = {0.04, 0.04, 0, 0}, never[] = {-0.04, -0.04, 0, 0},
                    rising[] = {0.01, 0.02, 0.03, 0.04}, mixed[] = {0.02, 0.02, -0.02, 0},
                    border[] = {0.005, 0.005, 0.005, 0.005}, tiny[] = {0.003, 0.003, 0.003, 0.003};

static struct planted plant(const double effects[4]) {
    struct planted planted = planted_with(effects, 0.001);
    planted_draw(&planted, 7);
    return planted;
}

static void assert_verdict(struct planted planted, enum claim_kind kind, enum verdict expected,
                           enum effect effect) {
    struct decision decision;
    planted.kind = kind;
    planted_test(&planted, &decision);
    cr_assert(decision.verdict == expected, "%s: %s instead of %s",
              kind == CLAIM_EQUALITY ? "equality" : "direction", verdict_name(decision.verdict),
              verdict_name(expected));
    cr_assert(decision.overall.tests.effect == effect, "%s instead of %s",
              effect_name(decision.overall.tests.effect), effect_name(effect));
    decision_free(&decision);
}

Test(judge_decision, direction) {
    assert_verdict(plant(better), CLAIM_DIRECTION, VERDICT_SUPPORTED, EFFECT_ABOVE);
    assert_verdict(plant(worse), CLAIM_DIRECTION, VERDICT_REFUTED, EFFECT_BELOW);
    assert_verdict(plant(same), CLAIM_DIRECTION, VERDICT_REFUTED, EFFECT_WITHIN);
}

Test(judge_decision, equality) {
    assert_verdict(plant(better), CLAIM_EQUALITY, VERDICT_REFUTED, EFFECT_ABOVE);
    assert_verdict(plant(worse), CLAIM_EQUALITY, VERDICT_REFUTED, EFFECT_BELOW);
    assert_verdict(plant(same), CLAIM_EQUALITY, VERDICT_SUPPORTED, EFFECT_WITHIN);
}

/* Every row of the rule's table: what is planted in all strata, what is settled, both words. */
static const struct {
    double effect, deviation;
    enum effect settled;
    enum verdict direction, equality;
} table_rows[] = {
    {0.02, 0.001, EFFECT_ABOVE, VERDICT_SUPPORTED, VERDICT_REFUTED},
    {-0.02, 0.001, EFFECT_BELOW, VERDICT_REFUTED, VERDICT_REFUTED},
    {0, 0.001, EFFECT_WITHIN, VERDICT_REFUTED, VERDICT_SUPPORTED},
    {-0.0025, 0.0004, EFFECT_WITHIN, VERDICT_REFUTED, VERDICT_SUPPORTED},
    {0.0025, 0.0004, EFFECT_WITHIN, VERDICT_SMALL, VERDICT_SUPPORTED},
    {-0.005, 0.001, EFFECT_NEGATIVE, VERDICT_REFUTED, VERDICT_INCONCLUSIVE},
    {-0.0025, 0.006, EFFECT_NOT_ABOVE, VERDICT_REFUTED, VERDICT_INCONCLUSIVE},
    {0.005, 0.001, EFFECT_POSITIVE, VERDICT_SIGN_ONLY, VERDICT_INCONCLUSIVE},
    {0, 0.05, EFFECT_OPEN, VERDICT_INCONCLUSIVE, VERDICT_INCONCLUSIVE},
};

Test(judge_decision, every_row_of_the_table) {
    for (size_t i = 0; i < sizeof table_rows / sizeof *table_rows; i++) {
        double effect = table_rows[i].effect;
        struct planted planted =
            planted_with((double[]){effect, effect, effect, effect}, table_rows[i].deviation);
        planted.n_strata = 1;
        planted_draw(&planted, 7);
        assert_verdict(planted, CLAIM_DIRECTION, table_rows[i].direction, table_rows[i].settled);
        assert_verdict(planted, CLAIM_EQUALITY, table_rows[i].equality, table_rows[i].settled);
    }
}

/* Below and within are both a no to a direction; to an equality they are two answers. */
Test(judge_decision, strata_that_disagree) {
    assert_verdict(plant(crossed), CLAIM_DIRECTION, VERDICT_DEPENDS, EFFECT_WITHIN);
    assert_verdict(plant(crossed), CLAIM_EQUALITY, VERDICT_DEPENDS, EFFECT_WITHIN);
    assert_verdict(plant(some), CLAIM_DIRECTION, VERDICT_DEPENDS, EFFECT_ABOVE);
    assert_verdict(plant(some), CLAIM_EQUALITY, VERDICT_DEPENDS, EFFECT_ABOVE);
    assert_verdict(plant(never), CLAIM_DIRECTION, VERDICT_REFUTED, EFFECT_BELOW);
    assert_verdict(plant(never), CLAIM_EQUALITY, VERDICT_DEPENDS, EFFECT_BELOW);
}

static struct planted swapped(struct planted planted) {
    for (int i = 0; i < planted.n_strata * planted.n_seeds; i++)
        planted.d[i] *= -1;
    return planted;
}

Test(judge_decision, swapped_arms_swap_a_direction_and_leave_an_equality) {
    struct planted other = swapped(plant(better));
    assert_verdict(other, CLAIM_DIRECTION, VERDICT_REFUTED, EFFECT_BELOW);
    assert_verdict(swapped(other), CLAIM_DIRECTION, VERDICT_SUPPORTED, EFFECT_ABOVE);
    assert_verdict(other, CLAIM_EQUALITY, VERDICT_REFUTED, EFFECT_BELOW);
    assert_verdict(swapped(plant(never)), CLAIM_EQUALITY, VERDICT_DEPENDS, EFFECT_ABOVE);
}

/* The quick protocol: 8 seeds, one stratum. */
Test(judge_decision, one_stratum_is_judged_like_all_and_never_depends) {
    struct planted quick = plant(better);
    quick.n_strata = 1;
    quick.n_seeds = 8;
    planted_draw(&quick, 3);
    struct decision decision;
    planted_test(&quick, &decision);
    cr_assert(decision.verdict == VERDICT_SUPPORTED, "%s", verdict_name(decision.verdict));
    cr_assert(memcmp(&decision.strata[0].tests, &decision.overall.tests,
                     sizeof decision.overall.tests) == 0,
              "the one stratum is all there is");
    decision_free(&decision);
}

/* Identical arms: differences of exactly 0 in every seed. */
Test(judge_decision, arms_that_are_the_same_to_the_bit_are_equal) {
    struct planted zeros = planted_with(same, 0);
    assert_verdict(zeros, CLAIM_EQUALITY, VERDICT_SUPPORTED, EFFECT_WITHIN);
    assert_verdict(zeros, CLAIM_DIRECTION, VERDICT_REFUTED, EFFECT_WITHIN);
}

Test(judge_decision, seeds_are_averaged_over_strata_before_anything_else) {
    struct planted planted = plant(rising);
    const struct question question = {
        .kind = CLAIM_DIRECTION, .delta = 0.005, .n_strata = 4, .n_seeds = 10, .d = planted.d};
    struct decision decision;
    cr_assert(decision_make(&question, &decision) == OK, "%s", status_message());
    double mean[10] = {0}, shifted[10];
    for (int i = 0; i < 40; i++)
        mean[i % 10] += planted.d[i] / 4;
    for (int i = 0; i < 10; i++)
        shifted[i] = mean[i] - 0.005;
    struct interval interval = bootstrap_interval(mean, 10);
    const struct finding *all = &decision.overall;
    cr_assert(fabs(all->estimate - interquartile_mean(mean, 10)) <= 1e-15, "%g", all->estimate);
    cr_assert(fabs(all->interval.low - interval.low) <= 1e-12, "low %g", all->interval.low);
    cr_assert(all->tests.facts.p[EFFECT_ABOVE] == sign_flip_test(shifted, 10, 0).upper, "p %g",
              all->tests.facts.p[EFFECT_ABOVE]);
    cr_assert(all->improvement == 1, "every seed is better: %g", all->improvement);
    for (int s = 0; s < 4; s++) {
        const double *d = planted.d + 10 * s;
        cr_assert(decision.strata[s].estimate == interquartile_mean(d, 10), "stratum %d", s);
        cr_assert(decision.strata[s].tests.holm[EFFECT_ABOVE] == 4 * sign_flip_floor(10),
                  "stratum %d: Holm's p %g", s, decision.strata[s].tests.holm[EFFECT_ABOVE]);
    }
    decision_free(&decision);
}

/* Ties count half: 5 for, 2 equal, 3 against. */
Test(judge_decision, improvement) {
    const double d[] = {1, 1, 1, 1, 1, 0, 0, -1, -1, -1};
    const struct question question = {
        .kind = CLAIM_DIRECTION, .delta = 0.5, .n_strata = 1, .n_seeds = 10, .d = d};
    struct decision decision;
    cr_assert(decision_make(&question, &decision) == OK, "%s", status_message());
    cr_assert(decision.overall.improvement == 0.6, "%g", decision.overall.improvement);
    struct interval expected = share_interval(6, 10);
    cr_assert(decision.overall.improvement_interval.low == expected.low, "low");
    decision_free(&decision);
}

/* ---- what is refused ---- */

static void assert_refused(int n_seeds, int n_strata, const char *words) {
    cr_assert(decision_possible(LEVEL, n_seeds, n_strata) == ERROR_USAGE, "%d seeds, %d strata",
              n_seeds, n_strata);
    cr_assert(strcmp(status_message(), words) == 0, "%s", status_message());
}

Test(judge_decision, too_few_seeds_are_refused_with_a_way_out) {
    assert_refused(5, 1, "5 seeds cannot decide anything: take 7");
    assert_refused(6, 2, "6 seeds cannot decide anything: take 9");
    assert_refused(8, 4, "8 seeds cannot decide in 4 strata: take 10 seeds, or at most 1 stratum");
    assert_refused(10, 7, "10 seeds cannot decide in 7 strata: take 11 seeds, or at most 6 strata");
    assert_refused(0, 1, "0 seeds cannot decide anything: take 7");
    assert_refused(10, 0, "no stratum: there is nothing to decide");
}

/* Numbers all the same, and why they decide nothing. */
Test(judge_decision, without_a_verdict_the_numbers_are_there) {
    struct planted planted = plant(better);
    struct decision decision;
    struct pool pool = {0};
    struct question question = {
        .kind = CLAIM_DIRECTION, .delta = 0.005, .n_strata = 4, .n_seeds = 5, .d = planted.d};
    cr_assert(decision_make(&question, &decision) == OK, "%s", status_message());
    cr_expect(decision.verdict == VERDICT_INCONCLUSIVE, "%s", verdict_name(decision.verdict));
    cr_expect(decision.overall.interval.low < decision.overall.interval.high, "no interval");
    cr_expect(strstr(decision_sentence(&question, &decision, &pool), "take 10"), "%s",
              decision_sentence(&question, &decision, &pool));
    decision_free(&decision);
    question = (struct question){.kind = CLAIM_DIRECTION,
                                 .delta = 0.005,
                                 .n_strata = 4,
                                 .n_seeds = 10,
                                 .d = planted.d,
                                 .withheld = "the moon is full"};
    cr_assert(decision_make(&question, &decision) == OK, "%s", status_message());
    cr_expect(decision.verdict == VERDICT_INCONCLUSIVE, "%s", verdict_name(decision.verdict));
    cr_expect(decision.overall.tests.effect == EFFECT_ABOVE, "the numbers say so");
    cr_expect(
        strstr(decision_sentence(&question, &decision, &pool), "above 0.005, but the moon is full"),
        "%s", decision_sentence(&question, &decision, &pool));
    decision_free(&decision);
    pool_free(&pool);
}

/* "at most 6 with 10 seeds, 12 with 12" */
Test(judge_decision, as_many_strata_as_the_protocol_says) {
    const int possible[][2] = {{7, 1}, {8, 1}, {10, 6}, {12, 12}},
              not [][2] = {{6, 1}, {8, 2}, {10, 7}, {12, 13}};
    for (int i = 0; i < 4; i++) {
        cr_assert(decision_possible(LEVEL, possible[i][0], possible[i][1]) == OK, "%s",
                  status_message());
        cr_assert(decision_possible(LEVEL, not [i][0], not [i][1]) == ERROR_USAGE,
                  "%d seeds, %d strata", not [i][0], not [i][1]);
    }
}

Test(judge_decision, what_is_no_number_is_refused) {
    struct planted planted = plant(better);
    struct decision decision;
    const struct question question = {
        .kind = CLAIM_DIRECTION, .delta = 0.005, .n_strata = 4, .n_seeds = 10, .d = planted.d};
    planted.d[23] = NAN;
    cr_assert(decision_make(&question, &decision) == ERROR_RESULTS, "NaN");
    cr_assert(strstr(status_message(), "pair 4 of stratum 3"), "%s", status_message());
    planted.d[23] = INFINITY;
    cr_assert(decision_make(&question, &decision) == ERROR_RESULTS, "infinity");
    const double deltas[] = {0, -1, NAN, INFINITY};
    for (int i = 0; i < 4; i++) {
        struct question without = question;
        without.delta = deltas[i];
        planted.d[23] = 0;
        cr_assert(decision_make(&without, &decision) == ERROR_USAGE, "delta %g", deltas[i]);
    }
}

/* ---- in words ---- */

static void assert_sentence(struct planted planted, const char *words) {
    const struct question question = {
        .kind = CLAIM_DIRECTION, .delta = 0.005, .n_strata = 4, .n_seeds = 10, .d = planted.d};
    struct decision decision;
    struct pool pool = {0};
    cr_assert(decision_make(&question, &decision) == OK, "%s", status_message());
    const char *sentence = decision_sentence(&question, &decision, &pool);
    cr_assert(strstr(sentence, words), "'%s' lacks '%s'", sentence, words);
    pool_free(&pool);
    decision_free(&decision);
}

Test(judge_decision, sentences) {
    assert_sentence(plant(better), "with 10 seeds, above 0.005");
    assert_sentence(plant(worse), "refuted: the difference is -0.0");
    assert_sentence(plant(same), "within -0.005 and 0.005");
    assert_sentence(plant(mixed), "(delta 0.005, 2 above, 1 below, 1 within)");
    assert_sentence(plant(border), "sign only: the difference is 0.00");
    assert_sentence(plant(border), "above 0, not told apart from 0.005; this many seeds find an "
                                   "effect of 0.00");
    assert_sentence(plant(tiny), "small: the difference is 0.00");
    assert_sentence(plant(tiny), "above 0, within -0.005 and 0.005");
}

/* ---- failures ---- */

Test(judge_decision, failures_are_counted_by_seed) {
    const bool first[2][5] = {{true, true, false, false, true}, {true, false, true, false, true}};
    const bool second[2][5] = {{false, false, false, false, true},
                               {false, false, false, true, true}};
    struct failures failures = failures_compare(2, 5, first[0], second[0]);
    cr_assert(failures.first == 6 && failures.second == 3, "%d %d", failures.first,
              failures.second);
    cr_assert(failures.n_more == 3 && failures.n_fewer == 1, "%d %d", failures.n_more,
              failures.n_fewer);
    cr_assert(failures.p == 2 * 5 / 16.0, "p %g", failures.p);
}
