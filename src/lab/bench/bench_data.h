/* A data set in memory that trains like images do: bytes, scaled on their way into a mini-batch.
 *
 * Fashion-MNIST has 55,000 training rows of 784 bytes in the shipped experiments; so have these,
 * for any number of features. Every row is its class's random picture half covered with noise, and
 * one label in ten is wrong, so that the loss stays where that of real data does. */
#pragma once

#include "engine/data/dataset.h"

struct bench_data {
    struct data_source source;
    struct dataset *dataset; /* all rows are for training */
};

enum { BENCH_ROWS = 55000, BENCH_MOST_CLASSES = 256 };

/* Rows of a set: BENCH_ROWS, fewer where that would be more than a GiB. */
long bench_data_rows(int n_features);
/* ERROR_RUN: out of memory. */
enum status bench_data_create(int n_features, int n_classes, struct bench_data **data);
void bench_data_free(struct bench_data *data);
