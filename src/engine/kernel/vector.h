/* Vectors of floats, as wide as the processor's registers, in the compiler's own notation: the same
 * source for every width. Products and sums are fused (-ffp-contract=fast). */
#pragma once

#include <stdint.h>
#ifdef __AVX__
#    include <immintrin.h>
#endif

#if defined(__AVX512F__)
#    define VECTOR_NAME "AVX-512"
enum { VECTOR_BYTES = 64, VECTOR_REGISTERS = 32 };
#elif defined(__AVX__)
#    define VECTOR_NAME "AVX"
enum { VECTOR_BYTES = 32, VECTOR_REGISTERS = 16 };
#elif defined(__aarch64__)
#    define VECTOR_NAME "NEON"
enum { VECTOR_BYTES = 16, VECTOR_REGISTERS = 32 };
#else
#    define VECTOR_NAME "128 bits"
enum { VECTOR_BYTES = 16, VECTOR_REGISTERS = 16 };
#endif
enum { LANES = VECTOR_BYTES / 4 };

typedef float vector __attribute__((vector_size(VECTOR_BYTES)));
/* In memory: at any float. */
typedef float vector_at __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Before a loop whose length is known where it is inlined: none of it remains, and its arrays
 * become registers. */
#if defined(__clang__)
#    define UNROLLED _Pragma("clang loop unroll(full)")
#else
#    define UNROLLED _Pragma("GCC unroll 32")
#endif

ALWAYS_INLINE vector vector_load(const float *x) {
    return *(const vector_at *)x;
}

ALWAYS_INLINE void vector_store(float *x, vector v) {
    *(vector_at *)x = v;
}

/* What comes from memory and is used several times: gcc 12 else loads it each time, and a vector
 * that begins at any float often lies in two lines of the cache. */
ALWAYS_INLINE vector vector_in_register(vector v) {
#if defined(__x86_64__)
    __asm__("" : "+v"(v));
#elif defined(__aarch64__)
    __asm__("" : "+w"(v));
#endif
    return v;
}

ALWAYS_INLINE vector vector_all(float x) {
    return x - (vector){0};
}

/* LANES bytes as numbers. Widened in one instruction, which is named outright on x86-64: left to
 * itself gcc 12 goes there in four. */
ALWAYS_INLINE vector vector_of_bytes(const uint8_t *x) {
#if defined(__AVX512F__)
    return (vector)_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const void *)x)));
#elif defined(__AVX2__)
    return (vector)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)x)));
#else
    vector v;
    for (int l = 0; l < LANES; l++)
        v[l] = (float)x[l];
    return v;
#endif
}

/* v with its first n lanes set to 0. */
ALWAYS_INLINE vector vector_without(vector v, int n) {
    typedef int lanes __attribute__((vector_size(VECTOR_BYTES)));
    lanes index;
    for (int l = 0; l < LANES; l++)
        index[l] = l;
    return (vector)((lanes)v & (index >= n));
}

/* The sum of all lanes of n vectors, n a power of two: halves upon halves, and so the same bits
 * for 16 lanes in one vector or in four. */
ALWAYS_INLINE float vectors_total(const int n, const vector *v) {
    vector sum = v[0];
    if (n == 2)
        sum = v[0] + v[1];
    if (n == 4)
        sum = (v[0] + v[2]) + (v[1] + v[3]);
#if defined(__AVX512F__)
    sum += __builtin_shufflevector(sum, sum, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14,
                                   15);
    sum += __builtin_shufflevector(sum, sum, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7);
    sum += __builtin_shufflevector(sum, sum, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3);
#elif defined(__AVX__)
    sum += __builtin_shufflevector(sum, sum, 4, 5, 6, 7, 4, 5, 6, 7);
    sum += __builtin_shufflevector(sum, sum, 2, 3, 2, 3, 2, 3, 2, 3);
#else
    sum += __builtin_shufflevector(sum, sum, 2, 3, 2, 3);
#endif
    return sum[0] + sum[1];
}

/* Eight floats, whatever the registers: the unit of transposing. */
typedef float eight __attribute__((vector_size(32)));
typedef float eight_at __attribute__((vector_size(32), aligned(4), may_alias));

ALWAYS_INLINE eight eight_load(const float *x) {
    return *(const eight_at *)x;
}

ALWAYS_INLINE void eight_store(float *x, eight v) {
    *(eight_at *)x = v;
}

/* Rows to columns, in place. */
ALWAYS_INLINE void transpose_eight(eight r[8]) {
    eight s[8];
    UNROLLED
    for (int i = 0; i < 8; i += 2) { /* pairs of rows: a0 b0 a1 b1 a4 b4 a5 b5 | a2 b2 ... */
        s[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        s[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    UNROLLED
    for (int i = 0; i < 8; i += 4) { /* four rows */
        r[i] = __builtin_shufflevector(s[i], s[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        r[i + 1] = __builtin_shufflevector(s[i], s[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        r[i + 2] = __builtin_shufflevector(s[i + 1], s[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
        r[i + 3] = __builtin_shufflevector(s[i + 1], s[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
    }
    UNROLLED
    for (int i = 0; i < 4; i++) { /* eight rows */
        s[i] = __builtin_shufflevector(r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        s[i + 4] = __builtin_shufflevector(r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
    UNROLLED
    for (int i = 0; i < 8; i++)
        r[i] = s[i];
}
