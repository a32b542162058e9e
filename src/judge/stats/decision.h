/* The rule: from one difference a seed and stratum to a verdict.
 *
 * Seeds are the unit: strata of one seed belong together, and are averaged or permuted together.
 * Tests are sign flips of the interquartile mean, one-sided at .025, of d shifted by delta; of
 * several strata adjusted after Holm. docs/statistics.md gives reasons and error rates. */
#pragma once

#include <stdbool.h>

#include "base/pool.h"
#include "base/status.h"
#include "judge/stats/statistics.h"

enum claim_kind { CLAIM_DIRECTION, CLAIM_EQUALITY };
enum verdict { VERDICT_SUPPORTED, VERDICT_REFUTED, VERDICT_DEPENDS, VERDICT_INCONCLUSIVE };

/* Where the true difference lies: above delta, below -delta, between the two, or undecided. */
enum effect { EFFECT_ABOVE, EFFECT_BELOW, EFFECT_WITHIN, EFFECT_OPEN };

const char *verdict_name(enum verdict verdict); /* "supported", ... */
const char *effect_name(enum effect effect);    /* "above", ... */

struct question {
    enum claim_kind kind;
    double delta; /* the smallest effect that matters, in the unit of d; > 0 */
    int n_strata, n_seeds;
    const double *d; /* [n_strata][n_seeds], positive where it favours the claim; paired by seed */
};

/* The tests of one stratum, or of all together. */
struct finding_tests {
    double p[EFFECT_OPEN]; /* of above, below, within: one-sided; of strata adjusted after Holm */
    double p_zero;         /* two-sided, of no difference; never adjusted */
    enum effect effect;
};

struct finding {
    struct finding_tests tests;
    double estimate;          /* interquartile mean over seeds */
    struct interval interval; /* bootstrap_interval(), of this finding alone */
    /* How often the same seed came out in favour of the claim, equal ones half: P(A > B). */
    double improvement;
    struct interval improvement_interval;
};

struct decision {
    struct pool pool;
    int n_strata, n_seeds;
    enum verdict verdict;   /* refuted: overall.tests.effect says whether below or within */
    struct finding overall; /* of d averaged over strata */
    struct finding *strata; /* [n_strata]; of one stratum p as in overall */
    /* What this n could have shown with 80 % power (sign_flip.h): a true difference of this size to
     * be above delta; none at all to be within this margin. */
    double smallest_effect, smallest_margin;
};

/* Can this many seeds decide anything in this many strata? ERROR_USAGE with a sentence that says
 * what would: more seeds, or fewer strata. To be asked before anything is trained. */
enum status decision_possible(int n_seeds, int n_strata);

/* The whole decision. ERROR_USAGE: not possible, delta not above 0; ERROR_RESULTS: d has a value
 * that is no number. Give it back with decision_free. Some tenths of a second. */
enum status decision_make(const struct question *question, struct decision *decision);
/* Only the tests and the verdict; estimates, intervals and power are 0. 1 ms. */
enum status decision_test(const struct question *question, struct decision *decision);
void decision_free(struct decision *decision);

/* "supported: 0.0123 [0.0094, 0.0151] is above 0.005, 10 seeds". */
const char *decision_sentence(const struct question *question, const struct decision *decision,
                              struct pool *pool);

/* Failed runs of the two arms, counted: an interquartile mean does not see one in five. */
struct failures {
    int first, second;   /* runs that failed in each arm, over all strata */
    int n_more, n_fewer; /* seeds with more failures in the first arm than in the second; fewer */
    double p;            /* exact two-sided sign test on those seeds; with one stratum McNemar's */
};

/* failed_first, failed_second [n_strata][n_seeds]. */
struct failures failures_compare(int n_strata, int n_seeds, const bool *failed_first,
                                 const bool *failed_second);
