/* Activation functions and their derivatives in double. */
#include "tests/oracle/activations.h"

#include <math.h>
#include <string.h>

static double relu(double z) {
    return isnan(z) || z > 0 ? z : 0;
}

static double relu_slope(double z) {
    return z > 0 ? 1 : 0;
}

static double sigmoid(double z) {
    return 1 / (1 + exp(-z));
}

static double sigmoid_slope(double z) {
    return exp(-fabs(z)) / pow(1 + exp(-fabs(z)), 2);
}

static double tanh_slope(double z) {
    return 1 / pow(cosh(z), 2);
}

static double identity(double z) {
    return z;
}

static double one(double z) {
    (void)z;
    return 1;
}

static const struct oracle_activation rows[] = {
    {.name = "relu", .value = relu, .slope = relu_slope, .kinked = true},
    {.name = "sigmoid", .value = sigmoid, .slope = sigmoid_slope, .slope_magnitude = 1},
    {.name = "tanh", .value = tanh, .slope = tanh_slope, .slope_magnitude = 2},
    {.name = "identity", .value = identity, .slope = one},
};

const struct oracle_activation *oracle_activation_get(int index) {
    return (size_t)index < sizeof rows / sizeof *rows ? &rows[index] : NULL;
}

const struct oracle_activation *oracle_activation_find(const char *name) {
    for (int i = 0; oracle_activation_get(i); i++)
        if (!strcmp(rows[i].name, name))
            return &rows[i];
    return NULL;
}
