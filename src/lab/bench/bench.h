/* How fast is the trainer, and how fast could it be? One cell of a benchmark: a network, a
 * normalizer, a mini-batch size and a number of threads.
 *
 * The trainer and the limits take turns in short pieces, so that whatever else the machine does
 * hits all of them alike; a figure is the median of its pieces. */
#pragma once

#include <stdbool.h>

#include "engine/nn/profile.h"
#include "lab/bench/bench_data.h"
#include "lab/table/table.h"

struct bench_cell {
    int n_widths;
    const int *widths; /* [n_widths]: features, hidden units, ..., classes */
    long norm;         /* row of the registry */
    long placement;    /* enum norm_placement */
    int B, n_threads;
};

struct bench_options {
    double seconds; /* for a cell, about; logging and profile take more */
    long log;       /* enum log_level */
    bool profile;
};

enum { BENCH_MOST_REPETITIONS = 99 };

/* Seconds of one step or one pass, by repetition: the median and the quartiles. */
struct bench_figure {
    double median, low, high;
};

struct bench_result {
    const struct bench_cell *cell;
    int repetitions;
    struct bench_figure step_s; /* of the trainer, logging as asked */
    double log_share;      /* share of it that is logging, below 0: noise; NaN at level economy */
    double products_s;     /* bare matrix products of a step; NaN without a library */
    double update_s;       /* 12 bytes a parameter */
    double ratio_to_limit; /* step over products and update: median over the repetitions */
    double peak_flops, peak_bytes_s; /* best of the repetitions, all threads together */
    double roofline_s;               /* of a step */
    const char *products;            /* which library for which product */
    bool has_profile;
    double profiled_step_s; /* of a step with marks in it */
    double phase_s[PHASES]; /* mean over the threads that work */
};

/* Can the cell be measured? ERROR_USAGE: a normalizer that cannot run with this batch size, more
 * rows than there are. */
enum status bench_check(const struct bench_cell *cell);
/* `data` is of the cell's features and classes; texts of the result are in the pool. ERROR_RUN: out
 * of memory, or training diverges at any rate. */
enum status bench_measure(const struct bench_cell *cell, const struct bench_data *data,
                          const struct bench_options *options, struct pool *pool,
                          struct bench_result *result);

/* "OpenBLAS 0.3.21 SkylakeX, oneDNN 2.6.3": what the limits are measured with; "none". */
const char *bench_libraries(struct pool *pool); /* bench_table.c */

/* "784-100-100-100-10 batch before, B=2, 1 thread" */
const char *bench_label(const struct bench_cell *cell, struct pool *pool);

/* A row a cell; every column says what it is, so that a row stands on its own. bench_table.c */
void bench_table(const struct bench_options *options, int n, const struct bench_result *results,
                 struct table *table);
