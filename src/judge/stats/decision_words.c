/* From p values to effects and words, and to a sentence. */
#include <math.h>
#include <stddef.h>

#include "base/words.h"
#include "judge/stats/decision.h"

const char *verdict_name(enum verdict verdict) {
    static const char *const names[] = {"supported", "refuted",   "depends",        "inconclusive",
                                        "small",     "sign only", "premise not met"};
    return names[verdict];
}

/* ---- the words of one question ---- */

/* Of a claim of direction, of equality, by the first answer that is settled. */
static const enum verdict words[][2] = {
    [EFFECT_ABOVE] = {VERDICT_SUPPORTED, VERDICT_REFUTED},
    [EFFECT_BELOW] = {VERDICT_REFUTED, VERDICT_REFUTED},
    [EFFECT_WITHIN] = {VERDICT_REFUTED, VERDICT_SUPPORTED}, /* small: where d > 0 is settled, too */
    [EFFECT_NEGATIVE] = {VERDICT_REFUTED, VERDICT_INCONCLUSIVE},
    [EFFECT_NOT_ABOVE] = {VERDICT_REFUTED, VERDICT_INCONCLUSIVE},
    [EFFECT_POSITIVE] = {VERDICT_SIGN_ONLY, VERDICT_INCONCLUSIVE},
    [EFFECT_OPEN] = {VERDICT_INCONCLUSIVE, VERDICT_INCONCLUSIVE},
};

static enum verdict word_of(enum claim_kind kind, double level, const struct finding_tests *tests) {
    bool positive = tests->facts.p[EFFECT_POSITIVE] <= level;
    bool small = kind == CLAIM_DIRECTION && tests->effect == EFFECT_WITHIN && positive;
    return small ? VERDICT_SMALL : words[tests->effect][kind];
}

/* Do two strata answer the claim differently? For a direction, below and within are both a no; for
 * an equality above and below are both a no, but not the same one, and arms that are swapped must
 * not change the answer. */
static bool effects_disagree(enum claim_kind kind, const int n[EFFECT_OPEN + 1]) {
    bool above = n[EFFECT_ABOVE] > 0, below = n[EFFECT_BELOW] > 0, within = n[EFFECT_WITHIN] > 0;
    return (above && (below || within)) || (kind == CLAIM_EQUALITY && below && within);
}

/* ---- settling: from p to effects and words ---- */

/* Which tests of a finding: those that decide, those over seeds. */
static const size_t sets[] = {offsetof(struct finding, tests),
                              offsetof(struct finding, seeds_only)};

static struct finding_tests *tests_in(struct finding *finding, size_t set) {
    return (struct finding_tests *)(void *)((char *)finding + set);
}

/* Each of above, below and within is asked of every stratum: three families. */
static void adjust_strata(int n, struct decision *const *decisions, size_t set) {
    struct pool pool = {0};
    int n_tests = 0;
    for (int k = 0; k < n; k++)
        n_tests += decisions[k]->n_strata;
    double *p = pool_alloc(&pool, (size_t)n_tests * sizeof *p);
    for (enum effect effect = EFFECT_ABOVE; effect <= EFFECT_WITHIN; effect++) {
        int at = 0;
        for (int k = 0; k < n; k++)
            for (int s = 0; s < decisions[k]->n_strata; s++)
                p[at++] = tests_in(&decisions[k]->strata[s], set)->facts.p[effect];
        holm_adjust(n_tests, p);
        for (int k = n; k-- > 0;)
            for (int s = decisions[k]->n_strata; s-- > 0;)
                tests_in(&decisions[k]->strata[s], set)->holm[effect] = p[--at];
    }
    pool_free(&pool);
}

static enum verdict settle(struct decision *decision, size_t set) {
    struct finding_tests *overall = tests_in(&decision->overall, set);
    int n[EFFECT_OPEN + 1] = {0};
    for (enum effect effect = EFFECT_ABOVE; effect <= EFFECT_WITHIN; effect++)
        overall->holm[effect] = overall->facts.p[effect];
    overall->effect = facts_first(overall->facts.p, EFFECT_POSITIVE, decision->level);
    for (int s = 0; s < decision->n_strata; s++) {
        struct finding_tests *stratum = tests_in(&decision->strata[s], set);
        stratum->effect = decision->n_strata > 1
                              ? facts_first(stratum->holm, EFFECT_WITHIN, decision->level)
                              : overall->effect;
        n[stratum->effect]++;
    }
    if (decision->withheld)
        return VERDICT_INCONCLUSIVE;
    return effects_disagree(decision->kind, n) ? VERDICT_DEPENDS
                                               : word_of(decision->kind, decision->level, overall);
}

void decisions_settle(int n, struct decision *const *decisions) {
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        adjust_strata(n, decisions, sets[i]);
    for (int k = 0; k < n; k++) {
        decisions[k]->verdict = settle(decisions[k], sets[0]);
        decisions[k]->seeds_only = settle(decisions[k], sets[1]);
    }
}

/* ---- in words ---- */

/* Three digits are more than n seeds can tell. */
static const char *rounded(double x, struct pool *pool) {
    return pool_format(pool, "%.3g", x);
}

static const char *strata_with(const struct decision *decision, enum effect effect,
                               struct pool *pool) {
    int n = 0;
    for (int s = 0; s < decision->n_strata; s++)
        n += decision->strata[s].tests.effect == effect;
    return n > 0 ? pool_format(pool, ", %d %s", n, effect_name(effect)) : "";
}

static const char *effect_text(const struct decision *decision, const char *delta,
                               struct pool *pool) {
    switch (decision->overall.tests.effect) {
    case EFFECT_ABOVE:
        return pool_format(pool, "above %s", delta);
    case EFFECT_BELOW:
        return pool_format(pool, "below -%s", delta);
    case EFFECT_WITHIN:
        return pool_format(pool, "%s -%s and %s",
                           decision->verdict == VERDICT_SMALL ? "above 0, within" : "within", delta,
                           delta);
    case EFFECT_NEGATIVE:
        return pool_format(pool, "below 0, not told apart from -%s", delta);
    case EFFECT_NOT_ABOVE:
        return pool_format(pool, "below %s, not told apart from 0", delta);
    case EFFECT_POSITIVE:
        return pool_format(pool, "above 0, not told apart from %s", delta);
    default:
        return pool_format(pool, "not told apart from 0 and from delta, %s", delta);
    }
}

static const char *reason(const struct question *question, const struct decision *decision,
                          struct pool *pool) {
    const char *delta = rounded(question->delta, pool);
    if (decision->verdict == VERDICT_DEPENDS)
        return pool_format(pool, "over strata that differ (delta %s%s%s%s)", delta,
                           strata_with(decision, EFFECT_ABOVE, pool),
                           strata_with(decision, EFFECT_BELOW, pool),
                           strata_with(decision, EFFECT_WITHIN, pool));
    const char *text = effect_text(decision, delta, pool);
    if (decision->withheld)
        return pool_format(pool, "%s, but %s", text, decision->withheld);
    if (decision->verdict == VERDICT_INCONCLUSIVE && decision->seeds_only != VERDICT_INCONCLUSIVE)
        return pool_format(pool, "%s; on these test rows only: %s", text,
                           verdict_name(decision->seeds_only));
    bool open = decision->verdict == VERDICT_INCONCLUSIVE || decision->verdict == VERDICT_SIGN_ONLY;
    return open && !question->d_low /* then it is not for want of seeds */
               ? pool_format(pool,
                             "%s; this many seeds%s find an effect of %s, or none at all to be "
                             "within %s",
                             text, decision->has_rows ? " and rows" : "",
                             rounded(decision->smallest_effect, pool),
                             rounded(decision->smallest_margin, pool))
               : text;
}

/* " [0.0094, 0.0151]"; of one seed there is none. */
static const char *interval_text(struct interval interval, struct pool *pool) {
    return isnan(interval.low) ? ""
                               : pool_format(pool, " [%s, %s]", rounded(interval.low, pool),
                                             rounded(interval.high, pool));
}

const char *decision_sentence(const struct question *question, const struct decision *decision,
                              struct pool *pool) {
    const struct finding *all = &decision->overall;
    return pool_format(pool, "%s: the difference is %s%s with %d seed%s%s, %s",
                       verdict_name(decision->verdict), rounded(all->estimate, pool),
                       interval_text(all->interval_rows, pool), decision->n_seeds,
                       plural(decision->n_seeds), decision->has_rows ? ", over seeds and rows" : "",
                       reason(question, decision, pool));
}
