/* Labelled examples in memory: training, validation and test rows, scaled on their way out.
 *
 * Bytes stay bytes (a run's worker shares them with its siblings); a row becomes
 * x[j] = (value[j] - shift[j]) * factor[j] in float32 when a mini-batch is gathered, and then gets
 * its colour. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "engine/data/split.h"
#include "engine/kernel/loss.h"

/* A source with a split and a scaling: what a run sees. */
struct dataset {
    const struct data_source *source;
    int n_features, n_classes;
    long n[3];             /* rows of each enum data_part */
    struct split split;    /* which these are */
    const float *shift;    /* [n_features]; statistics of the training part only */
    const float *factor;   /* [n_features]; a deviation of 0 counts as 1 */
    const uint8_t *labels; /* of SPLIT_FOLDS, part after part; NULL: the source's are in order */
    struct colour colour;
};

/* ERROR_USAGE: more rows asked for than there are, no row left to train on, a feature to rescale
 * that does not exist or is named twice, a factor of 0, a black class that does not exist, colours
 * of classes where there are none. */
enum status dataset_create(const struct data_config *config, const struct data_source *source,
                           struct dataset **dataset);
void dataset_free(struct dataset *dataset);

/* Rows `rows[i]` of `part`, or first + i where `rows` is NULL, for i in `span`, into
 * x [.., n_features] at row i and targets[i]. Of the n_rows entries of `rows`, those just beyond
 * the span are taken for the next to be asked for, and fetched from memory ahead of it. */
void dataset_gather(const struct dataset *dataset, enum data_part part, const uint32_t *rows,
                    long n_rows, long first, struct span span, float *x, struct target *targets);
/* The same of training rows that are a mini-batch of training, with its colours. */
void dataset_gather_batch(const struct dataset *dataset, const struct colour_batch *batch,
                          const uint32_t *rows, long n_rows, long first, struct span span, float *x,
                          struct target *targets);

/* Are the targets numbers, and not classes? */
bool dataset_has_values(const struct dataset *dataset);

/* Labels of the rows of a part, [n[part]]; NULL where targets are numbers. */
const uint8_t *dataset_labels(const struct dataset *dataset, enum data_part part);

/* Row `row` of a part where targets are numbers: [n_classes]. */
const float *dataset_values(const struct dataset *dataset, enum data_part part, long row);

/* Where targets are classes: class frequencies of the first `n` rows of a part, into counts
 * [n_classes]. */
void dataset_class_counts(const struct dataset *dataset, enum data_part part, long n, long *counts);
