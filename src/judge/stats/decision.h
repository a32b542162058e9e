/* The rule: from one difference a seed and stratum to a verdict.
 *
 * Seeds are the unit: strata of one seed belong together, and are averaged or permuted together.
 * Tests are sign flips of the interquartile mean, one-sided at one level, of d shifted by -delta, 0
 * and delta; of several strata adjusted after Holm. Where it is known which test rows each run got
 * wrong, tests over seeds and rows decide. docs/statistics.md gives reasons and error rates. */
#pragma once

#include <stdbool.h>

#include "base/pool.h"
#include "base/status.h"
#include "judge/stats/facts.h"
#include "judge/stats/looks.h"
#include "judge/stats/rows.h"
#include "judge/stats/statistics.h"

enum claim_kind { CLAIM_DIRECTION, CLAIM_EQUALITY };
enum verdict {
    VERDICT_SUPPORTED,
    VERDICT_REFUTED,
    VERDICT_DEPENDS,
    VERDICT_INCONCLUSIVE,
    VERDICT_SMALL,          /* true in sign, and smaller than what was declared to matter */
    VERDICT_SIGN_ONLY,      /* the sign is settled, that it is larger than delta is not */
    VERDICT_PREMISE_NOT_MET /* of a rule over questions (rule.h) */
};

const char *verdict_name(enum verdict verdict); /* "supported", ..., "sign only", ... */

struct question {
    enum claim_kind kind;
    double delta; /* the smallest effect that matters, in the unit of d; > 0 */
    int n_strata, n_seeds;
    const double *d; /* [n_strata][n_seeds], positive where it favours the claim; paired by seed */
    /* The same where d is not known, only between what it lies: a fact holds if it holds of both.
     * NULL: d is known. Estimate, interval and power are of d. */
    const double *d_low, *d_high;
    double level;   /* one-sided, of each test; 0: LEVEL */
    double largest; /* the largest figure that d was made of, for ties; 0: the largest |d| */
    long m;         /* d is whole numbers of rows out of m; 0: any numbers */
    const struct row_parts *rows; /* [n_strata + 1] each stratum's, then their average's; NULL: over
                                     seeds only */
    const char *withheld; /* why no numbers shall decide, as "but ..." goes on; NULL: they may */
};

/* The tests of one stratum, or of all together. */
struct finding_tests {
    struct facts facts;             /* unadjusted */
    double holm[EFFECT_WITHIN + 1]; /* p of above, below, within; of strata adjusted after Holm,
                                       each of the three over all strata */
    double p_zero;                  /* two-sided, of no difference; never adjusted */
    enum effect effect;             /* of strata: above, below, within or open */
};

struct finding {
    struct finding_tests tests;      /* what decides: over seeds and rows where there are rows */
    struct finding_tests seeds_only; /* over seeds; the same where there are no rows */
    double estimate;                 /* interquartile mean over seeds */
    struct interval interval;        /* bootstrap_interval(), of this finding alone: over seeds */
    struct interval interval_rows;   /* rows_interval(); the same where there are no rows */
    /* How often the same seed came out in favour of the claim, equal ones half: P(A > B). */
    double improvement;
    struct interval improvement_interval;
};

struct decision {
    struct pool pool;
    enum claim_kind kind;
    double level;
    int n_strata, n_seeds;
    bool has_rows;
    enum verdict verdict;    /* refuted: overall.tests.effect says in which way */
    enum verdict seeds_only; /* by the tests over seeds; where only they decide, "on these test rows
                                only" */
    struct finding overall;  /* of d averaged over strata */
    struct finding *strata;  /* [n_strata]; of one stratum p as in overall */
    /* What these seeds, and rows where there are some, could have shown with 80 % power
     * (sign_flip.h): a true difference of this size to be above delta; none at all to be within
     * this margin. */
    double smallest_effect, smallest_margin;
    const char *withheld; /* why the verdict is inconclusive whatever the numbers say; NULL: it
                             is by them */
    /* However many seeds of the same estimate follow, the rows forbid another word. */
    bool rows_forbid;
};

/* Can this many seeds decide anything in this many strata? ERROR_USAGE with a sentence that says
 * what would: more seeds, or fewer strata. To be asked before anything is trained. */
enum status decision_possible(double level, int n_seeds, int n_strata);

/* The whole decision. Where it is not possible, the numbers come without a verdict: `withheld`.
 * ERROR_USAGE: no seed or no stratum, delta not above 0; ERROR_RESULTS: d has a value that is no
 * number. Give it back with decision_free. Some tenths of a second. */
enum status decision_make(const struct question *question, struct decision *decision);
/* Only the tests and the verdict; intervals and power are 0. 1 ms. */
enum status decision_test(const struct question *question, struct decision *decision);
void decision_free(struct decision *decision);

/* Holm over the strata of all these decisions together, then effects and words anew: a function of
 * the p in `facts` alone. Of one decision by itself decision_make has done so. */
void decisions_settle(int n, struct decision *const *decisions);

/* "supported: the difference is 0.0123 [0.0094, 0.0151] with 10 seeds, above 0.005". */
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
