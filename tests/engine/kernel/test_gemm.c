/* Matrix products against the definition in double. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/kernel/gemm.h"
#include "engine/nn/team.h"
#include "tests/support.h"

enum product_kind { NN, NN_ADDED, NT, TN, PRODUCTS };

struct product {
    const char *name;
    bool a_turned, b_turned, adds;
};

static const struct product products[PRODUCTS] = {
    [NN] = {"gemm_nn", false, false, false},
    [NN_ADDED] = {"gemm_nn, added", false, false, true},
    [NT] = {"gemm_nt", false, true, false},
    [TN] = {"gemm_tn", true, false, false},
};

static void multiply(enum product_kind kind, int M, int N, int K, const float *A, int lda,
                     const float *B, int ldb, float *C, int ldc) {
    switch (kind) {
    case NN:
    case NN_ADDED:
        gemm_nn(M, N, K, A, lda, B, ldb, products[kind].adds, C, ldc);
        break;
    case NT:
        gemm_nt(M, N, K, A, lda, B, ldb, C, ldc);
        break;
    case TN:
        gemm_tn(M, N, K, A, lda, B, ldb, C, ldc);
        break;
    case PRODUCTS:
        break;
    }
}

/* Element of a stored matrix; turned: stored the other way round. */
static double element(const float *A, int lda, bool turned, int i, int j) {
    return (double)(turned ? A[j * lda + i] : A[i * lda + j]);
}

/* Without fused multiply-add, products are rounded before they are added, too. */
#if defined(__FMA__) || defined(__aarch64__)
static const double UNFUSED = 1;
#else
static const double UNFUSED = 1.25;
#endif

/* Summing K products in any order is off by at most K u times the sum of the absolute products; the
 * random walk of the roundings makes it sqrt(K) in practice, so 4 (sqrt(K) + 1);
 * 8 where millions of sums are looked at. */
static void check_product(enum product_kind kind, int M, int N, int K, int gap, double roundings) {
    const struct product *product = &products[kind];
    int lda = (product->a_turned ? M : K) + gap, ldb = (product->b_turned ? K : N) + 2 * gap;
    int ldc = N + 3 * gap;
    size_t sizes[3] = {(size_t)((product->a_turned ? K : M) * lda),
                       (size_t)((product->b_turned ? N : K) * ldb), (size_t)(M * ldc)};
    float *A = test_memory(sizes[0], sizeof *A), *B = test_memory(sizes[1], sizeof *B);
    float *C = test_memory(sizes[2], sizeof *C), *old = test_memory(sizes[2], sizeof *old);
    test_normal((uint32_t)M, sizes[0], 0.2, 1, A);
    test_normal((uint32_t)N + 1000, sizes[1], -0.1, 1, B);
    test_normal((uint32_t)K + 2000, sizes[2], 0, 1, old);
    for (size_t i = 0; !product->adds && i < sizes[2]; i++)
        old[i] = NAN;
    memcpy(C, old, sizes[2] * sizeof *C);
    multiply(kind, M, N, K, A, lda, B, ldb, C, ldc);
    for (int i = 0; i < M; i++)
        for (int j = 0; j < ldc; j++) {
            float *place = &C[i * ldc + j];
            if (j >= N) {
                cr_assert(!memcmp(place, &old[i * ldc + j], sizeof *place),
                          "%s, %d x %d x %d: wrote beside row %d", product->name, M, N, K, i);
                continue;
            }
            double sum = product->adds ? (double)old[i * ldc + j] : 0;
            double size = fabs(sum);
            for (int k = 0; k < K; k++) {
                double term = element(A, lda, product->a_turned, i, k) *
                              element(B, ldb, product->b_turned, k, j);
                sum += term;
                size += fabs(term);
            }
            double error = fabs((double)*place - sum);
            cr_assert(error <= UNFUSED * roundings * 0x1p-24 * (1 + sqrt(K)) * size / sqrt(K),
                      "%s, %d x %d x %d, [%d, %d]: %.9g instead of %.9g", product->name, M, N, K, i,
                      j, (double)*place, sum);
        }
    free(A);
    free(B);
    free(C);
    free(old);
}

Test(kernel_gemm, products_agree_with_the_definition) {
    static const int shapes[][3] = {{1, 1, 1},     {1, 10, 3},   {2, 1, 17},     {2, 100, 784},
                                    {3, 7, 5},     {7, 129, 33}, {64, 100, 31},  {130, 10, 100},
                                    {33, 65, 127}, {300, 17, 2}, {100, 40, 900}, {20, 16, 256},
                                    {97, 512, 33}, {5, 9, 500}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (enum product_kind kind = 0; kind < PRODUCTS; kind++)
            for (int gap = 0; gap <= 3; gap += 3)
                check_product(kind, shapes[i][0], shapes[i][1], shapes[i][2], gap, i < 10 ? 4 : 8);
}

/* Each way of computing begins and ends somewhere: all small sizes, and those around the edges of
 * vectors, tiles and blocks. */
Test(kernel_gemm, no_size_falls_into_a_hole) {
    static const int edges[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 47, 49, 50, 97};
    enum { EDGES = sizeof edges / sizeof *edges };
    for (int i = 0; i < EDGES; i++)
        for (int j = 0; j < EDGES; j++)
            for (int k = 0; k < EDGES; k++)
                for (enum product_kind kind = 0; kind < PRODUCTS; kind++)
                    check_product(kind, edges[i], edges[j], edges[k], 0, 8);
}

/* V = mu V + A' B, W -= lr V: to the bit what product and update make one after the other. Fused or
 * not, where the processor can: the compiler treats the lines below as it treats the kernel. */
static int check_momentum(int M, int N, int K) {
    size_t n = (size_t)(M * N);
    float *A = test_memory((size_t)(K * M), sizeof *A),
          *B = test_memory((size_t)(K * N), sizeof *B);
    float *V = test_memory(2 * n, sizeof *V), *W = test_memory(2 * n, sizeof *W);
    float *C = test_memory(n, sizeof *C);
    test_normal(1, (size_t)(K * M), 0, 1, A);
    test_normal(2, (size_t)(K * N), 0, 1, B);
    test_normal(3, n, 0, 1, V);
    test_normal(4, n, 0, 1, W);
    memcpy(V + n, V, n * sizeof *V);
    memcpy(W + n, W, n * sizeof *W);
    struct gemm_momentum momentum = {0.9f, 0.01f, V, W};
    bool done = gemm_tn_momentum(M, N, K, A, M, B, N, &momentum);
    gemm_tn(M, N, K, A, M, B, N, C, N);
    for (size_t i = 0; done && i < n; i++) {
        V[n + i] = C[i] + 0.9f * V[n + i];
        W[n + i] = W[n + i] - 0.01f * V[n + i];
    }
    cr_assert(!memcmp(V, V + n, n * sizeof *V), "%d x %d x %d: V differs", M, N, K);
    cr_assert(!memcmp(W, W + n, n * sizeof *W), "%d x %d x %d: W differs", M, N, K);
    free(A);
    free(B);
    free(V);
    free(W);
    free(C);
    return done;
}

Test(kernel_gemm, product_and_momentum_step_are_one_or_the_other_to_the_bit) {
    static const int widths[] = {1, 9, 16, 17, 31, 32, 33, 34, 51, 64, 65, 100, 129, 200};
    int done = 0;
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        for (int K = 1; K <= 40; K++)
            done += check_momentum(37, widths[i], K);
    done += check_momentum(50, 70, 512) + check_momentum(50, 70, 513);
    done += check_momentum(100, 305, 70) + check_momentum(256, 305, 66); /* copied columns */
    done += check_momentum(50, 530, 9) + check_momentum(37, 700, 128);   /* walked by rows */
    cr_assert(done > 300, "only %d shapes were done in one", done);
}

/* However a product is cut for threads: forward by columns of B, backward by rows of W. */
static void check_cuts(int M, int N, int K) {
    float *A = test_memory((size_t)(M * K), sizeof *A),
          *B = test_memory((size_t)(N * K), sizeof *B),
          *G = test_memory((size_t)(M * N), sizeof *G);
    float *whole[3], *parts[3];
    size_t sizes[3] = {(size_t)(M * N), (size_t)(M * N), (size_t)(K * N)};
    test_normal(1, (size_t)(M * K), 0, 1, A);
    test_normal(2, (size_t)(N * K), 0, 1, B);
    test_normal(3, (size_t)(M * N), 0, 1, G);
    for (int p = 0; p < 3; p++) {
        whole[p] = test_memory(sizes[p], sizeof(float));
        parts[p] = test_memory(sizes[p], sizeof(float));
    }
    gemm_nn(M, N, K, A, K, B, N, false, whole[0], N);
    gemm_nt(M, N, K, A, K, B, K, whole[1], N);
    gemm_tn(K, N, M, A, K, G, N, whole[2], N);
    for (int unit = 8; unit <= 24; unit += 8) {
        for (int j = 0; j < N; j += 2 * unit) {
            int n = N - j < 2 * unit ? N - j : 2 * unit;
            gemm_nn(M, n, K, A, K, B + j, N, false, parts[0] + j, N);
        }
        for (int j = 0; j < N; j += unit)
            gemm_nt(M, N - j < unit ? N - j : unit, K, A, K, B + j * K, K, parts[1] + j, N);
        for (int i = 0; i < K; i += unit)
            gemm_tn(K - i < unit ? K - i : unit, N, M, A + i, K, G, N, parts[2] + i * N, N);
        for (int p = 0; p < 3; p++)
            cr_assert(!memcmp(whole[p], parts[p], sizes[p] * sizeof(float)),
                      "product %d of 3, %d x %d x %d: cut by %d gives other bits", p, M, N, K,
                      unit);
    }
    for (int p = 0; p < 3; p++) {
        free(whole[p]);
        free(parts[p]);
    }
    free(A);
    free(B);
    free(G);
}

#if defined(__FMA__) || defined(__aarch64__)
static float multiply_add(float a, float b, float sum) {
    return fmaf(a, b, sum);
}
#else
static float multiply_add(float a, float b, float sum) {
    return sum + a * b;
}
#endif

/* NN and TN: the definition in float, to the bit. */
static void check_order(int M, int N, int K, int gap) {
    int lda[2] = {K + gap, M + gap}, ldb = N + gap, ldc = N + gap;
    size_t n = (size_t)((M > K ? M : K) * (lda[0] > lda[1] ? lda[0] : lda[1]));
    float *A = test_memory(n, sizeof *A), *B = test_memory((size_t)(K * ldb), sizeof *B);
    float *old = test_memory((size_t)(M * ldc), sizeof *old),
          *C = test_memory((size_t)(M * ldc), sizeof *C);
    test_normal((uint32_t)(M + N), n, 0, 1, A);
    test_normal((uint32_t)(N + K), (size_t)(K * ldb), 0, 1, B);
    test_normal((uint32_t)(M + K), (size_t)(M * ldc), 0, 1, old);
    for (int kind = 0; kind < 3; kind++) {
        bool turned = kind == 1, add = kind == 2;
        memcpy(C, old, (size_t)(M * ldc) * sizeof *C);
        if (turned)
            gemm_tn(M, N, K, A, lda[1], B, ldb, C, ldc);
        else
            gemm_nn(M, N, K, A, lda[0], B, ldb, add, C, ldc);
        for (int i = 0; i < M; i++)
            for (int j = 0; j < ldc; j++) {
                float sum = add || j >= N ? old[i * ldc + j] : 0;
                for (int k = 0; k < K && j < N; k++)
                    sum = multiply_add(A[turned ? k * lda[1] + i : i * lda[0] + k], B[k * ldb + j],
                                       sum);
                cr_assert(!memcmp(&sum, &C[i * ldc + j], sizeof sum),
                          "%s, %d x %d x %d, [%d, %d]: %.9g instead of %.9g", turned ? "TN" : "NN",
                          M, N, K, i, j, (double)C[i * ldc + j], (double)sum);
            }
    }
    free(A);
    free(B);
    free(C);
    free(old);
}

Test(kernel_gemm, an_element_is_one_sum_over_k_ascending) {
    static const int heights[] = {3, 16, 17, 18, 35, 97, 129, 260},
                     widths[] = {5, 16, 17, 20, 31, 33, 34, 36, 51, 100, 530},
                     depths[] = {1, 9, 16, 18, 31, 65, 130};
    for (size_t i = 0; i < sizeof heights / sizeof *heights; i++)
        for (size_t j = 0; j < sizeof widths / sizeof *widths; j++)
            for (size_t k = 0; k < sizeof depths / sizeof *depths; k++)
                check_order(heights[i], widths[j], depths[k], (int)(i + j + k) % 3);
    check_order(70, 100, 1024, 0); /* rows that fall upon each other in the cache */
    check_order(70, 1024, 100, 0);
    check_order(20, 34, 6200, 0); /* too long for the last columns apart */
}

Test(kernel_gemm, no_cut_changes_a_bit) {
    static const int batches[] = {1, 2, 8, 9, 15, 16, 17, 64, 65, 130},
                     widths[] = {3, 8, 12, 20, 41, 100, 150}, depths[] = {5, 20, 100, 600};
    for (int i = 0; i < 10; i++)
        for (int j = 0; j < 7; j++)
            for (int k = 0; k < 4; k++)
                check_cuts(batches[i], widths[j], depths[k]);
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

/* Copies in the kernel's order are each thread's own. */
enum { SIDE = 101, REPEATS = 3000, THREADS = 4 };

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

Test(kernel_gemm, says_what_it_was_compiled_for) {
    cr_assert(strstr(gemm_kind(), "own, ") == gemm_kind(), "'%s'", gemm_kind());
}
