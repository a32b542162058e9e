/* Activation functions: a table. A row is a word of model.activation; help, messages and tests
 * follow from it. To add one: a row and its two functions in activation.c (recipe in
 * CONTRIBUTING.md). */
#pragma once

#include <stdbool.h>

#include "base/span.h"

struct activation {
    const char *name;
    /* Over n numbers; both NULL in the identity.
     * forward: x <- f(x). NaN stays NaN.
     * backward: g <- g f'(x), from the output a = f(x) alone. */
    void (*forward)(long n, float *x);
    void (*backward)(long n, const float *restrict a, float *restrict g);
    bool can_die; /* 0 with slope 0 on a half-line: a unit that stays there learns nothing more */
};

const struct activation *activation_get(long index);
long activation_find(const char *name); /* -1: unknown */
/* The word of model.activation; NULL past the last. */
const char *activation_name(int index);
bool activation_is_identity(const struct activation *activation);

/* In place over columns of [B, D]: x <- f(x). */
void activation_forward(const struct activation *activation, struct span columns, int B, int D,
                        float *x);
/* g <- g f'(.), where `a` is the forward pass's output. */
void activation_backward(const struct activation *activation, struct span columns, int B, int D,
                         const float *a, float *g);
