/* Labelled examples in memory: training, validation and test rows, scaled on their way out.
 *
 * Bytes stay bytes (a run's worker shares them with its siblings); a row becomes
 * x[j] = (value[j] - shift[j]) * factor[j] in float32 when a mini-batch is gathered, and then gets
 * its colour. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "engine/data/colour.h"
#include "engine/kernel/loss.h"

enum data_name { DATA_FASHION_MNIST, DATA_IDX, DATA_CLUSTERS, DATA_SPIRALS, DATA_LINEAR };
enum data_scale { SCALE_NONE, SCALE_UNIT, SCALE_STANDARDIZE, SCALE_STANDARDIZE_FEATURES };

/* What the keys data.* say. */
struct data_config {
    long name;       /* enum data_name */
    const char *dir; /* folder of the four IDX files; "": where the package installs them */
    long scale;      /* enum data_scale */
    long train;      /* training rows: the file's first; -1: all but the validation rows */
    long validation; /* validation rows: the training file's last; 0 allowed */
    long test;       /* test rows: the test file's first; -1: all */
    const double *rescale_features; /* columns to which offset and factor apply, after scaling */
    int n_rescale_features;
    double rescale_factor, rescale_offset; /* x <- x * factor + offset on those columns */
    struct colour_config colour;
    /* generated sets */
    long seed;
    long classes;  /* of linear: columns of the targets */
    long features; /* spirals lie in the plane */
    long rows, test_rows;
    double spread; /* deviation of a cluster, where the centres have 1 in each feature (before the
                    * features are stretched to `condition`); of the noise, where a spiral's radius
                    * is 1 */
    double condition; /* largest over smallest deviation of the features (clusters) */
};

enum data_part { PART_TRAIN, PART_VALIDATION, PART_TEST };

/* The raw content: shared by all runs of a sweep, whatever their split and scaling. */
struct data_source {
    int n_features, n_classes;               /* of numbers as targets: their columns */
    long n_train_rows, n_test_rows;          /* of the files */
    const uint8_t *train_bytes, *test_bytes; /* [rows, n_features]; NULL where values are floats */
    const float *train_values, *test_values; /* [rows, n_features]; NULL where values are bytes */
    const uint8_t *train_labels, *test_labels; /* [rows], < n_classes; or NULL, and */
    const float *train_targets, *test_targets; /* [rows, n_classes], in place of labels */
    char hash[33]; /* XXH3-128 of the decompressed content (values, labels or targets, shapes),
                      hexadecimal */
};

/* Loads or generates. ERROR_DATA: missing (says what to install or which folder was tried),
 * corrupt, truncated, wrong type or size, a label out of range: always with the file's name. */
enum status data_source_load(const struct data_config *config, struct data_source **source);
void data_source_free(struct data_source *source);
/* True where both configurations load the same source, so that one copy serves both. */
bool data_source_same(const struct data_config *a, const struct data_config *b);

/* A source with a split and a scaling: what a run sees. */
struct dataset {
    const struct data_source *source;
    int n_features, n_classes;
    long n[3];           /* rows of each enum data_part */
    long first[3];       /* where each part begins in its file */
    const float *shift;  /* [n_features]; statistics of the training part only */
    const float *factor; /* [n_features]; a deviation of 0 counts as 1 */
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
