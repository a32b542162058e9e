#include "kernel/noise.h"

#include <math.h>
#include <string.h>

/* ---- Philox4x32-10 (Salmon et al. 2011): multipliers and key increments ---- */

static const uint32_t MULTIPLY_0 = 0xd2511f53, MULTIPLY_1 = 0xcd9e8d57;
static const uint32_t WEYL_0 = 0x9e3779b9, WEYL_1 = 0xbb67ae85;
enum { ROUNDS = 10 };

static void one_round(uint32_t key_0, uint32_t key_1, uint32_t c[4][NOISE_BLOCKS]) {
    for (int l = 0; l < NOISE_BLOCKS; l++) { /* hot */
        uint64_t product_0 = (uint64_t)MULTIPLY_0 * c[0][l];
        uint64_t product_1 = (uint64_t)MULTIPLY_1 * c[2][l];
        c[0][l] = (uint32_t)(product_1 >> 32) ^ c[1][l] ^ key_0;
        c[1][l] = (uint32_t)product_1;
        c[2][l] = (uint32_t)(product_0 >> 32) ^ c[3][l] ^ key_1;
        c[3][l] = (uint32_t)product_0;
    }
}

void noise_draw(struct random_key key, uint64_t first, struct noise *noise) {
    uint32_t key_0 = (uint32_t)key.seed, key_1 = (uint32_t)(key.seed >> 32);
    for (uint32_t l = 0; l < NOISE_BLOCKS; l++) {
        uint64_t index = first + l;
        noise->words[0][l] = (uint32_t)index;
        noise->words[1][l] = (uint32_t)(index >> 32);
        noise->words[2][l] = key.purpose;
        noise->words[3][l] = key.stream;
    }
    for (int i = 0; i < ROUNDS; i++, key_0 += WEYL_0, key_1 += WEYL_1)
        one_round(key_0, key_1, noise->words);
}

/* ---- numbers from words ---- */

/* The middle of one of 2^23 equal intervals: exact, and never 0 or 1. */
static inline float open_unit(uint32_t word) {
    return ((float)(int32_t)(word >> 9) + 0.5f) * 0x1p-23f;
}

void noise_uniform(const struct noise *noise, int word, float out[NOISE_BLOCKS]) {
    for (int l = 0; l < NOISE_BLOCKS; l++) /* hot */
        out[l] = open_unit(noise->words[word][l]);
}

/* log u, 2^-24 <= u < 1, as u = m 2^n with m in [1/sqrt(2), sqrt(2)) and Cephes' polynomial (logf).
 * Every sum has at most one product for a term, as in kernel/exponential.h. */
static inline float logarithm(float u) {
    const uint32_t root_half = 0x3f3504f3; /* sqrt(1/2) */
    uint32_t bits, mantissa;
    memcpy(&bits, &u, sizeof bits);
    bits -= root_half;
    float n = (float)((int32_t)bits >> 23), m;
    mantissa = (bits & 0x7fffff) + root_half;
    memcpy(&m, &mantissa, sizeof m);
    float f = m - 1, square = f * f, q = 7.0376836292e-2f;
    q = q * f - 1.1514610310e-1f;
    q = q * f + 1.1676998740e-1f;
    q = q * f - 1.2420140846e-1f;
    q = q * f + 1.4249322787e-1f;
    q = q * f - 1.6668057665e-1f;
    q = q * f + 2.0000714765e-1f;
    q = q * f - 2.4999993993e-1f;
    q = q * f + 3.3333331174e-1f;
    float cube = square * f, rest = q * cube;
    rest = rest - 2.12194440e-4f * n;
    rest = rest - 0.5f * square;
    return (f + rest) + 0.693359375f * n;
}

/* cos and sin of 2 pi v - pi/4: the word's upper two bits say the quarter of the circle, the next
 * 23 the angle in it, -pi/4 to pi/4, where Cephes' polynomials hold. */
static inline void direction(uint32_t word, float *x, float *y) {
    float fraction = open_unit(word << 2) - 0.5f;
    float angle = fraction * 1.57079632679f, square = angle * angle;
    float s = -1.9515295891e-4f, c = 2.443315711809948e-5f;
    s = s * square + 8.3321608736e-3f;
    s = s * square - 1.6666654611e-1f;
    float cube = square * angle, sine = s * cube + angle;
    c = c * square - 1.388731625493765e-3f;
    c = c * square + 4.166664568298827e-2f;
    float fourth = square * square, half = 1 - 0.5f * square, cosine = c * fourth + half;
    uint32_t quarter = word >> 30;
    float across = quarter & 1 ? -sine : cosine, along = quarter & 1 ? cosine : sine;
    *x = quarter & 2 ? -across : across;
    *y = quarter & 2 ? -along : along;
}

void noise_normal(const struct noise *noise, float one[NOISE_BLOCKS], float other[NOISE_BLOCKS]) {
    for (int l = 0; l < NOISE_BLOCKS; l++) { /* hot */
        float radius = sqrtf(-2 * logarithm(open_unit(noise->words[2][l]))), x, y;
        direction(noise->words[3][l], &x, &y);
        one[l] = radius * x;
        other[l] = radius * y;
    }
}
