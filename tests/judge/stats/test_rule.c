/* Rules over questions: planted answers of every word under every rule, premises, Holm, floors. */
#include "judge/stats/rule.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/random.h"
#include "judge/stats/sign_flip.h"

TestSuite(judge_rule);

enum { SEEDS = 10, STRATA = 2, QUESTIONS = 4 };
#define DELTA 0.005

/* What is planted, and the word that it gives by itself. */
enum plant { ABOVE, BELOW, SMALL, SIGN, NOISE, CROSSED };

static const struct {
    double first, second; /* effect in each stratum */
    double deviation;
    enum verdict word;
} plants[] = {
    [ABOVE] = {0.015, 0.015, 0.001, VERDICT_SUPPORTED},
    [BELOW] = {-0.015, -0.015, 0.001, VERDICT_REFUTED},
    [SMALL] = {0.0025, 0.0025, 0.0003, VERDICT_SMALL},
    [SIGN] = {0.005, 0.005, 0.001, VERDICT_SIGN_ONLY},
    [NOISE] = {0, 0, 0.05, VERDICT_INCONCLUSIVE},
    [CROSSED] = {0.015, -0.015, 0.001, VERDICT_DEPENDS},
};

static struct decision planted(enum plant plant, int n_strata, int n_seeds,
                               const struct row_parts *rows) {
    const struct random_key key = {35, RANDOM_TEST, (uint32_t)plant};
    double d[STRATA * 64];
    for (int i = 0; i < n_strata * n_seeds; i++)
        d[i] = (i < n_seeds ? plants[plant].first : plants[plant].second) +
               plants[plant].deviation * random_normal(key, (uint64_t)i);
    const struct question question = {.kind = CLAIM_DIRECTION,
                                      .delta = DELTA,
                                      .n_strata = n_strata,
                                      .n_seeds = n_seeds,
                                      .d = d,
                                      .rows = rows};
    struct decision decision;
    cr_assert(decision_test(&question, &decision) == OK, "%s", status_message());
    return decision;
}

Test(judge_rule, every_word_is_planted) {
    for (enum plant plant = ABOVE; plant <= CROSSED; plant++) {
        struct decision decision = planted(plant, STRATA, SEEDS, NULL);
        cr_assert(decision.verdict == plants[plant].word, "plant %d: %s instead of %s", (int)plant,
                  verdict_name(decision.verdict), verdict_name(plants[plant].word));
        decision_free(&decision);
    }
}

/* `asked`: what is planted for each question, of these roles. */
static struct ruling ruled(enum rule rule, int n, const enum plant *asked, const enum role *roles) {
    struct decision decisions[QUESTIONS];
    struct ruled_question questions[QUESTIONS] = {{ROLE_DECIDES, NULL}};
    for (int i = 0; i < n; i++) {
        decisions[i] = planted(asked[i], asked[i] == CROSSED ? STRATA : 1, SEEDS, NULL);
        questions[i] = (struct ruled_question){roles ? roles[i] : ROLE_DECIDES, &decisions[i]};
    }
    struct ruling ruling = rule_apply(rule, n, questions);
    for (int i = 0; i < n; i++)
        decision_free(&decisions[i]);
    return ruling;
}

static void assert_ruling(struct ruling ruling, enum verdict verdict, int question,
                          const char *what) {
    cr_assert(ruling.verdict == verdict, "%s: %s instead of %s", what, verdict_name(ruling.verdict),
              verdict_name(verdict));
    cr_assert(ruling.question == question, "%s hangs on question %d, not %d", what, ruling.question,
              question);
    cr_assert(!ruling.rows_only, "%s: there are no rows", what);
}

Test(judge_rule, one_is_the_word_of_its_question) {
    const enum role roles[] = {ROLE_BESIDE, ROLE_DECIDES, ROLE_BESIDE};
    for (enum plant plant = ABOVE; plant <= CROSSED; plant++) {
        const enum plant asked[] = {BELOW, plant, ABOVE};
        assert_ruling(ruled(RULE_ONE, 3, asked, roles), plants[plant].word, 1, "one");
    }
}

static const struct {
    enum plant asked[3];
    enum verdict all;
    int hangs_on;
    enum verdict depends;
    int depends_on;
} rulings[] = {
    {{ABOVE, ABOVE, ABOVE}, VERDICT_SUPPORTED, 0, VERDICT_SUPPORTED, 0},
    {{BELOW, BELOW, BELOW}, VERDICT_REFUTED, 0, VERDICT_REFUTED, 0},
    {{ABOVE, BELOW, ABOVE}, VERDICT_REFUTED, 1, VERDICT_DEPENDS, 1},
    {{ABOVE, NOISE, BELOW}, VERDICT_REFUTED, 2, VERDICT_DEPENDS, 2},
    {{ABOVE, SMALL, ABOVE}, VERDICT_SMALL, 1, VERDICT_INCONCLUSIVE, 1},
    {{ABOVE, ABOVE, SIGN}, VERDICT_SIGN_ONLY, 2, VERDICT_INCONCLUSIVE, 2},
    {{SIGN, SMALL, ABOVE}, VERDICT_SMALL, 1, VERDICT_INCONCLUSIVE, 0},
    {{SMALL, BELOW, ABOVE}, VERDICT_REFUTED, 1, VERDICT_DEPENDS, 1},
    {{ABOVE, ABOVE, NOISE}, VERDICT_INCONCLUSIVE, 2, VERDICT_INCONCLUSIVE, 2},
    {{SMALL, NOISE, ABOVE}, VERDICT_INCONCLUSIVE, 1, VERDICT_INCONCLUSIVE, 0},
    {{BELOW, NOISE, SMALL}, VERDICT_REFUTED, 0, VERDICT_INCONCLUSIVE, 1},
    {{ABOVE, CROSSED, ABOVE}, VERDICT_INCONCLUSIVE, 1, VERDICT_INCONCLUSIVE, 1},
    {{CROSSED, BELOW, ABOVE}, VERDICT_REFUTED, 1, VERDICT_DEPENDS, 1},
};

Test(judge_rule, all_and_depends) {
    for (size_t i = 0; i < sizeof rulings / sizeof *rulings; i++) {
        assert_ruling(ruled(RULE_ALL, 3, rulings[i].asked, NULL), rulings[i].all,
                      rulings[i].hangs_on, "all");
        assert_ruling(ruled(RULE_DEPENDS, 3, rulings[i].asked, NULL), rulings[i].depends,
                      rulings[i].depends_on, "depends");
    }
}

/* What is small is settled not to be what a premise declares, above delta; of what has its sign
 * only nobody knows. */
Test(judge_rule, premises) {
    static const enum verdict expected[] = {
        [ABOVE] = VERDICT_REFUTED,         [BELOW] = VERDICT_PREMISE_NOT_MET,
        [SMALL] = VERDICT_PREMISE_NOT_MET, [SIGN] = VERDICT_INCONCLUSIVE,
        [NOISE] = VERDICT_INCONCLUSIVE,    [CROSSED] = VERDICT_INCONCLUSIVE};
    const enum role roles[] = {ROLE_DECIDES, ROLE_PREMISE, ROLE_BESIDE};
    for (enum plant plant = ABOVE; plant <= CROSSED; plant++) {
        const enum plant asked[] = {BELOW, plant, NOISE};
        assert_ruling(ruled(RULE_ONE, 3, asked, roles), expected[plant], plant == ABOVE ? 0 : 1,
                      "premise");
    }
    const enum plant two[] = {ABOVE, NOISE, BELOW};
    const enum role both[] = {ROLE_DECIDES, ROLE_PREMISE, ROLE_PREMISE};
    assert_ruling(ruled(RULE_ONE, 3, two, both), VERDICT_PREMISE_NOT_MET, 2,
                  "one undecided, one refuted");
}

/* 8 seeds reach p = .0156: enough for one question, for two after Holm not. */
Test(judge_rule, refuted_is_adjusted_over_questions) {
    struct decision first = planted(ABOVE, 1, 8, NULL), second = planted(BELOW, 1, 8, NULL);
    struct ruled_question questions[] = {{ROLE_DECIDES, &first}, {ROLE_DECIDES, &second}};
    cr_assert(second.verdict == VERDICT_REFUTED, "%s", verdict_name(second.verdict));
    struct ruling ruling = rule_apply(RULE_ALL, 2, questions);
    cr_assert(ruling.verdict == VERDICT_INCONCLUSIVE && ruling.question == 1, "all: %s",
              verdict_name(ruling.verdict));
    ruling = rule_apply(RULE_DEPENDS, 2, questions);
    cr_assert(ruling.verdict == VERDICT_INCONCLUSIVE, "depends: %s", verdict_name(ruling.verdict));
    decision_free(&first);
    decision_free(&second);
}

/* Two strata by themselves: 2 x .0039; four of two questions: 4 x .0039, and so in `decision`. */
Test(judge_rule, strata_of_all_questions_are_adjusted_together) {
    struct decision first = planted(CROSSED, 2, SEEDS, NULL), second = first;
    struct finding strata[2] = {first.strata[0], first.strata[1]};
    second.strata = strata;
    struct ruled_question questions[] = {{ROLE_DECIDES, &first}, {ROLE_DECIDES, &second}};
    double p = first.strata[0].tests.holm[EFFECT_ABOVE];
    cr_assert(p == 2 * sign_flip_floor(SEEDS), "by itself %g", p);
    rule_apply(RULE_ALL, 2, questions);
    p = first.strata[0].tests.holm[EFFECT_ABOVE];
    cr_assert(p == 4 * sign_flip_floor(SEEDS), "of four %g", p);
    decision_free(&first);
}

/* ---- rows ---- */

Test(judge_rule, what_only_the_seeds_decide_holds_on_these_rows_only) {
    const struct row_parts wide[2] = {{1000, 0, 0, 0.01 * 0.01}, {1000, 0, 0, 0.01 * 0.01}},
                           narrow[2] = {{1000, 0, 0, 1e-8}, {1000, 0, 0, 1e-8}};
    struct decision decision = planted(ABOVE, 1, SEEDS, narrow);
    cr_assert(decision.verdict == VERDICT_SUPPORTED && decision.has_rows && !decision.rows_forbid,
              "%s", verdict_name(decision.verdict));
    decision_free(&decision);
    decision = planted(ABOVE, 1, SEEDS, wide);
    cr_assert(decision.verdict == VERDICT_INCONCLUSIVE, "%s", verdict_name(decision.verdict));
    cr_assert(decision.seeds_only == VERDICT_SUPPORTED, "%s", verdict_name(decision.seeds_only));
    cr_assert(decision.rows_forbid, "1.5 row errors above 0: no number of seeds is enough");
    struct ruled_question question = {ROLE_DECIDES, &decision};
    struct ruling ruling = rule_apply(RULE_ONE, 1, &question);
    cr_assert(ruling.verdict == VERDICT_INCONCLUSIVE && ruling.rows_only, "%s",
              verdict_name(ruling.verdict));
    decision_free(&decision);
}

/* .015 is 2.1 row errors above delta: more seeds may show it. */
Test(judge_rule, rows_that_leave_room_forbid_nothing) {
    const struct row_parts rows[2] = {{1000, 0, 0, 0.0047 * 0.0047}, {1000, 0, 0, 0.0047 * 0.0047}};
    struct decision decision = planted(ABOVE, 1, SEEDS, rows);
    cr_assert(decision.verdict == VERDICT_SIGN_ONLY || decision.verdict == VERDICT_INCONCLUSIVE,
              "%s", verdict_name(decision.verdict));
    cr_assert(!decision.rows_forbid, "2.1 row errors");
    decision_free(&decision);
}

/* ---- what is refused ---- */

static void assert_refused(enum rule rule, double level, int n,
                           const struct planned_question *questions, const char *words) {
    cr_assert(rule_possible(rule, level, n, questions) == ERROR_USAGE, "'%s' is not refused",
              words);
    cr_assert(strstr(status_message(), words), "%s", status_message());
}

/* Spikes and scatter over four sizes are eight tests: 12 seeds, not 10. */
Test(judge_rule, a_floor_that_cannot_reach_it_is_refused) {
    const struct planned_question ten[] = {{ROLE_DECIDES, 10, 4}, {ROLE_DECIDES, 10, 4}},
                                  twelve[] = {{ROLE_DECIDES, 12, 4}, {ROLE_DECIDES, 12, 4}},
                                  few[] = {{ROLE_DECIDES, 10, 1}, {ROLE_PREMISE, 6, 1}},
                                  none[] = {{ROLE_BESIDE, 10, 1}, {ROLE_PREMISE, 10, 1}};
    assert_refused(RULE_ALL, LEVEL, 2, ten,
                   "10 seeds cannot decide 2 questions with 8 strata in all: take 11 seeds");
    cr_assert(rule_possible(RULE_ALL, LEVEL, 2, twelve) == OK, "%s", status_message());
    assert_refused(RULE_ONE, LEVEL, 2, twelve, "2 questions decide under the rule 'one'");
    assert_refused(RULE_ONE, LEVEL, 2, none, "no question decides");
    assert_refused(RULE_ONE, LEVEL, 2, few, "6 seeds cannot decide anything");
    const struct planned_question look[] = {{ROLE_DECIDES, 10, 1}, {ROLE_DECIDES, 10, 1}};
    cr_assert(rule_possible(RULE_ALL, look_level(0), 2, look) == OK, "%s", status_message());
    assert_refused(RULE_ALL, look_level(1), 2, look, "take 11 seeds");
}

/* The levels of the looks sum to that of one test. */
Test(judge_rule, looks) {
    double sum = 0;
    for (int i = 0; i < LOOKS; i++) {
        sum += look_level(i);
        cr_assert(i == 0 || look_seeds(i) > look_seeds(i - 1), "look %d: %d seeds", i,
                  look_seeds(i));
        cr_assert(decision_possible(look_level(i), look_seeds(i), 1) == OK, "%s", status_message());
    }
    cr_assert(sum > 0.0249999 && sum < 0.0250001, "%g", sum);
    cr_assert(look_level(0) == 0.008 && look_seeds(2) == 40, "%g", look_level(0));
}
