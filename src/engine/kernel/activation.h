/* Activation functions, in place over columns of [B, D]. */
#pragma once

#include "base/span.h"

enum activation { ACTIVATION_RELU, ACTIVATION_SIGMOID, ACTIVATION_TANH, ACTIVATION_IDENTITY };
#define ACTIVATION_WORDS "relu|sigmoid|tanh|identity"

/* x <- f(x). */
void activation_forward(enum activation f, struct span columns, int B, int D, float *x);
/* g <- g * f'(.), where `a` = f(.) is the forward pass's output; relu'(0) = 0. */
void activation_backward(enum activation f, struct span columns, int B, int D, const float *a,
                         float *g);
