/* The matrix products of a training step, each by the library that is faster there. */
#include "lab/bench/bench_products.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "engine/nn/team.h"
#include "lab/bench/blas_libraries.h"

enum product_kind { PRODUCT_NN, PRODUCT_TN, PRODUCT_NT };

/* C = A B + beta C: what a library is asked for. */
struct bench_product {
    enum product_kind kind;
    int layer;
    int M, N, K, lda, ldb;
    const float *A, *B;
    float *C; /* [M, N] */
    float beta;
    const struct blas_library *library; /* the faster one */
};

/* ---- the products of a step ---- */

float *products_weights(const struct bench_buffers *buffers, float *block, int layer) {
    for (int k = 0; k < layer; k++)
        block += (size_t)buffers->widths[k] * (size_t)buffers->widths[k + 1];
    return block;
}

static void add_product(struct bench_products *products, const struct bench_product *product) {
    products->items[products->n++] = *product;
}

static void add_forward(struct bench_products *products, const struct bench_buffers *buffers,
                        int k) {
    int in = buffers->widths[k], out = buffers->widths[k + 1];
    add_product(products,
                &(struct bench_product){.kind = PRODUCT_NN,
                                        .layer = k,
                                        .M = buffers->B,
                                        .N = out,
                                        .K = in,
                                        .A = k ? buffers->a[k - 1] : buffers->x,
                                        .lda = in,
                                        .B = products_weights(buffers, buffers->params, k),
                                        .ldb = out,
                                        .C = buffers->a[k]});
}

static void add_backward(struct bench_products *products, const struct bench_buffers *buffers,
                         int k) {
    int in = buffers->widths[k], out = buffers->widths[k + 1];
    add_product(products,
                &(struct bench_product){.kind = PRODUCT_TN,
                                        .layer = k,
                                        .M = in,
                                        .N = out,
                                        .K = buffers->B,
                                        .A = k ? buffers->a[k - 1] : buffers->x,
                                        .lda = in,
                                        .B = buffers->g[k],
                                        .ldb = out,
                                        .C = products_weights(buffers, buffers->velocities, k),
                                        .beta = products->momentum});
    if (k > 0)
        add_product(products,
                    &(struct bench_product){.kind = PRODUCT_NT,
                                            .layer = k,
                                            .M = buffers->B,
                                            .N = in,
                                            .K = out,
                                            .A = buffers->g[k],
                                            .lda = out,
                                            .B = products_weights(buffers, buffers->params, k),
                                            .ldb = out,
                                            .C = buffers->g[k - 1]});
}

void products_create(struct bench_products *products, const struct bench_buffers *buffers,
                     float momentum, struct pool *pool) {
    size_t n = (size_t)buffers->n_layers;
    *products = (struct bench_products){.n_layers = buffers->n_layers, .momentum = momentum};
    products->items = pool_alloc(pool, 3 * n * sizeof *products->items);
    for (int k = 0; k < buffers->n_layers; k++)
        add_forward(products, buffers, k);
    for (int k = buffers->n_layers - 1; k >= 0; k--)
        add_backward(products, buffers, k);
    for (int i = 0; i < BLAS_LIBRARIES; i++)
        products->has_library |= blas_library_get(i) != NULL;
}

static void multiply(const struct bench_product *p, const struct blas_library *library) {
    library->product(p->kind == PRODUCT_TN, p->kind == PRODUCT_NT, p->M, p->N, p->K, p->A, p->lda,
                     p->B, p->ldb, p->beta, p->C, p->N);
}

/* ---- the faster library for each product ---- */

struct choosing {
    struct bench_products *products;
    double seconds;
    double *best_s; /* [n_products, BLAS_LIBRARIES] */
};

/* One step's products by one library, each by the clock: in the course of a step, and so with what
 * the step leaves in the caches. */
static void time_products(struct choosing *choosing, int index) {
    for (int i = 0; i < choosing->products->n; i++) {
        double begin = clock_seconds();
        multiply(&choosing->products->items[i], blas_library_get(index));
        double *best = &choosing->best_s[i * BLAS_LIBRARIES + index];
        *best = fmin(*best, clock_seconds() - begin);
    }
}

static void choose(struct team team, void *argument) {
    enum { FEWEST_ROUNDS = 3, MOST_ROUNDS = 100 };
    struct choosing *choosing = argument;
    double begin = clock_seconds();
    (void)team;
    for (int round = 0; round < MOST_ROUNDS; round++) {
        if (round >= FEWEST_ROUNDS && clock_seconds() - begin > choosing->seconds)
            break;
        for (int i = 0; i < BLAS_LIBRARIES; i++)
            if (blas_library_get(i))
                time_products(choosing, i);
    }
}

void products_choose(struct bench_products *products, double seconds) {
    struct pool pool = {0};
    size_t n = (size_t)products->n * BLAS_LIBRARIES;
    struct choosing choosing = {products, seconds, pool_alloc(&pool, n * sizeof(double))};
    for (size_t i = 0; i < n; i++)
        choosing.best_s[i] = INFINITY;
    if (products->has_library)
        team_run(1, choose, &choosing);
    for (int i = 0; i < products->n; i++) {
        const double *best = &choosing.best_s[i * BLAS_LIBRARIES];
        int index = 0;
        for (int j = 1; j < BLAS_LIBRARIES; j++)
            if (best[j] < best[index]) /* analysis: best_s [n, BLAS_LIBRARIES] */
                index = j;
        products->items[i].library = blas_library_get(index);
    }
    pool_free(&pool);
}

/* Product of this kind of layer k, or NULL. */
static const struct bench_product *find_product(const struct bench_products *products,
                                                enum product_kind kind, int k) {
    for (int i = 0; i < products->n; i++)
        if (products->items[i].kind == kind && products->items[i].layer == k)
            return &products->items[i];
    return NULL;
}

static const char *chosen_of_kind(const struct bench_products *products, enum product_kind kind,
                                  struct pool *pool) {
    const char *text = "", *first = NULL;
    bool same = true;
    for (int k = 0; k < products->n_layers; k++) {
        const struct bench_product *product = find_product(products, kind, k);
        if (!product)
            continue;
        const char *name = product->library->name;
        text = pool_format(pool, "%s%s%s", text, first ? "," : "", name);
        first = first ? first : name;
        same = same && !strcmp(first, name);
    }
    return same && first ? first : text;
}

const char *products_chosen(const struct bench_products *products, struct pool *pool) {
    static const char *const kinds[] = {
        [PRODUCT_NN] = "nn", [PRODUCT_TN] = "tn", [PRODUCT_NT] = "nt"};
    const char *text = "";
    if (!products->has_library)
        return "none";
    for (enum product_kind kind = PRODUCT_NN; kind <= PRODUCT_NT; kind++) {
        const char *names = chosen_of_kind(products, kind, pool);
        if (*names)
            text = pool_format(pool, "%s%s%s:%s", text, *text ? " " : "", kinds[kind], names);
    }
    return text;
}

/* ---- what is measured ---- */

struct loop {
    const struct bench_products *products;
    long n;
};

static void products_loop(struct team team, void *argument) {
    const struct loop *loop = argument;
    const struct bench_products *products = loop->products;
    (void)team;
    for (long step = 0; step < loop->n; step++)
        for (int i = 0; i < products->n; i++)
            multiply(&products->items[i], products->items[i].library);
}

void products_run(void *products, long n) {
    team_run(1, products_loop, &(struct loop){products, n});
}
