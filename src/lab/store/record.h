/* A finished run in memory, as it is written to and read from HDF5: attributes, final metrics,
 * series. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/pool.h"
#include "lab/config/identity.h"
#include "lab/table/table.h"

/* A named scalar. */
struct attribute {
    const char *name;
    enum cell_type type;
    long integer; /* INT, BOOL */
    double real;
    const char *text;
    const char *unit, *doc; /* NULL for provenance and configuration */
};

/* SERIES_TEXT: ids of runs, where series of several are stacked; runs' own series are numbers. */
enum series_type { SERIES_F32, SERIES_F64, SERIES_I64, SERIES_TEXT };
enum { SERIES_DIMS = 3 };

/* A named array in a group of the run: "step", "epoch", "layer", "layer0", "trace", "bank",
 * "data", "weights/initial/layer0". A scale has the name of its dimension and n_dims 1; every
 * dimension of every series is named after a scale of the same group. */
struct series {
    const char *group, *name, *unit, *doc;
    enum series_type type;
    int n_dims;
    size_t dims[SERIES_DIMS];
    const char *dim_names[SERIES_DIMS];
    const void *data;
};

struct attributes {
    int n, capacity;
    struct attribute *items;
};

struct record {
    struct pool pool;
    char id[RUN_ID_SIZE];
    struct attributes config;     /* the resolved configuration by dotted key: keys that apply */
    struct attributes final;      /* final metrics: a row of summary_columns each */
    struct attributes provenance; /* everything volatile */
    int n_series, series_capacity;
    struct series *series;
};

void record_free(struct record *record);
/* Append to one of a record's lists; names and texts are copied into the pool. */
void attributes_add_int(struct record *record, struct attributes *list, const char *name,
                        long value, const char *unit, const char *doc);
void attributes_add_bool(struct record *record, struct attributes *list, const char *name,
                         bool value, const char *doc);
void attributes_add_real(struct record *record, struct attributes *list, const char *name,
                         double value, const char *unit, const char *doc);
void attributes_add_text(struct record *record, struct attributes *list, const char *name,
                         const char *value, const char *doc);
const struct attribute *attributes_find(const struct attributes *list, const char *name);
/* Adds a copy of the series, names and data in the pool. */
void record_add_series(struct record *record, const struct series *series);
/* A scale: the values [n] along the dimension of its name. */
void record_add_scale(struct record *record, const char *group, const char *name, const char *doc,
                      enum series_type type, size_t n, const void *values);
/* The scale first, first + 1, ... */
void record_add_count(struct record *record, const char *group, const char *name, const char *doc,
                      size_t n, long first);
const struct series *record_find_series(const struct record *record, const char *group,
                                        const char *name);
size_t series_count(const struct series *series); /* elements */
/* One of them; of whole numbers beyond 2^53 the nearest that a double holds. */
double series_number(const struct series *series, size_t i);
bool series_is_scale(const struct series *series);
/* Does "group/name" fit a pattern in which a '*' stands for digits (the k of layer<k>)? */
bool series_fits(const char *pattern, const char *group, const char *name);
size_t series_element_size(enum series_type type);
