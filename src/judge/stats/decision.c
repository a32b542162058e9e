/* The rule: from paired differences to a verdict, by sign-flip tests against delta. */
#include "judge/stats/decision.h"

#include <math.h>
#include <string.h>

#include "base/words.h"
#include "judge/stats/sign_flip.h"

/* ---- may it be asked? ---- */

/* Holm's first step multiplies the smallest p by the number of strata. */
static bool can_decide(double level, int n_seeds, int n_strata) {
    return sign_flip_floor(n_seeds) * n_strata <= level;
}

/* Why so few seeds cannot, and what would; NULL: they can. */
static const char *why_impossible(double level, int n_seeds, int n_strata, struct pool *pool) {
    if (n_seeds >= 1 && n_strata >= 1 && can_decide(level, n_seeds, n_strata))
        return NULL;
    if (n_strata < 1)
        return "no stratum: there is nothing to decide";
    int enough = n_seeds < 1 ? 1 : n_seeds, fewer = n_strata;
    while (!can_decide(level, enough, n_strata))
        enough++;
    while (fewer > 0 && (n_seeds < 1 || !can_decide(level, n_seeds, fewer)))
        fewer--;
    return fewer > 0
               ? pool_format(pool,
                             "%d seeds cannot decide in %d strata: take %d seeds, or at most %d %s",
                             n_seeds, n_strata, enough, fewer, fewer == 1 ? "stratum" : "strata")
               : pool_format(pool, "%d seed%s cannot decide anything: take %d", n_seeds,
                             plural(n_seeds), enough);
}

enum status decision_possible(double level, int n_seeds, int n_strata) {
    struct pool pool = {0};
    const char *why = why_impossible(level, n_seeds, n_strata, &pool);
    enum status status = why ? fail(ERROR_USAGE, "%s", why) : OK;
    pool_free(&pool);
    return status;
}

static double level_of(const struct question *question) {
    return question->level > 0 ? question->level : LEVEL;
}

static bool is_number(const struct question *question, int i) {
    return isfinite(question->d[i]) &&
           (!question->d_low || (isfinite(question->d_low[i]) && isfinite(question->d_high[i])));
}

static enum status check(const struct question *question) {
    if (question->n_seeds < 1 || question->n_strata < 1)
        return decision_possible(level_of(question), question->n_seeds, question->n_strata);
    if (!(question->delta > 0) || !isfinite(question->delta))
        return fail(ERROR_USAGE, "delta, the smallest effect that matters, must be above 0");
    for (int s = 0; s < question->n_strata; s++)
        for (int i = 0; i < question->n_seeds; i++)
            if (!is_number(question, s * question->n_seeds + i))
                return fail(ERROR_RESULTS,
                            "pair %d of stratum %d is not a number: a metric that diverged runs do "
                            "not have cannot be compared; take one that scores them, like "
                            "test_error_scored, or say as what they count (of a claim's metric "
                            "`diverged: NUMBER`)",
                            i + 1, s + 1);
    return OK;
}

/* ---- the numbers that are tested ---- */

/* The differences of one stratum, or averaged over all, as numbers of `unit` each: whole numbers of
 * rows where d are such. */
struct numbers {
    double *x; /* [n_seeds] */
    double unit, rounding /* in units */;
};

static bool is_whole(double x) {
    return fabs(x - nearbyint(x)) <= 1e-6;
}

/* Halves, from a median, are no whole numbers of rows. */
static bool counts_rows(const struct question *question) {
    bool whole = question->m > 0;
    for (int i = 0; i < question->n_strata * question->n_seeds && whole; i++)
        whole = is_whole(question->d[i] * (double)question->m);
    return whole;
}

static double largest_of(const struct question *question) {
    double largest = fmax(question->largest, question->delta);
    for (int i = 0; i < question->n_strata * question->n_seeds; i++) {
        largest = fmax(largest, fabs(question->d[i]));
        if (question->d_low)
            largest = fmax(largest, fmax(fabs(question->d_low[i]), fabs(question->d_high[i])));
    }
    return largest;
}

/* Of d (or d_low, d_high) in the strata from `first` on, n of them, averaged. */
static struct numbers numbers_of(const struct question *question, const double *d, int first, int n,
                                 struct pool *pool) {
    int n_seeds = question->n_seeds;
    double m = counts_rows(question) ? (double)question->m : 0, unit = m > 0 ? 1 / (m * n) : 1;
    struct numbers numbers = {pool_alloc(pool, (size_t)n_seeds * sizeof *numbers.x), unit,
                              FACTS_ROUNDING * largest_of(question) / unit};
    for (int s = first; s < first + n; s++)
        for (int i = 0; i < n_seeds; i++)
            numbers.x[i] += m > 0 ? nearbyint(d[s * n_seeds + i] * m) : d[s * n_seeds + i] / n;
    return numbers;
}

/* ---- tests ---- */

static struct finding_tests tests_of(struct facts facts) {
    return (struct finding_tests){
        .facts = facts,
        .p_zero = fmin(1, 2 * fmin(facts.p[EFFECT_POSITIVE], facts.p[EFFECT_NEGATIVE])),
    };
}

static struct facts facts_of(const struct question *question, const struct numbers *numbers) {
    return facts_test(numbers->x, question->n_seeds, question->delta / numbers->unit,
                      numbers->rounding);
}

/* What holds of d_low and of d_high. (Of what lies between it need not: p of an interquartile mean
 * is monotone in a shift of all values, and in a single one only nearly.) */
static struct facts facts_between(const struct question *question, int first, int n,
                                  struct pool *pool) {
    struct numbers low = numbers_of(question, question->d_low, first, n, pool),
                   high = numbers_of(question, question->d_high, first, n, pool);
    struct facts of_low = facts_of(question, &low), of_high = facts_of(question, &high);
    return facts_both(&of_low, &of_high);
}

/* Of the strata from `first` on, n of them, averaged. rows: theirs; NULL: over seeds only. */
static void test(const struct question *question, int first, int n, const struct row_parts *rows,
                 struct finding *finding) {
    struct pool pool = {0};
    struct numbers numbers = numbers_of(question, question->d, first, n, &pool);
    struct facts facts =
        question->d_low ? facts_between(question, first, n, &pool) : facts_of(question, &numbers);
    finding->estimate = interquartile_mean(numbers.x, question->n_seeds) * numbers.unit;
    finding->seeds_only = finding->tests = tests_of(facts);
    if (rows)
        finding->tests = tests_of(facts_with_rows(&facts, finding->estimate, question->delta,
                                                  rows->variance, numbers.rounding * numbers.unit));
    pool_free(&pool);
}

/* ---- the decision ---- */

static const struct row_parts *rows_of(const struct question *question, int place) {
    return question->rows ? &question->rows[place] : NULL;
}

/* Would ever more seeds of the same estimates come to the same word? */
static bool rows_forbid(const struct question *question, const struct decision *decision) {
    if (!question->rows || decision->withheld ||
        !(decision->verdict == VERDICT_INCONCLUSIVE || decision->verdict == VERDICT_SIGN_ONLY))
        return false;
    struct pool pool = {0};
    int n = decision->n_strata;
    double rounding = FACTS_ROUNDING * largest_of(question);
    struct decision endless = *decision, *only = &endless;
    endless.strata = pool_alloc(&pool, (size_t)n * sizeof *endless.strata);
    memcpy(endless.strata, decision->strata, (size_t)n * sizeof *endless.strata);
    for (int s = 0; s <= n; s++) {
        struct finding *finding = s < n ? &endless.strata[s] : &endless.overall;
        finding->tests = tests_of(facts_of_rows_alone(finding->estimate, question->delta,
                                                      question->rows[s].variance, rounding));
    }
    decisions_settle(1, &only);
    pool_free(&pool);
    return endless.verdict == decision->verdict;
}

enum status decision_test(const struct question *question, struct decision *decision) {
    enum status status = check(question);
    if (status)
        return status;
    int n = question->n_strata;
    *decision = (struct decision){.kind = question->kind,
                                  .level = level_of(question),
                                  .n_strata = n,
                                  .n_seeds = question->n_seeds,
                                  .has_rows = question->rows};
    decision->withheld =
        question->withheld ? question->withheld
                           : why_impossible(decision->level, question->n_seeds, n, &decision->pool);
    decision->strata = pool_alloc(&decision->pool, (size_t)n * sizeof *decision->strata);
    test(question, 0, n, rows_of(question, n), &decision->overall);
    for (int s = 0; s < n; s++)
        if (n > 1)
            test(question, s, 1, rows_of(question, s), &decision->strata[s]);
        else
            decision->strata[s] = decision->overall;
    decisions_settle(1, &decision);
    decision->rows_forbid = rows_forbid(question, decision);
    return OK;
}

/* ---- description ---- */

/* Seeds that favour the claim in these strata, each counted as the share of strata in which it
 * does. */
static double count_wins(const struct question *question, int first, int n) {
    double wins = 0, rounding = FACTS_ROUNDING * largest_of(question);
    for (int i = first * question->n_seeds; i < (first + n) * question->n_seeds; i++)
        wins += question->d[i] > rounding ? 1 : question->d[i] < -rounding ? 0 : 0.5;
    return wins / n;
}

/* Of the strata from `first` on, n of them, averaged. */
static void describe(const struct question *question, int first, int n,
                     const struct row_parts *rows, struct pool *pool, struct finding *finding) {
    int n_seeds = question->n_seeds;
    struct numbers numbers = numbers_of(question, question->d, first, n, pool);
    struct interval interval = bootstrap_interval(numbers.x, n_seeds);
    finding->interval =
        (struct interval){interval.low * numbers.unit, interval.high * numbers.unit};
    finding->interval_rows =
        rows ? rows_interval(finding->estimate, finding->interval, rows->variance)
             : finding->interval;
    double wins = count_wins(question, first, n);
    finding->improvement = wins / n_seeds;
    finding->improvement_interval = share_interval(wins, n_seeds);
}

enum status decision_make(const struct question *question, struct decision *decision) {
    enum status status = decision_test(question, decision);
    if (status)
        return status;
    int n = question->n_strata;
    struct pool *pool = &decision->pool;
    describe(question, 0, n, rows_of(question, n), pool, &decision->overall);
    for (int s = 0; s < n; s++)
        if (n > 1)
            describe(question, s, 1, rows_of(question, s), pool, &decision->strata[s]);
        else
            decision->strata[s] = decision->overall;
    struct numbers all = numbers_of(question, question->d, 0, n, pool);
    double variance = question->rows ? question->rows[n].variance : 0;
    struct flip_power power = sign_flip_power(all.x, question->n_seeds, question->delta / all.unit,
                                              decision->level, variance / all.unit / all.unit);
    decision->smallest_effect = power.effect * all.unit;
    decision->smallest_margin = power.margin * all.unit;
    return OK;
}

void decision_free(struct decision *decision) {
    pool_free(&decision->pool);
    *decision = (struct decision){0};
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
