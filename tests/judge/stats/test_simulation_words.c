/* False words, simulated: where the truth lies on a margin, or is no difference, each word that
 * would be false, by 10 seeds and by looks at 10, 20 and 40. 200 simulations; NORMLAB_SIMULATIONS
 * in the environment makes them more, and adds 20 seeds. docs/statistics.md has the rates of 1,000.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "judge/stats/rule.h"
#include "tests/judge/stats/planted.h"

TestSuite(judge_simulation_words, .timeout = 6000);

static const double delta = 0.005, deviation = 0.006;

static int n_simulations(void) {
    const char *text = getenv("NORMLAB_SIMULATIONS");
    return text ? atoi(text) : 200;
}

static void draw(enum planted_shape shape, int n, double truth, uint32_t stream, double *d) {
    for (int i = 0; i < n; i++)
        d[i] = truth + deviation * planted_noise(shape, (uint64_t)i, 20000 + stream);
}

static enum verdict ask(enum claim_kind kind, int n, const double *d, double level,
                        enum effect *effect) {
    const struct question question = {
        .kind = kind, .delta = delta, .n_strata = 1, .n_seeds = n, .d = d, .level = level};
    struct decision decision;
    cr_assert(decision_test(&question, &decision) == OK, "%s", status_message());
    enum verdict verdict = decision.verdict;
    *effect = decision.overall.tests.effect;
    decision_free(&decision);
    return verdict;
}

typedef enum verdict asking(enum planted_shape shape, enum claim_kind kind, int n, double truth,
                            uint32_t stream, enum effect *effect);

static enum verdict ask_once(enum planted_shape shape, enum claim_kind kind, int n, double truth,
                             uint32_t stream, enum effect *effect) {
    double d[PLANTED_MOST];
    draw(shape, n, truth, stream, d);
    return ask(kind, n, d, LEVEL, effect);
}

/* From look to look, as long as more could be said. */
static enum verdict ask_looks(enum planted_shape shape, enum claim_kind kind, int n, double truth,
                              uint32_t stream, enum effect *effect) {
    double d[PLANTED_MOST];
    enum verdict verdict = VERDICT_INCONCLUSIVE;
    (void)n;
    draw(shape, look_seeds(LOOKS - 1), truth, stream, d);
    for (int look = 0; look < LOOKS; look++) {
        verdict = ask(kind, look_seeds(look), d, look_level(look), effect);
        if (verdict != VERDICT_INCONCLUSIVE && verdict != VERDICT_SIGN_ONLY)
            break;
    }
    return verdict;
}

/* How often what is settled lies above the truth, or below it. */
struct rates {
    double of[VERDICT_PREMISE_NOT_MET];
    double too_high, too_low;
};

/* Is the statement, of an answer or of a word, false of the truth: above it, below it? */
static bool is_too_high(enum effect effect, enum verdict verdict, double truth) {
    return (effect == EFFECT_ABOVE && truth <= delta) ||
           (effect == EFFECT_POSITIVE && truth <= 0) || (verdict == VERDICT_SMALL && truth <= 0) ||
           (effect == EFFECT_WITHIN && truth <= -delta);
}

static bool is_too_low(enum effect effect, double truth) {
    return (effect == EFFECT_BELOW && truth >= -delta) ||
           (effect == EFFECT_NEGATIVE && truth >= 0) ||
           ((effect == EFFECT_NOT_ABOVE || effect == EFFECT_WITHIN) && truth >= delta);
}

static struct rates simulate(asking *asked, enum planted_shape shape, enum claim_kind kind, int n,
                             double truth) {
    struct rates rates = {0};
    int trials = n_simulations();
    for (int trial = 0; trial < trials; trial++) {
        enum effect effect;
        uint32_t stream = 8 * (uint32_t)trial + (uint32_t)shape;
        enum verdict verdict = asked(shape, kind, n, truth, stream, &effect);
        rates.of[verdict] += 1.0 / trials;
        rates.too_high += is_too_high(effect, verdict, truth) / (double)trials;
        rates.too_low += is_too_low(effect, truth) / (double)trials;
    }
    cr_log_info("%s, %s of %s, truth %+.3f: false %.4f too high, %.4f too low; supported %.4f, "
                "sign only %.4f, small %.4f, refuted %.4f, inconclusive %.4f\n",
                planted_name(shape),
                asked == ask_looks ? "looks"
                : n == 10          ? "10 seeds"
                                   : "20 seeds",
                kind == CLAIM_EQUALITY ? "equality" : "direction", truth, rates.too_high,
                rates.too_low, rates.of[VERDICT_SUPPORTED], rates.of[VERDICT_SIGN_ONLY],
                rates.of[VERDICT_SMALL], rates.of[VERDICT_REFUTED], rates.of[VERDICT_INCONCLUSIVE]);
    return rates;
}

/* 2.5 % a word, 5 % together for symmetric differences; of skewed ones 6 % a word, 10 % together. A
 * few hundred draws add three standard errors. */
static void assert_seldom_false(asking *asked, enum planted_shape shape, enum claim_kind kind,
                                int n, double truth) {
    struct rates rates = simulate(asked, shape, kind, n, truth);
    bool skewed = shape == PLANTED_EXPONENTIAL || shape == PLANTED_LOGNORMAL;
    double each = skewed ? 0.06 : 0.025, all = skewed ? 0.1 : 0.05;
    double error = 3 * sqrt(each * (1 - each) / n_simulations());
    cr_assert(rates.too_high <= each + error && rates.too_low <= each + error,
              "%s, truth %g: %g too high, %g too low", planted_name(shape), truth, rates.too_high,
              rates.too_low);
    cr_assert(rates.too_high + rates.too_low <= all + error, "%s, truth %g: %g false",
              planted_name(shape), truth, rates.too_high + rates.too_low);
}

static void assert_all_truths(asking *asked, enum planted_shape shape, int n) {
    for (int truth = -1; truth <= 1; truth++) {
        assert_seldom_false(asked, shape, CLAIM_DIRECTION, n, truth * delta);
        if (asked == ask_once)
            assert_seldom_false(asked, shape, CLAIM_EQUALITY, n, truth * delta);
    }
}

Test(judge_simulation_words, few_are_false_with_ten_seeds) {
    for (int shape = 0; shape < PLANTED_SHAPES; shape++)
        assert_all_truths(ask_once, (enum planted_shape)shape, 10);
}

Test(judge_simulation_words, few_are_false_after_looks) {
    assert_seldom_false(ask_looks, PLANTED_NORMAL, CLAIM_DIRECTION, 10, delta);
    assert_seldom_false(ask_looks, PLANTED_EXPONENTIAL, CLAIM_DIRECTION, 10, delta);
}

/* ---- rules over questions ---- */

enum { QUESTIONS = 3 };

/* How often a rule over questions of these true differences gives each word. Decisions are quick
 * with ten seeds: 1,000 at least. */
static struct rates simulate_rule(enum rule rule, const double truth[QUESTIONS], const char *name) {
    struct rates rates = {0};
    int trials = n_simulations() > 1000 ? n_simulations() : 1000;
    for (int trial = 0; trial < trials; trial++) {
        double d[QUESTIONS][10];
        struct decision decisions[QUESTIONS];
        struct ruled_question questions[QUESTIONS];
        for (int q = 0; q < QUESTIONS; q++) {
            draw(PLANTED_NORMAL, 10, truth[q], (uint32_t)(100000 + QUESTIONS * trial + q), d[q]);
            const struct question question = {
                .kind = CLAIM_DIRECTION, .delta = delta, .n_strata = 1, .n_seeds = 10, .d = d[q]};
            cr_assert(decision_test(&question, &decisions[q]) == OK, "%s", status_message());
            questions[q] = (struct ruled_question){ROLE_DECIDES, &decisions[q]};
        }
        rates.of[rule_apply(rule, QUESTIONS, questions).verdict] += 1.0 / trials;
        for (int q = 0; q < QUESTIONS; q++)
            decision_free(&decisions[q]);
    }
    cr_log_info("rule %s: supported %.4f, sign only %.4f, small %.4f, refuted %.4f, depends %.4f, "
                "inconclusive %.4f\n",
                name, rates.of[VERDICT_SUPPORTED], rates.of[VERDICT_SIGN_ONLY],
                rates.of[VERDICT_SMALL], rates.of[VERDICT_REFUTED], rates.of[VERDICT_DEPENDS],
                rates.of[VERDICT_INCONCLUSIVE]);
    return rates;
}

/* Where a question's truth is delta, it is neither supported nor refuted. .04: 2.5 % and three
 * standard errors of 1,000. */
Test(judge_simulation_words, rules_are_seldom_false) {
    static const double border[] = {0.005, 0.005, 0.005}, mixed[] = {0.02, 0.005, 0.02},
                        against[] = {-0.02, 0.005, -0.02};
    struct rates rates = simulate_rule(RULE_ALL, border, "all, three at delta");
    double false_ones = rates.of[VERDICT_SUPPORTED] + rates.of[VERDICT_REFUTED];
    cr_assert(false_ones <= 0.04, "%g", false_ones);
    rates = simulate_rule(RULE_ALL, mixed, "all, one at delta and two above");
    cr_assert(rates.of[VERDICT_SUPPORTED] <= 0.04, "supported: %g", rates.of[VERDICT_SUPPORTED]);
    cr_assert(rates.of[VERDICT_REFUTED] <= 0.04, "refuted: %g", rates.of[VERDICT_REFUTED]);
    rates = simulate_rule(RULE_DEPENDS, mixed, "depends, one at delta and two above");
    cr_assert(rates.of[VERDICT_SUPPORTED] <= 0.04, "supported: %g", rates.of[VERDICT_SUPPORTED]);
    cr_assert(rates.of[VERDICT_DEPENDS] <= 0.04, "depends: %g", rates.of[VERDICT_DEPENDS]);
    rates = simulate_rule(RULE_DEPENDS, against, "depends, one at delta and two below");
    cr_assert(rates.of[VERDICT_REFUTED] <= 0.04, "refuted: %g", rates.of[VERDICT_REFUTED]);
    cr_assert(rates.of[VERDICT_DEPENDS] <= 0.04, "depends: %g", rates.of[VERDICT_DEPENDS]);
}

/* Three that are above delta support, whatever the rule; one far below refutes `all`. */
Test(judge_simulation_words, rules_find_what_is_there) {
    static const double above[] = {0.02, 0.02, 0.02}, one_below[] = {0.02, -0.02, 0.02};
    struct rates rates = simulate_rule(RULE_ALL, above, "all, three above");
    cr_assert(rates.of[VERDICT_SUPPORTED] >= 0.95, "%g", rates.of[VERDICT_SUPPORTED]);
    rates = simulate_rule(RULE_ALL, one_below, "all, one below");
    cr_assert(rates.of[VERDICT_REFUTED] >= 0.95, "%g", rates.of[VERDICT_REFUTED]);
    rates = simulate_rule(RULE_DEPENDS, one_below, "depends, one below");
    cr_assert(rates.of[VERDICT_DEPENDS] >= 0.95, "%g", rates.of[VERDICT_DEPENDS]);
}

/* ---- everything ---- */

static void assert_all_shapes(asking *asked, int n) {
    if (!getenv("NORMLAB_SIMULATIONS"))
        cr_skip_test("only where NORMLAB_SIMULATIONS is set: it takes minutes");
    for (int shape = 0; shape < PLANTED_SHAPES; shape++)
        assert_all_truths(asked, (enum planted_shape)shape, n);
}

Test(judge_simulation_words, twenty_seeds_of_everything) {
    assert_all_shapes(ask_once, 20);
}

Test(judge_simulation_words, looks_at_everything) {
    assert_all_shapes(ask_looks, 10);
}
