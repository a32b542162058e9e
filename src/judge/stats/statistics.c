/* Interquartile means, their bootstrap intervals, and other statistics of a few numbers. */
#include "judge/stats/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "base/random.h"
#include "base/sort.h"
#include "judge/stats/distribution.h"

static double *sorted_copy(const double *x, int n, struct pool *pool) {
    double *copy = pool_alloc(pool, (size_t)n * sizeof *copy);
    memcpy(copy, x, (size_t)n * sizeof *copy);
    sort_numbers(copy, (size_t)n);
    return copy;
}

double median(const double *x, int n) {
    struct pool pool = {0};
    double *sorted = sorted_copy(x, n, &pool);
    double middle = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    pool_free(&pool);
    return middle;
}

void distances_from_median(double *x, int n) {
    double middle = median(x, n);
    for (int i = 0; i < n; i++)
        x[i] = fabs(x[i] - middle);
}

void interquartile_weights(int n, double *w) {
    double begin = n / 4.0, end = n - begin;
    for (int i = 0; i < n; i++)
        w[i] = fmax(0, fmin(i + 1, end) - fmax(i, begin)) / (n / 2.0);
}

/* From both ends inwards: mirrored values then give the mirrored sum to the bit. */
static double weighted_sum(const double *w, const double *x, int n) {
    double sum = 0;
    for (int i = 0; i < n / 2; i++)
        sum += w[i] * (x[i] + x[n - 1 - i]);
    return n % 2 ? sum + w[n / 2] * x[n / 2] : sum;
}

double interquartile_mean(const double *x, int n) {
    struct pool pool = {0};
    double *w = pool_alloc(&pool, (size_t)n * sizeof *w);
    interquartile_weights(n, w);
    double mean = weighted_sum(w, sorted_copy(x, n, &pool), n);
    pool_free(&pool);
    return mean;
}

/* ---- bootstrap ---- */

/* The values x [n], sorted, taken count[i] times each; mirrored: count[n - 1 - i] times. */
static void take_counted(const double *x, const unsigned *count, int n, bool mirrored, double *y) {
    for (int i = 0, rank = 0; i < n; i++)
        for (unsigned c = 0; c < count[mirrored ? n - 1 - i : i]; c++)
            y[rank++] = x[i];
}

/* How often resample r takes each of n values. */
static void draw_counts(int n, int r, unsigned *count) {
    const struct random_key key = {0, RANDOM_RESAMPLE, 0};
    uint32_t words[4];
    uint64_t block = (uint64_t)r * (((uint64_t)n + 3) / 4);
    memset(count, 0, (size_t)n * sizeof *count);
    for (int i = 0; i < n; i++) {
        if (i % 4 == 0)
            random_words(key, block++, words);
        count[(uint64_t)words[i % 4] * (uint64_t)n >> 32]++;
    }
}

/* The interquartile means of all resamples, sorted. */
static double *resample(const double *x, int n, struct pool *pool) {
    double *means = pool_alloc(pool, BOOTSTRAP_RESAMPLES * sizeof *means);
    double *w = pool_alloc(pool, (size_t)n * sizeof *w);
    double *taken = pool_alloc(pool, (size_t)n * sizeof *taken);
    unsigned *count = pool_alloc(pool, (size_t)n * sizeof *count);
    interquartile_weights(n, w);
    for (int r = 0; r < BOOTSTRAP_RESAMPLES; r++) {
        if (r % 2 == 0)
            draw_counts(n, r / 2, count);
        take_counted(x, count, n, r % 2, taken);
        means[r] = weighted_sum(w, taken, n);
    }
    sort_numbers(means, BOOTSTRAP_RESAMPLES);
    return means;
}

/* z0 = Phi^-1(share of resamples below the estimate), those that equal it counted half. What should
 * be equal may differ in the last bits. */
static double bias_correction(const double *means, double estimate, double spread) {
    double below = 0;
    for (int r = 0; r < BOOTSTRAP_RESAMPLES; r++) {
        double excess = means[r] - estimate;
        below += fabs(excess) <= 1e-12 * spread ? 0.5 : excess < 0;
    }
    return normal_quantile(below / BOOTSTRAP_RESAMPLES);
}

/* a = sum u^3 / (6 (sum u^2)^1.5), u(i) = mean of the jackknife - its value without x(i) */
static double acceleration(const double *x, int n, struct pool *pool) {
    double *without = pool_alloc(pool, (size_t)n * sizeof *without);
    double *rest = pool_alloc(pool, (size_t)n * sizeof *rest);
    double *w = pool_alloc(pool, (size_t)n * sizeof *w);
    double mean = 0, squares = 0, cubes = 0;
    interquartile_weights(n - 1, w);
    for (int i = 0; i < n; i++) {
        memcpy(rest, x, (size_t)i * sizeof *rest);
        memcpy(rest + i, x + i + 1, (size_t)(n - 1 - i) * sizeof *rest);
        without[i] = weighted_sum(w, rest, n - 1);
        mean += without[i] / n;
    }
    for (int i = 0; i < n; i++) {
        double u = mean - without[i];
        squares += u * u;
        cubes += u * u * u;
    }
    return squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0;
}

/* Phi(z0 + (z0 + z) / (1 - a (z0 + z))), z < 0; where the divisor has run out, the end of the
 * range.
 */
static double corrected_level(double z, double z0, double a) {
    double divisor = 1 - a * (z0 + z);
    return divisor > 0 ? normal_cdf(z0 + (z0 + z) / divisor) : z0 + z > 0;
}

/* Between neighbours linearly: definition 7 of Hyndman & Fan 1996. */
static double quantile_of(const double *sorted, int n, double p) {
    double at = p * (n - 1);
    int below = (int)fmin(floor(at), n - 2);
    return sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]);
}

static double lower_end(const double *sorted, int n, const double *means, struct pool *pool) {
    double z = -sqrt(n / (n - 1.0)) * t_quantile(0.975, n - 1);
    double spread = sorted[n - 1] - sorted[0];
    double z0 = bias_correction(means, interquartile_mean(sorted, n), spread);
    double a = acceleration(sorted, n, pool);
    return quantile_of(means, BOOTSTRAP_RESAMPLES, corrected_level(z, z0, a));
}

/* Sorted x become -x, sorted. */
static void mirror(double *x, int n) {
    for (int i = 0; i < (n + 1) / 2; i++) {
        double low = x[i];
        x[i] = -x[n - 1 - i];
        x[n - 1 - i] = -low;
    }
}

/* The upper end is the lower one of the mirrored data: so what is mirrored comes out mirrored, to
 * the bit. */
struct interval bootstrap_interval(const double *x, int n) {
    if (n < 2)
        return (struct interval){NAN, NAN};
    struct pool pool = {0};
    double *sorted = sorted_copy(x, n, &pool);
    struct interval interval = {sorted[0], sorted[0]};
    if (sorted[0] < sorted[n - 1]) {
        double *means = resample(sorted, n, &pool);
        interval.low = 0 + lower_end(sorted, n, means, &pool);
        mirror(sorted, n);
        mirror(means, BOOTSTRAP_RESAMPLES);
        interval.high = 0 - lower_end(sorted, n, means, &pool);
    }
    pool_free(&pool);
    return interval;
}

/* ---- shares, several tests, counts ---- */

/* low: P(X >= wins | low) = .025, high: P(X <= wins | high) = .025, by the beta distribution */
struct interval share_interval(double wins, int n) {
    return (struct interval){
        wins > 0 ? beta_quantile(0.025, wins, n - wins + 1) : 0,
        wins < n ? beta_quantile(0.975, wins + 1, n - wins) : 1,
    };
}

void holm_adjust(int n, double *p) {
    struct pool pool = {0};
    const double *sorted = sorted_copy(p, n, &pool);
    for (int i = 0; i < n; i++) {
        double adjusted = 0;
        for (int j = 0; j < n && sorted[j] <= p[i]; j++)
            adjusted = fmax(adjusted, (n - j) * sorted[j]);
        p[i] = fmin(adjusted, 1);
    }
    pool_free(&pool);
}

double sign_test(int more, int fewer) {
    int least = more < fewer ? more : fewer;
    return fmin(1, 2 * binomial_half_cdf(least, more + fewer));
}
