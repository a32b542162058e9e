/* Where rows come from: the table of sources, and what a source holds.
 *
 * A kind of source is a row. To add one: a file with its row (clusters.c is the one to copy), and a
 * line in DATA_SOURCES. Words of data.name, help, checks and tests follow from the rows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/pool.h"
#include "base/status.h"
#include "engine/data/colour.h"

/* What targets are. TARGETS_AUTO: whole numbers and words are classes, other numbers are numbers.
 */
enum data_targets { TARGETS_AUTO, TARGETS_CLASSES, TARGETS_NUMBERS };

enum data_scale { SCALE_NONE, SCALE_UNIT, SCALE_STANDARDIZE, SCALE_STANDARDIZE_FEATURES };

/* What the keys data.* say. */
struct data_config {
    long name;          /* which row of the table of sources */
    const char *dir;    /* folder or file of the data; "": where the kind of source expects them */
    long targets;       /* enum data_targets */
    const char *target; /* CSV: name or number of the target's column; "" or NULL: the last */
    bool header;        /* CSV: the first line has names */
    double test_share;  /* CSV: of the rows of a single file, for testing */
    long scale;         /* enum data_scale */
    long train;         /* training rows: the file's first; -1: all but the validation rows */
    long validation;    /* validation rows: the training file's last; 0 allowed */
    long test;          /* test rows: the test file's first; -1: all */
    long split;         /* enum data_split: of which rows these are taken */
    long fold;          /* of SPLIT_FOLDS: the one to test on; follows from the seed */
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

/* The raw content: shared by all runs of a sweep, whatever their split and scaling. */
struct data_source {
    int n_features, n_classes;               /* of numbers as targets: their columns */
    long n_train_rows, n_test_rows;          /* of the files */
    const uint8_t *train_bytes, *test_bytes; /* [rows, n_features]; NULL where values are floats */
    const float *train_values, *test_values; /* [rows, n_features]; NULL where values are bytes */
    const double *origins; /* [n_features], which were subtracted from values; NULL: nothing was */
    const uint8_t *train_labels, *test_labels; /* [rows], < n_classes; or NULL, and */
    const float *train_targets, *test_targets; /* [rows, n_classes], in place of labels */
    const char *const *class_names; /* [n_classes] in one block; NULL: they are numbers alone */
    char hash[33]; /* XXH3-128 of the decompressed content (values, labels or targets, shapes),
                      hexadecimal */
};

/* Which of the keys data.* say what the content is. */
enum source_reads {
    READS_DIR = 1,   /* files in data.dir; else the set is generated */
    READS_SIZES = 2, /* seed, classes, rows, test_rows */
    READS_FEATURES = 4,
    READS_SPREAD = 8,
    READS_CONDITION = 16,
    READS_TARGETS = 32,
    READS_COLUMNS = 64, /* target, header, test_share */
};

struct source_kind {
    const char *name;  /* word of data.name */
    const char *title; /* of a list in a sentence */
    const char *note;  /* sentences of their own about it, or NULL */
    unsigned reads;    /* of enum source_reads */
    const char *dir;   /* READS_DIR: the folder where data.dir is empty; NULL: none */
    const char *how;   /* READS_DIR: what to do about a folder without data */
    const char *script,
        *package; /* the file of share/ that makes the set in R, and what it needs */
    /* CSV without READS_COLUMNS: how its files are, in the place of the keys */
    bool header;
    double test_share;
    /* READS_DIR: what data.dir holds, "a folder of ..."; NULL: said by another kind */
    const char *(*holds)(struct pool *pool);
    /* Fills everything but the hash of a zeroed `source`; the keys that the kind reads are in
     * range, and what it does not read of targets and columns is as its row says. ERROR_USAGE,
     * ERROR_DATA, ERROR_RUN: out of memory. On failure the caller frees what is there. */
    enum status (*open)(const struct source_kind *kind, const struct data_config *config,
                        struct data_source *source);
};

/* The one list. */
#define DATA_SOURCES(row)                                                                          \
    row(FASHION_MNIST, fashion_mnist) row(IDX, idx) row(CLUSTERS, clusters) row(SPIRALS, spirals)  \
        row(LINEAR, linear) row(NPY, npy) row(HDF5, hdf5) row(CSV, csv) row(MNIST, mnist)          \
            row(DIGITS, digits) row(LETTERS, letters) row(SATELLITE, satellite)

#define SOURCE_WORD(word, name) DATA_##word,
enum data_name { DATA_SOURCES(SOURCE_WORD) };
#undef SOURCE_WORD

int source_kind_count(void);
const struct source_kind *source_kind_get(long index);
/* Its name; NULL: there are no more. */
const char *source_kind_name(int index);
/* READS_DIR: what to do where the data are missing. */
const char *source_kind_how(const struct source_kind *kind, struct pool *pool);

/* Are the keys that the source reads in range? ERROR_USAGE. */
enum status data_source_check(const struct data_config *config);
/* Loads or generates. ERROR_DATA: missing (says what to install or which folder was tried),
 * corrupt, truncated, wrong type or size, a label out of range: always with the file's name. */
enum status data_source_load(const struct data_config *config, struct data_source **source);
void data_source_free(struct data_source *source);
/* True where both configurations load the same source, so that one copy serves both. */
bool data_source_same(const struct data_config *a, const struct data_config *b);
/* READS_DIR: the folder of the files; "": none is named. */
const char *data_source_dir(const struct data_config *config);
/* The same as a path, with HOME in the place of "~", "$HOME" and "${HOME}" at its beginning.
 * ERROR_USAGE: none is named. */
enum status data_source_path(const struct data_config *config, struct pool *pool,
                             const char **path);
