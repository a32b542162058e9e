/* Sums of floats, in double, in a fixed order: 16 running sums side by side along a row, one a
 * column down the rows. The bits do not depend on how wide the processor's registers are. */
#pragma once

#include <math.h>
#include <stddef.h>

/* sum + x y, rounded once. Of a sum of products one after another the compiler fuses none, some or
 * all, by the width of the registers: so whoever writes one says it. */
static inline double plus_product(double sum, double x, double y) {
    return fma(x, y, sum);
}

static inline double plus_square(double sum, double x) {
    return plus_product(sum, x, x);
}

double reduce_sum(size_t n, const float *x);
double reduce_dot(size_t n, const float *x, const float *y);
double reduce_doubles(size_t n, const double *x);
/* sum (x - origin)^2 */
double reduce_squares(size_t n, const float *x, double origin);
/* sum (x - y)^2, one after another */
double reduce_distance(size_t n, const float *x, const float *y);
/* sum w x and sum w x y; w NULL: all 1. */
void reduce_weighted(size_t n, const float *w, const float *x, const float *y, double *sum,
                     double *dot);

/* Column sums of the columns [begin, end) of x [B, D], into sums[end - begin]. */
void reduce_columns(int begin, int end, int B, int D, const float *x, double *sums);
/* The same, and of the products with y [B, D]. */
void reduce_columns_and_dot(int begin, int end, int B, int D, const float *x, const float *y,
                            double *sums, double *dots);
/* The products alone. */
void reduce_columns_dot(int begin, int end, int B, int D, const float *x, const float *y,
                        double *dots);
/* x_bj <- x_bj - at_j on the columns [begin, end), and squares_j = sum_b of what is left, squared.
 * at_j [end - begin] is taken off in two floats, so that nothing is lost where it is large against
 * the deviation. */
void reduce_centre(int begin, int end, int B, int D, const double *at, float *x, double *squares);
