/* Effect sizes of paired figures. */
#include "judge/stats/effect_size.h"

#include <math.h>
#include <stdbool.h>

/* ---- ratio ---- */

/* less - r more, which falls with r: its interquartile mean, and the ends of its interval, are 0 at
 * the ratio and at the ends of the ratio's interval (Fieller 1954, "Some problems in interval
 * estimation"). So it agrees with the difference, on which side of 1 and of 0, and swapped arms
 * give the reciprocals. */
struct remainder {
    int n;
    const double *more, *less; /* [n] more > 0, less >= 0 */
    double *x;                 /* [n] */
};

typedef double end_of(const struct remainder *remainder);

static double mean_of(const struct remainder *remainder) {
    return interquartile_mean(remainder->x, remainder->n);
}

static double low_of(const struct remainder *remainder) {
    return bootstrap_interval(remainder->x, remainder->n).low;
}

static double high_of(const struct remainder *remainder) {
    return bootstrap_interval(remainder->x, remainder->n).high;
}

/* Between the smallest ratio of a pair and the largest. */
static double root_of(const struct remainder *remainder, end_of *end) {
    enum { HALVINGS = 32 };
    double low = INFINITY, high = 0;
    for (int i = 0; i < remainder->n; i++) {
        low = fmin(low, remainder->less[i] / remainder->more[i]);
        high = fmax(high, remainder->less[i] / remainder->more[i]);
    }
    for (int k = 0; k < HALVINGS && low < high; k++) {
        double middle = low + (high - low) / 2;
        for (int i = 0; i < remainder->n; i++)
            remainder->x[i] = remainder->less[i] - middle * remainder->more[i];
        *(end(remainder) > 0 ? &low : &high) = middle;
    }
    return low + (high - low) / 2;
}

static bool has_ratio(const struct remainder *remainder) {
    bool has = remainder->n > 1;
    for (int i = 0; i < remainder->n; i++)
        has &= remainder->more[i] > 0 && remainder->less[i] >= 0;
    return has;
}

static void set_ratio(const double *more, const double *less, int n, struct effect_size *size) {
    struct pool pool = {0};
    struct remainder remainder = {n, more, less, pool_alloc(&pool, (size_t)n * sizeof(double))};
    bool has = has_ratio(&remainder);
    size->ratio = has ? root_of(&remainder, mean_of) : NAN;
    size->ratio_interval.low = has ? root_of(&remainder, low_of) : NAN;
    size->ratio_interval.high = has ? root_of(&remainder, high_of) : NAN;
    pool_free(&pool);
}

/* ---- all of it ---- */

struct effect_size effect_size_of(const struct decision *decision, const double *more,
                                  const double *less) {
    int n = decision->n_seeds;
    bool equality = decision->kind == CLAIM_EQUALITY;
    struct effect_size size = {.more = interquartile_mean(more, n),
                               .less = interquartile_mean(less, n),
                               .decidable = equality ? decision->smallest_margin
                                                     : decision->smallest_effect};
    set_ratio(more, less, n, &size);
    return size;
}
