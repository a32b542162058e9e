/* Random numbers in bulk, for noise that is drawn every step: the blocks of base/random.h
 * (Philox4x32-10), several of them side by side.
 *
 * A block is four words of 32 bits. Uniform numbers take one word, and its upper 23 bits; a pair of
 * normal numbers takes two. */
#pragma once

#include <stdint.h>

#include "base/random.h"

enum { NOISE_BLOCKS = 16 }; /* drawn at a time */

struct noise {
    uint32_t words[4][NOISE_BLOCKS];
};

/* The blocks first .. first + NOISE_BLOCKS of the key. */
void noise_draw(struct random_key key, uint64_t first, struct noise *noise);
/* Uniform in the open interval (0, 1), from each block's given word. */
void noise_uniform(const struct noise *noise, int word, float out[NOISE_BLOCKS]);
/* Two independent normal numbers of mean 0 and deviation 1, from each block's words 2 and 3, by Box
 * & Muller 1958: their squared length is -2 log u, their direction 2 pi v - pi/4. */
void noise_normal(const struct noise *noise, float one[NOISE_BLOCKS], float other[NOISE_BLOCKS]);
