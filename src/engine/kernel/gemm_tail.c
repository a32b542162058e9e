/* The last columns of a product, at most four, with other things side by side in a vector than the
 * columns of one row:
 *
 * A B: four rows of A by four columns,
 *     sum = | r0: c0 c1 c2 c3 | r1: c0 c1 c2 c3 | r2: ... | r3: ... |
 * Four numbers of each row are loaded; step k of four spreads each row's k-th over its quarter, and
 * B's four columns are the same in every quarter.
 *
 * A' B: 16 rows of C, a sum for each column: rows of C are columns of A, which lie side by side.
 * When stored, the sums are turned. */
#include "engine/kernel/gemm_tile.h"

#include <string.h>

enum {
    QUARTER = 4,
    TAIL_LANES = 16, /* with fewer, a vector's empty lanes are not worth it */
    MOST_GROUPS = 8, /* of four rows, in a tile of A B */
    MOST_WIDE = 5,   /* vectors of rows in a tile of A' B: 5 x 4 sums */
};

/* A tile of one vector alone waits for its broadcasts: two instead of one cost nothing. */
int gemm_tail(int N, int K) {
    int tail = N % LANES;
    bool room = K <= DEPTH * VECTORS * LANES / QUARTER;
    return (int)LANES == TAIL_LANES && N > 2 * LANES && K >= TAIL_LANES && tail <= QUARTER && room
               ? tail
               : 0;
}

#if defined(__AVX512F__)

typedef float quarter __attribute__((vector_size(16)));
typedef float quarter_at __attribute__((vector_size(16), aligned(4), may_alias));

static struct tile_operands last_columns(int first, struct tile_operands t) {
    t.B += first;
    t.C += first;
    return t;
}

/* B [K, columns] to [K][QUARTER]; what is not there stays as it was, and is used for nothing. */
static const float *copy_tail(int columns, const struct tile_operands *t) {
    float *copy = gemm_panel_copy();
    if (columns == QUARTER)
        for (int k = 0; k < t->K; k++)
            *(quarter *)(copy + k * QUARTER) = *(const quarter_at *)(t->B + k * t->ldb);
    else
        for (int k = 0; k < t->K; k++)
            for (int j = 0; j < columns; j++)
                copy[k * QUARTER + j] = t->B[k * t->ldb + j];
    return copy;
}

/* ---- A B ---- */

#    define EACH_GROUP                                                                             \
        UNROLLED                                                                                   \
        for (int g = 0; g < groups; g++)

/* Four numbers of each of four rows. */
ALWAYS_INLINE vector four_rows(const float *A, long lda) {
    __m512 v = _mm512_castps128_ps512(_mm_loadu_ps(A));
    v = _mm512_insertf32x4(v, _mm_loadu_ps(A + lda), 1);
    v = _mm512_insertf32x4(v, _mm_loadu_ps(A + 2 * lda), 2);
    return (vector)_mm512_insertf32x4(v, _mm_loadu_ps(A + 3 * lda), 3);
}

/* Number k of each quarter, all over it. */
ALWAYS_INLINE vector spread(vector v, const int k) {
    return k == 0   ? (vector)_mm512_permute_ps((__m512)v, 0x00)
           : k == 1 ? (vector)_mm512_permute_ps((__m512)v, 0x55)
           : k == 2 ? (vector)_mm512_permute_ps((__m512)v, 0xaa)
                    : (vector)_mm512_permute_ps((__m512)v, 0xff);
}

/* sum[g] += `steps` numbers of its rows times as many rows of B. */
ALWAYS_INLINE void four_steps(const int groups, const int steps, const float *A, long lda,
                              const float *B, vector *sum) {
    vector b[QUARTER];
    UNROLLED
    for (int k = 0; k < steps; k++)
        b[k] = (vector)_mm512_broadcast_f32x4(_mm_load_ps(B + k * QUARTER));
    EACH_GROUP {
        vector a = four_rows(A + g * 4 * lda, lda);
        UNROLLED
        for (int k = 0; k < steps; k++)
            sum[g] += spread(a, k) * b[k];
    }
}

/* The last numbers of each row, fewer than four, one at a time. */
ALWAYS_INLINE void last_steps(const int groups, int K, int k, const float *A, long lda,
                              const float *B, vector *sum) {
    for (; k < K; k++) {
        float a[MOST_GROUPS * LANES];
        for (int r = 0; r < groups * 4; r++)
            a[r * QUARTER] = A[r * lda + k];
        vector b = (vector)_mm512_broadcast_f32x4(_mm_load_ps(B + k * QUARTER));
        EACH_GROUP sum[g] += spread(vector_load(a + g * LANES), 0) * b;
    }
}

/* Rows of `groups` fours; c [groups * 4][QUARTER] is added to. */
ALWAYS_INLINE void tail_groups(const int groups, int K, const float *A, long lda, const float *B,
                               float *c) {
    vector sum[MOST_GROUPS];
    EACH_GROUP sum[g] = vector_load(c + g * LANES);
    int k = 0;
    for (; k + 4 <= K; k += 4)
        four_steps(groups, 4, A + k, lda, B + k * QUARTER, sum);
    if (k < K)
        last_steps(groups, K, k, A, lda, B, sum);
    EACH_GROUP vector_store(c + g * LANES, sum[g]);
}

typedef void groups_function(int K, const float *A, long lda, const float *B, float *c);

#    define GROUPS(n)                                                                              \
        static void groups_##n(int K, const float *A, long lda, const float *B, float *c) {        \
            tail_groups(n, K, A, lda, B, c);                                                       \
        }
GROUPS(1)
GROUPS(2)
GROUPS(3)
GROUPS(4)
GROUPS(5)
GROUPS(6)
GROUPS(7)
GROUPS(8)
static groups_function *const of_groups[MOST_GROUPS + 1] = {
    NULL, groups_1, groups_2, groups_3, groups_4, groups_5, groups_6, groups_7, groups_8};

/* The last tile ends with the last row; of those that it shares with the tile before it, the result
 * is not used. */
void gemm_tail_rows(int M, int N, int columns, struct tile_operands whole) {
    const struct tile_operands at_tail = last_columns(N - columns, whole), *t = &at_tail;
    const float *B = copy_tail(columns, t);
    int height = smaller(even(M, MOST_GROUPS * 4, 4), M / 4 * 4);
    for (int i0 = 0; i0 < M; i0 += height) {
        int groups = (smaller(height, M - i0) + 3) / 4, i = smaller(i0, M - groups * 4);
        float c[MOST_GROUPS * LANES] __attribute__((aligned(64))) = {0};
        for (int r = i0 - i; t->add && r < groups * 4; r++)
            memcpy(c + r * QUARTER, t->C + (i + r) * t->ldc, (size_t)columns * sizeof *c);
        of_groups[groups](t->K, t->A + i * t->lda, t->lda, B, c);
        for (int r = i0 - i; r < groups * 4; r++)
            memcpy(t->C + (i + r) * t->ldc, c + r * QUARTER, (size_t)columns * sizeof *c);
    }
}

/* ---- A' B ---- */

/* Rows [4][16] to quarters: row i of the result, its four columns, at to[i]. */
ALWAYS_INLINE void turn(const vector sum[QUARTER], quarter to[TAIL_LANES]) {
    __m512 a = _mm512_unpacklo_ps((__m512)sum[0], (__m512)sum[1]),
           b = _mm512_unpackhi_ps((__m512)sum[0], (__m512)sum[1]),
           c = _mm512_unpacklo_ps((__m512)sum[2], (__m512)sum[3]),
           d = _mm512_unpackhi_ps((__m512)sum[2], (__m512)sum[3]);
    __m512 r[QUARTER] = {_mm512_shuffle_ps(a, c, 0x44), _mm512_shuffle_ps(a, c, 0xee),
                         _mm512_shuffle_ps(b, d, 0x44), _mm512_shuffle_ps(b, d, 0xee)};
    UNROLLED
    for (int i = 0; i < QUARTER; i++) {
        to[i] = (quarter)_mm512_castps512_ps128(r[i]);
        to[4 + i] = (quarter)_mm512_extractf32x4_ps(r[i], 1);
        to[8 + i] = (quarter)_mm512_extractf32x4_ps(r[i], 2);
        to[12 + i] = (quarter)_mm512_extractf32x4_ps(r[i], 3);
    }
}

/* One row of C, or of V and W. */
ALWAYS_INLINE void take_row(int columns, const struct gemm_momentum *momentum, quarter sum,
                            float *C) {
    if (columns == QUARTER && momentum) {
        float *W = momentum->W + (C - momentum->V);
        quarter v = sum + momentum->mu * *(const quarter_at *)C;
        *(quarter_at *)W = *(const quarter_at *)W - momentum->lr * v;
        *(quarter_at *)C = v;
        return;
    }
    for (int j = 0; j < columns; j++)
        if (momentum) {
            float *W = momentum->W + (C - momentum->V), v = sum[j] + momentum->mu * C[j];
            W[j] = W[j] - momentum->lr * v;
            C[j] = v;
        } else {
            C[j] = sum[j];
        }
}

/* Rows [i, i + vectors * LANES) of C; the first of them belongs to somebody else where `skip`. */
ALWAYS_INLINE void tail_vectors(const int vectors, int skip, int columns, const float *A,
                                const float *B, float *C, const struct tile_operands *t) {
    vector sum[MOST_WIDE][QUARTER];
    EACH_VECTOR {
        UNROLLED
        for (int j = 0; j < QUARTER; j++)
            sum[n][j] = (vector){0};
    }
    for (int k = 0; k < t->K; k++, A += t->lda, B += QUARTER) {
        vector a[MOST_WIDE];
        EACH_VECTOR a[n] = vector_in_register(vector_load(A + n * LANES));
        EACH_VECTOR __builtin_prefetch(A + AHEAD * t->lda + n * LANES);
        UNROLLED
        for (int j = 0; j < QUARTER; j++) {
            vector b = vector_all(B[j]);
            EACH_VECTOR sum[n][j] += a[n] * b;
        }
    }
    for (int n = 0; n < vectors; n++) {
        quarter rows[LANES];
        turn(sum[n], rows);
        for (int i = n ? 0 : skip; i < LANES; i++)
            take_row(columns, t->momentum, rows[i], C + (n * LANES + i) * t->ldc);
    }
}

typedef void vectors_function(int skip, int columns, const float *A, const float *B, float *C,
                              const struct tile_operands *t);

#    define TALL(n)                                                                                \
        static void vectors_##n(int skip, int columns, const float *A, const float *B, float *C,   \
                                const struct tile_operands *t) {                                   \
            tail_vectors(n, skip, columns, A, B, C, t);                                            \
        }
TALL(1)
TALL(2)
TALL(3)
TALL(4)
TALL(5)
static vectors_function *const of_vectors[MOST_WIDE + 1] = {NULL,      vectors_1, vectors_2,
                                                            vectors_3, vectors_4, vectors_5};

/* As above, the last tile ends with the last row. */
void gemm_tail_columns(int M, int N, int columns, struct tile_operands whole) {
    const struct tile_operands at_tail = last_columns(N - columns, whole), *t = &at_tail;
    const float *B = copy_tail(columns, t);
    int height = smaller(even(M, MOST_WIDE * LANES, LANES), M / LANES * LANES);
    for (int i0 = 0; i0 < M; i0 += height) {
        int vectors = (smaller(height, M - i0) + LANES - 1) / LANES;
        int i = smaller(i0, M - vectors * LANES);
        of_vectors[vectors](i0 - i, columns, t->A + i, B, t->C + i * t->ldc, t);
    }
}

#else

void gemm_tail_rows(int M, int N, int columns, struct tile_operands whole) {
    (void)M, (void)N, (void)columns, (void)whole;
}

void gemm_tail_columns(int M, int N, int columns, struct tile_operands whole) {
    (void)M, (void)N, (void)columns, (void)whole;
}

#endif
