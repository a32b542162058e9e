/* How a product is computed.
 *
 * One kernel does nearly all the work: a tile of `rows` x `vectors` sums stays in registers while k
 * runs over the inner dimension. Each step of k loads `vectors` of B, broadcasts `rows` numbers of
 * A, and multiplies each with each. An element of C is one sum over k in ascending order (of A B',
 * one of blocks of k, or of 16 lanes), so its bits depend neither on how the work was cut nor on
 * how wide the registers are.
 *
 * Few rows (small mini-batches): operands are read where they lie, B streams by once, nothing is
 * copied. More rows: blocks of A and panels of B are first copied in the order in which the kernel
 * reads them, which pays as soon as each is read several times (Goto & van de Geijn 2008, Anatomy
 * of high-performance matrix multiplication). What each trick gives: README.md beside this file. */
#include "engine/kernel/gemm.h"

#include <string.h>

#include "engine/kernel/vector.h"

enum {
    SUMS = VECTOR_REGISTERS == 32 ? 24 : 12, /* registers that hold sums */
    MOST_ROWS = 8,                           /* of a tile */
    MOST_VECTORS = 8,
    MOST_OUTER = 8,  /* longest k of an outer product */
    ROWS = SUMS / 3, /* of a tile in blocked products, with VECTORS */
    VECTORS = 3,
    DEPTH = 512,   /* most k of a block: a panel of B stays in the second cache ... */
    HEIGHT = 256,  /* most rows of a block of A: ... and the block beside it */
    AHEAD = 8,     /* rows of B that are fetched ahead */
    STREAMED = 16, /* most rows with which B is read once */
    STREAMED_ROWS = SUMS / 2 < MOST_ROWS ? SUMS / 2 : MOST_ROWS, /* of a tile then */
    UNCOPIED_BATCH = 64,
    UNCOPIED_WIDTH = 512,
    UNCOPIED_PANELS = 6, /* most panels for which columns of A are read where they lie */
};

static int smaller(int a, int b) {
    return a < b ? a : b;
}

/* ---- the tile ---- */

/* Vector n of a row begins here: one after the other, but the last one ends with the row and so may
 * overlap its neighbour; what both compute is the same. */
#define LANE(n, vectors, last) ((n) == (vectors)-1 ? (last) : (long)(n)*LANES)

#define EACH_ROW                                                                                   \
    UNROLLED                                                                                       \
    for (int r = 0; r < rows; r++)
#define EACH_VECTOR                                                                                \
    UNROLLED                                                                                       \
    for (int n = 0; n < vectors; n++)

struct tile_operands {
    bool add; /* to what is in C */
    int K;
    const float *A, *B;
    float *C;
    long lda, ldb, ldc;
    long last_b, last_c;                  /* where the last vector begins, in B and in C */
    const struct gemm_momentum *momentum; /* where C is V, and is used at once; or NULL */
};

/* V = mu V + sum, W -= lr V, on one row of a tile; V in place of C. The last vectors are read
 * before a neighbour that they overlap is written. */
ALWAYS_INLINE void momentum_row(const int vectors, const struct gemm_momentum *momentum, long last,
                                const vector *sum, float *V) {
    float *W = momentum->W + (V - momentum->V);
    vector mu = vector_all(momentum->mu), lr = vector_all(momentum->lr);
    vector last_v = vector_load(V + last), last_w = vector_load(W + last);
    EACH_VECTOR {
        bool is_last = n == vectors - 1;
        long at = LANE(n, vectors, last);
        vector v = sum[n] + mu * (is_last ? last_v : vector_load(V + at));
        vector_store(W + at, (is_last ? last_w : vector_load(W + at)) - lr * v);
        vector_store(V + at, v);
    }
}

enum tile_kind {
    BY_ROWS,    /* A[r, k] is at A[r*lda + k] */
    BY_COLUMNS, /* at A[k*lda + r] */
    UPDATING,   /* BY_COLUMNS, and C is V of a momentum step */
    TILE_KINDS
};

ALWAYS_INLINE void tile(const int rows, const int vectors, const enum tile_kind kind,
                        const struct tile_operands *operands) {
    struct tile_operands t = *operands;
    const bool by_column = kind == BY_COLUMNS || kind == UPDATING;
    EACH_ROW EACH_VECTOR {
        const float *c = t.C + r * t.ldc + LANE(n, vectors, t.last_c);
        __builtin_prefetch(c, 1);
        if (kind == UPDATING)
            __builtin_prefetch(c + (t.momentum->W - t.momentum->V), 1);
    }
    vector sum[MOST_ROWS][MOST_VECTORS];
    if (t.add)
        EACH_ROW EACH_VECTOR sum[r][n] = vector_load(t.C + r * t.ldc + LANE(n, vectors, t.last_c));
    else
        EACH_ROW EACH_VECTOR sum[r][n] = (vector){0};
    for (int k = 0; k < t.K; k++, t.B += t.ldb, t.A += by_column ? t.lda : 1) {
        vector b[MOST_VECTORS];
        EACH_VECTOR b[n] = vector_load(t.B + LANE(n, vectors, t.last_b));
        EACH_VECTOR __builtin_prefetch(t.B + AHEAD * t.ldb + (long)n * LANES);
        if (by_column)
            __builtin_prefetch(t.A + AHEAD * t.lda);
        EACH_ROW {
            vector a = vector_all(t.A[by_column ? r : r * t.lda]);
            EACH_VECTOR sum[r][n] += a * b[n];
        }
    }
    if (kind == UPDATING)
        EACH_ROW momentum_row(vectors, t.momentum, t.last_c, sum[r], t.C + r * t.ldc);
    else
        EACH_ROW EACH_VECTOR vector_store(t.C + r * t.ldc + LANE(n, vectors, t.last_c), sum[r][n]);
}

typedef void tile_function(const struct tile_operands *operands);

/* A function for each number of rows and vectors whose sums fit the registers; NULL elsewhere. */
#define ROWS_FIT(rows, vectors) ((rows) * (vectors) <= SUMS)
#define COLUMNS_FIT(rows, vectors) ((vectors) <= VECTORS)
#define UPDATING_FIT(rows, vectors) ((vectors) <= VECTORS && (rows) <= ROWS)
#define TILE(rows, vectors)                                                                        \
    static void tile_rows_##rows##_##vectors(const struct tile_operands *operands) {               \
        if (ROWS_FIT(rows, vectors))                                                               \
            tile(rows, vectors, BY_ROWS, operands);                                                \
    }                                                                                              \
    static void tile_columns_##rows##_##vectors(const struct tile_operands *operands) {            \
        if (COLUMNS_FIT(rows, vectors))                                                            \
            tile(rows, vectors, BY_COLUMNS, operands);                                             \
    }                                                                                              \
    static void tile_updating_##rows##_##vectors(const struct tile_operands *operands) {           \
        if (UPDATING_FIT(rows, vectors))                                                           \
            tile(rows, vectors, UPDATING, operands);                                               \
    }
#define ROWS_ENTRY(rows, vectors)                                                                  \
    [rows][vectors] = ROWS_FIT(rows, vectors) ? tile_rows_##rows##_##vectors : NULL,
#define COLUMNS_ENTRY(rows, vectors)                                                               \
    [rows][vectors] = COLUMNS_FIT(rows, vectors) ? tile_columns_##rows##_##vectors : NULL,
#define UPDATING_ENTRY(rows, vectors)                                                              \
    [rows][vectors] = UPDATING_FIT(rows, vectors) ? tile_updating_##rows##_##vectors : NULL,
#define EIGHT(X, rows)                                                                             \
    X(rows, 1) X(rows, 2) X(rows, 3) X(rows, 4) X(rows, 5) X(rows, 6) X(rows, 7) X(rows, 8)
#define EIGHT_BY_EIGHT(X)                                                                          \
    EIGHT(X, 1) EIGHT(X, 2) EIGHT(X, 3) EIGHT(X, 4) EIGHT(X, 5) EIGHT(X, 6) EIGHT(X, 7) EIGHT(X, 8)

EIGHT_BY_EIGHT(TILE)
static tile_function *const tiles[TILE_KINDS][MOST_ROWS + 1][MOST_VECTORS + 1] = {
    {EIGHT_BY_EIGHT(ROWS_ENTRY)},
    {EIGHT_BY_EIGHT(COLUMNS_ENTRY)},
    {EIGHT_BY_EIGHT(UPDATING_ENTRY)}};

/* ---- panels of columns ---- */

struct panel {
    int begin, vectors;
    long last; /* where its last vector begins, from `begin` */
};

static int panels(int N, int most_vectors) {
    int all = (N + LANES - 1) / LANES;
    return (all + most_vectors - 1) / most_vectors;
}

/* Panel p of n over N >= LANES columns, all about as wide. */
static struct panel panel_at(int N, int n, int p) {
    int all = (N + LANES - 1) / LANES;
    int first = (int)((long)all * p / n), end = (int)((long)all * (p + 1) / n);
    struct panel panel = {first * LANES, end - first, (long)(end - first - 1) * LANES};
    if (end == all)
        panel.last = N - LANES - panel.begin;
    return panel;
}

/* ---- few rows: nothing is copied ---- */

/* The last panel has two vectors or more, unless it is the only one: a single vector that overlaps
 * the panel before would be added twice. */
static void streamed(int M, int N, struct tile_operands t) {
    int blocks = (M + STREAMED_ROWS - 1) / STREAMED_ROWS, rows = (M + blocks - 1) / blocks;
    int n = panels(N, smaller(MOST_VECTORS, SUMS / rows));
    const struct tile_operands whole = t;
    for (int p = 0; p < n; p++) {
        struct panel panel = panel_at(N, n, p);
        t.last_b = t.last_c = panel.last;
        t.B = whole.B + panel.begin;
        for (int i = 0; i < M; i += rows) {
            t.A = whole.A + i * t.lda;
            t.C = whole.C + i * t.ldc + panel.begin;
            tiles[BY_ROWS][smaller(rows, M - i)][panel.vectors](&t);
        }
    }
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
    for (int i = 0; i < M; i++, t.A++, t.C += t.ldc) {
        vector sum[MOST_VECTORS];
        EACH_VECTOR sum[n] = (vector){0};
        UNROLLED
        for (int k = 0; k < K; k++) {
            vector a = vector_all(t.A[k * t.lda]);
            EACH_VECTOR sum[n] += a * b[k][n];
        }
        if (updating)
            momentum_row(vectors, t.momentum, t.last_c, sum, t.C);
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
    int n = panels(N, smaller(MOST_VECTORS, SUMS / t.K));
    const struct tile_operands whole = t;
    for (int p = 0; p < n; p++) {
        struct panel panel = panel_at(N, n, p);
        t.last_b = t.last_c = panel.last;
        t.B = whole.B + panel.begin;
        t.C = whole.C + panel.begin;
        outers[t.K][panel.vectors](M, &t);
    }
}

/* ---- copies in the kernel's order, one set a thread ---- */

static _Thread_local float block_copy[HEIGHT * DEPTH] __attribute__((aligned(64)));
static _Thread_local float panel_copy[VECTORS * LANES * DEPTH] __attribute__((aligned(64)));

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

ALWAYS_INLINE void copy_vectors(const int vectors, int depth, const float *B, long ldb, long last) {
    float *to = panel_copy;
    for (int k = 0; k < depth; k++, B += ldb)
        EACH_VECTOR {
            __builtin_prefetch(B + AHEAD * ldb + (long)n * LANES);
            vector_store(to, vector_load(B + LANE(n, vectors, last)));
            to += LANES;
        }
}

/* B [depth, panel] to [depth][panel.vectors * LANES]. */
static void copy_panel(struct panel panel, int depth, const float *B, long ldb) {
    if (panel.vectors == 1)
        copy_vectors(1, depth, B, ldb, panel.last);
    else if (panel.vectors == 2)
        copy_vectors(2, depth, B, ldb, panel.last);
    else
        copy_vectors(3, depth, B, ldb, panel.last);
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
    int n = panels(N, VECTORS);
    for (int p = 0; p < n; p++) {
        struct panel panel = panel_at(N, n, p);
        t.B = whole->B + panel.begin;
        t.last_b = t.last_c = panel.last;
        if (copies) {
            copy_panel(panel, t.K, t.B, whole->ldb);
            t.B = panel_copy;
            t.ldb = panel.vectors * LANES;
            t.last_b = t.ldb - LANES;
        }
        for (int i = 0; i < height; i += rows) {
            t.A = whole->A + (i / rows) * next_rows;
            t.C = whole->C + i * t.ldc + panel.begin;
            tiles[kind][smaller(rows, height - i)][panel.vectors](&t);
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

/* The size of the largest of as few, and as even, pieces as can be. */
static int even(int total, int most, int unit) {
    int n = (total + most - 1) / most, each = (total + n - 1) / n;
    return (each + unit - 1) / unit * unit;
}

static void blocked(bool by_column, int M, int N, struct tile_operands whole) {
    bool copies = copies_pay(by_column, M, &whole);
    bool copies_A =
        rows_collide(whole.lda) || (by_column && copies && panels(N, VECTORS) > UNCOPIED_PANELS);
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

/* ---- fewer columns than a vector has lanes ---- */

static void copy_block(int rows, int columns, const float *from, long ld_from, float *to,
                       long ld_to) {
    for (int i = 0; i < rows; i++)
        memcpy(to + i * ld_to, from + i * ld_from, (size_t)columns * sizeof *to);
}

/* B in vectors that are filled up with zeros, C by way of a tile of its own. */
static void narrow(bool by_column, int M, int N, struct tile_operands whole) {
    float c[MOST_ROWS * LANES] = {0};
    for (int k0 = 0; k0 < whole.K; k0 += DEPTH) {
        struct tile_operands t = {.add = whole.add || k0,
                                  .K = smaller(DEPTH, whole.K - k0),
                                  .B = panel_copy,
                                  .C = c,
                                  .lda = whole.lda,
                                  .ldb = LANES,
                                  .ldc = LANES};
        memset(panel_copy, 0, (size_t)t.K * LANES * sizeof(float));
        copy_block(t.K, N, whole.B + k0 * whole.ldb, whole.ldb, panel_copy, LANES);
        for (int i = 0; i < M; i += MOST_ROWS) {
            int rows = smaller(MOST_ROWS, M - i);
            t.A = whole.A + (by_column ? k0 * t.lda + i : i * t.lda + k0);
            if (t.add)
                copy_block(rows, N, whole.C + i * whole.ldc, whole.ldc, c, LANES);
            tiles[by_column ? BY_COLUMNS : BY_ROWS][rows][1](&t);
            copy_block(rows, N, c, LANES, whole.C + i * whole.ldc, whole.ldc);
        }
    }
}

void gemm_nn(int M, int N, int K, const float *A, int lda, const float *B, int ldb, bool add,
             float *C, int ldc) {
    struct tile_operands whole = {add, K, A, B, C, lda, ldb, ldc, 0, 0, NULL};
    if (N < LANES)
        narrow(false, M, N, whole);
    else if (M <= STREAMED)
        streamed(M, N, whole);
    else
        blocked(false, M, N, whole);
}

void gemm_tn(int M, int N, int K, const float *A, int lda, const float *B, int ldb, float *C,
             int ldc) {
    struct tile_operands whole = {false, K, A, B, C, lda, ldb, ldc, 0, 0, NULL};
    if (N < LANES)
        narrow(true, M, N, whole);
    else if (K <= MOST_OUTER)
        outer_product(M, N, whole);
    else
        blocked(true, M, N, whole);
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
    if (K <= smaller(MOST_OUTER, SUMS / 3))
        outer_product(M, N, whole);
    else
        blocked(true, M, N, whole);
    return true;
}

/* ---- A B': lanes along the rows of A ---- */

/* Rows of A [rows, depth], at most VECTORS * LANES, to [depth][vectors * LANES], zeros where there
 * are no rows. */
static void copy_across(int rows, int vectors, int depth, const float *A, long lda) {
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
                    eight_store(panel_copy + (k + i) * width + i0, r[i]);
            }
        for (; k < depth; k++)
            for (int i = i0; i < i0 + 8 && i < width; i++)
                panel_copy[k * width + i] = i < rows ? A[i * lda + k] : 0;
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
    float c[ROWS * VECTORS * LANES];
    int n = panels(M, VECTORS), most_depth = even(K, DEPTH, 1);
    for (int k0 = 0; k0 < K; k0 += most_depth)
        for (int p = 0; p < n; p++) {
            struct panel panel = panel_at(M, n, p);
            int vectors = panel.vectors, width = vectors * LANES;
            int rows = smaller(width, M - panel.begin), depth = smaller(most_depth, K - k0);
            copy_across(rows, vectors, depth, A + panel.begin * lda + k0, lda);
            struct tile_operands t = {.K = depth,
                                      .B = panel_copy,
                                      .C = c,
                                      .lda = ldb,
                                      .ldb = width,
                                      .ldc = width,
                                      .last_b = width - LANES,
                                      .last_c = width - LANES};
            for (int j = 0; j < N; j += ROWS) {
                int columns = smaller(ROWS, N - j);
                t.A = B + j * ldb + k0;
                tiles[BY_ROWS][columns][vectors](&t);
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
    EACH_ROW EACH_PART a[r][p] = vector_load(A + r * lda + (long)p * LANES);
    if (missing)
        EACH_ROW EACH_PART a[r][p] = vector_without(a[r][p], missing - p * LANES);
    EACH_DOT EACH_PART {
        vector b = vector_load(B + j * ldb + (long)p * LANES);
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

const char *gemm_kind(void) {
    return "own, " VECTOR_NAME;
}
