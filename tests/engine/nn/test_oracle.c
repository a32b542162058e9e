/* The oracle's gradient against finite differences of the oracle's loss, in double: every parameter
 * of every kind of network. What it passes here, the trainer is then held against. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "tests/support.h"

enum { INPUTS = 4, CLASSES = 3, B = 6 };

static void fill(uint32_t stream, size_t n, double mean, double deviation, double *x) {
    struct random_key key = {20153, RANDOM_TEST, stream};
    for (size_t i = 0; i < n; i++)
        x[i] = mean + deviation * random_normal(key, i);
}

struct problem {
    struct oracle *oracle;
    double x[B * INPUTS];
    int labels[B];
};

static void problem_draw(struct problem *problem, uint32_t stream) {
    fill(stream, B * INPUTS, 0.3, 1, problem->x);
    for (int b = 0; b < B; b++)
        problem->labels[b] = (b * 7 + (int)stream) % CLASSES;
    for (int t = 0; t < problem->oracle->n_tensors; t++) {
        struct oracle_tensor *tensor = problem->oracle->tensors[t];
        fill(stream + 1 + (uint32_t)t, tensor->n, 0.1, 0.8, tensor->w);
    }
    oracle_forward(problem->oracle, B, problem->x, 1); /* statistics, where they are given */
    oracle_forward(problem->oracle, B, problem->x, 0);
}

/* Draws until no relu is so near its kink that a small step goes over it. */
static void problem_create(struct problem *problem, const struct oracle_config *config) {
    problem->oracle = oracle_create(config, B);
    for (uint32_t stream = 0; stream < 1000; stream++) {
        problem_draw(problem, 100 * stream);
        if (problem->oracle->kink > 1e-2)
            return;
    }
    cr_assert(false, "no inputs found away from all kinks");
}

static double objective(struct problem *problem) {
    oracle_forward(problem->oracle, B, problem->x, 0);
    return oracle_loss(problem->oracle, B, problem->labels) + oracle_penalty(problem->oracle);
}

static double slope(struct problem *problem, double *place) {
    double before = *place, estimate[2];
    for (int i = 0; i < 2; i++) {
        double h = 1e-4 / (i + 1);
        *place = before + h;
        double up = objective(problem);
        *place = before - h;
        estimate[i] = (up - objective(problem)) / (2 * h);
    }
    *place = before;
    return (4 * estimate[1] - estimate[0]) / 3;
}

static void check_gradients(const struct oracle_config *config) {
    struct problem problem;
    problem_create(&problem, config);
    struct oracle *oracle = problem.oracle;
    oracle_backward(oracle, B, problem.labels);
    double largest = 0;
    for (int t = 0; t < oracle->n_tensors; t++)
        largest = fmax(largest, test_largest(oracle->tensors[t]->n, oracle->tensors[t]->g));
    cr_assert(largest > 1e-3, "the gradient is 0 everywhere");
    for (int t = 0; t < oracle->n_tensors; t++) {
        struct oracle_tensor *tensor = oracle->tensors[t];
        bool decays = tensor->is_weight || config->decay_all;
        for (size_t i = 0; i < tensor->n; i++) {
            double g = tensor->g[i] + (decays ? config->weight_decay * tensor->w[i] : 0);
            double expected = slope(&problem, &tensor->w[i]), error = fabs(g - expected);
            cr_assert(error <= 1e-8 * (1 + largest),
                      "kind %d after %d activation %s loss %d hidden %d output %d input %d affine "
                      "%d: tensor %d[%zu] has gradient %.12g, differences say %.12g",
                      config->kind, config->after, config->activation->name, config->loss,
                      config->n_hidden, config->on_output, config->on_input, config->affine, t, i,
                      g, expected);
        }
    }
    oracle_free(oracle);
}

static struct oracle_config base_config(int variant) {
    return (struct oracle_config){
        .n_inputs = INPUTS,
        .n_outputs = CLASSES,
        .n_hidden = variant % 3,
        .hidden = {5, 3},
        .norm_eps = variant % 2 ? 1e-5 : 0.05,
        .alpha = 0.5,
        .affine = variant != 4,
        .on_output = variant & 1,
        .on_input = variant & 2,
        .bias = variant < 3 ? ORACLE_BIAS_ON : ORACLE_BIAS_AUTO,
        .weight_decay = variant == 1 ? 0 : 0.3,
        .decay_all = variant == 5,
    };
}

static void check_kind(enum oracle_kind kind, int rows) {
    for (int variant = 0; variant < 6; variant++)
        for (int f = 0; oracle_activation_get(f); f++)
            for (int after = 0; after < 2; after++)
                for (int loss = ORACLE_CROSS_ENTROPY; loss <= ORACLE_SQUARED; loss++) {
                    struct oracle_config config = base_config(variant);
                    config.kind = kind;
                    config.rows = rows;
                    if (rows) /* few rows have small variances, which sharpen all curves */
                        config.norm_eps = 0.05;
                    config.groups = 1;
                    config.activation = oracle_activation_get(f);
                    config.after = after;
                    config.loss = (enum oracle_loss)loss;
                    check_gradients(&config);
                }
}

Test(nn_oracle, gradients_without_normalizer) {
    check_kind(ORACLE_NONE, 0);
}

Test(nn_oracle, gradients_with_batch_norm) {
    check_kind(ORACLE_BATCH, 0);
}

Test(nn_oracle, gradients_with_layer_norm) {
    check_kind(ORACLE_LAYER, 0);
}

Test(nn_oracle, gradients_with_sub_batches) {
    check_kind(ORACLE_BATCH, 3);
}

Test(nn_oracle, gradients_with_the_other_normalizers_by_rows) {
    check_kind(ORACLE_GROUP, 0);
    check_kind(ORACLE_RMS, 0);
}

Test(nn_oracle, gradients_with_one_mean_for_the_whole_layer) {
    check_kind(ORACLE_WHOLE, 0);
}

Test(nn_oracle, gradients_with_the_statistics_of_the_population) {
    check_kind(ORACLE_POPULATION, 0);
}

Test(nn_oracle, gradients_with_functions_of_each_value_by_itself) {
    check_kind(ORACLE_DYT, 0);
    check_kind(ORACLE_DERF, 0);
}

Test(nn_oracle, gradients_with_literal_formulas) {
    check_kind(ORACLE_LITERAL_VARIANCE, 0);
    check_kind(ORACLE_LITERAL_SQUARE, 0);
    check_kind(ORACLE_LITERAL_BOTH, 0);
}

/* By hand: one weight, one input, two rows. */
Test(nn_oracle, steps_by_hand) {
    struct oracle_config config = {.n_inputs = 1,
                                   .n_outputs = 1,
                                   .loss = ORACLE_SQUARED,
                                   .bias = ORACLE_BIAS_OFF,
                                   .momentum = 0.5,
                                   .weight_decay = 0.1,
                                   .clip = 2};
    double x[2] = {1, 3};
    int labels[2] = {0, 0};
    struct oracle *oracle = oracle_create(&config, 2);
    double *w = oracle->tensors[0]->w;
    *w = 2;
    /* outputs 2 and 6, wanted 1: loss (1 + 25)/4 = 6.5; gradient (1*1 + 5*3)/2 = 8, clipped to 2;
     * v = 2 + 0.1*2 = 2.2; w = 2 - 0.1*2.2 = 1.78 */
    double loss = oracle_step(oracle, 2, x, labels, 0.1, 0);
    cr_assert(fabs(loss - 6.5) < 1e-14, "loss %g instead of 6.5", loss);
    cr_assert(fabs(*w - 1.78) < 1e-14, "w is %g instead of 1.78", *w);
    /* gradient (0.78 + 4.34*3)/2 = 6.9, clipped to 2; v = 0.5*2.2 + 2.178 = 3.278; w = 1.78 -
     * 0.3278 */
    oracle_step(oracle, 2, x, labels, 0.1, 1);
    cr_assert(fabs(*w - 1.4522) < 1e-14, "w is %g instead of 1.4522", *w);
    oracle_free(oracle);

    config.nesterov = true;
    oracle = oracle_create(&config, 2);
    oracle->tensors[0]->w[0] = 2; /* v = 2.2; w = 2 - 0.1 (2.2 + 0.5*2.2) = 1.67 */
    oracle_step(oracle, 2, x, labels, 0.1, 0);
    cr_assert(fabs(oracle->tensors[0]->w[0] - 1.67) < 1e-14, "Nesterov: %g instead of 1.67",
              oracle->tensors[0]->w[0]);
    oracle_free(oracle);

    config.adam = true;
    config.beta1 = 0.9;
    config.beta2 = 0.999;
    oracle = oracle_create(&config, 2);
    oracle->tensors[0]->w[0] = 2; /* the first step of Adam is the rate, whatever the gradient */
    oracle_step(oracle, 2, x, labels, 0.1, 0);
    cr_assert(fabs(oracle->tensors[0]->w[0] - 1.9) < 1e-14, "Adam: %g instead of 1.9",
              oracle->tensors[0]->w[0]);
    oracle_free(oracle);
}
