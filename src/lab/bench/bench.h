/* How fast is the trainer, and how fast could it be? One cell of a benchmark: a network, a
 * normalizer, a mini-batch size and a number of threads.
 *
 * The trainer and the limits take turns in short pieces, so that whatever else the machine does
 * hits all of them alike; a number is the median of its pieces. */
#pragma once

#include "lab/bench/bench_data.h"
#include "lab/bench/bench_result.h"

/* `data` is of the cell's features and classes; texts of the result are in the pool. ERROR_RUN: out
 * of memory, or training diverges at any rate. */
enum status bench_measure(const struct bench_cell *cell, const struct bench_data *data,
                          const struct bench_options *options, struct pool *pool,
                          struct bench_result *result);
