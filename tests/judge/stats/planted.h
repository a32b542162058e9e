/* Differences of which the truth is known: n_strata x n_seeds, normal unless said. */
#pragma once

#include <stdint.h>

#include "judge/stats/decision.h"

enum planted_shape { PLANTED_NORMAL, PLANTED_EXPONENTIAL, PLANTED_LOGNORMAL, PLANTED_T3 };
enum { PLANTED_SHAPES = 4, PLANTED_MOST = 256 };

const char *planted_name(enum planted_shape shape);
/* Mean 0 as the interquartile mean sees it: the middle half of the distribution averages to 0. */
double planted_noise(enum planted_shape shape, uint64_t index, uint32_t stream);

/* As in the protocol: 10 seeds, 4 strata, deviation .006 of a seed, half of the variance common to
 * its strata; delta .005. */
struct planted {
    enum claim_kind kind;
    double effect[8]; /* [n_strata] */
    int n_strata, n_seeds;
    double deviation, level; /* level 0: LEVEL */
    double d[PLANTED_MOST];
};

/* A direction with these effects in the four strata, not yet drawn. (Effects that repeat, like .04
 * .04 0 0, belong into static arrays: gcc 12.2 -O3 for AVX-512 fills a local one with four .04.) */
struct planted planted_with(const double effects[4], double deviation);
/* Draws d anew; each trial its own numbers. */
void planted_draw(struct planted *planted, uint32_t trial);
/* The whole rule on what was drawn; only its tests. Fails the test where it is refused. */
void planted_test(const struct planted *planted, struct decision *decision);
