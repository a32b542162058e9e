/* IDX files, the format of MNIST and its relatives: two zero bytes, a type, the number of
 * dimensions, the dimensions (32-bit, big-endian), the values row-major. Plain or gzip, told apart
 * by content.
 *
 * Everything is checked before memory is asked for; a file that is too short, too long or damaged
 * is never used in part. */
#pragma once

#include "engine/format/array.h"

/* The byte that stands for it in the file. */
enum idx_type {
    IDX_U8 = 0x08,
    IDX_S8 = 0x09,
    IDX_I16 = 0x0B,
    IDX_I32 = 0x0C,
    IDX_F32 = 0x0D,
    IDX_F64 = 0x0E,
};

/* Two or more dimensions, values finite. `like`: as of array_read. ERROR_DATA with the file's name.
 */
enum status idx_read_images(const char *path, const struct array *like, struct array *images);
/* One dimension, unsigned bytes. */
enum status idx_read_labels(const char *path, struct array *labels);
