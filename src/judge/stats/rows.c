/* Variance over seeds and over rows. */
#include "judge/stats/rows.h"

#include <math.h>
#include <stdbool.h>

#include "base/pool.h"
#include "judge/stats/distribution.h"

void rows_add(const uint64_t *more, const uint64_t *less, long m, int *x) {
    for (long r = 0; r < m; r++) {
        int shift = (int)(r % 64);
        x[r] += (int)(more[r / 64] >> shift & 1) - (int)(less[r / 64] >> shift & 1);
    }
}

/* Sums over the seeds of one fold, before division by the square of n_strata. */
struct fold_sums {
    double variances, covariances; /* over seeds; over ordered pairs of seeds */
};

/* m sum_r a b - sum_r a sum_r b: (m - 1) m times the covariance, in whole numbers. */
static double centered(double m, double products, double sum_a, double sum_b) {
    return m * products - sum_a * sum_b;
}

/* sum over pairs i != j of x_i x_j is (sum_i x_i)^2 - sum_i x_i^2. */
static struct fold_sums sum_fold(int n, const struct seed_rows *seeds, int first,
                                 long *total /* [m] 0 */) {
    long m = seeds[first].m;
    double own = 0, all = 0, squares = 0, sum = 0;
    for (int i = first; i < n; i++) {
        if (seeds[i].fold != seeds[first].fold)
            continue;
        long of_seed = 0, squares_of_seed = 0;
        for (long r = 0; r < m; r++) {
            int x = seeds[i].x[r];
            of_seed += x;
            squares_of_seed += (long)x * x;
            total[r] += x;
        }
        own += centered((double)m, (double)squares_of_seed, (double)of_seed, (double)of_seed);
        sum += (double)of_seed;
    }
    for (long r = 0; r < m; r++)
        squares += (double)total[r] * (double)total[r];
    all = centered((double)m, squares, sum, sum);
    double divisor = (double)m * ((double)m - 1);
    return (struct fold_sums){own / divisor, (all - own) / divisor};
}

static bool is_first_of_fold(const struct seed_rows *seeds, int i) {
    for (int before = 0; before < i; before++)
        if (seeds[before].fold == seeds[i].fold)
            return false;
    return true;
}

struct row_parts rows_parts(int n, const struct seed_rows *seeds, int n_strata) {
    struct row_parts parts = {0};
    double variances = 0, covariances = 0, least = INFINITY;
    for (int i = 0; i < n; i++) {
        parts.m += (double)seeds[i].m / n;
        least = fmin(least, (double)seeds[i].m);
    }
    if (n < 2 || least < 2)
        return (struct row_parts){.m = parts.m};
    for (int i = 0; i < n; i++) {
        if (!is_first_of_fold(seeds, i))
            continue;
        struct pool pool = {0};
        long *total = pool_alloc(&pool, (size_t)seeds[i].m * sizeof *total);
        struct fold_sums sums = sum_fold(n, seeds, i, total);
        variances += sums.variances;
        covariances += sums.covariances;
        pool_free(&pool);
    }
    double squared = (double)n_strata * n_strata;
    double c = variances / n / squared, k = covariances / n / (n - 1) / squared;
    parts.ms_rows = c + (n - 1) * k;
    parts.ms_rest = c - k;
    parts.variance = fmax(0, parts.ms_rows - parts.ms_rest) / (n * parts.m);
    return parts;
}

double rows_p(double p, double distance, double variance) {
    if (!(distance > 0 && p < 0.5))
        return fmax(p, 0.5);
    if (variance <= 0)
        return p;
    double deviation = distance / -normal_quantile(p);
    return normal_cdf(-distance / sqrt(deviation * deviation + variance));
}

/* From the estimate to an end at distance h on its side. */
static double with_rows(double h, double variance) {
    return sqrt(fmax(h, 0) * fmax(h, 0) + 1.96 * 1.96 * variance);
}

struct interval rows_interval(double estimate, struct interval seeds, double variance) {
    if (variance <= 0)
        return seeds;
    return (struct interval){estimate - with_rows(estimate - seeds.low, variance),
                             estimate + with_rows(seeds.high - estimate, variance)};
}
