/* What is measured: a network, a normalizer, a mini-batch size and a number of threads. */
#pragma once

#include <stdbool.h>

#include "lab/config/cell.h"

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

/* How the shipped experiments train (experiments/small_batch.yaml), every other key at its default;
 * so many steps that no bench comes to the end. */
void bench_configure(const struct bench_cell *cell, struct pool *pool, struct config *config);
/* Can the cell be measured? ERROR_USAGE: a normalizer that cannot run with this batch size, more
 * rows than there are. */
enum status bench_check(const struct bench_cell *cell);
/* "784-100-100-100-10 batch before, B=2, 1 thread" */
const char *bench_label(const struct bench_cell *cell, struct pool *pool);
