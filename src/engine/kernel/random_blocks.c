/* Blocks of random words and numbers, several side by side. */
#include "engine/kernel/random_blocks.h"

#include <math.h>
#include <string.h>

#include "engine/kernel/vector.h"

/* ---- Philox4x32-10 (Salmon et al. 2011) ---- */

/* Words of 32 bits in lanes of 64, which have room for a product. */
enum { WIDE = VECTOR_BYTES / 8, PARTS = RANDOM_BLOCKS / WIDE, ROUNDS = 10 };
typedef uint64_t wide __attribute__((vector_size(VECTOR_BYTES)));

#define EACH_PART                                                                                  \
    UNROLLED                                                                                       \
    for (int p = 0; p < PARTS; p++)

/* Products of the lanes' lower halves. Named outright on x86-64: gcc 12 would multiply 64 bits. */
ALWAYS_INLINE wide product(wide x, uint32_t y) {
#if defined(__AVX512F__)
    return (wide)_mm512_mul_epu32((__m512i)x, _mm512_set1_epi64(y));
#elif defined(__AVX2__)
    return (wide)_mm256_mul_epu32((__m256i)x, _mm256_set1_epi64x(y));
#else
    return x * y;
#endif
}

/* The blocks' words 0 to 3 after one round with two words of the key. */
ALWAYS_INLINE void one_round(uint32_t key_0, uint32_t key_1, wide c[4]) {
    const uint32_t multiply_0 = 0xd2511f53, multiply_1 = 0xcd9e8d57, low = 0xffffffff;
    wide product_0 = product(c[0], multiply_0), product_1 = product(c[2], multiply_1);
    c[0] = (product_1 >> 32) ^ c[1] ^ key_0;
    c[1] = product_1 & low;
    c[2] = (product_0 >> 32) ^ c[3] ^ key_1;
    c[3] = product_0 & low;
}

ALWAYS_INLINE void begin(struct random_key key, uint64_t first, wide c[4]) {
    for (uint64_t l = 0; l < WIDE; l++) {
        c[0][l] = (uint32_t)(first + l);
        c[1][l] = (first + l) >> 32;
        c[2][l] = key.purpose;
        c[3][l] = key.stream;
    }
}

void random_blocks_draw(struct random_key key, uint64_t first, struct random_blocks *noise) {
    const uint32_t weyl_0 = 0x9e3779b9, weyl_1 = 0xbb67ae85;
    uint32_t key_0 = (uint32_t)key.seed, key_1 = (uint32_t)(key.seed >> 32);
    wide c[PARTS][4];
    EACH_PART begin(key, first + (uint64_t)p * WIDE, c[p]);
    for (int i = 0; i < ROUNDS; i++, key_0 += weyl_0, key_1 += weyl_1)
        EACH_PART one_round(key_0, key_1, c[p]);
    for (int word = 0; word < 4; word++)
        for (int l = 0; l < RANDOM_BLOCKS; l++)
            noise->words[word][l] = (uint32_t)c[l / WIDE][word][l % WIDE];
}

/* ---- numbers from words ---- */

/* The middle of one of 2^23 equal intervals: exact, and never 0 or 1. */
static inline float open_unit(uint32_t word) {
    return ((float)(int32_t)(word >> 9) + 0.5f) * 0x1p-23f;
}

void random_blocks_uniform(const struct random_blocks *noise, int word, float out[RANDOM_BLOCKS]) {
    for (int l = 0; l < RANDOM_BLOCKS; l++) /* hot */
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

void random_blocks_normal(const struct random_blocks *noise, float one[RANDOM_BLOCKS],
                          float other[RANDOM_BLOCKS]) {
    for (int l = 0; l < RANDOM_BLOCKS; l++) { /* hot */
        float radius = sqrtf(-2 * logarithm(open_unit(noise->words[2][l]))), x, y;
        direction(noise->words[3][l], &x, &y);
        one[l] = radius * x;
        other[l] = radius * y;
    }
}
