/* The libraries' products, called as the bench calls them, against the definition in double. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/bench/blas_libraries.h"
#include "tests/support.h"

/* Element of a stored matrix; turned: stored the other way round. */
static double element(const float *A, int lda, bool turned, int i, int j) {
    return (double)(turned ? A[j * lda + i] : A[i * lda + j]);
}

struct shape {
    int M, N, K;
};

static void check(const struct blas_library *library, bool a_turned, bool b_turned,
                  struct shape shape, float beta) {
    int M = shape.M, N = shape.N, K = shape.K;
    int lda = a_turned ? M : K, ldb = b_turned ? K : N;
    float *A = test_memory((size_t)(M * K), sizeof *A),
          *B = test_memory((size_t)(K * N), sizeof *B);
    float *C = test_memory((size_t)(M * N), sizeof *C),
          *old = test_memory((size_t)(M * N), sizeof *C);
    test_normal(1, (size_t)(M * K), 0.2, 1, A);
    test_normal(2, (size_t)(K * N), -0.1, 1, B);
    test_normal(3, (size_t)(M * N), 0, 1, old);
    memcpy(C, old, (size_t)(M * N) * sizeof *C);
    library->product(a_turned, b_turned, M, N, K, A, lda, B, ldb, beta, C, N);
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++) {
            double sum = (double)beta * (double)old[i * N + j], size = fabs(sum) + 1;
            for (int k = 0; k < K; k++) {
                double term = element(A, lda, a_turned, i, k) * element(B, ldb, b_turned, k, j);
                sum += term;
                size += fabs(term);
            }
            double error = fabs((double)C[i * N + j] - sum);
            cr_assert(error <= 0x1p-20 * size, "%s, turned %d %d, %d x %d x %d, [%d, %d]: %g off",
                      library->name, a_turned, b_turned, M, N, K, i, j, error);
        }
    free(A);
    free(B);
    free(C);
    free(old);
}

static const struct blas_library *installed(int index) {
    const struct blas_library *library = blas_library_get(index);
    if (!library)
        cr_log_info("%s is not installed", blas_library_name(index));
    return library;
}

Test(library, products_agree_with_the_definition) {
    static const struct shape shapes[] = {{1, 1, 1}, {2, 100, 784}, {7, 33, 129}, {64, 10, 100}};
    for (int index = 0; index < BLAS_LIBRARIES; index++)
        for (size_t i = 0; installed(index) && i < sizeof shapes / sizeof *shapes; i++) {
            check(blas_library_get(index), false, false, shapes[i], 0);
            check(blas_library_get(index), true, false, shapes[i], 0.9f);
            check(blas_library_get(index), false, true, shapes[i], 0);
        }
}

Test(library, each_has_a_name_a_package_and_a_version) {
    for (int index = 0; index < BLAS_LIBRARIES; index++) {
        cr_expect(*blas_library_name(index) && *blas_library_package(index), "library %d", index);
        const struct blas_library *library = installed(index);
        if (!library)
            continue;
        cr_expect_str_eq(library->name, blas_library_name(index), "library %d", index);
        cr_expect(library->version[0] >= '0' && library->version[0] <= '9', "%s: version '%s'",
                  library->name, library->version);
    }
}
