/* exp(x) for x <= 0, the half of it that sigmoid, tanh and softmax need, in float and in double.
 *
 * Plain arithmetic without a branch or a call, so that a loop over it becomes vector instructions.
 * Every sum has at most one product for a term: there is one way only to fuse it, and the bits are
 * the same in vectors of any width and in the loop's rest.
 *
 *     x = n ln 2 + r,  |r| <= ln 2 / 2       exp(x) = 2^n (1 + p),  p = exp(r) - 1
 *
 * Largest errors over all floats x <= 0, in units of the last place: exp(x) 1.04, exp(x) - 1 0.95.
 */
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

struct exponential {
    float p;     /* exp(r) - 1 */
    float power; /* 2^(n + 64): a normal number down to where 2^n itself is 0 */
};

#define EXPONENTIAL_UNIT 0x1p-64f /* power * EXPONENTIAL_UNIT = 2^n */

static inline uint32_t exponential_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float exponential_float(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* NaN passes through. */
static inline struct exponential exponential_split(float x) {
    const float lowest = -104; /* exp(-104) rounds to 0 */
    /* Added to a small number it rounds it to an integer; the last 8 bits of the sum are then the
     * exponent field of 2^(n + 64). */
    const float rounder = 0x1.8p23f + 127 + 64;
    const float log2_e = 0x1.715476p0f, ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f;
    x = x < lowest ? lowest : x;
    float sum = x * log2_e + rounder, n = sum - rounder;
    float r = (x - n * ln2_high) - n * ln2_low; /* n * ln2_high is exact */
    struct exponential e = {.power = exponential_float(exponential_bits(sum) << 23)};
    /* (exp(r) - 1 - r) / r^2, to 2^-26 of exp(r) - 1 */
    float q = 0x1.6b9a26p-10f;
    q = q * r + 0x1.12253ep-7f;
    q = q * r + 0x1.5556f4p-5f;
    q = q * r + 0x1.5554b4p-3f;
    q = q * r + 0x1.fffffep-2f;
    e.p = r * r * q + r;
    return e;
}

/* exp(x), x <= 0. */
static inline float exponential(float x) {
    struct exponential e = exponential_split(x);
    return (1 + e.p) * e.power * EXPONENTIAL_UNIT;
}

/* exp(x) - 1, x <= 0: good to the last places near 0 as well. */
static inline float exponential_minus_one(float x) {
    struct exponential e = exponential_split(x);
    float power = e.power * EXPONENTIAL_UNIT;
    return e.p * power + (power - 1);
}

/* exp(x), x <= 0, in double; exp(-700) where x is less. Largest error 1.01 units of the last place
 * over 10^8 random x. */
static inline double exponential_double(double x) {
    const double lowest = -700, rounder = 0x1.8p52 + 1023, log2_e = 0x1.71547652b82fep0;
    const double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
    x = x < lowest ? lowest : x;
    double sum = x * log2_e + rounder, n = sum - rounder;
    double r = (x - n * ln2_high) - n * ln2_low; /* n * ln2_high is exact */
    uint64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    bits <<= 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    double q = 1.0 / 6227020800; /* Taylor's series: the next term is less than 2^-58 */
    q = q * r + 1.0 / 479001600;
    q = q * r + 1.0 / 39916800;
    q = q * r + 1.0 / 3628800;
    q = q * r + 1.0 / 362880;
    q = q * r + 1.0 / 40320;
    q = q * r + 1.0 / 5040;
    q = q * r + 1.0 / 720;
    q = q * r + 1.0 / 120;
    q = q * r + 1.0 / 24;
    q = q * r + 1.0 / 6;
    q = q * r + 0.5;
    return (1 + (r * r * q + r)) * power;
}
