/* What depth makes of running statistics: in which networks their errors compound. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/check/fixture.h"
#include "tests/support.h"

static const double U = 0x1p-24;

static struct norm_config plain_config(const char *name) {
    struct norm_config config = fixture_config(normalizer_find(name));
    config.affine = false;
    config.eps = 0;
    return config;
}

/* pytorch#100048: where the mini-batch is the population, the unbiased running variance deflates
 * the output of each layer by sqrt((m-1)/m): (63/64)^10 over 20 layers of 64 rows; the biased one
 * does not. */
static double deflation(bool biased) {
    enum { M = 64, D = 8, LAYERS = 20 };
    float train[M * D], eval[M * D];
    struct norm_config config = plain_config("batch");
    config.running_var = biased ? RUNNING_VAR_BIASED : RUNNING_VAR_UNBIASED;
    test_normal(260, M * D, 0, 1, train);
    memcpy(eval, train, sizeof eval);
    for (int layer = 0; layer < LAYERS; layer++) {
        struct fixture fixture;
        fixture_create(&fixture, &config, M, D, 261);
        memcpy(fixture.x, train, sizeof train);
        fixture_forward_train(&fixture, 1, CUT_NONE);
        memcpy(train, fixture.x, sizeof train);
        memcpy(fixture.x, eval, sizeof eval);
        fixture_forward_eval(&fixture, fixture.norm.state, CUT_NONE);
        memcpy(eval, fixture.x, sizeof eval);
        fixture_free(&fixture);
    }
    double train_energy = 0, eval_energy = 0;
    for (int i = 0; i < M * D; i++) {
        train_energy += pow((double)train[i], 2);
        eval_energy += pow((double)eval[i], 2);
    }
    return sqrt(eval_energy / train_energy);
}

Test(norm_facts, unbiased_variance_of_the_population_deflates_with_depth) {
    double unbiased = deflation(false), biased = deflation(true), expected = pow(63.0 / 64, 10);
    cr_assert(fabs(unbiased - expected) <= 20 * 8 * U, "unbiased: %.7f instead of %.7f", unbiased,
              expected);
    cr_assert(fabs(biased - 1) <= 20 * 8 * U, "biased: %.7f instead of 1", biased);
}

/* ---- the biased running variance, layer after layer ---- */

enum { WIDTH = 160, BATCHES = 300, LAYERS = 4, ROWS = 1000 };

/* rows x W / sqrt(WIDTH), W standard normal. */
static void multiply(int rows, uint32_t stream, float *x) {
    static float W[WIDTH * WIDTH];
    float *z = test_memory((size_t)rows * WIDTH, sizeof *z);
    test_normal(stream, WIDTH * WIDTH, 0, 1 / sqrt(WIDTH), W);
    for (int b = 0; b < rows; b++)
        for (int i = 0; i < WIDTH; i++)
            for (int j = 0; j < WIDTH; j++)
                z[b * WIDTH + j] += x[b * WIDTH + i] * W[i * WIDTH + j];
    memcpy(x, z, (size_t)rows * WIDTH * sizeof *x);
    free(z);
}

/* Batch norm's layer: `train` as mini-batches of m rows, whose statistics are averaged, then `eval`
 * by them. */
static void normalize(int m, float *train, float *eval) {
    struct norm_config config = plain_config("batch");
    config.running_var = RUNNING_VAR_BIASED;
    struct fixture fixture, all;
    fixture_create(&fixture, &config, m, WIDTH, 262);
    fixture_create(&all, &config, ROWS, WIDTH, 263);
    size_t size = (size_t)(m * WIDTH) * sizeof *train;
    for (int t = 0; t < BATCHES; t++) {
        memcpy(fixture.x, train + t * m * WIDTH, size);
        fixture_forward_train(&fixture, 1 / (t + 1.0), CUT_NONE);
        memcpy(train + t * m * WIDTH, fixture.x, size);
    }
    memcpy(all.x, eval, ROWS * WIDTH * sizeof *eval);
    fixture_forward_eval(&all, fixture.norm.state, CUT_NONE);
    memcpy(eval, all.x, ROWS * WIDTH * sizeof *eval);
    fixture_free(&fixture);
    fixture_free(&all);
}

/* The variance of a layer's output over the rows, on average over units. */
static double mean_variance(const float *eval) {
    double variance = 0;
    for (int j = 0; j < WIDTH; j++) {
        double sum = 0, square = 0;
        for (int b = 0; b < ROWS; b++) {
            sum += (double)eval[b * WIDTH + j] / ROWS;
            square += pow((double)eval[b * WIDTH + j], 2) / ROWS;
        }
        variance += (square - sum * sum) / WIDTH;
    }
    return variance;
}

/* Of each layer's output in evaluation: its mean square, which is taken about the running mean, and
 * its variance. In training both are 1. */
static void evaluated(int m, bool relu, double square[LAYERS], double variance[LAYERS]) {
    int n = BATCHES * m * WIDTH;
    float *train = test_memory((size_t)n, sizeof *train);
    float *eval = test_memory(ROWS * WIDTH, sizeof *eval);
    test_normal(264, (size_t)n, 0, 1, train);
    test_normal(265, ROWS * WIDTH, 0, 1, eval);
    for (uint32_t layer = 0; layer < LAYERS; layer++) {
        multiply(BATCHES * m, 266 + layer, train);
        multiply(ROWS, 266 + layer, eval);
        normalize(m, train, eval);
        square[layer] = 0;
        for (int i = 0; i < ROWS * WIDTH; i++)
            square[layer] += pow((double)eval[i], 2) / (ROWS * WIDTH);
        variance[layer] = mean_variance(eval);
        for (int i = 0; relu && i < n; i++)
            train[i] = fmaxf(train[i], 0);
        for (int i = 0; relu && i < ROWS * WIDTH; i++)
            eval[i] = fmaxf(eval[i], 0);
    }
    free(train);
    free(eval);
}

/* In a linear network the factor m/(m - 1) comes once, not in every layer: what a layer passes on
 * has mean 0 in each mini-batch, so that the next one's variance loses no part of it. */
Test(norm_depth, biased_variance_inflates_a_linear_network_once) {
    static const int sizes[] = {2, 4, 8};
    for (int i = 0; i < 3; i++) {
        double square[LAYERS], variance[LAYERS], expected = sizes[i] / (sizes[i] - 1.0);
        evaluated(sizes[i], false, square, variance);
        for (int layer = 0; layer < LAYERS; layer++)
            cr_assert(fabs(square[layer] / expected - 1) <= 0.06,
                      "m = %d, layer %d: mean square %.4f, not %.4f", sizes[i], layer + 1,
                      square[layer], expected);
    }
}

/* With ReLU it compounds. At m = 2 a unit passes on (1, 0) or (0, 1): mean 1/2, variance 1/4; in
 * evaluation relu(N(0, v)): mean sqrt(v/2pi), second moment v/2. In wide layers, then, the mean
 * square about the running mean, v, becomes 4 ((v/2 - v/2pi) + (1/2 - sqrt(v/2pi))^2) after v = 2:
 * 2.74, 3.84, 5.56. The variance is less, since a unit's mean is not where the running mean is:
 * 2.02, 2.77, 3.80, 5.24 in a simulation of wider layers. */
Test(norm_depth, biased_variance_inflates_a_relu_network_in_every_layer) {
    static const double simulated[LAYERS] = {2.02, 2.77, 3.80, 5.24};
    double square[LAYERS], variance[LAYERS], v = 2;
    evaluated(2, true, square, variance);
    for (int layer = 0; layer < LAYERS; layer++) {
        cr_assert(fabs(square[layer] / v - 1) <= 0.1, "layer %d: mean square %.4f, not %.4f",
                  layer + 1, square[layer], v);
        v = 4 * (v / 2 - v / (2 * M_PI) + pow(0.5 - sqrt(v / (2 * M_PI)), 2));
        cr_assert(fabs(variance[layer] / simulated[layer] - 1) <= 0.05,
                  "layer %d: variance %.4f, not %.4f", layer + 1, variance[layer],
                  simulated[layer]);
        cr_assert(layer < 2 || variance[layer] < 0.98 * square[layer],
                  "layer %d: the variance, %.4f, is the mean square, %.4f", layer + 1,
                  variance[layer], square[layer]);
    }
}
