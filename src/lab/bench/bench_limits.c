#include "lab/bench/bench_limits.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "engine/kernel/vector.h"
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
    const struct library *library; /* the faster one */
};

/* ---- memory ---- */

static size_t size_of(const struct limits *limits, int k) {
    return (size_t)limits->B * (size_t)limits->widths[k];
}

static void layout(struct limits *limits) {
    struct arena *arena = &limits->arena;
    limits->params = arena_floats(arena, limits->n_params);
    limits->velocities = arena_floats(arena, limits->n_params);
    limits->x = arena_floats(arena, size_of(limits, 0));
    for (int k = 0; k < limits->n_layers; k++) {
        limits->a[k] = arena_floats(arena, size_of(limits, k + 1));
        limits->g[k] = arena_floats(arena, size_of(limits, k + 1));
    }
}

static void fill(uint32_t stream, size_t n, double deviation, float *x) {
    struct random_key key = {0, RANDOM_TEST, stream};
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(deviation * (2 * random_uniform(key, i) - 1));
}

static float *weights_at(const struct limits *limits, float *block, int layer) {
    for (int k = 0; k < layer; k++)
        block += (size_t)limits->widths[k] * (size_t)limits->widths[k + 1];
    return block;
}

/* Numbers of a size that stays about the same from layer to layer and step to step. */
static void fill_all(struct limits *limits) {
    enum stream { X, G, W };
    int last = limits->n_layers - 1;
    fill(X, size_of(limits, 0), 1, limits->x);
    fill(G, size_of(limits, last + 1), 1, limits->g[last]);
    for (int k = 0; k < limits->n_layers; k++) {
        size_t n = (size_t)limits->widths[k] * (size_t)limits->widths[k + 1];
        fill(W + (uint32_t)k, n, sqrt(3.0 / limits->widths[k]),
             weights_at(limits, limits->params, k));
    }
}

/* ---- the products of a step ---- */

static void add_product(struct limits *limits, const struct bench_product *product) {
    limits->products[limits->n_products++] = *product;
}

static void add_forward(struct limits *limits, int k) {
    int in = limits->widths[k], out = limits->widths[k + 1];
    add_product(limits, &(struct bench_product){.kind = PRODUCT_NN,
                                                .layer = k,
                                                .M = limits->B,
                                                .N = out,
                                                .K = in,
                                                .A = k ? limits->a[k - 1] : limits->x,
                                                .lda = in,
                                                .B = weights_at(limits, limits->params, k),
                                                .ldb = out,
                                                .C = limits->a[k]});
}

static void add_backward(struct limits *limits, int k) {
    int in = limits->widths[k], out = limits->widths[k + 1];
    add_product(limits, &(struct bench_product){.kind = PRODUCT_TN,
                                                .layer = k,
                                                .M = in,
                                                .N = out,
                                                .K = limits->B,
                                                .A = k ? limits->a[k - 1] : limits->x,
                                                .lda = in,
                                                .B = limits->g[k],
                                                .ldb = out,
                                                .C = weights_at(limits, limits->velocities, k),
                                                .beta = limits->momentum});
    if (k > 0)
        add_product(limits, &(struct bench_product){.kind = PRODUCT_NT,
                                                    .layer = k,
                                                    .M = limits->B,
                                                    .N = in,
                                                    .K = out,
                                                    .A = limits->g[k],
                                                    .lda = out,
                                                    .B = weights_at(limits, limits->params, k),
                                                    .ldb = out,
                                                    .C = limits->g[k - 1]});
}

enum status limits_create(struct limits *limits, int n_layers, const int *widths, int B,
                          double momentum, size_t n_params, int n_threads) {
    struct limits created = {.n_layers = n_layers,
                             .B = B,
                             .widths = widths,
                             .momentum = (float)momentum,
                             .n_threads = n_threads,
                             .n_params = n_params};
    size_t n = (size_t)n_layers;
    created.a = pool_alloc(&created.pool, n * sizeof *created.a);
    created.g = pool_alloc(&created.pool, n * sizeof *created.g);
    created.products = pool_alloc(&created.pool, 3 * n * sizeof *created.products);
    layout(&created);
    enum status status = arena_create(&created.arena);
    if (status) {
        limits_free(&created);
        return status;
    }
    layout(&created);
    fill_all(&created);
    for (int k = 0; k < n_layers; k++)
        add_forward(&created, k);
    for (int k = n_layers - 1; k >= 0; k--)
        add_backward(&created, k);
    for (int i = 0; i < LIBRARIES; i++)
        created.has_products |= library_get(i) != NULL;
    *limits = created;
    return OK;
}

void limits_free(struct limits *limits) {
    arena_free(&limits->arena);
    pool_free(&limits->pool);
    *limits = (struct limits){0};
}

static void multiply(const struct bench_product *p, const struct library *library) {
    library->product(p->kind == PRODUCT_TN, p->kind == PRODUCT_NT, p->M, p->N, p->K, p->A, p->lda,
                     p->B, p->ldb, p->beta, p->C, p->N);
}

/* ---- the faster library for each product ---- */

struct choosing {
    struct limits *limits;
    double seconds;
    double *best_s; /* [n_products, LIBRARIES] */
};

/* One step's products by one library, each by the clock: in the course of a step, and so with what
 * the step leaves in the caches. */
static void time_products(struct choosing *choosing, int index) {
    for (int i = 0; i < choosing->limits->n_products; i++) {
        double begin = clock_seconds();
        multiply(&choosing->limits->products[i], library_get(index));
        double *best = &choosing->best_s[i * LIBRARIES + index];
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
        for (int i = 0; i < LIBRARIES; i++)
            if (library_get(i))
                time_products(choosing, i);
    }
}

void limits_choose(struct limits *limits, double seconds) {
    struct pool pool = {0};
    size_t n = (size_t)limits->n_products * LIBRARIES;
    struct choosing choosing = {limits, seconds, pool_alloc(&pool, n * sizeof(double))};
    for (size_t i = 0; i < n; i++)
        choosing.best_s[i] = INFINITY;
    if (limits->has_products)
        team_run(1, choose, &choosing);
    for (int i = 0; i < limits->n_products; i++) {
        const double *best = &choosing.best_s[i * LIBRARIES];
        int index = 0;
        for (int j = 1; j < LIBRARIES; j++)
            if (best[j] < best[index])
                index = j;
        limits->products[i].library = library_get(index);
    }
    pool_free(&pool);
}

/* Product of this kind of layer k, or NULL. */
static const struct bench_product *find_product(const struct limits *limits, enum product_kind kind,
                                                int k) {
    for (int i = 0; i < limits->n_products; i++)
        if (limits->products[i].kind == kind && limits->products[i].layer == k)
            return &limits->products[i];
    return NULL;
}

static const char *chosen_of_kind(const struct limits *limits, enum product_kind kind,
                                  struct pool *pool) {
    const char *text = "", *first = NULL;
    bool same = true;
    for (int k = 0; k < limits->n_layers; k++) {
        const struct bench_product *product = find_product(limits, kind, k);
        if (!product)
            continue;
        const char *name = product->library->name;
        text = pool_format(pool, "%s%s%s", text, first ? "," : "", name);
        first = first ? first : name;
        same = same && !strcmp(first, name);
    }
    return same && first ? first : text;
}

const char *limits_chosen(const struct limits *limits, struct pool *pool) {
    static const char *const kinds[] = {
        [PRODUCT_NN] = "nn", [PRODUCT_TN] = "tn", [PRODUCT_NT] = "nt"};
    const char *text = "";
    if (!limits->has_products)
        return "none";
    for (enum product_kind kind = PRODUCT_NN; kind <= PRODUCT_NT; kind++) {
        const char *names = chosen_of_kind(limits, kind, pool);
        if (*names)
            text = pool_format(pool, "%s%s%s:%s", text, *text ? " " : "", kinds[kind], names);
    }
    return text;
}

/* ---- what is measured ---- */

struct loop {
    struct limits *limits;
    long n;
};

static void products_loop(struct team team, void *argument) {
    const struct loop *loop = argument;
    const struct limits *limits = loop->limits;
    (void)team;
    for (long step = 0; step < loop->n; step++)
        for (int i = 0; i < limits->n_products; i++)
            multiply(&limits->products[i], limits->products[i].library);
}

void limits_products(void *limits, long n) {
    team_run(1, products_loop, &(struct loop){limits, n});
}

/* One thread's part of the parameters. */
struct part {
    size_t n;
    float *w, *v;
};

static struct part part_of(const struct limits *limits, struct team team) {
    size_t rank = (size_t)team.rank, size = (size_t)team.size, n = limits->n_params;
    size_t begin = n * rank / size, end = n * (rank + 1) / size;
    return (struct part){end - begin, limits->params + begin, limits->velocities + begin};
}

/* w <- w - lr v */
__attribute__((noinline)) static void update(size_t n, float lr, float *restrict w,
                                             const float *restrict v) {
    for (size_t i = 0; i < n; i++)
        w[i] -= lr * v[i];
}

static void update_loop(struct team team, void *argument) {
    const float too_small_to_matter = 1e-20f;
    const struct loop *loop = argument;
    struct part part = part_of(loop->limits, team);
    for (long i = 0; i < loop->n; i++)
        update(part.n, too_small_to_matter, part.w, part.v);
}

void limits_update(void *limits, long n) {
    team_run(((struct limits *)limits)->n_threads, update_loop, &(struct loop){limits, n});
}

/* The compiler may neither leave out sums that nobody asks for, ... */
static void use(vector sum) {
    volatile float sink = sum[0];
    (void)sink;
}

/* ... nor believe that they are the same again. */
static void forget(float *x) {
    __asm__ volatile("" : "+m"(*x) : : "memory");
}

/* Eight loads at a time, each with a sum of its own. */
__attribute__((noinline)) static vector read_floats(size_t n, const float *x) {
    enum { SUMS = 8 };
    vector sums[SUMS] = {0}, total = {0};
    size_t i = 0;
    for (; i + SUMS * LANES <= n; i += SUMS * LANES)
        UNROLLED
    for (int j = 0; j < SUMS; j++)
        sums[j] += vector_load(x + i + (size_t)j * LANES);
    for (; i < n; i++)
        total[0] += x[i];
    UNROLLED
    for (int j = 0; j < SUMS; j++)
        total += sums[j];
    return total;
}

static void read_loop(struct team team, void *argument) {
    const struct loop *loop = argument;
    struct part part = part_of(loop->limits, team);
    for (long i = 0; i < loop->n; i++) {
        forget(part.w);
        use(read_floats(part.n, part.w));
        use(read_floats(part.n, part.v));
    }
}

void limits_read(void *limits, long n) {
    team_run(((struct limits *)limits)->n_threads, read_loop, &(struct loop){limits, n});
}

/* Enough sums to keep two units busy that answer after four cycles, few enough for the registers.
 */
enum { PEAK_SUMS = VECTOR_REGISTERS == 32 ? 24 : 12, PEAK_ROUNDS = 1000 };
const double limits_peak_flop = 2.0 * PEAK_ROUNDS * PEAK_SUMS * LANES;

__attribute__((noinline)) static vector multiply_add(float scale, float offset) {
    vector sums[PEAK_SUMS], x = vector_all(scale), y = vector_all(offset), total = {0};
    UNROLLED
    for (int j = 0; j < PEAK_SUMS; j++)
        sums[j] = vector_all((float)j);
    for (int i = 0; i < PEAK_ROUNDS; i++)
        UNROLLED
    for (int j = 0; j < PEAK_SUMS; j++)
        sums[j] = sums[j] * x + y;
    UNROLLED
    for (int j = 0; j < PEAK_SUMS; j++)
        total += sums[j];
    return total;
}

static void peak_loop(struct team team, void *argument) {
    const struct loop *loop = argument;
    float scale = 0.999f;
    (void)team;
    for (long i = 0; i < loop->n; i++) {
        forget(&scale);
        use(multiply_add(scale, 1e-3f));
    }
}

void limits_peak(void *limits, long n) {
    team_run(((struct limits *)limits)->n_threads, peak_loop, &(struct loop){limits, n});
}

/* ---- what a step needs at the least ---- */

static double weights_of(const struct limits *limits, int k) {
    return (double)limits->widths[k] * limits->widths[k + 1];
}

double limits_step_flop(const struct limits *limits) {
    double flop = 0;
    for (int k = 0; k < limits->n_layers; k++)
        flop += (k ? 6 : 4) * weights_of(limits, k) * limits->B;
    return flop;
}

double limits_step_bytes(const struct limits *limits) {
    enum { PASSES = 5 };
    double row = limits->widths[0]; /* bytes */
    return PASSES * sizeof(float) * (double)limits->n_params + limits->B * row;
}
