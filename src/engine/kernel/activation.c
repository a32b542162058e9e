/* The table of activation functions. Each row's functions stand above it: forward, then the
 * derivative in terms of the output a. */
#include "engine/kernel/activation.h"

#include <math.h>
#include <string.h>

#include "engine/kernel/exponential.h"

/* max(0, x). NaN passes through: a net that broke must not look alive. */
static void relu(long n, float *x) {
    for (long j = 0; j < n; j++) /* hot */
        x[j] = x[j] < 0.0f ? 0.0f : x[j];
}

/* [a > 0]: relu'(0) = 0 */
static void relu_backward(long n, const float *restrict a, float *restrict g) {
    for (long j = 0; j < n; j++) /* hot */
        g[j] = a[j] > 0.0f ? g[j] : 0.0f;
}

/* 1 / (1 + exp(-x)) = exp(x) / (1 + exp(x)): the one whose exponential is at most 1. */
static void sigmoid(long n, float *x) {
    for (long j = 0; j < n; j++) { /* hot */
        float e = exponential(-fabsf(x[j]));
        x[j] = (x[j] < 0.0f ? e : 1.0f) / (1.0f + e);
    }
}

/* a (1 - a) */
static void sigmoid_backward(long n, const float *restrict a, float *restrict g) {
    for (long j = 0; j < n; j++) /* hot */
        g[j] *= a[j] * (1.0f - a[j]);
}

/* tanh |x| = -m / (2 + m), m = exp(-2 |x|) - 1 */
static void hyperbolic_tangent(long n, float *x) {
    for (long j = 0; j < n; j++) { /* hot */
        float m = exponential_minus_one(-2.0f * fabsf(x[j]));
        x[j] = copysignf(m / (2.0f + m), x[j]);
    }
}

/* 1 - a^2 */
static void tangent_backward(long n, const float *restrict a, float *restrict g) {
    for (long j = 0; j < n; j++) /* hot */
        g[j] *= 1.0f - a[j] * a[j];
}

/* The one list. */
static const struct activation rows[] = {
    {.name = "relu", .forward = relu, .backward = relu_backward, .can_die = true},
    {.name = "sigmoid", .forward = sigmoid, .backward = sigmoid_backward},
    {.name = "tanh", .forward = hyperbolic_tangent, .backward = tangent_backward},
    {.name = "identity"},
};

const struct activation *activation_get(long index) {
    return &rows[index];
}

const char *activation_name(int index) {
    return (size_t)index < sizeof rows / sizeof *rows ? rows[index].name : NULL;
}

long activation_find(const char *name) {
    for (int i = 0; activation_name(i); i++)
        if (!strcmp(rows[i].name, name))
            return i;
    return -1;
}

bool activation_is_identity(const struct activation *activation) {
    return !activation->forward;
}

/* Columns of [B, D] as runs of n numbers; whole rows lie end to end and are one long run. */
struct runs {
    int count;
    long n;
};

static struct runs runs_of(struct span columns, int B, int D) {
    if (span_size(columns) == D)
        return (struct runs){1, (long)B * D};
    return (struct runs){B, span_size(columns)};
}

void activation_forward(const struct activation *activation, struct span columns, int B, int D,
                        float *x) {
    struct runs runs = runs_of(columns, B, D);
    if (activation_is_identity(activation))
        return;
    for (int b = 0; b < runs.count; b++)
        activation->forward(runs.n, x + (long)b * D + columns.begin);
}

void activation_backward(const struct activation *activation, struct span columns, int B, int D,
                         const float *a, float *g) {
    struct runs runs = runs_of(columns, B, D);
    if (activation_is_identity(activation))
        return;
    for (int b = 0; b < runs.count; b++) {
        long at = (long)b * D + columns.begin;
        activation->backward(runs.n, a + at, g + at);
    }
}
