/* What `normlab bench` is asked to measure. */
#pragma once

#include "cli/option.h"
#include "lab/bench/bench.h"

/* As the command line has it. */
struct bench_words {
    struct words sizes, norms, placements;
    struct integers batches, threads;
    double seconds;
    const char *log;
    bool profile, tsv;
};

/* As the bench takes it. */
struct bench_request {
    struct bench_options options;
    int n_cells;
    struct bench_cell *cells; /* every combination of the lists */
};

/* Everything is checked before the first cell takes its time. The cells live in the pool. */
enum status bench_request_read(const struct bench_words *words, struct pool *pool,
                               struct bench_request *request);
