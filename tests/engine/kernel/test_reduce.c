/* Sums against sums of long doubles; the same bits wherever the numbers lie and whatever the
 * columns are cut into. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/kernel/reduce.h"
#include "tests/support.h"

enum { MOST = 300 };

/* Numbers of all sizes, so that an order of summing leaves its traces. */
static void numbers(uint32_t stream, size_t n, float *x) {
    test_normal(stream, n, 0.5, 1, x);
    for (size_t i = 0; i < n; i++)
        x[i] = ldexpf(x[i], (int)(i * 7 % 25) - 12);
}

struct expected {
    long double sum, dot, squares, weighted, weighted_dot;
    long double size; /* of the largest of them, if all terms had one sign */
};

static struct expected expect(size_t n, const float *w, const float *x, const float *y,
                              double origin) {
    struct expected e = {0};
    for (size_t i = 0; i < n; i++) {
        long double wide_w = (long double)w[i], wide_x = (long double)x[i],
                    wide_y = (long double)y[i];
        e.sum += wide_x;
        e.dot += wide_x * wide_y;
        e.squares += (wide_x - (long double)origin) * (wide_x - (long double)origin);
        e.weighted += wide_w * wide_x;
        e.weighted_dot += wide_w * wide_x * wide_y;
        e.size += (1 + fabsl(wide_w)) * (1 + fabsl(wide_x)) * (1 + fabsl(wide_x) + fabsl(wide_y));
    }
    return e;
}

static void check(const char *what, size_t n, double found, long double expected,
                  long double size) {
    cr_assert(fabsl((long double)found - expected) <= 1e-15L * size,
              "%s of %zu numbers: %.17g, not %.17Lg", what, n, found, expected);
}

Test(kernel_reduce, sums_of_any_length) {
    float w[MOST], x[MOST], y[MOST];
    numbers(700, MOST, w);
    numbers(701, MOST, x);
    numbers(702, MOST, y);
    const double origin = 0.3;
    for (size_t n = 0; n <= MOST; n++) {
        struct expected e = expect(n, w, x, y, origin);
        double sum, dot;
        check("sum", n, reduce_sum(n, x), e.sum, e.size);
        check("dot", n, reduce_dot(n, x, y), e.dot, e.size);
        check("squares", n, reduce_squares(n, x, origin), e.squares, e.size);
        reduce_weighted(n, w, x, y, &sum, &dot);
        check("weighted sum", n, sum, e.weighted, e.size);
        check("weighted dot", n, dot, e.weighted_dot, e.size);
        reduce_weighted(n, NULL, x, y, &sum, &dot);
        check("sum without weights", n, sum, e.sum, e.size);
        check("dot without weights", n, dot, e.dot, e.size);
        cr_assert(sum == reduce_sum(n, x) && dot == reduce_dot(n, x, y),
                  "%zu numbers: other bits together than alone", n);
    }
}

/* What lies around the numbers is not looked at, and where they lie does not matter. */
Test(kernel_reduce, neighbours_and_place_do_not_matter) {
    float x[MOST], room[MOST + 64];
    numbers(710, MOST, x);
    for (size_t n = 1; n <= 70; n++)
        for (size_t place = 16; place < 32; place++) {
            for (size_t i = 0; i < MOST + 64; i++)
                room[i] = NAN;
            memcpy(room + place, x, n * sizeof *x);
            double sum, dot;
            reduce_weighted(n, room + place, room + place, room + place, &sum, &dot);
            cr_assert(reduce_sum(n, room + place) == reduce_sum(n, x) &&
                          reduce_squares(n, room + place, 1) == reduce_squares(n, x, 1) &&
                          sum == reduce_dot(n, x, x) && isfinite(dot),
                      "%zu numbers at %zu", n, place);
        }
}

static bool is_broken(double value) {
    return !isfinite(value);
}

Test(kernel_reduce, what_is_not_finite_is_seen_at_every_place) {
    static const float broken[] = {NAN, INFINITY, -INFINITY};
    float x[40], y[40];
    for (size_t n = 1; n <= 40; n++)
        for (size_t at = 0; at < n; at++)
            for (int i = 0; i < 3; i++) {
                numbers(720, n, x);
                numbers(721, n, y);
                x[at] = broken[i];
                double sum, dot;
                reduce_weighted(n, y, x, y, &sum, &dot);
                cr_assert(is_broken(reduce_sum(n, x)) && is_broken(reduce_dot(n, x, y)) &&
                              is_broken(reduce_dot(n, y, x)) &&
                              is_broken(reduce_squares(n, x, 0)) && is_broken(sum) &&
                              is_broken(dot),
                          "%g at %zu of %zu", (double)broken[i], at, n);
            }
}

/* In the order of the rows, as if each column were added up alone. */
static void check_columns(int B, int D, int begin, int end) {
    size_t size = (size_t)B * (size_t)D;
    float *x = test_memory(size, sizeof *x), *y = test_memory(size, sizeof *y);
    test_normal(730, size, 0.5, 1, x);
    test_normal(731, size, 0.5, 1, y);
    for (int b = 0; b < B; b++) /* what lies outside is not looked at */
        for (int j = 0; j < D; j++)
            if (j < begin || j >= end)
                x[b * D + j] = y[b * D + j] = NAN;
    double sums[MOST + 2], both[2][MOST + 2];
    int n = end - begin;
    sums[n] = both[0][n] = both[1][n] = 42;
    reduce_columns(begin, end, B, D, x, sums);
    reduce_columns_and_dot(begin, end, B, D, x, y, both[0], both[1]);
    for (int j = begin; j < end; j++) {
        double sum = 0, dot = 0;
        for (int b = 0; b < B; b++) {
            sum += (double)x[b * D + j];
            dot += (double)x[b * D + j] * (double)y[b * D + j];
        }
        cr_assert(sums[j - begin] == sum && both[0][j - begin] == sum && both[1][j - begin] == dot,
                  "column %d of %d to %d, %d rows of %d", j, begin, end, B, D);
    }
    cr_assert(sums[n] == 42 && both[0][n] == 42 && both[1][n] == 42, "written beyond the end");
    free(x);
    free(y);
}

/* Exact where the centre is a float and a rest, and each column as if alone. */
static void check_centring(int B, int D, int begin, int end) {
    size_t size = (size_t)B * (size_t)D;
    float *x = test_memory(size, sizeof *x), *before = test_memory(size, sizeof *x);
    test_normal(732, size, 0.5, 1, x);
    memcpy(before, x, size * sizeof *x);
    double at[MOST + 1], squares[MOST + 2];
    for (int j = 0; j < end - begin; j++)
        at[j] = 0.25 * j + 0x1p-30;
    squares[end - begin] = 42;
    reduce_centre(begin, end, B, D, at, x, squares);
    for (int j = 0; j < D; j++) {
        double sum = 0;
        for (int b = 0; b < B; b++) {
            float was = before[b * D + j], is = x[b * D + j];
            if (j < begin || j >= end) {
                cr_assert(is == was, "column %d, outside %d to %d, was touched", j, begin, end);
                continue;
            }
            cr_assert(is == (was - 0.25f * (float)(j - begin)) - 0x1p-30f, "row %d, column %d", b,
                      j);
            sum += (double)is * (double)is;
        }
        cr_assert(j < begin || j >= end || squares[j - begin] == sum, "column %d of %d to %d", j,
                  begin, end);
    }
    cr_assert(squares[end - begin] == 42, "written beyond the end");
    free(x);
    free(before);
}

Test(kernel_reduce, columns_are_centred) {
    static const int rows[] = {1, 2, 16, 33}, widths[] = {1, 7, 8, 9, 100, 257, 300};
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 7; k++) {
            int B = rows[i], D = widths[k];
            check_centring(B, D, 0, D);
            check_centring(B, D, D / 3, D);
            check_centring(B, D, D / 3, D - D / 4);
        }
}

Test(kernel_reduce, columns_are_summed_in_the_order_of_the_rows) {
    static const int rows[] = {1, 2, 15, 16, 17, 33, 100},
                     widths[] = {1, 7, 8, 9, 31, 64, 100, 257};
    for (int i = 0; i < 7; i++)
        for (int k = 0; k < 8; k++) {
            int B = rows[i], D = widths[k];
            check_columns(B, D, 0, D);
            check_columns(B, D, D / 3, D);
            check_columns(B, D, D / 3, D - D / 4);
            check_columns(B, D, D / 2, D / 2 + 1);
        }
}
