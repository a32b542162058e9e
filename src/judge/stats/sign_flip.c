/* Sign-flip permutation tests of an interquartile mean. */
#include "judge/stats/sign_flip.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "base/random.h"
#include "judge/stats/statistics.h"

enum stream { STREAM_FLIPS = 1, STREAM_POWER = 2 }; /* 0: the bootstrap's */

/* The data of a test as sizes in ascending order and signs. */
struct flips {
    int n;
    double *w, *size;    /* [n] */
    bool *negative;      /* [n] the data's own signs */
    uint32_t *pattern;   /* [n/32 + 4] bit i: size[i] is negative */
    struct entry *entry; /* [n] */
};

struct entry {
    double value;
    int index;
};

static void flips_create(int n, struct pool *pool, struct flips *flips) {
    size_t size = (size_t)n;
    *flips = (struct flips){n,
                            pool_alloc(pool, size * sizeof *flips->w),
                            pool_alloc(pool, size * sizeof *flips->size),
                            pool_alloc(pool, size * sizeof *flips->negative),
                            pool_alloc(pool, (size / 32 + 4) * sizeof *flips->pattern),
                            pool_alloc(pool, size * sizeof *flips->entry)};
    interquartile_weights(n, flips->w);
}

static int compare_sizes(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    double s = fabs(x->value), t = fabs(y->value);
    return s != t ? (s > t) - (s < t) : (x->index > y->index) - (x->index < y->index);
}

/* The data x + shift. */
static void flips_set(struct flips *flips, const double *x, double shift) {
    int n = flips->n;
    for (int i = 0; i < n; i++)
        flips->entry[i] = (struct entry){x[i] + shift, i};
    qsort(flips->entry, (size_t)n, sizeof *flips->entry, compare_sizes);
    for (int i = 0; i < n; i++) {
        double apart = 1 + 1e-9 * i / n;
        flips->size[i] = fabs(flips->entry[i].value) * apart;
        flips->negative[i] = flips->entry[i].value < 0;
    }
}

/* ---- one pattern ---- */

/* 1: negative. */
static int bit_of(const uint32_t *pattern, int i) {
    return (int)(pattern[i / 32] >> (i % 32) & 1);
}

/* The interquartile mean under a pattern of signs, without sorting: the negative values come first,
 * the largest size ahead; then the others, the smallest size ahead. No branch in the loop: nobody
 * could foresee it. */
static double pattern_mean(const struct flips *flips, const uint32_t *pattern) {
    int n_negative = 0;
    for (int i = 0; i < flips->n; i++)
        n_negative += bit_of(pattern, i);
    double sum = 0;
    int rank[2] = {n_negative, n_negative - 1}; /* the next one's, by sign */
    static const int step[2] = {1, -1};
    for (int i = 0; i < flips->n; i++) {
        int sign = bit_of(pattern, i);
        sum += step[sign] * flips->w[rank[sign]] * flips->size[i];
        rank[sign] += step[sign];
    }
    return sum;
}

static double own_mean(struct flips *flips) {
    memset(flips->pattern, 0, ((size_t)flips->n / 32 + 4) * sizeof *flips->pattern);
    for (int i = 0; i < flips->n; i++)
        flips->pattern[i / 32] |= (uint32_t)flips->negative[i] << (i % 32);
    return pattern_mean(flips, flips->pattern);
}

static void draw_pattern(struct flips *flips, uint64_t index) {
    const struct random_key key = {0, RANDOM_RESAMPLE, STREAM_FLIPS};
    uint64_t n_blocks = (uint64_t)flips->n / 128 + 1;
    for (uint64_t b = 0; 4 * b * 32 < (uint64_t)flips->n; b++)
        random_words(key, index * n_blocks + b, flips->pattern + 4 * b);
}

/* ---- the test ---- */

/* Counts of patterns whose mean is at least, at most the data's own. */
struct tally {
    double own, rounding; /* sums that are equal may differ in the last bits */
    uint32_t upper, lower;
};

static void tally_add(struct tally *tally, double mean) {
    tally->upper += mean >= tally->own - tally->rounding;
    tally->lower += mean <= tally->own + tally->rounding;
}

/* With all patterns up to n = `exact`, of which half mirror the others; beyond that with n_random.
 */
static struct flip_test test_flips(struct flips *flips, int exact, uint32_t n_random) {
    struct tally tally = {.own = own_mean(flips), .rounding = 1e-13 * flips->size[flips->n - 1]};
    bool all = flips->n <= exact;
    uint32_t n_patterns = all ? 1u << flips->n : n_random;
    for (uint32_t k = 0; all && k < n_patterns / 2; k++) {
        flips->pattern[0] = k;
        double mean = pattern_mean(flips, flips->pattern);
        tally_add(&tally, mean);
        tally_add(&tally, -mean);
    }
    if (!all)
        tally_add(&tally, tally.own);
    for (uint32_t k = 1; !all && k < n_patterns; k++) {
        draw_pattern(flips, k);
        tally_add(&tally, pattern_mean(flips, flips->pattern));
    }
    return (struct flip_test){(double)tally.upper / n_patterns, (double)tally.lower / n_patterns};
}

struct flip_test sign_flip_test(const double *x, int n) {
    struct pool pool = {0};
    struct flips flips;
    flips_create(n, &pool, &flips);
    flips_set(&flips, x, 0);
    struct flip_test test = test_flips(&flips, FLIPS_EXACT, FLIPS_RANDOM);
    pool_free(&pool);
    return test;
}

double sign_flip_floor(int n) {
    return ldexp(1, n / 4 - n);
}

/* ---- power ---- */

static const double level = 0.025;

/* Resamples of the scatter, and a test to put them to. */
struct power_study {
    struct flips flips;
    double *draws; /* [FLIP_POWER_DRAWS][n] */
    double delta;
};

static struct flip_test power_test(struct power_study *study, const double *draw, double shift) {
    enum { POWER_EXACT = 10, POWER_RANDOM = 1 << 10 };
    flips_set(&study->flips, draw, shift);
    return test_flips(&study->flips, POWER_EXACT, POWER_RANDOM);
}

static bool finds_effect(struct power_study *study, const double *draw, double effect) {
    return power_test(study, draw, effect - study->delta).upper <= level;
}

static bool finds_within(struct power_study *study, const double *draw, double margin) {
    return power_test(study, draw, margin).upper <= level &&
           power_test(study, draw, -margin).lower <= level;
}

static void draw_scatter(const double *x, int n, struct power_study *study) {
    const struct random_key key = {0, RANDOM_RESAMPLE, STREAM_POWER};
    double center = interquartile_mean(x, n), widen = sqrt(n / (n - 1.0));
    for (int i = 0; i < FLIP_POWER_DRAWS * n; i++)
        study->draws[i] = widen * (x[random_below(key, (uint64_t)i, (uint32_t)n)] - center);
}

typedef bool finding(struct power_study *study, const double *draw, double value);

static bool has_power(struct power_study *study, finding *finds, double value) {
    int n_found = 0;
    for (int r = 0; r < FLIP_POWER_DRAWS; r++)
        n_found += finds(study, study->draws + (size_t)r * (size_t)study->flips.n, value);
    return n_found >= 0.8 * FLIP_POWER_DRAWS;
}

/* The smallest value above `low` with power, to a fiftieth of the spread, or to the last digit. */
static double smallest_with_power(struct power_study *study, finding *finds, double low,
                                  double spread) {
    double step = spread;
    while (!has_power(study, finds, low + step))
        step *= 2;
    double high = low + step;
    for (double middle = (low + high) / 2;
         high - low > 0.02 * spread && low < middle && middle < high; middle = (low + high) / 2)
        *(has_power(study, finds, middle) ? &high : &low) = middle;
    return high;
}

static double spread_of(const double *x, int n) {
    double squares = 0, center = interquartile_mean(x, n);
    for (int i = 0; i < n; i++)
        squares += (x[i] - center) * (x[i] - center);
    return sqrt(squares / n);
}

struct flip_power sign_flip_power(const double *x, int n, double delta) {
    double spread = spread_of(x, n);
    if (!(sign_flip_floor(n) <= level) || !isfinite(spread))
        return (struct flip_power){NAN, NAN};
    if (spread <= 0)
        return (struct flip_power){delta, 0}; /* whatever lies beyond is found */
    struct pool pool = {0};
    struct power_study study = {.delta = delta};
    flips_create(n, &pool, &study.flips);
    study.draws = pool_alloc(&pool, (size_t)FLIP_POWER_DRAWS * (size_t)n * sizeof *study.draws);
    draw_scatter(x, n, &study);
    struct flip_power power = {smallest_with_power(&study, finds_effect, delta, spread),
                               smallest_with_power(&study, finds_within, 0, spread)};
    pool_free(&pool);
    return power;
}
