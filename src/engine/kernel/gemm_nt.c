/* The product A B', the gradient of the input. An element of C is a sum over blocks of k, or, for
 * few rows of A, over 16 lanes of it: both follow from the shape alone. */
#include "engine/kernel/gemm.h"

#include "engine/kernel/gemm_tile.h"

/* ---- A B': lanes along the rows of A ---- */

/* Rows of A [rows, depth], at most VECTORS * LANES, to [depth][vectors * LANES], zeros where there
 * are no rows. */
static void copy_across(int rows, int vectors, int depth, const float *A, long lda, float *to) {
    int width = vectors * LANES;
    for (int i0 = 0; i0 < width; i0 += 8) {
        int k = 0;
        if (i0 + 8 <= rows)
            for (; k + 8 <= depth; k += 8) {
                eight r[8];
                UNROLLED
                for (int i = 0; i < 8; i++)
                    r[i] = eight_load(A + (i0 + i) * lda + k);
                transpose_eight(r);
                UNROLLED
                for (int i = 0; i < 8; i++)
                    eight_store(to + (k + i) * width + i0, r[i]);
            }
        for (; k < depth; k++)
            for (int i = i0; i < i0 + 8 && i < width; i++)
                to[k * width + i] = i < rows ? A[i * lda + k] : 0;
    }
}

/* c [columns][width] to C [rows, columns], written or added. */
static void store_across(int rows, int columns, int width, const float *c, bool add, float *C,
                         long ldc) {
    int i0 = 0;
    if (columns == 8)
        for (; i0 + 8 <= rows; i0 += 8) {
            eight r[8];
            UNROLLED
            for (int j = 0; j < 8; j++)
                r[j] = eight_load(c + j * width + i0);
            transpose_eight(r);
            UNROLLED
            for (int i = 0; i < 8; i++) {
                float *to = C + (i0 + i) * ldc;
                eight_store(to, add ? eight_load(to) + r[i] : r[i]);
            }
        }
    for (int i = i0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            C[i * ldc + j] = (add ? C[i * ldc + j] : 0) + c[j * width + i];
}

/* Rows of A in panels: of each, its columns [k0, k0 + depth) are turned once, and multiplied with
 * all rows of B, of which those columns stay in the second cache. */
static void across(int M, int N, int K, const float *A, long lda, const float *B, long ldb,
                   float *C, long ldc) {
    float c[ROWS * VECTORS * LANES], *copy = gemm_panel_copy();
    int n = gemm_panels(M, VECTORS), most_depth = even(K, DEPTH, 1);
    for (int k0 = 0; k0 < K; k0 += most_depth)
        for (int p = 0; p < n; p++) {
            struct panel panel = gemm_panel_at(M, n, p);
            int vectors = panel.vectors, width = vectors * LANES;
            int rows = smaller(width, M - panel.begin), depth = smaller(most_depth, K - k0);
            copy_across(rows, vectors, depth, A + panel.begin * lda + k0, lda, copy);
            struct tile_operands t = {.K = depth,
                                      .B = copy,
                                      .C = c,
                                      .lda = ldb,
                                      .ldb = width,
                                      .ldc = width,
                                      .last_b = width - LANES,
                                      .last_c = width - LANES};
            for (int j = 0; j < N; j += ROWS) {
                int columns = smaller(ROWS, N - j);
                t.A = B + j * ldb + k0;
                gemm_tiles[BY_ROWS][columns][vectors](&t);
                store_across(rows, columns, width, c, k0 > 0, C + panel.begin * ldc + j, ldc);
            }
        }
}

/* ---- A B' for few rows of A: lanes along k ---- */

enum {
    DOT_LANES = 16, /* of a sum, whatever the registers: the same bits on every processor */
    PARTS = DOT_LANES / LANES,
    DOT_ROWS = PARTS == 2 ? 2 : 3,
    DOTS = SUMS / DOT_ROWS / PARTS,
};

#define EACH_PART                                                                                  \
    UNROLLED                                                                                       \
    for (int p = 0; p < PARTS; p++)
#define EACH_DOT                                                                                   \
    UNROLLED                                                                                       \
    for (int j = 0; j < dots; j++)

/* sum += A[r, k..] * B[j, k..]; with `missing`, the first of the DOT_LANES count as 0. */
ALWAYS_INLINE void dot_step(const int rows, const int dots, int missing, const float *A, long lda,
                            const float *B, long ldb, vector sum[DOT_ROWS][DOTS][PARTS]) {
    vector a[DOT_ROWS][PARTS];
    EACH_ROW EACH_PART a[r][p] = vector_in_register(vector_load(A + r * lda + (long)p * LANES));
    if (missing)
        EACH_ROW EACH_PART a[r][p] = vector_without(a[r][p], missing - p * LANES);
    EACH_DOT EACH_PART {
        vector b = vector_in_register(vector_load(B + j * ldb + (long)p * LANES));
        EACH_ROW sum[r][j][p] += a[r][p] * b;
    }
}

/* C[r, j] = A[r] . B[j] for `rows` rows of A and `dots` rows of B; K >= DOT_LANES. */
ALWAYS_INLINE void dot_tile(const int rows, const int dots, int K, const float *A, long lda,
                            const float *B, long ldb, float *C, long ldc) {
    vector sum[DOT_ROWS][DOTS][PARTS];
    EACH_ROW EACH_DOT EACH_PART sum[r][j][p] = (vector){0};
    int k = 0;
    for (; k + DOT_LANES <= K; k += DOT_LANES)
        dot_step(rows, dots, 0, A + k, lda, B + k, ldb, sum);
    if (k < K)
        dot_step(rows, dots, DOT_LANES - (K - k), A + K - DOT_LANES, lda, B + K - DOT_LANES, ldb,
                 sum);
    EACH_ROW EACH_DOT C[r * ldc + j] = vectors_total(PARTS, sum[r][j]);
}

ALWAYS_INLINE void dot_rows(const int dots, int M, int K, const float *A, long lda, const float *B,
                            long ldb, float *C, long ldc) {
    int blocks = (M + DOT_ROWS - 1) / DOT_ROWS, rows = (M + blocks - 1) / blocks;
    for (int i = 0; i < M; i += rows, A += rows * lda, C += rows * ldc)
        if (smaller(rows, M - i) == 1)
            dot_tile(1, dots, K, A, lda, B, ldb, C, ldc);
        else if (smaller(rows, M - i) == 2)
            dot_tile(2, dots, K, A, lda, B, ldb, C, ldc);
        else
            dot_tile(DOT_ROWS, dots, K, A, lda, B, ldb, C, ldc);
}

/* The last DOTS rows of B may be done twice. */
static void dots(int M, int N, int K, const float *A, long lda, const float *B, long ldb, float *C,
                 long ldc) {
    if (N < DOTS)
        for (int j = 0; j < N; j++)
            dot_rows(1, M, K, A, lda, B + j * ldb, ldb, C + j, ldc);
    else
        for (int j0 = 0; j0 < N; j0 += DOTS) {
            int j = smaller(j0, N - DOTS);
            dot_rows(DOTS, M, K, A, lda, B + j * ldb, ldb, C + j, ldc);
        }
}

/* How an element is summed follows from M and K, which no cut for threads changes. */
void gemm_nt(int M, int N, int K, const float *A, int lda, const float *B, int ldb, float *C,
             int ldc) {
    if (M < STREAMED && K >= DOT_LANES)
        dots(M, N, K, A, lda, B, ldb, C, ldc);
    else
        across(M, N, K, A, lda, B, ldb, C, ldc);
}
