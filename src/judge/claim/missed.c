/* What runs that never got to a target leave open: the smallest and the largest differences, each
 * by itself. */
#include "judge/claim/missed.h"

/* One counting, d averaged over the strata. */
struct counting {
    double estimate;
    enum verdict verdict; /* by its own tests; strata have no part in it */
};

static struct counting count(const struct question *asked, const double *d) {
    struct pool pool = {0};
    int n = asked->n_seeds;
    double *mean = pool_alloc(&pool, (size_t)n * sizeof *mean);
    for (int i = 0; i < asked->n_strata * n; i++)
        mean[i % n] += d[i] / asked->n_strata;
    struct question alone = *asked;
    alone.n_strata = 1;
    alone.d = mean;
    alone.d_low = alone.d_high = NULL;
    struct counting counting = {interquartile_mean(mean, n), VERDICT_INCONCLUSIVE};
    struct decision decision;
    if (decision_test(&alone, &decision) == OK) {
        counting.verdict = decision.verdict;
        decision_free(&decision);
    }
    pool_free(&pool);
    return counting;
}

/* The truth has more steps in the arms that missed. */
static const char *bound(const struct missed *missed, double estimate, struct pool *pool) {
    if (missed->n_more && missed->n_less)
        return "how large it is stays open";
    return pool_format(pool, "it is at %s %.3g", missed->n_more ? "least" : "most", estimate);
}

void missed_describe(const struct question *asked, const struct decision *decision,
                     const char *more, const char *less, struct missed *missed, struct pool *pool) {
    struct counting once = count(asked, asked->d), low = count(asked, asked->d_low),
                    high = count(asked, asked->d_high);
    missed->at_least = decision->verdict != VERDICT_DEPENDS &&
                       (low.verdict != decision->verdict || high.verdict != decision->verdict);
    missed->sentence = pool_format(
        pool,
        "%d run%s of %s and %d of %s never got to the target. Counted as their planned steps the "
        "difference is %.3g, as up to twice these from %.3g to %.3g: %s.",
        missed->n_more, missed->n_more == 1 ? "" : "s", more, missed->n_less, less, once.estimate,
        low.estimate, high.estimate, bound(missed, once.estimate, pool));
    if (missed->at_least)
        missed->sentence = pool_format(
            pool, "%s The smallest is %s by itself, the largest %s; what holds of both counts.",
            missed->sentence, verdict_name(low.verdict), verdict_name(high.verdict));
}
