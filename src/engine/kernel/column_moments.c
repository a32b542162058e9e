/* Means and deviations of columns, block by block. */
#include "engine/kernel/column_moments.h"

#include <math.h>

#include "engine/kernel/reduce.h"

void column_moments_layout(struct column_moments *moments, struct arena *arena, int D) {
    moments->D = D;
    moments->mean = arena_doubles(arena, (size_t)D);
    moments->squares = arena_doubles(arena, (size_t)D);
    moments->block_mean = arena_doubles(arena, (size_t)D);
    moments->block_sums = arena_doubles(arena, (size_t)D);
}

void column_moments_clear(struct column_moments *moments) {
    moments->n = 0;
    for (int j = 0; j < moments->D; j++)
        moments->mean[j] = moments->squares[j] = 0;
}

/* Of the block alone, in two passes. */
static void block_moments(struct column_moments *moments, int B, const float *x) {
    int D = moments->D;
    double *mean = moments->block_mean, *squares = moments->block_sums;
    reduce_columns(0, D, B, D, x, mean);
    for (int j = 0; j < D; j++) {
        mean[j] /= B;
        squares[j] = 0;
    }
    for (int b = 0; b < B; b++)
        for (int j = 0; j < D; j++) {
            double d = (double)x[(long)b * D + j] - mean[j];
            squares[j] += d * d;
        }
}

/* Chan, Golub & LeVeque 1979: with d the distance of the two means,
 * mean <- mean + d B / (n + B)      squares <- squares + block's + d^2 n B / (n + B) */
void column_moments_add(struct column_moments *moments, int B, const float *x) {
    double n = (double)moments->n, total = n + B;
    block_moments(moments, B, x);
    for (int j = 0; j < moments->D; j++) {
        double d = moments->block_mean[j] - moments->mean[j];
        moments->mean[j] += d * B / total;
        moments->squares[j] += moments->block_sums[j] + d * d * n * B / total;
    }
    moments->n += B;
}

double column_moments_deviation(const struct column_moments *moments, int j) {
    return sqrt(moments->squares[j] / (double)moments->n);
}
