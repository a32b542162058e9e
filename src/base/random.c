/* Random numbers as a function of seed, purpose and index; the one home of Random123. */
#include "base/random.h"

#include <math.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include <Random123/philox.h>
#pragma GCC diagnostic pop

static philox4x32_ctr_t block(struct random_key key, uint64_t index) {
    philox4x32_key_t k = {{(uint32_t)key.seed, (uint32_t)(key.seed >> 32)}};
    philox4x32_ctr_t c = {{(uint32_t)index, (uint32_t)(index >> 32), key.purpose, key.stream}};
    return philox4x32(c, k);
}

static double open_unit(uint32_t bits) {
    return ((double)bits + 0.5) * 0x1p-32;
}

uint32_t random_bits(struct random_key key, uint64_t index) {
    return block(key, index).v[0];
}

void random_words(struct random_key key, uint64_t index, uint32_t words[4]) {
    philox4x32_ctr_t b = block(key, index);
    for (int i = 0; i < 4; i++)
        words[i] = b.v[i];
}

double random_uniform(struct random_key key, uint64_t index) {
    return open_unit(block(key, index).v[0]);
}

double random_normal(struct random_key key, uint64_t index) {
    const double two_pi = 6.283185307179586;
    philox4x32_ctr_t b = block(key, index);
    return sqrt(-2.0 * log(open_unit(b.v[0]))) * cos(two_pi * open_unit(b.v[1]));
}

uint32_t random_below(struct random_key key, uint64_t index, uint32_t n) {
    philox4x32_ctr_t b = block(key, index);
    uint64_t bits = (uint64_t)b.v[0] << 32 | b.v[1];
    return (uint32_t)(((bits >> 32) * n + (((bits & 0xffffffffu) * n) >> 32)) >> 32);
}
