/* Numbers and texts of HDF5 files: attributes, which are single values, and datasets, which are
 * arrays of up to three dimensions with scales along them. */
#pragma once

#include "io/hdf5_file.h"

/* As they lie in the file, little-endian; in memory: float, double, long, long, const char *. */
enum hdf5_type { HDF5_FLOAT32, HDF5_FLOAT64, HDF5_INT64, HDF5_INT8, HDF5_TEXT };

/* How much memory the contents of an honest file of this size can take, compressed by somebody or
 * not: a few kilobytes may claim to hold more than the machine has. */
size_t hdf5_allowance(size_t file_size);
/* Takes `size` from what is left of it; ERROR_RESULTS: not so much is left. */
enum status hdf5_take(size_t *left, size_t size);

/* ---- attributes ---- */

struct hdf5_value {
    enum hdf5_type type;
    long integer;
    double real; /* of either kind of float */
    const char *text;
};

bool hdf5_has_attribute(hdf5_id object, const char *name);
enum status hdf5_read_attribute(hdf5_id object, const char *name, struct pool *pool,
                                struct hdf5_value *value);
/* A text, taken from `left`; "" where there is no such attribute. */
enum status hdf5_read_text(hdf5_id object, const char *name, size_t *left, struct pool *pool,
                           const char **text);
/* All of an object, in the order in which they were written, until a visit fails. Texts are in the
 * pool. */
typedef enum status hdf5_visit_value(const char *name, const struct hdf5_value *value,
                                     void *context);
enum status hdf5_each_attribute(hdf5_id object, struct pool *pool, hdf5_visit_value *visit,
                                void *context);

/* What is no plain text, in a text that is written or read, becomes escapes (base/visible.h). */
enum status hdf5_write_attribute(const struct hdf5_file *file, hdf5_id object, const char *name,
                                 const struct hdf5_value *value);
enum status hdf5_write_text(const struct hdf5_file *file, hdf5_id object, const char *name,
                            const char *text);

/* ---- datasets ---- */

/* One to write; unit, title and doc become its attributes units, long_name and comment. */
struct hdf5_array {
    const char *name, *unit, *title, *doc;
    enum hdf5_type type;
    int n_dims; /* 0: a single value */
    const size_t *dims;
    const void *data;
    bool is_scale; /* of the dimension of its name */
};

enum status hdf5_make_array(const struct hdf5_file *file, hdf5_id group,
                            const struct hdf5_array *array, hdf5_id *dataset);
/* The same, and closes it. */
enum status hdf5_write_array(const struct hdf5_file *file, hdf5_id group,
                             const struct hdf5_array *array);
enum status hdf5_attach_scale(hdf5_id dataset, unsigned dim, hdf5_id scale);

enum status hdf5_array_type(hdf5_id dataset, enum hdf5_type *type);
/* Its dimensions, at most `most_dims` [most_dims]; takes the size of its values from `left`. */
enum status hdf5_array_shape(hdf5_id dataset, size_t *left, int most_dims, int *n_dims,
                             size_t *dims);
/* All `n` values as numbers of `type`, whatever kind of number they are in the file. */
enum status hdf5_read_numbers(hdf5_id dataset, enum hdf5_type type, size_t n, void *data);
/* All `n` texts, into the pool; takes their size from `left`. */
enum status hdf5_read_texts(hdf5_id dataset, size_t n, size_t *left, struct pool *pool,
                            const char **texts);

/* ---- datasets of any program ---- */

/* A number as it lies in the file: 'u', 'i' or 'f', of so many bytes. */
struct hdf5_number {
    char kind;
    size_t size;
    bool big_endian;
};
/* ERROR_RESULTS: no integers of 1, 2, 4 or 8 bytes and no floats of 4 or 8. */
enum status hdf5_number_type(hdf5_id dataset, struct hdf5_number *number);
/* Rows of a chunk, which is read and unpacked as a whole; 1: there are no chunks. */
size_t hdf5_chunk_rows(hdf5_id dataset);
/* HDF5 asks for as much memory as the file says that a chunk fills. ERROR_RESULTS: all of them fill
 * more than the file. */
enum status hdf5_check_room(hdf5_id dataset, uint64_t file_size);
/* `n` from `first` on along its first dimension, as they lie in the file. */
enum status hdf5_read_rows(hdf5_id dataset, size_t first, size_t n, void *raw);
