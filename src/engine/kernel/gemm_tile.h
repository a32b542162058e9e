/* The tile: the kernel of all products, how columns are cut into panels of it, and the last few
 * columns. For gemm.c, gemm_nt.c and gemm_tail.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "engine/kernel/gemm.h"
#include "engine/kernel/vector.h"

enum {
    SUMS = VECTOR_REGISTERS == 32 ? 24 : 12, /* registers that hold sums */
    MOST_ROWS = 8,                           /* of a tile */
    MOST_VECTORS = 8,
    ROWS = SUMS / 3, /* of a tile in blocked products, with VECTORS */
    VECTORS = 3,
    DEPTH = 512,   /* most k of a block: a panel of B stays in the second cache */
    AHEAD = 8,     /* rows of B that are fetched ahead */
    STREAMED = 16, /* most rows with which B is read once */
};

static inline int smaller(int a, int b) {
    return a < b ? a : b;
}

/* The size of the largest of as few, and as even, pieces as can be. */
static inline int even(int total, int most, int unit) {
    int n = (total + most - 1) / most, each = (total + n - 1) / n;
    return (each + unit - 1) / unit * unit;
}

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

/* A momentum step's numbers, in registers: left in memory, they would be read again for each row,
 * since V or W might lie there. */
struct momentum_step {
    vector mu, lr;
    long to_W; /* from V */
};

ALWAYS_INLINE struct momentum_step momentum_step(const struct gemm_momentum *m) {
    return (struct momentum_step){vector_in_register(vector_all(m->mu)),
                                  vector_in_register(vector_all(m->lr)), m->W - m->V};
}

/* V = mu V + sum, W -= lr V, on one row of a tile; V in place of C. The last vectors are read
 * before a neighbour that they overlap is written. */
ALWAYS_INLINE void momentum_row(const int vectors, struct momentum_step step, long last,
                                const vector *sum, float *V) {
    float *W = V + step.to_W;
    vector last_v = vector_load(V + last), last_w = vector_load(W + last);
    EACH_VECTOR {
        bool is_last = n == vectors - 1;
        long at = LANE(n, vectors, last);
        vector v = sum[n] + step.mu * (is_last ? last_v : vector_load(V + at));
        vector_store(W + at, (is_last ? last_w : vector_load(W + at)) - step.lr * v);
        vector_store(V + at, v);
    }
}

enum tile_kind {
    BY_ROWS,    /* A[r, k] is at A[r*lda + k] */
    BY_COLUMNS, /* at A[k*lda + r] */
    UPDATING,   /* BY_COLUMNS, and C is V of a momentum step */
    TILE_KINDS
};

typedef void tile_function(const struct tile_operands *operands);

/* By kind, rows and vectors; NULL where the sums of so many do not fit the registers. */
extern tile_function *const gemm_tiles[TILE_KINDS][MOST_ROWS + 1][MOST_VECTORS + 1];

/* X for each number of rows (or k) and of vectors. */
#define EIGHT(X, rows)                                                                             \
    X(rows, 1) X(rows, 2) X(rows, 3) X(rows, 4) X(rows, 5) X(rows, 6) X(rows, 7) X(rows, 8)
#define EIGHT_BY_EIGHT(X)                                                                          \
    EIGHT(X, 1) EIGHT(X, 2) EIGHT(X, 3) EIGHT(X, 4) EIGHT(X, 5) EIGHT(X, 6) EIGHT(X, 7) EIGHT(X, 8)

/* ---- panels of columns ---- */

struct panel {
    int begin, vectors;
    long last; /* where its last vector begins, from `begin` */
};

int gemm_panels(int N, int most_vectors);
/* Panel p of n over N >= LANES columns, all about as wide. */
struct panel gemm_panel_at(int N, int n, int p);

/* This thread's room for a panel of B in the tile's order: [DEPTH][VECTORS * LANES]. */
float *gemm_panel_copy(void);

/* ---- the last few columns, which would leave most lanes of a vector empty (gemm_tail.c) ---- */

/* How many columns of A B or A' B with N columns the functions below do better than a vector of
 * their own (100 = 6 vectors + 4): 0 where none. */
int gemm_tail(int N, int K);

/* The last `columns` of the N columns of A B and of A' B; M >= LANES. The same bits as the tile's:
 * an element is one sum over k, ascending. */
void gemm_tail_rows(int M, int N, int columns, struct tile_operands whole);
void gemm_tail_columns(int M, int N, int columns, struct tile_operands whole);
