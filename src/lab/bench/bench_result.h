/* What a cell's turns come to. */
#pragma once

#include "engine/nn/profile.h"
#include "lab/bench/bench_cell.h"

/* Seconds of one step or one pass, by repetition: the 5th percentile, the quartiles, the median.
 * The 5th percentile is what the machine can do when nobody disturbs it. */
struct bench_quantiles {
    double best, low, median, high;
};

struct bench_result {
    const struct bench_cell *cell;
    int repetitions;
    struct bench_quantiles step_s; /* of the trainer, logging as asked */
    double log_share;      /* share of it that is logging, below 0: noise; NaN at level economy */
    double products_s;     /* bare matrix products of a step; NaN without a library */
    double update_s;       /* 12 bytes a parameter */
    double ratio_to_limit; /* step over products and update: median over the repetitions */
    double peak_flops, peak_bytes_s; /* 5th percentile of their times, all threads together */
    double roofline_s;               /* of a step */
    double peak_share;               /* operations of a step in its best time, over the peak */
    double cpu_per_wall;  /* processor time of training over its time: below the number of threads
                           * where others had the processors */
    const char *products; /* which library for which product */
    bool has_profile;
    double profiled_step_s; /* of a step with marks in it */
    double phase_s[PHASES]; /* mean over the threads that work */
};

struct bench_turns;
/* Texts are in the pool. */
void bench_result_of(const struct bench_turns *turns, struct pool *pool,
                     struct bench_result *result);
