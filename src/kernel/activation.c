#include "kernel/activation.h"

#include <math.h>

/* NaN passes through: a net that broke must not look alive. */
static void relu(int n, float *x) {
    for (int j = 0; j < n; j++)
        x[j] = x[j] < 0.0f ? 0.0f : x[j];
}

static void sigmoid(int n, float *x) {
    for (int j = 0; j < n; j++)
        x[j] = 1.0f / (1.0f + expf(-x[j]));
}

static void hyperbolic_tangent(int n, float *x) {
    for (int j = 0; j < n; j++)
        x[j] = tanhf(x[j]);
}

void activation_forward(enum activation f, struct span columns, int B, int D, float *x) {
    int n = span_size(columns);
    for (int b = 0; b < B; b++) {
        float *row = x + (long)b * D + columns.begin;
        switch (f) {
        case ACTIVATION_RELU:
            relu(n, row);
            break;
        case ACTIVATION_SIGMOID:
            sigmoid(n, row);
            break;
        case ACTIVATION_TANH:
            hyperbolic_tangent(n, row);
            break;
        case ACTIVATION_IDENTITY:
            return;
        }
    }
}

/* The derivative in terms of the output a: relu [a > 0], sigmoid a (1 - a), tanh 1 - a^2. */
static void relu_backward(int n, const float *restrict a, float *restrict g) {
    for (int j = 0; j < n; j++)
        g[j] = a[j] > 0.0f ? g[j] : 0.0f;
}

static void sigmoid_backward(int n, const float *restrict a, float *restrict g) {
    for (int j = 0; j < n; j++)
        g[j] *= a[j] * (1.0f - a[j]);
}

static void tangent_backward(int n, const float *restrict a, float *restrict g) {
    for (int j = 0; j < n; j++)
        g[j] *= 1.0f - a[j] * a[j];
}

void activation_backward(enum activation f, struct span columns, int B, int D, const float *a,
                         float *g) {
    int n = span_size(columns);
    for (int b = 0; b < B; b++) {
        const float *a_row = a + (long)b * D + columns.begin;
        float *g_row = g + (long)b * D + columns.begin;
        switch (f) {
        case ACTIVATION_RELU:
            relu_backward(n, a_row, g_row);
            break;
        case ACTIVATION_SIGMOID:
            sigmoid_backward(n, a_row, g_row);
            break;
        case ACTIVATION_TANH:
            tangent_backward(n, a_row, g_row);
            break;
        case ACTIVATION_IDENTITY:
            return;
        }
    }
}
