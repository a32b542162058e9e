/* Eigenvalues: of matrices where they are known, and against another method. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/kernel/eigen.h"
#include "tests/support.h"

enum { MOST = 40 };

/* 2 on the diagonal, -1 beside it: 2 - 2 cos(i pi / (n + 1)), i = 1..n */
Test(kernel_eigen, second_difference) {
    for (int n = 1; n <= MOST; n++) {
        double a[MOST], b[MOST];
        for (int i = 0; i < n; i++) {
            a[i] = 2;
            b[i] = -1;
        }
        for (int i = 0; i < n; i++) {
            double expected = 2 - 2 * cos((i + 1) * acos(-1) / (n + 1));
            double value = eigen_find(n, a, b, i);
            cr_assert(fabs(value - expected) <= 1e-14, "%d of %d: %.17g, not %.17g", i, n, value,
                      expected);
            cr_assert(eigen_below(n, a, b, expected - 1e-9) == i &&
                          eigen_below(n, a, b, expected + 1e-9) == i + 1,
                      "%d of %d: counted wrong", i, n);
        }
    }
}

/* X'X for X of `rows` rows: of rank min(rows, n). */
static void draw(int n, int rows, double *A) {
    float *X = test_memory((size_t)rows * (size_t)n, sizeof *X);
    test_normal((uint32_t)(100 * n + rows), (size_t)rows * (size_t)n, 0.4, 1, X);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            A[i * n + j] = 0;
            for (int r = 0; r < rows; r++)
                A[i * n + j] += (double)X[r * n + i] * (double)X[r * n + j];
        }
    free(X);
}

Test(kernel_eigen, against_jacobi) {
    static const int sizes[] = {1, 2, 3, 7, 17, MOST};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int rows = 1; rows <= 2 * MOST; rows += 13) {
            int n = sizes[s];
            static double A[MOST * MOST], copy[MOST * MOST];
            double a[MOST], b[MOST], expected[MOST];
            draw(n, rows, A);
            memcpy(copy, A, sizeof A);
            test_eigenvalues(n, copy, expected);
            eigen_reduce(n, A, a, b);
            for (int i = 0; i < n; i++) {
                double error = fabs(eigen_find(n, a, b, i) - expected[i]);
                cr_assert(error <= 1e-13 * expected[n - 1], "n %d, rows %d, %d: off by %g of %g", n,
                          rows, i, error, expected[n - 1]);
            }
            int rank = rows < n ? rows : n;
            cr_assert(eigen_below(n, a, b, 1e-10 * expected[n - 1]) == n - rank,
                      "n %d, rows %d: %d are 0", n, rows,
                      eigen_below(n, a, b, 1e-10 * expected[n - 1]));
        }
}

Test(kernel_eigen, a_diagonal_matrix_and_zero) {
    double A[9] = {3, 0, 0, 0, -1, 0, 0, 0, 2}, zero[9] = {0}, a[3], b[3];
    eigen_reduce(3, A, a, b);
    cr_assert(fabs(eigen_find(3, a, b, 0) + 1) < 1e-15 && fabs(eigen_find(3, a, b, 1) - 2) < 1e-15,
              "%g %g", eigen_find(3, a, b, 0), eigen_find(3, a, b, 1));
    eigen_reduce(3, zero, a, b);
    cr_assert(eigen_find(3, a, b, 2) == 0, "%g", eigen_find(3, a, b, 2));
}
