/* Six one-sided tests of a difference, over seeds and over seeds and rows. */
#include "judge/stats/facts.h"

#include <math.h>

#include "base/pool.h"
#include "judge/stats/distribution.h"
#include "judge/stats/rows.h"
#include "judge/stats/sign_flip.h"

const char *effect_name(enum effect effect) {
    static const char *const names[] = {"above",       "below",   "within",       "below 0",
                                        "below delta", "above 0", "above -delta", "undecided"};
    return names[effect];
}

/* A test asks of one margin c, -delta, 0 or delta: is d > c, or d < c? */
static const struct test {
    int margin, side; /* c = margin * delta; 1: d > c, -1: d < c */
} tests[EFFECT_OPEN] = {
    [EFFECT_ABOVE] = {1, 1},      [EFFECT_BELOW] = {-1, -1},  [EFFECT_NEGATIVE] = {0, -1},
    [EFFECT_NOT_ABOVE] = {1, -1}, [EFFECT_POSITIVE] = {0, 1}, [EFFECT_NOT_BELOW] = {-1, 1},
    [EFFECT_WITHIN] = {0, 0},
};

static double zero_or(double x, double rounding) {
    return fabs(x) <= rounding ? 0 : x;
}

/* Ties may let a stronger statement come out with the smaller p: it takes that of the weaker. */
static void nest(struct facts *facts) {
    double *p = facts->p;
    p[EFFECT_POSITIVE] = fmax(p[EFFECT_POSITIVE], p[EFFECT_NOT_BELOW]);
    p[EFFECT_ABOVE] = fmax(p[EFFECT_ABOVE], p[EFFECT_POSITIVE]);
    p[EFFECT_NEGATIVE] = fmax(p[EFFECT_NEGATIVE], p[EFFECT_NOT_ABOVE]);
    p[EFFECT_BELOW] = fmax(p[EFFECT_BELOW], p[EFFECT_NEGATIVE]);
    p[EFFECT_WITHIN] = fmax(p[EFFECT_NOT_ABOVE], p[EFFECT_NOT_BELOW]);
}

struct facts facts_test(const double *x, int n, double delta, double rounding) {
    struct pool pool = {0};
    double *shifted = pool_alloc(&pool, (size_t)n * sizeof *shifted);
    struct flip_test at[3]; /* -delta, 0, delta */
    for (int margin = -1; margin <= 1; margin++) {
        for (int i = 0; i < n; i++)
            shifted[i] = zero_or(x[i] - margin * delta, rounding);
        at[margin + 1] = sign_flip_test(shifted, n, rounding);
    }
    pool_free(&pool);
    struct facts facts;
    for (enum effect e = 0; e < EFFECT_OPEN; e++) {
        const struct flip_test *test = &at[tests[e].margin + 1];
        facts.p[e] = tests[e].side > 0 ? test->upper : test->lower;
    }
    nest(&facts);
    return facts;
}

struct facts facts_both(const struct facts *one, const struct facts *other) {
    struct facts both;
    for (enum effect e = 0; e < EFFECT_OPEN; e++)
        both.p[e] = fmax(one->p[e], other->p[e]);
    return both;
}

/* ---- rows ---- */

static double distance_of(enum effect e, double estimate, double delta, double rounding) {
    return tests[e].side * zero_or(estimate - tests[e].margin * delta, rounding);
}

struct facts facts_with_rows(const struct facts *seeds, double estimate, double delta,
                             double variance, double rounding) {
    struct facts facts = *seeds;
    for (enum effect e = 0; e < EFFECT_OPEN; e++)
        if (e != EFFECT_WITHIN)
            facts.p[e] = rows_p(seeds->p[e], distance_of(e, estimate, delta, rounding), variance);
    nest(&facts);
    return facts;
}

struct facts facts_of_rows_alone(double estimate, double delta, double variance, double rounding) {
    struct facts facts = {{0}};
    for (enum effect e = 0; e < EFFECT_OPEN; e++) {
        double distance = distance_of(e, estimate, delta, rounding);
        facts.p[e] = !(distance > 0) ? 1
                     : variance > 0  ? normal_cdf(-distance / sqrt(variance))
                                     : 0;
    }
    nest(&facts);
    return facts;
}

/* ---- answers ---- */

enum effect facts_first(const double *p, enum effect last, double level) {
    for (enum effect e = EFFECT_ABOVE; e <= last; e++)
        if (p[e] <= level)
            return e;
    return EFFECT_OPEN;
}
