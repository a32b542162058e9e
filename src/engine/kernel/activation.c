#include "engine/kernel/activation.h"

#include <math.h>

#include "engine/kernel/exponential.h"

/* NaN passes through: a net that broke must not look alive. */
static void relu(long n, float *x) {
    for (long j = 0; j < n; j++) /* hot */
        x[j] = x[j] < 0.0f ? 0.0f : x[j];
}

/* 1 / (1 + exp(-x)) = exp(x) / (1 + exp(x)): the one whose exponential is at most 1. */
static void sigmoid(long n, float *x) {
    for (long j = 0; j < n; j++) { /* hot */
        float e = exponential(-fabsf(x[j]));
        x[j] = (x[j] < 0.0f ? e : 1.0f) / (1.0f + e);
    }
}

/* tanh |x| = -m / (2 + m), m = exp(-2 |x|) - 1 */
static void hyperbolic_tangent(long n, float *x) {
    for (long j = 0; j < n; j++) { /* hot */
        float m = exponential_minus_one(-2.0f * fabsf(x[j]));
        x[j] = copysignf(m / (2.0f + m), x[j]);
    }
}

/* Columns of [B, D] as rows of n numbers; whole rows lie end to end and are one long row. */
struct rows {
    int count;
    long n;
};

static struct rows rows_of(struct span columns, int B, int D) {
    if (span_size(columns) == D)
        return (struct rows){1, (long)B * D};
    return (struct rows){B, span_size(columns)};
}

void activation_forward(enum activation f, struct span columns, int B, int D, float *x) {
    struct rows rows = rows_of(columns, B, D);
    for (int b = 0; b < rows.count; b++) {
        float *row = x + (long)b * D + columns.begin;
        switch (f) {
        case ACTIVATION_RELU:
            relu(rows.n, row);
            break;
        case ACTIVATION_SIGMOID:
            sigmoid(rows.n, row);
            break;
        case ACTIVATION_TANH:
            hyperbolic_tangent(rows.n, row);
            break;
        case ACTIVATION_IDENTITY:
            return;
        }
    }
}

/* The derivative in terms of the output a: relu [a > 0], sigmoid a (1 - a), tanh 1 - a^2. */
static void relu_backward(long n, const float *restrict a, float *restrict g) {
    for (long j = 0; j < n; j++) /* hot */
        g[j] = a[j] > 0.0f ? g[j] : 0.0f;
}

static void sigmoid_backward(long n, const float *restrict a, float *restrict g) {
    for (long j = 0; j < n; j++) /* hot */
        g[j] *= a[j] * (1.0f - a[j]);
}

static void tangent_backward(long n, const float *restrict a, float *restrict g) {
    for (long j = 0; j < n; j++) /* hot */
        g[j] *= 1.0f - a[j] * a[j];
}

void activation_backward(enum activation f, struct span columns, int B, int D, const float *a,
                         float *g) {
    struct rows rows = rows_of(columns, B, D);
    for (int b = 0; b < rows.count; b++) {
        const float *a_row = a + (long)b * D + columns.begin;
        float *g_row = g + (long)b * D + columns.begin;
        switch (f) {
        case ACTIVATION_RELU:
            relu_backward(rows.n, a_row, g_row);
            break;
        case ACTIVATION_SIGMOID:
            sigmoid_backward(rows.n, a_row, g_row);
            break;
        case ACTIVATION_TANH:
            tangent_backward(rows.n, a_row, g_row);
            break;
        case ACTIVATION_IDENTITY:
            return;
        }
    }
}
