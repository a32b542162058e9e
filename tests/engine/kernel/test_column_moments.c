/* Moments of blocks against those of all rows. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/kernel/column_moments.h"
#include "tests/support.h"

static void expect_near(double value, double expected, double tolerance, const char *what) {
    cr_assert(fabs(value - expected) <= tolerance, "%s is %.9g, not %.9g", what, value, expected);
}

/* Far from 0, where sums of squares would have lost the deviation. */
Test(column_moments, moments_of_blocks_are_those_of_all_rows) {
    enum { D = 3, N = 50 };
    float x[N * D];
    double mean[D] = {0}, square[D] = {0};
    struct column_moments moments;
    struct arena arena = {0};
    test_normal(31, N * D, 1000, 0.5, x);
    column_moments_layout(&moments, &arena, D);
    cr_assert(!arena_create(&arena), "%s", status_message());
    column_moments_layout(&moments, &arena, D);
    column_moments_clear(&moments);
    for (int begin = 0, rows = 1; begin < N; begin += rows, rows = begin < 40 ? 13 : 10)
        column_moments_add(&moments, rows, x + begin * D);
    cr_assert(moments.n == N, "%ld rows", moments.n);
    for (int i = 0; i < N * D; i++)
        mean[i % D] += (double)x[i] / N;
    for (int i = 0; i < N * D; i++)
        square[i % D] += pow((double)x[i] - mean[i % D], 2) / N;
    for (int j = 0; j < D; j++) {
        expect_near(moments.mean[j], mean[j], 1e-9, "mean");
        expect_near(column_moments_deviation(&moments, j), sqrt(square[j]), 1e-9, "deviation");
    }
    arena_free(&arena);
}
