/* The rule: from paired differences to a verdict, by sign-flip tests against delta. */
#include "judge/stats/decision.h"

#include <math.h>

#include "judge/stats/sign_flip.h"

static const double level = 0.025; /* of each one-sided test */

const char *verdict_name(enum verdict verdict) {
    static const char *const names[] = {"supported", "refuted", "depends", "inconclusive"};
    return names[verdict];
}

const char *effect_name(enum effect effect) {
    static const char *const names[] = {"above", "below", "within", "undecided"};
    return names[effect];
}

/* ---- may it be asked? ---- */

/* Holm's first step multiplies the smallest p by the number of strata. */
static bool can_decide(int n_seeds, int n_strata) {
    return sign_flip_floor(n_seeds) * n_strata <= level;
}

enum status decision_possible(int n_seeds, int n_strata) {
    if (n_seeds >= 1 && n_strata >= 1 && can_decide(n_seeds, n_strata))
        return OK;
    if (n_strata < 1)
        return fail(ERROR_USAGE, "no stratum: there is nothing to decide");
    int enough = n_seeds < 1 ? 1 : n_seeds, fewer = n_strata;
    while (!can_decide(enough, n_strata))
        enough++;
    while (fewer > 0 && (n_seeds < 1 || !can_decide(n_seeds, fewer)))
        fewer--;
    return fewer > 0 ? fail(ERROR_USAGE,
                            "%d seeds cannot decide in %d strata: take %d seeds, or at most %d %s",
                            n_seeds, n_strata, enough, fewer, fewer == 1 ? "stratum" : "strata")
                     : fail(ERROR_USAGE, "%d seed%s cannot decide anything: take %d", n_seeds,
                            n_seeds == 1 ? "" : "s", enough);
}

static enum status check(const struct question *question) {
    enum status status = decision_possible(question->n_seeds, question->n_strata);
    if (status)
        return status;
    if (!(question->delta > 0) || !isfinite(question->delta))
        return fail(ERROR_USAGE, "delta, the smallest effect that matters, must be above 0");
    for (int s = 0; s < question->n_strata; s++)
        for (int i = 0; i < question->n_seeds; i++)
            if (!isfinite(question->d[s * question->n_seeds + i]))
                return fail(ERROR_RESULTS,
                            "pair %d of stratum %d is not a number: a metric that failed runs do "
                            "not have cannot be compared; take one that scores them, like "
                            "test_error_scored",
                            i + 1, s + 1);
    return OK;
}

/* ---- tests ---- */

/* p of d > delta from flips of d - delta; of d < -delta from flips of d + delta; within is both the
 * other way round. */
static void test_shifts(const double *d, int n, double delta, double *shifted,
                        struct finding_tests *tests) {
    for (int i = 0; i < n; i++)
        shifted[i] = d[i] - delta;
    struct flip_test at_delta = sign_flip_test(shifted, n);
    for (int i = 0; i < n; i++)
        shifted[i] = d[i] + delta;
    struct flip_test at_minus = sign_flip_test(shifted, n);
    struct flip_test at_zero = sign_flip_test(d, n);
    tests->p[EFFECT_ABOVE] = at_delta.upper;
    tests->p[EFFECT_BELOW] = at_minus.lower;
    tests->p[EFFECT_WITHIN] = fmax(at_delta.lower, at_minus.upper);
    tests->p_zero = fmin(1, 2 * fmin(at_zero.upper, at_zero.lower));
}

/* At most one of the three can be as small as that. */
static enum effect effect_of(const struct finding_tests *tests) {
    enum effect effect = EFFECT_ABOVE;
    while (effect < EFFECT_OPEN && !(tests->p[effect] <= level))
        effect++;
    return effect;
}

/* Each of the three is asked of every stratum: three families. */
static void adjust_strata(struct decision *decision) {
    int n = decision->n_strata;
    double *p = pool_alloc(&decision->pool, (size_t)n * sizeof *p);
    for (enum effect effect = EFFECT_ABOVE; effect < EFFECT_OPEN; effect++) {
        for (int s = 0; s < n; s++)
            p[s] = decision->strata[s].tests.p[effect];
        holm_adjust(n, p);
        for (int s = 0; s < n; s++)
            decision->strata[s].tests.p[effect] = p[s];
    }
}

/* Each seed's mean over the strata. */
static const double *average(const struct question *question, struct pool *pool) {
    int n = question->n_seeds;
    double *mean = pool_alloc(pool, (size_t)n * sizeof *mean);
    for (int s = 0; s < question->n_strata; s++)
        for (int i = 0; i < n; i++)
            mean[i] += question->d[s * n + i] / question->n_strata;
    return mean;
}

static void run_tests(const struct question *question, const double *mean,
                      struct decision *decision) {
    int n = question->n_seeds;
    double *shifted = pool_alloc(&decision->pool, (size_t)n * sizeof *shifted);
    test_shifts(mean, n, question->delta, shifted, &decision->overall.tests);
    for (int s = 0; s < question->n_strata; s++)
        test_shifts(question->d + s * n, n, question->delta, shifted, &decision->strata[s].tests);
    adjust_strata(decision);
    decision->overall.tests.effect = effect_of(&decision->overall.tests);
    for (int s = 0; s < question->n_strata; s++)
        decision->strata[s].tests.effect = effect_of(&decision->strata[s].tests);
}

/* ---- verdict ---- */

/* Do two strata answer the claim differently? For a direction, below and within are both a no; for
 * an equality above and below are both a no, but not the same one, and arms that are swapped must
 * not change the answer. */
static bool strata_disagree(enum claim_kind kind, const struct decision *decision) {
    int n[EFFECT_OPEN + 1] = {0};
    for (int s = 0; s < decision->n_strata; s++)
        n[decision->strata[s].tests.effect]++;
    bool above = n[EFFECT_ABOVE] > 0, below = n[EFFECT_BELOW] > 0, within = n[EFFECT_WITHIN] > 0;
    return (above && (below || within)) || (kind == CLAIM_EQUALITY && below && within);
}

static enum verdict verdict_of(enum claim_kind kind, const struct decision *decision) {
    enum effect effect = decision->overall.tests.effect;
    enum effect claimed = kind == CLAIM_DIRECTION ? EFFECT_ABOVE : EFFECT_WITHIN;
    return strata_disagree(kind, decision) ? VERDICT_DEPENDS
           : effect == EFFECT_OPEN         ? VERDICT_INCONCLUSIVE
           : effect == claimed             ? VERDICT_SUPPORTED
                                           : VERDICT_REFUTED;
}

/* Tests and verdict; *mean: d averaged over strata, in the decision's pool. */
static enum status decide(const struct question *question, struct decision *decision,
                          const double **mean) {
    enum status status = check(question);
    if (status)
        return status;
    *decision = (struct decision){.n_strata = question->n_strata, .n_seeds = question->n_seeds};
    decision->strata =
        pool_alloc(&decision->pool, (size_t)question->n_strata * sizeof *decision->strata);
    *mean = average(question, &decision->pool);
    run_tests(question, *mean, decision);
    decision->verdict = verdict_of(question->kind, decision);
    return OK;
}

enum status decision_test(const struct question *question, struct decision *decision) {
    const double *mean;
    return decide(question, decision, &mean);
}

/* ---- description ---- */

/* Seeds that favour the claim in these strata, each counted as the share of strata in which it
 * does. */
static double count_wins(const double *d, int n_strata, int n) {
    double wins = 0;
    for (int i = 0; i < n_strata * n; i++)
        wins += d[i] > 0 ? 1 : d[i] == 0 ? 0.5 : 0;
    return wins / n_strata;
}

static void describe(const double *mean, const double *d, int n_strata, int n,
                     struct finding *finding) {
    double wins = count_wins(d, n_strata, n);
    finding->estimate = interquartile_mean(mean, n);
    finding->interval = bootstrap_interval(mean, n);
    finding->improvement = wins / n;
    finding->improvement_interval = share_interval(wins, n);
}

enum status decision_make(const struct question *question, struct decision *decision) {
    const double *mean;
    int n = question->n_seeds;
    enum status status = decide(question, decision, &mean);
    if (status)
        return status;
    describe(mean, question->d, question->n_strata, n, &decision->overall);
    for (int s = 0; s < question->n_strata; s++)
        describe(question->d + s * n, question->d + s * n, 1, n, &decision->strata[s]);
    struct flip_power power = sign_flip_power(mean, n, question->delta);
    decision->smallest_effect = power.effect;
    decision->smallest_margin = power.margin;
    return OK;
}

void decision_free(struct decision *decision) {
    pool_free(&decision->pool);
    *decision = (struct decision){0};
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

static const char *reason(const struct question *question, const struct decision *decision,
                          struct pool *pool) {
    const char *delta = rounded(question->delta, pool);
    if (decision->verdict == VERDICT_DEPENDS)
        return pool_format(pool, "over strata that differ (delta %s%s%s%s)", delta,
                           strata_with(decision, EFFECT_ABOVE, pool),
                           strata_with(decision, EFFECT_BELOW, pool),
                           strata_with(decision, EFFECT_WITHIN, pool));
    switch (decision->overall.tests.effect) {
    case EFFECT_ABOVE:
        return pool_format(pool, "above %s", delta);
    case EFFECT_BELOW:
        return pool_format(pool, "below -%s", delta);
    case EFFECT_WITHIN:
        return pool_format(pool, "within -%s and %s", delta, delta);
    default:
        return pool_format(
            pool,
            "not told apart from delta, %s; this many seeds find an effect of %s, or none at all "
            "to be within %s",
            delta, rounded(decision->smallest_effect, pool),
            rounded(decision->smallest_margin, pool));
    }
}

const char *decision_sentence(const struct question *question, const struct decision *decision,
                              struct pool *pool) {
    const struct finding *all = &decision->overall;
    return pool_format(pool, "%s: the difference is %s [%s, %s] with %d seeds, %s",
                       verdict_name(decision->verdict), rounded(all->estimate, pool),
                       rounded(all->interval.low, pool), rounded(all->interval.high, pool),
                       decision->n_seeds, reason(question, decision, pool));
}

/* ---- failures ---- */

struct failures failures_compare(int n_strata, int n_seeds, const bool *failed_first,
                                 const bool *failed_second) {
    struct failures failures = {0};
    for (int i = 0; i < n_seeds; i++) {
        int first = 0, second = 0;
        for (int s = 0; s < n_strata; s++) {
            first += failed_first[s * n_seeds + i];
            second += failed_second[s * n_seeds + i];
        }
        failures.first += first;
        failures.second += second;
        failures.n_more += first > second;
        failures.n_fewer += first < second;
    }
    failures.p = sign_test(failures.n_more, failures.n_fewer);
    return failures;
}
