/* A normalizer in evaluation, folded into the weights of the linear layer before it. */
#include "judge/check/norm_folding.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "engine/kernel/gemm.h"
#include "judge/check/norm_work.h"

struct linear {
    struct norm_work work;
    int K;
    float *h, *W, *b; /* [B, K], [K, D], [D] */
};

static void linear_create(struct linear *linear, const struct norm_config *config, int B, int D,
                          int K) {
    struct norm_work *work = &linear->work;
    struct pool *pool = &work->fixture.pool;
    norm_work_create(work, config, B, D);
    norm_work_fill(work, 0, 1, 2);
    norm_work_train(work, 1);
    size_t n_h = (size_t)B * (size_t)K, n_W = (size_t)K * (size_t)D, n_b = (size_t)D;
    linear->K = K;
    linear->h = pool_alloc(pool, n_h * sizeof *linear->h);
    linear->W = pool_alloc(pool, n_W * sizeof *linear->W);
    linear->b = pool_alloc(pool, n_b * sizeof *linear->b);
    fixture_normal(1, n_h, 0, 1, linear->h);
    fixture_normal(2, n_W, 0, 1 / sqrt(K), linear->W);
    fixture_normal(3, n_b, 0, 1, linear->b);
}

static void linear_free(struct linear *linear) {
    norm_work_free(&linear->work);
}

static void forward(const struct linear *linear, float *z) {
    int B = linear->work.B, D = linear->work.D, K = linear->K;
    for (int i = 0; i < B; i++)
        memcpy(z + (long)i * D, linear->b, (size_t)D * sizeof *z);
    gemm_nn(B, D, K, linear->h, K, linear->W, D, true, z, D);
}

/* The first example's output where every value of the layer is the same. */
static void evaluate_constant(struct norm_work *work, float value, float *y) {
    for (long i = 0; i < (long)work->B * work->D; i++)
        work->x[i] = value;
    norm_work_evaluate(work);
    memcpy(y, work->y, (size_t)work->D * sizeof *y);
}

static void fold(struct linear *linear) {
    struct norm_work *work = &linear->work;
    struct pool pool = {0};
    size_t size = (size_t)work->D * sizeof(float);
    float *shift = pool_alloc(&pool, size), *at_one = pool_alloc(&pool, size);
    evaluate_constant(work, 0, shift);
    evaluate_constant(work, 1, at_one);
    for (int j = 0; j < work->D; j++) {
        float slope = at_one[j] - shift[j];
        linear->b[j] = slope * linear->b[j] + shift[j];
        for (int k = 0; k < linear->K; k++)
            linear->W[(long)k * work->D + j] *= slope;
    }
    pool_free(&pool);
}

double norm_folding_error(const struct norm_config *config, int B, int D, int K) {
    struct linear linear;
    struct pool pool = {0};
    long n = (long)B * D;
    float *apart = pool_alloc(&pool, (size_t)n * sizeof *apart), *folded;
    double square = 0, error = 0;
    linear_create(&linear, config, B, D, K);
    forward(&linear, linear.work.x);
    norm_work_evaluate(&linear.work);
    memcpy(apart, linear.work.y, (size_t)n * sizeof *apart);
    fold(&linear);
    folded = linear.work.x;
    forward(&linear, folded);
    for (long i = 0; i < n; i++) {
        square += (double)apart[i] * (double)apart[i];
        error += ((double)folded[i] - (double)apart[i]) * ((double)folded[i] - (double)apart[i]);
    }
    linear_free(&linear);
    pool_free(&pool);
    return sqrt(error / square);
}

static double seconds_of(struct linear *linear, bool normalized) {
    enum { PASSES = 100 };
    struct fixture *fixture = &linear->work.fixture;
    double start = clock_seconds();
    for (int i = 0; i < PASSES; i++) {
        forward(linear, linear->work.y);
        if (normalized)
            fixture_forward_eval(fixture, fixture->norm.state, CUT_NONE);
    }
    return (clock_seconds() - start) / PASSES;
}

void norm_folding_time_ratios(const struct norm_config *config, int B, int D, int K, int n,
                              double *ratios) {
    struct linear linear;
    linear_create(&linear, config, B, D, K);
    seconds_of(&linear, true); /* the first turn is slower */
    for (int i = 0; i < n; i++) {
        double alone = seconds_of(&linear, false);
        ratios[i] = seconds_of(&linear, true) / alone;
    }
    linear_free(&linear);
}
