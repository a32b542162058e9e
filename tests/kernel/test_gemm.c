/* Matrix products against the definition in double. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/gemm.h"
#include "nn/team.h"
#include "tests/support.h"

typedef void gemm_function(int M, int N, int K, const float *A, int lda, const float *B, int ldb,
                           float beta, float *C, int ldc);

struct product {
    const char *name;
    gemm_function *function;
    bool a_turned, b_turned;
};

static const struct product products[] = {
    {"gemm_nn", gemm_nn, false, false},
    {"gemm_nt", gemm_nt, false, true},
    {"gemm_tn", gemm_tn, true, false},
};

/* Element of a stored matrix; turned: stored the other way round. */
static double element(const float *A, int lda, bool turned, int i, int j) {
    return (double)(turned ? A[j * lda + i] : A[i * lda + j]);
}

/* Summing K products in any order is off by at most K u times the sum of the absolute products; the
 * random walk of the roundings makes it sqrt(K) in practice, so 4 (sqrt(K) + 1). */
static void check_product(const struct product *product, int M, int N, int K, int gap, float beta) {
    int lda = (product->a_turned ? M : K) + gap, ldb = (product->b_turned ? K : N) + 2 * gap;
    int ldc = N + 3 * gap;
    size_t sizes[3] = {(size_t)((product->a_turned ? K : M) * lda),
                       (size_t)((product->b_turned ? N : K) * ldb), (size_t)(M * ldc)};
    float *A = test_memory(sizes[0], sizeof *A), *B = test_memory(sizes[1], sizeof *B);
    float *C = test_memory(sizes[2], sizeof *C), *old = test_memory(sizes[2], sizeof *old);
    test_normal((uint32_t)M, sizes[0], 0.2, 1, A);
    test_normal((uint32_t)N + 1000, sizes[1], -0.1, 1, B);
    test_normal((uint32_t)K + 2000, sizes[2], 0, 1, old);
    for (size_t i = 0; beta == 0 && i < sizes[2]; i++)
        old[i] = NAN;
    memcpy(C, old, sizes[2] * sizeof *C);
    product->function(M, N, K, A, lda, B, ldb, beta, C, ldc);
    for (int i = 0; i < M; i++)
        for (int j = 0; j < ldc; j++) {
            float *place = &C[i * ldc + j];
            if (j >= N) {
                cr_assert(!memcmp(place, &old[i * ldc + j], sizeof *place),
                          "%s, %d x %d x %d: wrote beside row %d", product->name, M, N, K, i);
                continue;
            }
            double sum = beta == 0 ? 0 : (double)beta * (double)old[i * ldc + j];
            double size = fabs(sum);
            for (int k = 0; k < K; k++) {
                double term = element(A, lda, product->a_turned, i, k) *
                              element(B, ldb, product->b_turned, k, j);
                sum += term;
                size += fabs(term);
            }
            double error = fabs((double)*place - sum);
            cr_assert(error <= 0x1p-22 * (1 + sqrt(K)) * size / sqrt(K),
                      "%s, %d x %d x %d, beta %g, [%d, %d]: %.9g instead of %.9g", product->name, M,
                      N, K, (double)beta, i, j, (double)*place, sum);
        }
    free(A);
    free(B);
    free(C);
    free(old);
}

Test(kernel_gemm, products_agree_with_the_definition) {
    static const int shapes[][3] = {{1, 1, 1},     {1, 10, 3},   {2, 1, 17},    {2, 100, 784},
                                    {3, 7, 5},     {7, 129, 33}, {64, 100, 31}, {130, 10, 100},
                                    {33, 65, 127}, {300, 17, 2}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int p = 0; p < 3; p++)
            for (int variant = 0; variant < 4; variant++)
                check_product(&products[p], shapes[i][0], shapes[i][1], shapes[i][2],
                              variant / 2 * 3, variant % 2 ? 1.0f : 0.0f);
}

Test(kernel_gemm, the_same_product_twice_gives_the_same_bits) {
    enum { N = 100 * 100 };
    float *A = test_memory(N, sizeof *A), *C[2];
    test_normal(5, N, 0, 1, A);
    for (int i = 0; i < 2; i++) {
        C[i] = test_memory(N, sizeof *A);
        gemm_nn(100, 100, 100, A, 100, A, 100, 0, C[i], 100);
    }
    cr_assert(!memcmp(C[0], C[1], N * sizeof *A), "two equal products differ");
    free(A);
    free(C[0]);
    free(C[1]);
}

/* The serial OpenBLAS gives out its buffers without a lock: two threads may get the same one, and
 * about one product in a thousand is wrong. Large enough that it takes a buffer, many enough to
 * meet it. */
enum { SIDE = 101, REPEATS = 12000, THREADS = 4 };

struct crowd {
    float A[SIDE * SIDE], B[SIDE * SIDE], expected[SIDE * SIDE];
    int wrong[THREADS];
};

/* Each thread has its own power of 2 in front of A, so that it notices the numbers of another. */
static void multiply_many(struct team team, void *argument) {
    struct crowd *crowd = argument;
    enum { N = SIDE * SIDE };
    float *A = malloc(N * sizeof *A), *C = malloc(N * sizeof *C);
    float power = (float)(1 << team.rank);
    for (int i = 0; i < N; i++)
        A[i] = power * crowd->A[i];
    team_barrier(team);
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        gemm_nn(SIDE, SIDE, SIDE, A, SIDE, crowd->B, SIDE, 0, C, SIDE);
        int i = 0;
        while (i < N && C[i] == power * crowd->expected[i])
            i++;
        crowd->wrong[team.rank] += i < N;
    }
    free(A);
    free(C);
}

Test(kernel_gemm, threads_do_not_disturb_each_other) {
    struct crowd *crowd = test_memory(1, sizeof *crowd);
    test_normal(6, SIDE * SIDE, 0, 1, crowd->A);
    test_normal(7, SIDE * SIDE, 0, 1, crowd->B);
    gemm_nn(SIDE, SIDE, SIDE, crowd->A, SIDE, crowd->B, SIDE, 0, crowd->expected, SIDE);
    team_run(THREADS, multiply_many, crowd);
    for (int i = 0; i < THREADS; i++)
        cr_assert(crowd->wrong[i] == 0, "thread %d: %d of %d products are wrong", i,
                  crowd->wrong[i], REPEATS);
    free(crowd);
}

Test(kernel_gemm, a_broken_input_breaks_its_row_and_no_other) {
    float A[2][3] = {{1, NAN, 3}, {4, 5, 6}}, B[3][2] = {{1, 2}, {3, 4}, {5, 6}}, C[2][2];
    gemm_nn(2, 2, 3, A[0], 3, B[0], 2, 0, C[0], 2);
    cr_assert(isnan(C[0][0]) && isnan(C[0][1]), "NaN was lost: %g %g", (double)C[0][0],
              (double)C[0][1]);
    cr_assert(C[1][0] == 49 && C[1][1] == 64, "row 1 is %g %g instead of 49 64", (double)C[1][0],
              (double)C[1][1]);
}

Test(kernel_gemm, library_says_what_it_is) {
    const char *name = gemm_library();
    cr_assert(strlen(name) > 5 && strchr(name, ' '), "'%s' names no library and version", name);
}
