/* Counter-based random numbers: value = f(seed, purpose, index), nothing to carry along.
 *
 * Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"; Random123).
 * Drawing more numbers for one purpose never changes those of another, and any thread may draw any
 * of them. */
#pragma once

#include <stdint.h>

enum random_purpose {
    RANDOM_INIT = 1,       /* initial weights; stream: the layer */
    RANDOM_ORDER = 2,      /* order of the training rows; stream: the epoch */
    RANDOM_NOISE = 3,      /* injected noise */
    RANDOM_DATA = 4,       /* generated data sets */
    RANDOM_TEST = 5,       /* inputs of tests and benchmarks */
    RANDOM_PROBE = 16,     /* directions that a probe looks into */
    RANDOM_SIDE_PASS = 17, /* what a probe chooses; stream: enum side_pass_stream */
    RANDOM_ASIDE = 18,     /* noise of normalizers in a probe's passes; stream: the layer */
    RANDOM_RESAMPLE = 20,  /* bootstrap and sign flips of the judge; stream: which of them */
    RANDOM_COLOUR = 21,    /* colours of rows and mini-batches */
    RANDOM_SAMPLE = 22,    /* values that an experiment file draws */
};

struct random_key {
    uint64_t seed;
    uint32_t purpose;
    uint32_t stream; /* e.g. layer or epoch */
};

/* 32 random bits. */
uint32_t random_bits(struct random_key key, uint64_t index);
/* All 128 bits that belong to the index; the first word is random_bits(). */
void random_words(struct random_key key, uint64_t index, uint32_t words[4]);
/* Uniform in the open interval (0, 1), 32 bits fine. */
double random_uniform(struct random_key key, uint64_t index);
/* Normal with mean 0 and deviation 1 (Box-Muller on two of the block's uniforms). */
double random_normal(struct random_key key, uint64_t index);
/* Uniform in 0..n-1 without bias worth mentioning (64-bit multiply-shift; n < 2^31). */
uint32_t random_below(struct random_key key, uint64_t index, uint32_t n);
