/* tanh and erf in float, for all x, and their slopes: functions that squash.
 *
 * Plain arithmetic without a branch or a call, as exponential.h: a loop over one becomes vector
 * instructions, with the same bits in vectors of any width. NaN passes through. Polynomials are
 * minimax; what is said of their errors counts the rounding of their coefficients.
 *
 * Largest errors over all floats, in units of the last place: tanh 1.46, erf 1.72. The activation
 * tanh (activation.c) has a formula of its own, off by up to 2.5: its bits are those of runs that
 * exist. */
#pragma once

#include "engine/kernel/exponential.h"

struct squashed {
    float value, slope; /* the slope to 2.7 2^-24, absolutely */
};

/* x + x^3 p(x^2) up to |x| = 5/8 (0.15 units); 1 - 2 e / (1 + e), e = exp(-2 |x|), beyond. The
 * slope is 1 - tanh^2. */
static inline struct squashed squash_tanh(float x) {
    float size = fabsf(x), square = x * x;
    float p = -0x1.75e1bep-8f;
    p = p * square + 0x1.522698p-6f;
    p = p * square - 0x1.b83c5ap-5f;
    p = p * square + 0x1.110726p-3f;
    p = p * square - 0x1.555532p-2f;
    float near = x * square * p + x, e = exponential(-2.0f * size);
    float far = 1.0f - 2.0f * e / (1.0f + e);
    float t = copysignf(size > 0.625f ? far : near, x);
    return (struct squashed){t, 1.0f - t * t};
}

/* x + x p(x^2) up to |x| = 0.93 (0.22 units); 1 - e r(|x|), e = exp(-x^2), beyond (0.71), where 1
 * is all that is left from 4 on. The slope is 2 / sqrt(pi) e. */
static inline struct squashed squash_erf(float x) {
    float size = fabsf(x), square = x * x, e = exponential(-square);
    float p = 0x1.5cd50ap-14f;
    p = p * square - 0x1.aa3f4ep-11f;
    p = p * square + 0x1.54c7fap-8f;
    p = p * square - 0x1.b80e92p-6f;
    p = p * square + 0x1.ce2e0ap-4f;
    p = p * square - 0x1.812744p-2f;
    p = p * square + 0x1.06ebaap-3f;
    float near = p * x + x;
    size = size > 4.0f ? 4.0f : size;
    float r = -0x1.01b4eap-11f;
    r = r * size + 0x1.dc2cd8p-8f;
    r = r * size - 0x1.84fa1cp-5f;
    r = r * size + 0x1.753cbap-3f;
    r = r * size - 0x1.d86ea2p-2f;
    r = r * size + 0x1.a46d94p-1f;
    r = r * size - 0x1.102ac6p+0f;
    r = r * size + 0x1.fa940cp-1f;
    float far = copysignf(1.0f - e * r, x);
    return (struct squashed){size > 0.93f ? far : near, 0x1.20dd76p+0f * e};
}
