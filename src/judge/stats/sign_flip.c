/* Sign-flip permutation tests of an interquartile mean. */
#include "judge/stats/sign_flip.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "base/random.h"
#include "base/sort.h"
#include "judge/stats/rows.h"
#include "judge/stats/statistics.h"

enum stream { STREAM_FLIPS = 1, STREAM_POWER = 2, STREAM_POWER_ROWS = 3 }; /* 0: the bootstrap's */

/* The data of a test as sizes in ascending order and signs. */
struct flips {
    int n;
    double rounding;
    bool has_ties;
    double *w, *size;    /* [n] */
    double *offset;      /* [n] size's part in e */
    bool *own;           /* [n] size[i] is negative in the data */
    bool *negative;      /* [n] in a pattern */
    uint32_t *words;     /* [n/32 + 4] of a random pattern, bit i for x[i] */
    struct entry *entry; /* [n] */
};

struct entry {
    double value;
    int index;
};

static void flips_create(int n, struct pool *pool, struct flips *flips) {
    size_t size = (size_t)n;
    *flips = (struct flips){.n = n,
                            .w = pool_alloc(pool, size * sizeof *flips->w),
                            .size = pool_alloc(pool, size * sizeof *flips->size),
                            .offset = pool_alloc(pool, size * sizeof *flips->offset),
                            .own = pool_alloc(pool, size * sizeof *flips->own),
                            .negative = pool_alloc(pool, size * sizeof *flips->negative),
                            .words = pool_alloc(pool, (size / 32 + 4) * sizeof *flips->words),
                            .entry = pool_alloc(pool, size * sizeof *flips->entry)};
    interquartile_weights(n, flips->w);
}

static int compare_sizes(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    double s = fabs(x->value), t = fabs(y->value);
    return s != t ? (s > t) - (s < t) : (x->index > y->index) - (x->index < y->index);
}

static int compare_places(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    return (x->index > y->index) - (x->index < y->index);
}

/* Sizes that differ by a rounding become those of the first of them, in the order of x. */
static void join_ties(struct flips *flips) {
    struct entry *entry = flips->entry;
    for (int from = 0, to; from < flips->n; from = to) {
        double size = fabs(entry[from].value);
        for (to = from + 1; to < flips->n; to++)
            if (fabs(entry[to].value) - size > flips->rounding)
                break;
        sort_items(entry + from, (size_t)(to - from), sizeof *entry, compare_places);
        for (int i = from; i < to; i++) {
            flips->size[i] = size;
            flips->offset[i] = (i - from) * size;
        }
        flips->has_ties |= to - from > 1 && size > 0;
    }
}

/* The data x + shift. */
static void flips_set(struct flips *flips, const double *x, double shift, double rounding) {
    int n = flips->n;
    for (int i = 0; i < n; i++)
        flips->entry[i] = (struct entry){x[i] + shift, i};
    sort_items(flips->entry, (size_t)n, sizeof *flips->entry, compare_sizes);
    flips->rounding = rounding;
    flips->has_ties = false;
    join_ties(flips);
    for (int i = 0; i < n; i++)
        flips->own[i] = flips->entry[i].value < 0;
}

/* ---- one pattern ---- */

/* The interquartile mean under the signs `negative` of sizes, or of their offsets, without sorting:
 * the negative values come first, the largest size ahead; then the others, the smallest size ahead.
 * No branch in the loop: nobody could foresee it. */
static double pattern_mean(const struct flips *flips, const bool *negative, const double *values) {
    int n_negative = 0;
    for (int i = 0; i < flips->n; i++)
        n_negative += negative[i];
    double sum = 0;
    int rank[2] = {n_negative, n_negative - 1}; /* the next one's, by sign */
    static const int step[2] = {1, -1};
    for (int i = 0; i < flips->n; i++) {
        int sign = negative[i];
        sum += step[sign] * flips->w[rank[sign]] * values[i];
        rank[sign] += step[sign];
    }
    return sum;
}

/* Pattern k of all: bit i is that of size[i]. */
static void set_pattern(struct flips *flips, uint32_t k) {
    for (int i = 0; i < flips->n; i++)
        flips->negative[i] = k >> i & 1;
}

/* Random pattern k: bit i flips x[i]. Of k = 0 no bit is set: the data's own. */
static void draw_pattern(struct flips *flips, uint64_t k) {
    const struct random_key key = {0, RANDOM_RESAMPLE, STREAM_FLIPS};
    uint64_t n = (uint64_t)flips->n, n_blocks = n / 128 + 1;
    for (uint64_t b = 0; 128 * b < n && k > 0; b++)
        random_words(key, k * n_blocks + b, flips->words + 4 * b);
    for (int i = 0; i < flips->n; i++) {
        int place = flips->entry[i].index;
        bool flipped = k > 0 && flips->words[place / 32] >> (place % 32) & 1;
        flips->negative[i] = flips->own[i] ^ flipped;
    }
}

/* ---- the test ---- */

/* Counts of patterns whose mean is at least, at most the data's own. */
struct tally {
    double mean, offset; /* the data's own */
    uint32_t upper, lower;
};

/* 1: more than the data's own, -1: less, 0: equal. */
static int compare_means(double mean, double own, double rounding) {
    return mean > own + rounding ? 1 : mean < own - rounding ? -1 : 0;
}

/* The pattern `negative` and its mirror. */
static void tally_pair(const struct flips *flips, struct tally *tally) {
    double mean = pattern_mean(flips, flips->negative, flips->size), offset = 0;
    for (int sign = 1; sign >= -1; sign -= 2) {
        int order = compare_means(sign * mean, tally->mean, flips->rounding);
        if (order == 0 && flips->has_ties) {
            offset = pattern_mean(flips, flips->negative, flips->offset);
            order = compare_means(sign * offset, tally->offset, flips->rounding);
        }
        tally->upper += order >= 0;
        tally->lower += order <= 0;
    }
}

/* With all patterns up to n = `exact`, beyond that with n_random; half mirror the others. */
static struct flip_test test_flips(struct flips *flips, int exact, uint32_t n_random) {
    struct tally tally = {.mean = pattern_mean(flips, flips->own, flips->size),
                          .offset = pattern_mean(flips, flips->own, flips->offset)};
    bool all = flips->n <= exact;
    uint32_t n_patterns = all ? 1u << flips->n : n_random;
    for (uint32_t k = 0; k < n_patterns / 2; k++) {
        if (all)
            set_pattern(flips, k);
        else
            draw_pattern(flips, k);
        tally_pair(flips, &tally);
    }
    return (struct flip_test){(double)tally.upper / n_patterns, (double)tally.lower / n_patterns};
}

/* Sums of values round their last digits, too. */
static double at_least_rounding(double rounding, const double *x, int n) {
    for (int i = 0; i < n; i++)
        rounding = fmax(rounding, 1e-13 * fabs(x[i]));
    return rounding;
}

struct flip_test sign_flip_test(const double *x, int n, double rounding) {
    struct pool pool = {0};
    struct flips flips;
    flips_create(n, &pool, &flips);
    flips_set(&flips, x, 0, at_least_rounding(rounding, x, n));
    struct flip_test test = test_flips(&flips, FLIPS_EXACT, FLIPS_RANDOM);
    pool_free(&pool);
    return test;
}

double sign_flip_floor(int n) {
    return ldexp(1, n / 4 - n);
}

/* ---- power ---- */

/* Resamples of the scatter, and a test to put them to. */
struct power_study {
    struct flips flips;
    double *draws;     /* [FLIP_POWER_DRAWS][n] */
    double *estimates; /* [FLIP_POWER_DRAWS] */
    double delta, level, variance, rounding;
};

/* One-sided p of draw r, shifted: that the truth lies above 0, that it lies below. */
static struct flip_test power_test(struct power_study *study, int r, double shift) {
    enum { POWER_EXACT = 10, POWER_RANDOM = 1 << 10 };
    double estimate = study->estimates[r] + shift;
    flips_set(&study->flips, study->draws + (long)r * study->flips.n, shift, study->rounding);
    struct flip_test test = test_flips(&study->flips, POWER_EXACT, POWER_RANDOM);
    if (study->variance > 0)
        test = (struct flip_test){rows_p(test.upper, estimate, study->variance),
                                  rows_p(test.lower, -estimate, study->variance)};
    return test;
}

static bool finds_effect(struct power_study *study, int r, double effect) {
    return power_test(study, r, effect - study->delta).upper <= study->level;
}

static bool finds_within(struct power_study *study, int r, double margin) {
    return power_test(study, r, margin).upper <= study->level &&
           power_test(study, r, -margin).lower <= study->level;
}

static void draw_scatter(const double *x, int n, struct power_study *study) {
    const struct random_key key = {0, RANDOM_RESAMPLE, STREAM_POWER};
    double center = interquartile_mean(x, n), widen = sqrt(n / (n - 1.0));
    for (int i = 0; i < FLIP_POWER_DRAWS * n; i++)
        study->draws[i] = widen * (x[random_below(key, (uint64_t)i, (uint32_t)n)] - center);
}

/* All seeds of a draw are tested on the same rows, and err with them. */
static void draw_rows(struct power_study *study) {
    const struct random_key key = {0, RANDOM_RESAMPLE, STREAM_POWER_ROWS};
    int n = study->flips.n;
    for (int r = 0; r < FLIP_POWER_DRAWS; r++) {
        double *draw = study->draws + (long)r * n;
        double error = sqrt(study->variance) * random_normal(key, (uint64_t)r);
        for (int i = 0; i < n && study->variance > 0; i++)
            draw[i] += error;
        study->estimates[r] = interquartile_mean(draw, n);
    }
}

typedef bool finding(struct power_study *study, int r, double value);

static bool has_power(struct power_study *study, finding *finds, double value) {
    int n_found = 0;
    for (int r = 0; r < FLIP_POWER_DRAWS; r++)
        n_found += finds(study, r, value);
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

struct flip_power sign_flip_power(const double *x, int n, double delta, double level,
                                  double variance) {
    double spread = hypot(spread_of(x, n), sqrt(variance));
    if (!(sign_flip_floor(n) <= level) || !isfinite(spread))
        return (struct flip_power){NAN, NAN};
    if (spread <= 0)
        return (struct flip_power){delta, 0}; /* whatever lies beyond is found */
    struct pool pool = {0};
    struct power_study study = {
        .delta = delta, .level = level, .variance = variance, .rounding = 1e-13 * spread};
    flips_create(n, &pool, &study.flips);
    study.draws = pool_alloc(&pool, (size_t)FLIP_POWER_DRAWS * (size_t)n * sizeof *study.draws);
    study.estimates = pool_alloc(&pool, FLIP_POWER_DRAWS * sizeof *study.estimates);
    draw_scatter(x, n, &study);
    draw_rows(&study);
    struct flip_power power = {smallest_with_power(&study, finds_effect, delta, spread),
                               smallest_with_power(&study, finds_within, 0, spread)};
    pool_free(&pool);
    return power;
}
