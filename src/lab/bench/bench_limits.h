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

struct bench_product;
struct limits {
    int n_layers, B;
    const int *widths; /* [n_layers + 1]: features, ..., classes */
    float momentum;
    int n_threads;
    size_t n_params;
    struct arena arena;
    float *params, *velocities; /* [n_params] */
    float *x, **a, **g;         /* [B, in]; per layer [B, out] */
    int n_products;
    struct bench_product *products; /* in the order of a step */
    bool has_products;              /* a library is installed */
    struct pool pool;
};

/* Buffers of their own, laid out as a trainer's. `widths` must outlive it. ERROR_RUN: out of
 * memory. */
enum status limits_create(struct limits *limits, int n_layers, const int *widths, int B,
                          double momentum, size_t n_params, int n_threads);
void limits_free(struct limits *limits);

/* Times every product with every library, in the course of whole steps, for about so many seconds,
 * and keeps the faster one for each. Before limits_products. */
void limits_choose(struct limits *limits, double seconds);
/* "nn:oneDNN tn:oneDNN,OpenBLAS nt:oneDNN": what was chosen, layer by layer from the input; one
 * word where it is the same for all. */
const char *limits_chosen(const struct limits *limits, struct pool *pool);

/* The products of n steps, on one thread: forward NN; backward TN into the velocities with beta =
 * momentum, and NT but for the first layer. */
void limits_products(void *limits, long n);
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
