/* How often the rule and its parts are right: 1,000 simulations of data whose truth is known.
 * NORMLAB_SIMULATIONS=10000 in the environment makes them as many. The rates are printed with
 * --verbose; those of docs/statistics.md with NORMLAB_SIMULATIONS=1000. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "judge/stats/sign_flip.h"
#include "tests/judge/stats/planted.h"

TestSuite(judge_simulation, .timeout = 3000);

static int n_simulations(void) {
    const char *text = getenv("NORMLAB_SIMULATIONS");
    return text ? atoi(text) : 1000;
}

/* ---- intervals ---- */

/* The share of intervals that hold the truth. */
static double coverage(enum planted_shape shape, int n) {
    int n_held = 0, trials = n_simulations();
    for (int trial = 0; trial < trials; trial++) {
        double x[PLANTED_MOST];
        for (int i = 0; i < n; i++)
            x[i] = planted_noise(shape, (uint64_t)trial * PLANTED_MOST + (uint64_t)i,
                                 10 * (uint32_t)n + shape);
        struct interval interval = bootstrap_interval(x, n);
        n_held += interval.low <= 0 && 0 <= interval.high;
    }
    return (double)n_held / trials;
}

static void assert_coverage(enum planted_shape shape, int n) {
    double held = coverage(shape, n);
    cr_log_info("coverage, %s, n = %d: %.4f\n", planted_name(shape), n, held);
    cr_assert(held >= 0.93 && held <= 0.98, "coverage, %s, n = %d: %g", planted_name(shape), n,
              held);
}

Test(judge_simulation, intervals_of_normal_data_hold_the_truth) {
    assert_coverage(PLANTED_NORMAL, 10);
}

Test(judge_simulation, intervals_of_skewed_data_hold_the_truth) {
    assert_coverage(PLANTED_EXPONENTIAL, 10);
}

Test(judge_simulation, intervals_of_heavy_tails_hold_the_truth) {
    assert_coverage(PLANTED_T3, 10);
}

Test(judge_simulation, intervals_of_everything_hold_the_truth) {
    if (!getenv("NORMLAB_SIMULATIONS"))
        cr_skip_test("only where NORMLAB_SIMULATIONS is set: it takes a minute");
    for (int shape = 0; shape < PLANTED_SHAPES; shape++)
        for (int n = 8; n <= 12; n += 2)
            assert_coverage((enum planted_shape)shape, n);
}

/* ---- tests ---- */

/* The share of false alarms of the upper and lower one-sided test at .025. */
static struct flip_test false_alarms(enum planted_shape shape, int n) {
    int upper = 0, lower = 0, trials = n_simulations();
    for (int trial = 0; trial < trials; trial++) {
        double x[PLANTED_MOST];
        for (int i = 0; i < n; i++)
            x[i] = planted_noise(shape, (uint64_t)trial * PLANTED_MOST + (uint64_t)i,
                                 10 * (uint32_t)n + 400 + shape);
        struct flip_test test = sign_flip_test(x, n, 0);
        upper += test.upper <= 0.025;
        lower += test.lower <= 0.025;
    }
    return (struct flip_test){(double)upper / trials, (double)lower / trials};
}

/* Sign flips are exact for symmetric data: .025 and three deviations of 1,000 trials. Skewed ones
 * cost something, on the side away from the tail. */
Test(judge_simulation, sign_flips_seldom_raise_a_false_alarm) {
    const double most[PLANTED_SHAPES] = {0.04, 0.065, 0.075, 0.04};
    for (int i = 0; i < PLANTED_SHAPES; i++)
        for (int n = 8; n <= 12; n += 2) {
            enum planted_shape shape = (enum planted_shape)i;
            struct flip_test alarms = false_alarms(shape, n);
            cr_log_info("false alarms, %s, n = %d: %.4f above, %.4f below\n", planted_name(shape),
                        n, alarms.upper, alarms.lower);
            cr_assert(alarms.upper <= most[shape] && alarms.lower <= most[shape],
                      "%s, n = %d: %g above, %g below", planted_name(shape), n, alarms.upper,
                      alarms.lower);
        }
}

/* ---- the rule ---- */

struct rates {
    double of[VERDICT_PREMISE_NOT_MET];
    double settled[EFFECT_OPEN + 1]; /* the overall answer that gave the word */
};

typedef void change(struct planted *planted, uint32_t trial);

/* How often each verdict is given; `change`: what is done to the data drawn. */
static struct rates verdicts(struct planted planted, const char *name, change *apply) {
    struct rates rates = {0};
    int trials = n_simulations();
    for (int trial = 0; trial < trials; trial++) {
        struct decision decision;
        planted_draw(&planted, (uint32_t)trial);
        if (apply)
            apply(&planted, (uint32_t)trial);
        planted_test(&planted, &decision);
        rates.of[decision.verdict] += 1.0 / trials;
        rates.settled[decision.overall.tests.effect] += 1.0 / trials;
        decision_free(&decision);
    }
    cr_log_info("%s: supported %.4f, sign only %.4f, small %.4f, refuted %.4f, depends %.4f, "
                "inconclusive %.4f\n",
                name, rates.of[VERDICT_SUPPORTED], rates.of[VERDICT_SIGN_ONLY],
                rates.of[VERDICT_SMALL], rates.of[VERDICT_REFUTED], rates.of[VERDICT_DEPENDS],
                rates.of[VERDICT_INCONCLUSIVE]);
    return rates;
}

static struct planted with_effect(double effect) {
    const double effects[] = {effect, effect, effect, effect};
    return planted_with(effects, 0.006);
}

Test(judge_simulation, what_is_true_is_supported_and_what_is_false_refuted) {
    struct rates good = verdicts(with_effect(0.015), "direction, 3 delta", NULL);
    cr_assert(good.of[VERDICT_SUPPORTED] >= 0.95, "3 delta: %g", good.of[VERDICT_SUPPORTED]);
    struct rates bad = verdicts(with_effect(-0.015), "direction, -3 delta", NULL);
    cr_assert(bad.of[VERDICT_REFUTED] >= 0.95, "-3 delta: %g", bad.of[VERDICT_REFUTED]);
    struct planted nothing = with_effect(0);
    nothing.deviation = 0.003;
    struct rates none = verdicts(nothing, "direction, no effect, half the scatter", NULL);
    cr_assert(none.of[VERDICT_REFUTED] >= 0.95, "nothing: %g", none.of[VERDICT_REFUTED]);
    nothing.kind = CLAIM_EQUALITY;
    struct rates equal = verdicts(nothing, "equality, no effect, half the scatter", NULL);
    cr_assert(equal.of[VERDICT_SUPPORTED] >= 0.95, "equal: %g", equal.of[VERDICT_SUPPORTED]);
    struct planted unequal = with_effect(-0.015);
    unequal.kind = CLAIM_EQUALITY;
    struct rates different = verdicts(unequal, "equality, -3 delta", NULL);
    cr_assert(different.of[VERDICT_REFUTED] >= 0.95, "not equal: %g",
              different.of[VERDICT_REFUTED]);
}

/* An effect of delta itself is where each answer is as wrong as the other. */
Test(judge_simulation, at_the_border_few_false_decisions) {
    struct rates border = verdicts(with_effect(0.005), "direction, delta", NULL);
    cr_assert(border.of[VERDICT_SUPPORTED] <= 0.05, "supported: %g", border.of[0]);
    cr_assert(border.of[VERDICT_REFUTED] <= 0.05, "refuted: %g", border.of[1]);
    cr_assert(border.of[VERDICT_DEPENDS] <= 0.05, "depends: %g", border.of[2]);
    struct planted equality = with_effect(0.005);
    equality.kind = CLAIM_EQUALITY;
    border = verdicts(equality, "equality, delta", NULL);
    cr_assert(border.of[VERDICT_SUPPORTED] <= 0.05, "equal: %g", border.of[0]);
    cr_assert(border.of[VERDICT_REFUTED] <= 0.05, "not equal: %g", border.of[1]);
    struct rates beyond = verdicts(with_effect(0.015), "direction, delta + 1 point", NULL);
    cr_assert(beyond.of[VERDICT_REFUTED] + beyond.of[VERDICT_DEPENDS] <= 0.05, "false: %g",
              beyond.of[VERDICT_REFUTED] + beyond.of[VERDICT_DEPENDS]);
    struct rates nothing = verdicts(with_effect(0), "direction, no effect", NULL);
    cr_assert(nothing.of[VERDICT_SUPPORTED] + nothing.of[VERDICT_DEPENDS] <= 0.05, "false: %g",
              nothing.of[VERDICT_SUPPORTED] + nothing.of[VERDICT_DEPENDS]);
}

Test(judge_simulation, a_sign_that_crosses_depends) {
    static const double signs[] = {0.02, 0.015, -0.015, -0.02}, half[] = {0.02, 0.02, 0, 0};
    struct planted crossed = planted_with(signs, 0.006);
    struct rates rates = verdicts(crossed, "direction, crossed", NULL);
    cr_assert(rates.of[VERDICT_DEPENDS] >= 0.95, "crossed: %g", rates.of[VERDICT_DEPENDS]);
    crossed.kind = CLAIM_EQUALITY;
    rates = verdicts(crossed, "equality, crossed", NULL);
    cr_assert(rates.of[VERDICT_DEPENDS] >= 0.95, "crossed: %g", rates.of[VERDICT_DEPENDS]);
    struct planted some = planted_with(half, 0.003);
    rates = verdicts(some, "direction, in two strata of four, half the scatter", NULL);
    cr_assert(rates.of[VERDICT_DEPENDS] >= 0.95, "in some: %g", rates.of[VERDICT_DEPENDS]);
}

Test(judge_simulation, too_little_is_inconclusive) {
    struct planted noisy = with_effect(0.005);
    noisy.deviation = 0.03;
    struct rates rates = verdicts(noisy, "direction, delta, five times the scatter", NULL);
    double open = rates.of[VERDICT_INCONCLUSIVE] + rates.of[VERDICT_SIGN_ONLY];
    cr_assert(open >= 0.9, "noisy: %g", open);
}

static void flip_seeds(struct planted *planted, uint32_t trial) {
    const struct random_key key = {5, RANDOM_TEST, trial};
    for (int i = 0; i < planted->n_seeds; i++)
        for (int s = 0; s < planted->n_strata && random_bits(key, (uint64_t)i) & 1; s++)
            planted->d[s * planted->n_seeds + i] *= -1;
}

/* What looks like an effect, and is none: the same numbers with the arms exchanged in random seeds.
 * A difference is then seen in 5 % at most; that there is none above delta is true. */
Test(judge_simulation, shuffled_arms_are_seldom_decided) {
    struct rates rates = verdicts(with_effect(0.03), "direction, 6 delta, shuffled", flip_seeds);
    double upwards =
        rates.of[VERDICT_SUPPORTED] + rates.of[VERDICT_SIGN_ONLY] + rates.of[VERDICT_SMALL];
    double downwards = rates.settled[EFFECT_BELOW] + rates.settled[EFFECT_NEGATIVE];
    cr_log_info("shuffled: %.4f above 0, %.4f below 0\n", upwards, downwards);
    cr_assert(upwards <= 0.04 && downwards <= 0.04 && upwards + downwards <= 0.06,
              "a difference: %g above, %g below", upwards, downwards);
}
