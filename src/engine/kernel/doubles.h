/* Vectors of doubles, as wide as the processor's registers, and floats read into them. Loading and
 * widening in one instruction is named outright on x86-64: left to itself gcc 12 takes the floats
 * as one vector and cuts it up, at twice the cost. */
#pragma once

#include "engine/kernel/vector.h"

enum { DOUBLES = VECTOR_BYTES / 8 };

typedef double doubles __attribute__((vector_size(VECTOR_BYTES)));
/* In memory: at any double. */
typedef double doubles_at __attribute__((vector_size(VECTOR_BYTES), aligned(8), may_alias));

ALWAYS_INLINE doubles doubles_of(const float *x) {
#if defined(__AVX512F__)
    return (doubles)_mm512_cvtps_pd(_mm256_loadu_ps(x));
#elif defined(__AVX__)
    return (doubles)_mm256_cvtps_pd(_mm_loadu_ps(x));
#else
    typedef float floats_at __attribute__((vector_size(VECTOR_BYTES / 2), aligned(4), may_alias));
    return __builtin_convertvector(*(const floats_at *)x, doubles);
#endif
}

/* v with its first n lanes set to 0. */
ALWAYS_INLINE doubles doubles_without(doubles v, int n) {
    typedef long lanes __attribute__((vector_size(VECTOR_BYTES)));
    lanes index;
    for (int l = 0; l < DOUBLES; l++)
        index[l] = l;
    return (doubles)((lanes)v & (index >= n));
}
