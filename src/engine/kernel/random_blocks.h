/* Random numbers in bulk, for noise that is drawn every step: the blocks of base/random.h
 * (Philox4x32-10), several of them side by side.
 *
 * A block is four words of 32 bits. Uniform numbers take one word, and its upper 23 bits; a pair of
 * normal numbers takes two. */
#pragma once

#include <stdint.h>

#include "base/random.h"

enum { RANDOM_BLOCKS = 16 }; /* drawn at a time */

struct random_blocks {
    uint32_t words[4][RANDOM_BLOCKS];
};

/* The blocks first .. first + RANDOM_BLOCKS of the key. */
void random_blocks_draw(struct random_key key, uint64_t first, struct random_blocks *noise);
/* Uniform in the open interval (0, 1), from each block's given word. */
void random_blocks_uniform(const struct random_blocks *noise, int word, float out[RANDOM_BLOCKS]);
/* Two independent normal numbers of mean 0 and deviation 1, from each block's words 2 and 3, by Box
 * & Muller 1958: their squared length is -2 log u, their direction 2 pi v - pi/4. */
void random_blocks_normal(const struct random_blocks *noise, float one[RANDOM_BLOCKS],
                          float other[RANDOM_BLOCKS]);
