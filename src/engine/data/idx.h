/* IDX files, the format of MNIST and its relatives: two zero bytes, a type, the number of
 * dimensions, the dimensions (32-bit, big-endian), the values row-major. Plain or gzip, told apart
 * by content.
 *
 * Everything is checked before memory is asked for; a file that is too short, too long or damaged
 * is never used in part. */
#pragma once

#include <stdint.h>

#include "base/status.h"

enum idx_type {
    IDX_U8 = 0x08,
    IDX_S8 = 0x09,
    IDX_I16 = 0x0B,
    IDX_I32 = 0x0C,
    IDX_F32 = 0x0D,
    IDX_F64 = 0x0E,
};

struct idx {
    enum idx_type type; /* as in the file */
    long n_rows;        /* the first dimension */
    int n_features;     /* the product of the others */
    uint8_t *bytes;     /* [n_rows, n_features] where the type is IDX_U8, else NULL */
    float *values;      /* [n_rows, n_features] for all other types, as float32, else NULL */
    double *origins; /* [n_features], which were subtracted from values before they became float32;
                      * NULL: nothing was */
};

/* Two or more dimensions, values finite, at most 4 GiB in memory. 32-bit integers and 64-bit floats
 * may get origins (distances.h): those of `like`, the training file's images, or where that is NULL
 * their own. ERROR_DATA with the file's name. */
enum status idx_read_images(const char *path, const struct idx *like, struct idx *images);
/* One dimension, unsigned bytes. */
enum status idx_read_labels(const char *path, struct idx *labels);
void idx_free(struct idx *idx);

/* "unsigned bytes", "32-bit floats", ... */
const char *idx_type_name(enum idx_type type);
