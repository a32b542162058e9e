/* The bare matrix products of a training step: what a network could not do without. */
#pragma once

#include <stdbool.h>

#include "base/pool.h"

/* Memory as a trainer has it. */
struct bench_buffers {
    int n_layers, B;
    const int *widths;          /* [n_layers + 1]: features, ..., classes */
    float *params, *velocities; /* [n_params] */
    float *x, **a, **g;         /* [B, in]; per layer [B, out] */
};

struct bench_product;
struct bench_products {
    int n_layers, n;
    struct bench_product *items; /* [n] in the order of a step */
    float momentum;
    bool has_library; /* one is installed */
};

/* Where layer `layer`'s weights begin in a block of parameters. */
float *products_weights(const struct bench_buffers *buffers, float *block, int layer);
/* On one thread: forward NN; backward TN into the velocities with beta = momentum, and NT but for
 * the first layer. */
void products_create(struct bench_products *products, const struct bench_buffers *buffers,
                     float momentum, struct pool *pool);
/* Times every product with every library, in the course of whole steps, for about so many seconds,
 * and keeps the faster one for each. Before products_run. */
void products_choose(struct bench_products *products, double seconds);
/* "nn:oneDNN tn:oneDNN,OpenBLAS nt:oneDNN": what was chosen, layer by layer from the input; one
 * word where it is the same for all; "none" without a library. */
const char *products_chosen(const struct bench_products *products, struct pool *pool);
/* The products of n steps. */
void products_run(void *products, long n);
