/* The products A B and A' B.
 *
 * An element of C is one sum over k in ascending order, so its bits depend neither on how the work
 * was cut nor on how wide the registers are.
 *
 * Few rows (small mini-batches): operands are read where they lie, B streams by once, nothing is
 * copied; with AVX-512, more rows as well. Elsewhere, and where rows fall upon each other in the
 * cache: blocks of A and panels of B are first copied in the order in which the tile reads them
 * (Goto & van de Geijn 2008, Anatomy of high-performance matrix multiplication). What each trick
 * gives: docs/speed.md. */
#include "engine/kernel/gemm.h"

#include <limits.h>
#include <string.h>

#include "engine/kernel/gemm_tile.h"

enum {
    MOST_OUTER = 8, /* longest k of an outer product */
    HEIGHT = 256, /* most rows of a block of A: it stays in the second cache beside a panel of B */
    STREAMED_ROWS = SUMS / 2 < MOST_ROWS ? SUMS / 2 : MOST_ROWS, /* of a tile then */
    /* Of vectors that fill a line of the cache, those of a panel are read where they lie at no
     * cost. */
    WHOLE_LINES = VECTOR_BYTES == 64,
    MOST_STREAMED = WHOLE_LINES ? INT_MAX : STREAMED, /* rows of A */
    STREAMED_HEIGHT = 128,  /* most of them that are read for each panel of B */
    COLLIDING_WIDTH = 1024, /* rows of B so long, or a multiple, fall upon each other then */
    UNCOPIED_BATCH = WHOLE_LINES ? INT_MAX : 64,
    UNCOPIED_WIDTH = 512,
    UNCOPIED_PANELS = 6, /* most panels for which columns of A are read where they lie */
    LEAST_WALKED = WHOLE_LINES ? MOST_OUTER + 1 : INT_MAX, /* rows of a mini-batch with which */
    MOST_WALKED = 128,                                     /* wide V and W are walked by rows */
};

/* ---- few rows: nothing is copied ---- */

/* The last panel has two vectors or more, unless it is the only one: a single vector that overlaps
 * the panel before would be added twice. */
static void streamed(int M, int N, struct tile_operands t) {
    int blocks = (M + STREAMED_ROWS - 1) / STREAMED_ROWS, rows = (M + blocks - 1) / blocks;
    int n = gemm_panels(N, smaller(MOST_VECTORS, SUMS / rows));
    const struct tile_operands whole = t;
    for (int p = 0; p < n; p++) {
        struct panel panel = gemm_panel_at(N, n, p);
        t.last_b = t.last_c = panel.last;
        t.B = whole.B + panel.begin;
        for (int i = 0; i < M; i += rows) {
            t.A = whole.A + i * t.lda;
            t.C = whole.C + i * t.ldc + panel.begin;
            gemm_tiles[BY_ROWS][smaller(rows, M - i)][panel.vectors](&t);
        }
    }
}

/* More rows in blocks that stay in the second cache while B streams by. The last few
 * columns apart: then all vectors of the rest are full. */
static void rows_streamed(int M, int N, const struct tile_operands *whole) {
    int tail = M >= LANES ? gemm_tail(N, whole->K) : 0, height = even(M, STREAMED_HEIGHT, 8);
    for (int i = 0; i < M; i += height) {
        struct tile_operands t = *whole;
        t.A += i * t.lda;
        t.C += i * t.ldc;
        streamed(smaller(height, M - i), N - tail, t);
    }
    if (tail)
        gemm_tail_rows(M, N, tail, *whole);
}

/* ---- A' B where k is so short that the product is little more than the writing of C ---- */

/* All of a panel of B [K, vectors] stays in registers; rows of C are written one after the other,
 * or used at once. */
ALWAYS_INLINE void outer(const int K, const int vectors, const bool updating, int M,
                         const struct tile_operands *operands) {
    struct tile_operands t = *operands;
    vector b[MOST_OUTER][MOST_VECTORS];
    UNROLLED
    for (int k = 0; k < K; k++)
        EACH_VECTOR b[k][n] = vector_load(t.B + k * t.ldb + LANE(n, vectors, t.last_b));
    struct momentum_step step = {0};
    if (updating)
        step = momentum_step(t.momentum);
    for (int i = 0; i < M; i++, t.A++, t.C += t.ldc) {
        vector sum[MOST_VECTORS];
        EACH_VECTOR sum[n] = (vector){0};
        UNROLLED
        for (int k = 0; k < K; k++) {
            vector a = vector_all(t.A[k * t.lda]);
            EACH_VECTOR sum[n] += a * b[k][n];
        }
        if (updating)
            momentum_row(vectors, step, t.last_c, sum, t.C);
        else
            EACH_VECTOR vector_store(t.C + LANE(n, vectors, t.last_c), sum[n]);
    }
}

typedef void outer_function(int M, const struct tile_operands *operands);

#define OUTER(K, vectors)                                                                          \
    static void outer_##K##_##vectors(int M, const struct tile_operands *operands) {               \
        if ((K) * (vectors) > SUMS)                                                                \
            return;                                                                                \
        if (operands->momentum)                                                                    \
            outer(K, vectors, true, M, operands);                                                  \
        else                                                                                       \
            outer(K, vectors, false, M, operands);                                                 \
    }
#define OUTER_ENTRY(K, vectors)                                                                    \
    [K][vectors] = (K) * (vectors) <= SUMS ? outer_##K##_##vectors : NULL,
EIGHT_BY_EIGHT(OUTER)
static outer_function *const outers[MOST_OUTER + 1][MOST_VECTORS + 1] = {
    EIGHT_BY_EIGHT(OUTER_ENTRY)};

static void outer_product(int M, int N, struct tile_operands t) {
    int n = gemm_panels(N, smaller(MOST_VECTORS, SUMS / t.K));
    const struct tile_operands whole = t;
    for (int p = 0; p < n; p++) {
        struct panel panel = gemm_panel_at(N, n, p);
        t.last_b = t.last_c = panel.last;
        t.B = whole.B + panel.begin;
        t.C = whole.C + panel.begin;
        outers[t.K][panel.vectors](M, &t);
    }
}

/* ---- copies in the kernel's order, one set a thread ---- */

static _Thread_local float block_copy[HEIGHT * DEPTH] __attribute__((aligned(64)));
/* A [rows, depth] to [depth][ROWS]. */
static void copy_rows(int rows, int depth, const float *A, long lda, float *to) {
    int k = 0;
    if (rows == 8 && ROWS == 8)
        for (; k + 8 <= depth; k += 8) {
            eight r[8];
            UNROLLED
            for (int i = 0; i < 8; i++)
                r[i] = eight_load(A + i * lda + k);
            transpose_eight(r);
            UNROLLED
            for (int i = 0; i < 8; i++)
                eight_store(to + (k + i) * ROWS, r[i]);
        }
    for (; k < depth; k++)
        for (int i = 0; i < rows; i++)
            to[k * ROWS + i] = A[i * lda + k];
}

/* A [depth, rows] to [depth][ROWS]. */
static void copy_columns(int rows, int depth, const float *A, long lda, float *to) {
    if (rows == ROWS)
        for (int k = 0; k < depth; k++)
            memcpy(to + k * ROWS, A + k * lda, ROWS * sizeof *to);
    else
        for (int k = 0; k < depth; k++)
            memcpy(to + k * ROWS, A + k * lda, (size_t)rows * sizeof *to);
}

ALWAYS_INLINE void copy_vectors(const int vectors, int depth, const float *B, long ldb, long last,
                                float *to) {
    for (int k = 0; k < depth; k++, B += ldb)
        EACH_VECTOR {
            __builtin_prefetch(B + AHEAD * ldb + (long)n * LANES);
            vector_store(to, vector_load(B + LANE(n, vectors, last)));
            to += LANES;
        }
}

/* B [depth, panel] to [depth][panel.vectors * LANES]. */
static void copy_panel(struct panel panel, int depth, const float *B, long ldb, float *to) {
    if (panel.vectors == 1)
        copy_vectors(1, depth, B, ldb, panel.last, to);
    else if (panel.vectors == 2)
        copy_vectors(2, depth, B, ldb, panel.last, to);
    else
        copy_vectors(3, depth, B, ldb, panel.last, to);
}

/* ---- more rows ---- */

/* Rows whose distance is a large power of two fall upon each other in the cache. */
static bool rows_collide(long ld) {
    return ld % 256 == 0;
}

/* Copies cost a load and a store a number, and save what reading from many places costs: cache
 * lines of which little is used, pages. Not worth it for mini-batches of some rows between narrow
 * layers. */
static bool copies_pay(bool by_column, int M, const struct tile_operands *t) {
    int batch = by_column ? t->K : M;
    return batch > UNCOPIED_BATCH || t->ldb > UNCOPIED_WIDTH || rows_collide(t->lda) ||
           rows_collide(t->ldb);
}

/* One block of rows in tiles of `rows`, `next_rows` apart in A; A and B where they lie or copied.
 */
static void block_product(enum tile_kind kind, bool copies, int height, int rows, long next_rows,
                          int N, const struct tile_operands *whole) {
    struct tile_operands t = *whole;
    float *copy = gemm_panel_copy();
    int n = gemm_panels(N, VECTORS);
    for (int p = 0; p < n; p++) {
        struct panel panel = gemm_panel_at(N, n, p);
        t.B = whole->B + panel.begin;
        t.last_b = t.last_c = panel.last;
        if (copies) {
            copy_panel(panel, t.K, t.B, whole->ldb, copy);
            t.B = copy;
            t.ldb = panel.vectors * LANES;
            t.last_b = t.ldb - LANES;
        }
        for (int i = 0; i < height; i += rows) {
            t.A = whole->A + (i / rows) * next_rows;
            t.C = whole->C + i * t.ldc + panel.begin;
            gemm_tiles[kind][smaller(rows, height - i)][panel.vectors](&t);
        }
    }
}

/* Block of A [height, t.K] to [height / ROWS][t.K][ROWS]. */
static void copy_block_of_A(bool by_column, int height, const struct tile_operands *t) {
    for (int i = 0; i < height; i += ROWS) {
        int rows = smaller(ROWS, height - i);
        float *to = block_copy + (long)i * t->K;
        if (by_column)
            copy_columns(rows, t->K, t->A + i, t->lda, to);
        else
            copy_rows(rows, t->K, t->A + i * t->lda, t->lda, to);
    }
}

static void blocked(bool by_column, int M, int N, struct tile_operands whole) {
    bool copies = copies_pay(by_column, M, &whole);
    bool copies_A = rows_collide(whole.lda) ||
                    (by_column && copies && gemm_panels(N, VECTORS) > UNCOPIED_PANELS);
    enum tile_kind kind = whole.momentum ? UPDATING : by_column || copies_A ? BY_COLUMNS : BY_ROWS;
    int most_height = even(M, HEIGHT, ROWS), depth = even(whole.K, DEPTH, 1);
    for (int i0 = 0; i0 < M; i0 += most_height)
        for (int k0 = 0; k0 < whole.K; k0 += depth) {
            struct tile_operands t = whole;
            int height = smaller(most_height, M - i0);
            t.K = smaller(depth, whole.K - k0);
            t.A += by_column ? k0 * t.lda + i0 : i0 * t.lda + k0;
            t.B += k0 * t.ldb;
            t.C += i0 * t.ldc;
            t.add = whole.add || k0;
            int rows = even(height, ROWS, 1); /* 17 are 6 + 6 + 5 */
            long next_rows = rows * (by_column ? 1 : whole.lda);
            if (copies_A) {
                copy_block_of_A(by_column, height, &t);
                t.A = block_copy;
                t.lda = rows = ROWS;
                next_rows = (long)ROWS * t.K;
            }
            block_product(kind, copies, height, rows, next_rows, N, &t);
        }
}

/* The last few columns apart: then all vectors of the rest are full. */
static void blocked_and_tail(bool by_column, int M, int N, struct tile_operands whole) {
    int tail = M >= LANES ? gemm_tail(N, whole.K) : 0;
    if (tail)
        (by_column ? gemm_tail_columns : gemm_tail_rows)(M, N, tail, whole);
    blocked(by_column, M, N - tail, whole);
}

/* ---- wide V and W ---- */

/* Row by row, as they lie in memory, and not panel by panel: the few rows of A and B, which are
 * all read again for each, stay in cache. */
static void updated_by_rows(int M, int N, struct tile_operands t) {
    int n = gemm_panels(N, VECTORS), rows = even(M, ROWS, 1);
    const struct tile_operands whole = t;
    for (int i = 0; i < M; i += rows)
        for (int p = 0; p < n; p++) {
            struct panel panel = gemm_panel_at(N, n, p);
            t.last_b = t.last_c = panel.last;
            t.A = whole.A + i;
            t.B = whole.B + panel.begin;
            t.C = whole.C + i * t.ldc + panel.begin;
            gemm_tiles[UPDATING][smaller(rows, M - i)][panel.vectors](&t);
        }
}

/* ---- fewer columns than a vector has lanes ---- */

static void copy_block(int rows, int columns, const float *from, long ld_from, float *to,
                       long ld_to) {
    for (int i = 0; i < rows; i++)
        memcpy(to + i * ld_to, from + i * ld_from, (size_t)columns * sizeof *to);
}

/* B in vectors that are filled up with zeros, C by way of a tile of its own. */
static void narrow(bool by_column, int M, int N, struct tile_operands whole) {
    float c[MOST_ROWS * LANES] = {0}, *copy = gemm_panel_copy();
    for (int k0 = 0; k0 < whole.K; k0 += DEPTH) {
        struct tile_operands t = {.add = whole.add || k0,
                                  .K = smaller(DEPTH, whole.K - k0),
                                  .B = copy,
                                  .C = c,
                                  .lda = whole.lda,
                                  .ldb = LANES,
                                  .ldc = LANES};
        memset(copy, 0, (size_t)t.K * LANES * sizeof(float));
        copy_block(t.K, N, whole.B + k0 * whole.ldb, whole.ldb, copy, LANES);
        for (int i = 0; i < M; i += MOST_ROWS) {
            int rows = smaller(MOST_ROWS, M - i);
            t.A = whole.A + (by_column ? k0 * t.lda + i : i * t.lda + k0);
            if (t.add)
                copy_block(rows, N, whole.C + i * whole.ldc, whole.ldc, c, LANES);
            gemm_tiles[by_column ? BY_COLUMNS : BY_ROWS][rows][1](&t);
            copy_block(rows, N, c, LANES, whole.C + i * whole.ldc, whole.ldc);
        }
    }
}

void gemm_nn(int M, int N, int K, const float *A, int lda, const float *B, int ldb, bool add,
             float *C, int ldc) {
    struct tile_operands whole = {add, K, A, B, C, lda, ldb, ldc, 0, 0, NULL};
    if (N < LANES)
        narrow(false, M, N, whole);
    else if (M <= STREAMED || (M <= MOST_STREAMED && !rows_collide(lda) && ldb % COLLIDING_WIDTH))
        rows_streamed(M, N, &whole);
    else
        blocked_and_tail(false, M, N, whole);
}

void gemm_tn(int M, int N, int K, const float *A, int lda, const float *B, int ldb, float *C,
             int ldc) {
    struct tile_operands whole = {false, K, A, B, C, lda, ldb, ldc, 0, 0, NULL};
    if (N < LANES)
        narrow(true, M, N, whole);
    else if (K <= MOST_OUTER)
        outer_product(M, N, whole);
    else
        blocked_and_tail(true, M, N, whole);
}

/* As above, the last panel must have two vectors: so many rows of B must leave room for them. And k
 * must not be cut. */
bool gemm_tn_momentum(int M, int N, int K, const float *A, int lda, const float *B, int ldb,
                      const struct gemm_momentum *momentum) {
    struct tile_operands whole = {.K = K,
                                  .A = A,
                                  .B = B,
                                  .C = momentum->V,
                                  .lda = lda,
                                  .ldb = ldb,
                                  .ldc = N,
                                  .momentum = momentum};
    if (N < LANES || K > DEPTH)
        return false;
    if (N > UNCOPIED_WIDTH && K >= LEAST_WALKED && K <= MOST_WALKED)
        updated_by_rows(M, N, whole);
    else if (K <= smaller(MOST_OUTER, SUMS / 3))
        outer_product(M, N, whole);
    else
        blocked_and_tail(true, M, N, whole);
    return true;
}

const char *gemm_kind(void) {
    return "own, " VECTOR_NAME;
}
