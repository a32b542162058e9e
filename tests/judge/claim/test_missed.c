/* Runs that never got to a target, by hand: ten seeds, delta .1. Ten equal differences have p 2^2 /
 * 2^10 = .0039 on their side of every margin. */
#include "judge/claim/missed.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

TestSuite(missed);

enum { SEEDS = 10, STRATA = 2 };

struct case_of {
    double once, low, high;
    int n_more, n_less;
    enum verdict expected;
    bool at_least;
    const char *says;
};

static void fill(double value, double *d) {
    for (int i = 0; i < SEEDS; i++)
        d[i] = value;
}

/* The decision of d in one stratum; the answer in *missed, whose sentence is in the pool. */
static enum verdict judge(const struct case_of *is, enum claim_kind kind, struct missed *missed,
                          struct pool *pool) {
    double d[SEEDS], low[SEEDS], high[SEEDS];
    struct decision decision;
    fill(is->once, d);
    fill(is->low, low);
    fill(is->high, high);
    struct question question = {.kind = kind,
                                .delta = 0.1,
                                .n_strata = 1,
                                .n_seeds = SEEDS,
                                .d = d,
                                .d_low = low,
                                .d_high = high};
    cr_assert(decision_make(&question, &decision) == OK, "%s", status_message());
    *missed = (struct missed){.n_more = is->n_more, .n_less = is->n_less};
    missed_describe(&question, &decision, "batch", "none", missed, pool);
    enum verdict verdict = decision.verdict;
    cr_expect(fabs(decision.overall.estimate - is->once) < 1e-15, "the difference shown is %g",
              decision.overall.estimate);
    decision_free(&decision);
    return verdict;
}

Test(missed, a_fact_holds_if_it_holds_in_either_case) {
    static const struct case_of cases[] = {
        {0.5, 0.5, 1.5, 3, 0, VERDICT_SUPPORTED, false, "it is at least 0.5."},
        /* d > 0 of both; d < delta of the smallest, d > delta of the largest */
        {0.05, 0.05, 1.05, 3, 0, VERDICT_SIGN_ONLY, true,
         "it is at least 0.05. The smallest is small by itself, the largest supported; what holds"},
        /* nothing but d > -delta holds of both */
        {-0.05, -0.05, 0.95, 10, 0, VERDICT_INCONCLUSIVE, true, "The smallest is refuted by"},
        {-0.5, -1.5, -0.5, 0, 1, VERDICT_REFUTED, false, "it is at most -0.5."},
        /* d < -delta of the smallest, d > delta of the largest */
        {0.5, -0.5, 0.5, 0, 10, VERDICT_INCONCLUSIVE, true, "it is at most 0.5. The smallest is"},
        /* nobody got there: the same number in both arms says nothing */
        {0, -1, 1, 10, 10, VERDICT_INCONCLUSIVE, true, "from -1 to 1: how large it is stays open."},
        {3, 2, 4, 4, 4, VERDICT_SUPPORTED, false, "how large it is stays open."},
    };
    struct pool pool = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct case_of *is = &cases[i];
        struct missed missed;
        enum verdict verdict = judge(is, CLAIM_DIRECTION, &missed, &pool);
        cr_expect(verdict == is->expected, "case %zu: %s", i, verdict_name(verdict));
        cr_expect(missed.at_least == is->at_least, "case %zu", i);
        cr_expect(strstr(missed.sentence, is->says) != NULL, "case %zu: %s", i, missed.sentence);
    }
    pool_free(&pool);
}

/* Swapped arms: d turns its sign, and more and less change places. */
Test(missed, of_an_equality_swapped_arms_have_the_same_word) {
    static const struct case_of cases[] = {
        {0.05, 0.05, 1.05, 3, 0, VERDICT_INCONCLUSIVE, true, "it is at least 0.05."},
        {-0.05, -1.05, -0.05, 0, 3, VERDICT_INCONCLUSIVE, true, "it is at most -0.05."},
        {0, 0, 0.02, 3, 0, VERDICT_SUPPORTED, false, "it is at least 0."},
        {0.5, 0.5, 1.5, 3, 0, VERDICT_REFUTED, false, "it is at least 0.5."},
        {0, -1, 1, 10, 10, VERDICT_INCONCLUSIVE, true, "how large it is stays open."},
    };
    struct pool pool = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct missed missed;
        enum verdict verdict = judge(&cases[i], CLAIM_EQUALITY, &missed, &pool);
        cr_expect(verdict == cases[i].expected, "case %zu: %s", i, verdict_name(verdict));
        cr_expect(missed.at_least == cases[i].at_least, "case %zu", i);
        cr_expect(strstr(missed.sentence, cases[i].says) != NULL, "case %zu: %s", i,
                  missed.sentence);
    }
    pool_free(&pool);
}

/* Above in one stratum and below in the other, however the runs count: it depends. */
Test(missed, strata_that_differ_in_either_case_depend) {
    double d[STRATA * SEEDS], high[STRATA * SEEDS];
    struct pool pool = {0};
    struct decision decision;
    struct missed missed = {.n_more = 1};
    fill(0.5, d);
    fill(-0.3, d + SEEDS);
    fill(0.9, high);
    fill(-0.3, high + SEEDS);
    struct question question = {.kind = CLAIM_DIRECTION,
                                .delta = 0.1,
                                .n_strata = STRATA,
                                .n_seeds = SEEDS,
                                .d = d,
                                .d_low = d,
                                .d_high = high};
    cr_assert(decision_make(&question, &decision) == OK, "%s", status_message());
    missed_describe(&question, &decision, "batch", "none", &missed, &pool);
    cr_expect(decision.verdict == VERDICT_DEPENDS && !missed.at_least, "%s", missed.sentence);
    decision_free(&decision);
    fill(0.05, d); /* and where it may be within as well as above */
    cr_assert(decision_make(&question, &decision) == OK, "%s", status_message());
    cr_expect(decision.verdict != VERDICT_DEPENDS, "%s", verdict_name(decision.verdict));
    decision_free(&decision);
    pool_free(&pool);
}
