/* What bounds a step beside its products: memory and registers, measured by loops of their own. */
#include "lab/bench/bench_limits.h"

#include <math.h>

#include "base/random.h"
#include "engine/kernel/vector.h"
#include "engine/nn/team.h"

/* ---- memory ---- */

static size_t size_of(const struct limits *limits, int k) {
    return (size_t)limits->buffers.B * (size_t)limits->buffers.widths[k];
}

static void layout(struct limits *limits) {
    struct arena *arena = &limits->arena;
    limits->buffers.params = arena_floats(arena, limits->n_params);
    limits->buffers.velocities = arena_floats(arena, limits->n_params);
    limits->buffers.x = arena_floats(arena, size_of(limits, 0));
    for (int k = 0; k < limits->buffers.n_layers; k++) {
        limits->buffers.a[k] = arena_floats(arena, size_of(limits, k + 1));
        limits->buffers.g[k] = arena_floats(arena, size_of(limits, k + 1));
    }
}

static void fill(uint32_t stream, size_t n, double deviation, float *x) {
    struct random_key key = {0, RANDOM_TEST, stream};
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(deviation * (2 * random_uniform(key, i) - 1));
}

/* Numbers of a size that stays about the same from layer to layer and step to step. */
static void fill_all(struct limits *limits) {
    enum stream { X, G, W };
    int last = limits->buffers.n_layers - 1;
    fill(X, size_of(limits, 0), 1, limits->buffers.x);
    fill(G, size_of(limits, last + 1), 1, limits->buffers.g[last]);
    for (int k = 0; k < limits->buffers.n_layers; k++) {
        size_t n = (size_t)limits->buffers.widths[k] * (size_t)limits->buffers.widths[k + 1];
        fill(W + (uint32_t)k, n, sqrt(3.0 / limits->buffers.widths[k]),
             products_weights(&limits->buffers, limits->buffers.params, k));
    }
}

enum status limits_create(struct limits *limits, int n_layers, const int *widths, int B,
                          double momentum, size_t n_params, int n_threads) {
    struct limits created = {.buffers = {.n_layers = n_layers, .B = B, .widths = widths},
                             .n_threads = n_threads,
                             .n_params = n_params};
    size_t n = (size_t)n_layers;
    created.buffers.a = pool_alloc(&created.pool, n * sizeof *created.buffers.a);
    created.buffers.g = pool_alloc(&created.pool, n * sizeof *created.buffers.g);
    layout(&created);
    enum status status = arena_create(&created.arena);
    if (status) {
        limits_free(&created);
        return status;
    }
    layout(&created);
    fill_all(&created);
    products_create(&created.products, &created.buffers, (float)momentum, &created.pool);
    *limits = created;
    return OK;
}

void limits_free(struct limits *limits) {
    arena_free(&limits->arena);
    pool_free(&limits->pool);
    *limits = (struct limits){0};
}

/* ---- what is measured ---- */

struct loop {
    struct limits *limits;
    long n;
};

/* One thread's part of the parameters. */
struct part {
    size_t n;
    float *w, *v;
};

static struct part part_of(const struct limits *limits, struct team team) {
    size_t rank = (size_t)team.rank, size = (size_t)team.size, n = limits->n_params;
    size_t begin = n * rank / size, end = n * (rank + 1) / size;
    return (struct part){end - begin, limits->buffers.params + begin,
                         limits->buffers.velocities + begin};
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
    return (double)limits->buffers.widths[k] * limits->buffers.widths[k + 1];
}

double limits_step_flop(const struct limits *limits) {
    double flop = 0;
    for (int k = 0; k < limits->buffers.n_layers; k++)
        flop += (k ? 6 : 4) * weights_of(limits, k) * limits->buffers.B;
    return flop;
}

double limits_step_bytes(const struct limits *limits) {
    enum { PASSES = 5 };
    double row = limits->buffers.widths[0]; /* bytes */
    return PASSES * sizeof(float) * (double)limits->n_params + limits->buffers.B * row;
}
