/* What n differences settle: one-sided tests against -delta, 0 and delta, and which of their
 * answers comes first. */
#pragma once

/* Where the true difference d lies, in the order in which the rule asks: the first that is settled
 * gives the word. */
enum effect {
    EFFECT_ABOVE,     /* d > delta */
    EFFECT_BELOW,     /* d < -delta */
    EFFECT_WITHIN,    /* d < delta and d > -delta: p is the larger of the two */
    EFFECT_NEGATIVE,  /* d < 0 */
    EFFECT_NOT_ABOVE, /* d < delta */
    EFFECT_POSITIVE,  /* d > 0 */
    EFFECT_NOT_BELOW, /* d > -delta: a part of `within`, no answer by itself */
    EFFECT_OPEN,      /* nothing is settled */
};

/* "above", "below", "within", "below 0", "below delta", "above 0", ..., "undecided". */
const char *effect_name(enum effect effect);

/* One-sided p of each. What implies another has no smaller p: p of d > delta >= p of d > 0 >= p of
 * d > -delta, and likewise below, so that at one level answers never contradict each other. */
struct facts {
    double p[EFFECT_OPEN];
};

/* |a - b| up to this part of the largest figure that went into a test is a rounding: 0. */
#define FACTS_ROUNDING 1e-12

/* Sign flips (sign_flip.h) of x - c at c = -delta, 0, delta. x [n]; what is no larger than
 * `rounding` is 0. Swapped arms, -x, give the mirrored p to the bit. */
struct facts facts_test(const double *x, int n, double delta, double rounding);

/* Of two readings of the same data: what holds if it holds both times, the larger p of each. */
struct facts facts_both(const struct facts *one, const struct facts *other);

/* The same over seeds and rows: each p becomes rows_p, with the distance of the estimate from c in
 * the direction asked, and the variance of the estimate by the choice of the rows. */
struct facts facts_with_rows(const struct facts *seeds, double estimate, double delta,
                             double variance, double rounding);
/* What facts_with_rows comes to with ever more seeds of the same estimate: what the rows alone
 * forbid is not to be settled. */
struct facts facts_of_rows_alone(double estimate, double delta, double variance, double rounding);

/* The first of `above` to `last` with p <= level, or EFFECT_OPEN. */
enum effect facts_first(const double *p, enum effect last, double level);
