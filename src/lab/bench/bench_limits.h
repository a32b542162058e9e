/* What bounds a training step on this machine: the bare matrix products with the faster library for
 * each, the traffic of the update, and what the processor could do at most.
 *
 * All of them are loops over a number of steps (or passes), so that a bench can take turns between
 * them and the trainer. Each runs in the floating-point mode of training. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/pool.h"
#include "lab/bench/bench_products.h"

struct limits {
    int n_threads;
    size_t n_params;
    struct arena arena;
    struct bench_buffers buffers;
    struct bench_products products;
    struct pool pool;
};

/* Buffers of their own, laid out as a trainer's. `widths` must outlive it. ERROR_RUN: out of
 * memory. */
enum status limits_create(struct limits *limits, int n_layers, const int *widths, int B,
                          double momentum, size_t n_params, int n_threads);
void limits_free(struct limits *limits);

/* n times W -= lr V over all parameters, the threads at the same time: 12 bytes a parameter. */
void limits_update(void *limits, long n);
/* n times reading W and V, the threads at the same time: 8 bytes a parameter. */
void limits_read(void *limits, long n);
/* n times PEAK_FLOP floating-point operations on each thread, in registers only. */
void limits_peak(void *limits, long n);

extern const double limits_peak_flop;
enum { UPDATE_BYTES = 12, READ_BYTES = 8 }; /* a parameter */

/* Of a step, at the least: 6 a weight and row, but 4 in the first layer, whose input needs no
 * gradient. */
double limits_step_flop(const struct limits *limits);
/* Of a step, at the least: W read forward; W and V read and written once, in one pass back; the
 * bytes of the mini-batch. */
double limits_step_bytes(const struct limits *limits);
