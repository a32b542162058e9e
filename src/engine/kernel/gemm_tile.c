/* One kernel does nearly all the work: a tile of `rows` x `vectors` sums stays in registers while k
 * runs over the inner dimension. Each step of k loads `vectors` of B, broadcasts `rows` numbers of
 * A, and multiplies each with each. */
#include <stddef.h>

#include "engine/kernel/gemm_tile.h"

#include <stddef.h>

static _Thread_local float panel_copy[DEPTH * VECTORS * LANES] __attribute__((aligned(64)));

float *gemm_panel_copy(void) {
    return panel_copy;
}

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
    /* Rows of A by two pointers, four rows apart, and three distances: eight would not all have a
     * register, and each of the rest cost a load in every step of k. */
    const float *far = t.A + (rows > 4 ? 4 * t.lda : 0);
    long three = 3 * t.lda;
    if (!by_column && rows > 4)
        __asm__("" : "+r"(far), "+r"(three));
    for (int k = 0; k < t.K; k++, t.B += t.ldb, t.A += by_column ? t.lda : 1, far++) {
        vector b[MOST_VECTORS];
        EACH_VECTOR b[n] = vector_in_register(vector_load(t.B + LANE(n, vectors, t.last_b)));
        EACH_VECTOR __builtin_prefetch(t.B + AHEAD * t.ldb + (long)n * LANES);
        if (by_column)
            __builtin_prefetch(t.A + AHEAD * t.lda);
        EACH_ROW {
            const float *near = r < 4 ? t.A : far;
            vector a = vector_all(by_column ? t.A[r] : near[r % 4 == 3 ? three : r % 4 * t.lda]);
            EACH_VECTOR sum[r][n] += a * b[n];
        }
    }
    /* Addresses that were reckoned before the loop would else be kept for after it, and vectors
     * pushed out of their registers for them. */
    __asm__("" : "+r"(t.C), "+r"(t.ldc));
    if (kind == UPDATING) {
        struct momentum_step step = momentum_step(t.momentum);
        EACH_ROW momentum_row(vectors, step, t.last_c, sum[r], t.C + r * t.ldc);
    } else
        EACH_ROW EACH_VECTOR vector_store(t.C + r * t.ldc + LANE(n, vectors, t.last_c), sum[r][n]);
}

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

EIGHT_BY_EIGHT(TILE)
tile_function *const gemm_tiles[TILE_KINDS][MOST_ROWS + 1][MOST_VECTORS + 1] = {
    {EIGHT_BY_EIGHT(ROWS_ENTRY)},
    {EIGHT_BY_EIGHT(COLUMNS_ENTRY)},
    {EIGHT_BY_EIGHT(UPDATING_ENTRY)}};

int gemm_panels(int N, int most_vectors) {
    int all = (N + LANES - 1) / LANES;
    return (all + most_vectors - 1) / most_vectors;
}

struct panel gemm_panel_at(int N, int n, int p) {
    int all = (N + LANES - 1) / LANES;
    int first = (int)((long)all * p / n), end = (int)((long)all * (p + 1) / n);
    struct panel panel = {first * LANES, end - first, (long)(end - first - 1) * LANES};
    if (end == all)
        panel.last = N - LANES - panel.begin;
    return panel;
}
