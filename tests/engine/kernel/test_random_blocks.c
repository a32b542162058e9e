/* Random numbers in bulk: the words are those of base/random.h, the numbers made of them those of
 * the formulas in double, and they have the moments that they should. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/kernel/random_blocks.h"

static const struct random_key KEY = {0x123456789abcdef0u, RANDOM_TEST, 77};

Test(kernel_random_blocks, words_are_those_of_the_counter_based_generator) {
    static const uint64_t firsts[] = {0, 1, 16, 1000003, 0xfffffff8u, 0x123456789abcdef0u};
    for (int i = 0; i < 6; i++) {
        struct random_blocks noise;
        random_blocks_draw(KEY, firsts[i], &noise);
        for (uint32_t l = 0; l < RANDOM_BLOCKS; l++)
            cr_assert(noise.words[0][l] == random_bits(KEY, firsts[i] + l), "block %u of %d", l, i);
    }
}

/* Of the block (0, 0, 0, 0) under the key (0, 0): known answers of Random123. */
Test(kernel_random_blocks, all_four_words_are_the_known_answers) {
    struct random_blocks noise;
    random_blocks_draw((struct random_key){0, 0, 0}, 0, &noise);
    static const uint32_t known[4] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    for (int word = 0; word < 4; word++)
        cr_assert(noise.words[word][0] == known[word], "word %d is %08x, not %08x", word,
                  noise.words[word][0], known[word]);
}

static double unit(uint32_t word) {
    return ((double)(word >> 9) + 0.5) / 8388608;
}

Test(kernel_random_blocks, numbers_are_those_of_the_formulas) {
    float one[RANDOM_BLOCKS], other[RANDOM_BLOCKS], uniform[RANDOM_BLOCKS];
    for (uint64_t block = 0; block < 20000; block += RANDOM_BLOCKS) {
        struct random_blocks noise;
        random_blocks_draw(KEY, block, &noise);
        if (block == 0) { /* the ends */
            noise.words[2][0] = 0;
            noise.words[2][1] = 0xffffffff;
            noise.words[3][2] = 0;
            noise.words[3][3] = 0xffffffff;
        }
        random_blocks_normal(&noise, one, other);
        for (int word = 0; word < 4; word++) {
            random_blocks_uniform(&noise, word, uniform);
            for (int l = 0; l < RANDOM_BLOCKS; l++)
                cr_assert((double)uniform[l] == unit(noise.words[word][l]), "uniform %g",
                          (double)uniform[l]);
        }
        for (int l = 0; l < RANDOM_BLOCKS; l++) {
            double v = (noise.words[3][l] >> 30) * 0.25 + unit(noise.words[3][l] << 2) / 4;
            double radius = sqrt(-2 * log(unit(noise.words[2][l])));
            double x = radius * cos(2 * M_PI * v - M_PI / 4);
            double y = radius * sin(2 * M_PI * v - M_PI / 4);
            double allowed = 1e-6 * radius;
            cr_assert(fabs((double)one[l] - x) <= allowed && fabs((double)other[l] - y) <= allowed,
                      "normal pair (%.8g, %.8g), not (%.8g, %.8g)", (double)one[l],
                      (double)other[l], x, y);
        }
    }
}

/* Moments 1 to 4 of N normal numbers: variances 1, 2, 15 and 96 over N; four standard errors. */
Test(kernel_random_blocks, normal_numbers_have_their_moments) {
    enum { N = 400000 };
    double sums[4] = {0}, product = 0;
    float one[RANDOM_BLOCKS], other[RANDOM_BLOCKS];
    for (uint64_t block = 0; block < N / 2; block += RANDOM_BLOCKS) {
        struct random_blocks noise;
        random_blocks_draw(KEY, block, &noise);
        random_blocks_normal(&noise, one, other);
        for (int l = 0; l < RANDOM_BLOCKS; l++) {
            product += (double)one[l] * (double)other[l];
            for (int power = 1; power <= 4; power++)
                sums[power - 1] += pow((double)one[l], power) + pow((double)other[l], power);
        }
    }
    static const double moments[4] = {0, 1, 0, 3}, variances[4] = {1, 2, 15, 96};
    for (int power = 1; power <= 4; power++) {
        double error = fabs(sums[power - 1] / N - moments[power - 1]);
        cr_assert(error <= 4 * sqrt(variances[power - 1] / N), "moment %d is off by %g", power,
                  error);
    }
    cr_assert(fabs(product / (N / 2)) <= 4 / sqrt(N / 2), "the two of a pair are correlated: %g",
              product / (N / 2));
}
