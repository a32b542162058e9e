/* Identities of batch renormalization (Ioffe 2017), and what a measuring step is. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "judge/check/fixture.h"
#include "tests/engine/norm/variants.h"
#include "tests/support.h"

static const double U = 0x1p-24;

static struct norm_config renorm(double r_max, double d_max) {
    struct norm_config config = fixture_config(normalizer_find("batch_renorm"));
    fixture_set(&config, "norm.r_max", r_max);
    fixture_set(&config, "norm.d_max", d_max);
    fixture_set(&config, "norm.relax_from", 0);
    fixture_set(&config, "norm.r_max_at", 0);
    fixture_set(&config, "norm.d_max_at", 0);
    return config;
}

static void expect_same(const char *what, const float *a, const float *b, size_t n) {
    cr_assert(!memcmp(a, b, n * sizeof *a), "%s differ", what);
}

Test(norm_renorm, r_max_1_and_d_max_0_are_batch_norm) {
    enum { B = 24, D = 150 };
    for (int rows = -1; rows <= 8; rows += 9) {
        struct norm_config config = renorm(1, 0);
        struct norm_config batch_config = fixture_config(normalizer_find("batch"));
        fixture_set(&config, "norm.rows", rows);
        fixture_set(&batch_config, "norm.rows", rows);
        struct fixture one, batch;
        fixture_create(&one, &config, B, D, 500);
        fixture_create(&batch, &batch_config, B, D, 500);
        fixture_forward_train(&one, 0.1, CUT_NONE);
        fixture_forward_train(&batch, 0.1, CUT_NONE);
        fixture_backward(&one, CUT_NONE);
        fixture_backward(&batch, CUT_NONE);
        expect_same("outputs", one.x, batch.x, B * D);
        expect_same("gradients", one.g, batch.g, B * D);
        expect_same("gradients of gamma", one.norm.grad[0], batch.norm.grad[0], D);
        expect_same("gradients of beta", one.norm.grad[1], batch.norm.grad[1], D);
        expect_same("running means", one.norm.state[0], batch.norm.state[0], D);
        fixture_free(&one);
        fixture_free(&batch);
    }
}

Test(norm_renorm, without_bounds_training_is_evaluation) {
    enum { B = 24, D = 150 };
    struct norm_config config = renorm(1e6, 1e6);
    struct fixture train, eval;
    fixture_create(&train, &config, B, D, 510);
    fixture_create(&eval, &config, B, D, 510);
    fixture_forward_train(&train, 0, CUT_NONE);
    fixture_forward_eval(&eval, eval.norm.state, CUT_NONE);
    for (int i = 0; i < B * D; i++) {
        double size = fabs((double)eval.x[i]) + 8; /* of gamma r xhat, gamma d and beta */
        cr_assert(fabs((double)train.x[i] - (double)eval.x[i]) <= 8 * U * size,
                  "training gives %.9g, evaluation %.9g", (double)train.x[i], (double)eval.x[i]);
    }
    fixture_free(&train);
    fixture_free(&eval);
}

/* sum_b dx = 0 and sum_b x dx = 0, as in batch norm. */
Test(norm_renorm, gradient_is_projected) {
    enum { B = 24, D = 50 };
    struct norm_config config = renorm(2, 1);
    config.eps = 0;
    struct fixture fixture;
    float x[B * D];
    fixture_create(&fixture, &config, B, D, 520);
    memcpy(x, fixture.x, sizeof x);
    fixture_forward_train(&fixture, 0, CUT_NONE);
    fixture_backward(&fixture, CUT_NONE);
    for (int j = 0; j < D; j++) {
        double sum = 0, along = 0, size = 0;
        for (int b = 0; b < B; b++) {
            double dx = (double)fixture.g[b * D + j];
            sum += dx;
            along += dx * (double)x[b * D + j];
            size += (1 + fabs((double)x[b * D + j])) * (1 + fabs(dx));
        }
        cr_assert(fabs(sum) <= 16 * U * size, "sum dx = %g", sum);
        cr_assert(fabs(along) <= 16 * U * size, "sum x dx = %g", along);
    }
    fixture_free(&fixture);
}

/* With sigma = 1e-3 and mean = -1 both corrections are at their bounds, and the output shows them:
 * r xhat + d, of mean d and deviation r. */
static void expect_bounds(double share, double r, double d) {
    enum { B = 64, D = 3 };
    struct norm_config config = fixture_config(normalizer_find("batch_renorm"));
    config.affine = false;
    config.eps = 1e-12;
    struct fixture fixture;
    fixture_create(&fixture, &config, B, D, 530);
    for (int j = 0; j < D; j++) {
        fixture.norm.state[0][j] = -1;
        fixture.norm.state[1][j] = 1e-3f;
    }
    struct norm_step step = {.step = (long)lround(share * 100000), .total_steps = 100000};
    fixture.norm.kind->forward_train(&fixture.norm, &step, (struct span){0, D}, B, fixture.x);
    for (int j = 0; j < D; j++) {
        double mean = 0, square = 0;
        for (int b = 0; b < B; b++)
            mean += (double)fixture.x[b * D + j] / B;
        for (int b = 0; b < B; b++)
            square += pow((double)fixture.x[b * D + j] - mean, 2) / B;
        cr_assert(fabs(mean - d) <= 1e-5 && fabs(sqrt(square) - r) <= 1e-5,
                  "after %g of the run r is %g and d is %g, not %g and %g", share, sqrt(square),
                  mean, r, d);
    }
    fixture_free(&fixture);
}

Test(norm_renorm, bounds_follow_their_schedule) {
    expect_bounds(0, 1, 0);
    expect_bounds(0.03999, 1, 0);
    expect_bounds(0.04, 1, 0);
    expect_bounds(0.115, 1 + 2 * 0.075 / 0.27, 2.5);
    expect_bounds(0.19, 1 + 2 * 0.15 / 0.27, 5);
    expect_bounds(0.31, 3, 5);
    expect_bounds(1, 3, 5);
}

/* The running deviation averages sqrt(var + eps), not the variance: by Jensen it is less. */
Test(norm_renorm, deviations_are_averaged) {
    enum { B = 6, D = 4, STEPS = 50 };
    struct norm_config config = renorm(3, 5);
    config.eps = 0.25;
    struct fixture fixture;
    fixture_create(&fixture, &config, B, D, 540);
    double expected[D];
    for (int j = 0; j < D; j++)
        expected[j] = (double)fixture.norm.state[1][j];
    for (uint32_t t = 0; t < STEPS; t++) {
        test_normal(541 + t, B * D, 1, 2, fixture.x);
        for (int j = 0; j < D; j++) {
            double mean = 0, square = 0;
            for (int b = 0; b < B; b++)
                mean += (double)fixture.x[b * D + j] / B;
            for (int b = 0; b < B; b++)
                square += pow((double)fixture.x[b * D + j] - mean, 2) / B;
            expected[j] += 0.1 * (sqrt(square + 0.25) - expected[j]);
        }
        fixture_forward_train(&fixture, 0.1, CUT_NONE);
    }
    for (int j = 0; j < D; j++)
        cr_assert(fabs((double)fixture.norm.state[1][j] - expected[j]) <= 20 * U * expected[j],
                  "running deviation %.9g, not %.9g", (double)fixture.norm.state[1][j],
                  expected[j]);
    fixture_free(&fixture);
}

/* To measure is batch norm on all rows, whatever correction, sub-batches or noise training has. */
static void expect_measures_as_batch_norm(const struct norm_config *config) {
    enum { B = 20, D = 30 };
    struct norm_config batch_config = fixture_config(normalizer_find("batch"));
    struct norm_step step = {.step = 9, .total_steps = 10, .update = 1, .measure = true};
    struct fixture one, batch;
    fixture_create(&one, config, B, D, 550);
    fixture_create(&batch, &batch_config, B, D, 550);
    one.norm.kind->forward_train(&one.norm, &step, (struct span){0, D}, B, one.x);
    fixture_forward_train(&batch, 1, CUT_NONE);
    expect_same("measured outputs", one.x, batch.x, B * D);
    expect_same("measured means", one.norm.state[0], batch.norm.state[0], D);
    fixture_free(&one);
    fixture_free(&batch);
}

Test(norm_renorm, measuring_takes_all_rows_as_they_are) {
    struct norm_config configs[] = {fixture_config(normalizer_find("batch")),
                                    fixture_config(normalizer_find("batch_noisy")), renorm(3, 5)};
    for (int i = 0; i < 3; i++) {
        expect_measures_as_batch_norm(&configs[i]);
        fixture_set(&configs[i], "norm.rows", 4);
        expect_measures_as_batch_norm(&configs[i]);
        fixture_set(&configs[i], "norm.rows", 7); /* which does not divide the 20 */
        expect_measures_as_batch_norm(&configs[i]);
    }
}
