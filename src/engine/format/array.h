/* An array of a data file in memory: unsigned bytes stay bytes, all other numbers become float32.
 *
 * A format finds out type and shape, array_set_shape checks them before memory is asked for, and
 * array_read takes the values; messages do not name the file. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum number_type {
    NUMBER_U8,
    NUMBER_S8,
    NUMBER_U16,
    NUMBER_I16,
    NUMBER_U32,
    NUMBER_I32,
    NUMBER_U64,
    NUMBER_I64,
    NUMBER_F32,
    NUMBER_F64,
    NUMBER_TYPES
};

/* "unsigned bytes", "32-bit floats", ... */
const char *number_type_name(enum number_type type);
size_t number_type_size(enum number_type type);
bool number_type_is_float(enum number_type type);

struct array {
    enum number_type type; /* as in the file */
    long n_rows;           /* the first dimension */
    int n_features;        /* the product of the others */
    uint8_t *bytes;        /* [n_rows, n_features] where the type is NUMBER_U8, else NULL */
    float *values;         /* [n_rows, n_features] for all other types, as float32, else NULL */
    double
        fraction; /* of 64-bit types the first that is no whole number, before it was rounded; 0 */
    long fraction_row; /* its row; -1: there is none */
    double *origins; /* [n_features], which were subtracted from values before they became float32;
                      * NULL: nothing was */
};

/* Where the values come from. */
struct array_rows {
    /* `n` rows from `first` on, as they are in the file, into raw; called in order. */
    enum status (*read)(void *context, long first, long n, void *raw);
    void *context;
    bool big_endian;
    long piece; /* rows that cost as much as one of them (a compressed chunk); 0 or 1: none do */
};

/* Bytes that an array may take: half of the memory that this process may use. */
uint64_t array_most_bytes(void);
/* Sets n_rows and n_features. ERROR_DATA: a dimension is 0, or the whole is more than memory can
 * take. */
enum status array_set_shape(enum number_type type, int n_dims, const uint64_t *dims,
                            struct array *array);
/* Reads the values, all of which must be finite. Types with more digits than float32 has may get
 * origins (distances.h): those of `like`, the training inputs, or where that is NULL their own.
 * ERROR_DATA; ERROR_RUN: out of memory. */
enum status array_read(const struct array_rows *rows, const struct array *like,
                       struct array *array);
/* The same from numbers that are in memory already, [n_rows, n_features]. */
enum status array_from_doubles(const double *exact, const struct array *like, struct array *array);
/* Have both the same type, shape and numbers? */
bool array_same(const struct array *a, const struct array *b);
void array_free(struct array *array);
