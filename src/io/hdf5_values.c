/* Attributes and datasets of HDF5, by type. */
#include "io/hdf5_values.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "io/hdf5_library.h"

enum { MAX_NAME = 1024 };

/* ---- types ---- */

static hid_t file_type_of(const struct hdf5_file *file, enum hdf5_type type) {
    switch (type) {
    case HDF5_FLOAT32:
        return H5T_IEEE_F32LE;
    case HDF5_FLOAT64:
        return H5T_IEEE_F64LE;
    case HDF5_INT64:
        return H5T_STD_I64LE;
    case HDF5_INT8:
        return H5T_STD_I8LE;
    case HDF5_TEXT:
        break;
    }
    return file->text_type;
}

/* Of numbers. */
static hid_t memory_type_of(enum hdf5_type type) {
    return type == HDF5_FLOAT32   ? H5T_NATIVE_FLOAT
           : type == HDF5_FLOAT64 ? H5T_NATIVE_DOUBLE
                                  : H5T_NATIVE_LONG;
}

static enum status find_type(hid_t type, enum hdf5_type *found) {
    switch (H5Tget_class(type)) {
    case H5T_STRING:
        *found = HDF5_TEXT;
        return OK;
    case H5T_FLOAT:
        *found = H5Tget_size(type) == 4 ? HDF5_FLOAT32 : HDF5_FLOAT64;
        return OK;
    case H5T_INTEGER:
        *found = H5Tget_size(type) == 1 ? HDF5_INT8 : HDF5_INT64;
        return OK;
    default:
        return fail(ERROR_RESULTS, "neither numbers nor texts");
    }
}

static enum status check_variable(hid_t type) {
    return H5Tis_variable_str(type) > 0
               ? OK
               : fail(ERROR_RESULTS, "texts of fixed length, which normlab does not write");
}

/* Texts in the file are UTF-8, and netCDF's Python refuses a file in which one is not: each byte
 * that is no part of a valid sequence (a command line may hold anything) becomes '?'. */
static const char *valid_utf8(const char *text, struct pool *pool) {
    char *copy = pool_text(pool, text ? text : "");
    unsigned char *at = (unsigned char *)copy;
    while (*at) {
        int n_more = *at < 0x80                   ? 0
                     : *at >= 0xC2 && *at <= 0xDF ? 1
                     : *at >= 0xE0 && *at <= 0xEF ? 2
                     : *at >= 0xF0 && *at <= 0xF4 ? 3
                                                  : -1;
        bool valid = n_more >= 0;
        for (int i = 1; valid && i <= n_more; i++)
            valid = (at[i] & 0xC0) == 0x80;
        /* Overlong forms, surrogates and what lies beyond U+10FFFF. */
        valid = valid && !(*at == 0xE0 && at[1] < 0xA0) && !(*at == 0xED && at[1] > 0x9F) &&
                !(*at == 0xF0 && at[1] < 0x90) && !(*at == 0xF4 && at[1] > 0x8F);
        if (valid)
            at += 1 + n_more;
        else
            *at++ = '?';
    }
    return copy;
}

/* ---- attributes: reading ---- */

bool hdf5_has_attribute(hdf5_id object, const char *name) {
    return H5Aexists(object, name) > 0;
}

static enum status read_text(hid_t attribute, hid_t type, struct pool *pool, const char **text) {
    enum status status = check_variable(type);
    if (status)
        return status;
    char *value = NULL;
    if (H5Aread(attribute, type, &value) < 0)
        return hdf5_fail(ERROR_RESULTS, "cannot read a text");
    *text = pool_text(pool, value ? value : ""); /* NULL is how HDF5 reads "" */
    hid_t space = H5Aget_space(attribute);
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, &value);
    hdf5_close(space);
    return OK;
}

static enum status read_value(hid_t attribute, hid_t type, struct pool *pool,
                              struct hdf5_value *value) {
    enum status status = find_type(type, &value->type);
    if (status)
        return status;
    if (value->type == HDF5_TEXT)
        return read_text(attribute, type, pool, &value->text);
    bool is_real = value->type == HDF5_FLOAT32 || value->type == HDF5_FLOAT64;
    herr_t failed = is_real ? H5Aread(attribute, H5T_NATIVE_DOUBLE, &value->real)
                            : H5Aread(attribute, H5T_NATIVE_LONG, &value->integer);
    return failed < 0 ? hdf5_fail(ERROR_RESULTS, "cannot read a number") : OK;
}

enum status hdf5_read_attribute(hdf5_id object, const char *name, struct pool *pool,
                                struct hdf5_value *value) {
    struct hdf5_value result = {0};
    enum status status = OK;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    if (attribute < 0 || H5Sget_simple_extent_npoints(space) != 1)
        status = hdf5_fail(ERROR_RESULTS, "not a single value");
    else
        status = read_value(attribute, type, pool, &result);
    hdf5_close(space);
    hdf5_close(type);
    hdf5_close(attribute);
    if (status)
        return fail_in(status, "attribute '%s'", name);
    *value = result;
    return OK;
}

enum status hdf5_read_text(hdf5_id object, const char *name, struct pool *pool, const char **text) {
    struct hdf5_value value = {.type = HDF5_TEXT, .text = ""};
    enum status status = OK;
    if (hdf5_has_attribute(object, name))
        status = hdf5_read_attribute(object, name, pool, &value);
    if (!status && value.type != HDF5_TEXT)
        status = fail(ERROR_RESULTS, "attribute '%s': not a text", name);
    if (!status)
        *text = value.text;
    return status;
}

/* What a walk carries through HDF5. */
struct walk {
    struct pool *pool;
    hdf5_visit_value *visit;
    void *context;
    enum status status; /* what the last visit came to */
};

static herr_t visit_attribute(hid_t object, const char *name, const H5A_info_t *info,
                              void *context) {
    (void)info;
    struct walk *walk = context;
    struct hdf5_value value;
    walk->status = hdf5_read_attribute(object, name, walk->pool, &value);
    if (!walk->status)
        walk->status = walk->visit(name, &value, walk->context);
    return walk->status ? -1 : 0;
}

enum status hdf5_each_attribute(hdf5_id object, struct pool *pool, hdf5_visit_value *visit,
                                void *context) {
    struct walk walk = {pool, visit, context, OK};
    hsize_t at = 0;
    herr_t failed =
        H5Aiterate2(object, H5_INDEX_CRT_ORDER, H5_ITER_INC, &at, visit_attribute, &walk);
    return walk.status ? walk.status : failed < 0 ? hdf5_fail_read("attributes of", "a group") : OK;
}

/* ---- attributes: writing ---- */

static enum status write_attribute(hid_t object, const char *name, hid_t file_type,
                                   hid_t memory_type, const void *value) {
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(object, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT);
    enum status status = OK;
    if (attribute < 0 || H5Awrite(attribute, memory_type, value) < 0)
        status = hdf5_fail_write("attribute", name);
    hdf5_close(attribute);
    hdf5_close(space);
    return status;
}

enum status hdf5_write_text(const struct hdf5_file *file, hdf5_id object, const char *name,
                            const char *text) {
    struct pool pool = {0};
    const char *value = valid_utf8(text, &pool);
    enum status status = write_attribute(object, name, file->text_type, file->text_type, &value);
    pool_free(&pool);
    return status;
}

enum status hdf5_write_attribute(const struct hdf5_file *file, hdf5_id object, const char *name,
                                 const struct hdf5_value *value) {
    if (value->type == HDF5_TEXT)
        return hdf5_write_text(file, object, name, value->text);
    bool is_real = value->type == HDF5_FLOAT32 || value->type == HDF5_FLOAT64;
    return is_real ? write_attribute(object, name, file_type_of(file, value->type),
                                     H5T_NATIVE_DOUBLE, &value->real)
                   : write_attribute(object, name, file_type_of(file, value->type), H5T_NATIVE_LONG,
                                     &value->integer);
}

/* ---- datasets: writing ---- */

static herr_t write_values(const struct hdf5_file *file, hid_t dataset,
                           const struct hdf5_array *array, size_t n) {
    if (array->type != HDF5_TEXT)
        return H5Dwrite(dataset, memory_type_of(array->type), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                        array->data);
    struct pool pool = {0};
    const char *const *given = array->data;
    const char **texts = pool_alloc(&pool, n * sizeof *texts);
    for (size_t i = 0; i < n; i++)
        texts[i] = valid_utf8(given[i], &pool);
    herr_t failed = H5Dwrite(dataset, file->text_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts);
    pool_free(&pool);
    return failed;
}

/* Contiguous: these arrays are small, and a chunk made for growth would be ten times their size. */
enum status hdf5_write_array(const struct hdf5_file *file, hdf5_id group,
                             const struct hdf5_array *array) {
    assert(array->n_dims >= 0 && array->n_dims <= HDF5_DIMS);
    hsize_t dims[HDF5_DIMS] = {0};
    size_t n = 1;
    for (int d = 0; d < array->n_dims; d++) {
        dims[d] = array->dims[d];
        n *= array->dims[d];
    }
    hid_t space = H5Screate_simple(array->n_dims, dims, NULL);
    hid_t dataset = H5Dcreate2(group, array->name, file_type_of(file, array->type), space,
                               H5P_DEFAULT, file->dataset_plist, H5P_DEFAULT);
    enum status status = OK;
    if (dataset < 0 || (n > 0 && write_values(file, dataset, array, n) < 0) ||
        (array->is_scale && H5DSset_scale(dataset, array->name) < 0))
        status = hdf5_fail_write("dataset", array->name);
    if (!status)
        status = hdf5_write_text(file, dataset, "units", array->unit);
    if (!status)
        status = hdf5_write_text(file, dataset, "long_name", array->doc);
    hdf5_close(dataset);
    hdf5_close(space);
    return status;
}

enum status hdf5_attach_scale(hdf5_id group, const char *name, unsigned dim, const char *scale) {
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    hid_t scale_dataset = H5Dopen2(group, scale, H5P_DEFAULT);
    enum status status = OK;
    if (dataset < 0 || scale_dataset < 0 || H5DSattach_scale(dataset, scale_dataset, dim) < 0)
        status = hdf5_fail(ERROR_RUN, "cannot attach the scale '%s' to '%s'", scale, name);
    hdf5_close(dataset);
    hdf5_close(scale_dataset);
    return status;
}

/* ---- datasets: reading ---- */

enum status hdf5_array_type(hdf5_id dataset, enum hdf5_type *type) {
    hid_t id = H5Dget_type(dataset);
    enum status status = find_type(id, type);
    hdf5_close(id);
    return status;
}

enum status hdf5_array_shape(hdf5_id dataset, size_t most_elements, int most_dims, int *n_dims,
                             size_t *dims) {
    hsize_t extent[H5S_MAX_RANK] = {0};
    hid_t space = H5Dget_space(dataset);
    int rank = H5Sget_simple_extent_dims(space, extent, NULL);
    hdf5_close(space);
    if (rank < 0 || rank > most_dims)
        return fail(ERROR_RESULTS, "%d dimensions where 0 to %d can be", rank, most_dims);
    size_t count = 1;
    for (int d = 0; d < rank; d++) {
        if (extent[d] > 0 && count > most_elements / extent[d])
            return fail(ERROR_RESULTS, "more elements than the file can hold (it is damaged)");
        dims[d] = (size_t)extent[d];
        count *= dims[d];
    }
    *n_dims = rank;
    return OK;
}

bool hdf5_is_scale(hdf5_id dataset) {
    return H5DSis_scale(dataset) > 0;
}

/* The NAME that a scale was given; asking for its path would search the whole file. */
static herr_t visit_scale(hid_t dataset, unsigned dim, hid_t scale, void *name) {
    (void)dataset;
    (void)dim;
    return H5DSget_scale_name(scale, name, MAX_NAME) < 0 ? -1 : 1;
}

enum status hdf5_scale_name(hdf5_id dataset, unsigned dim, struct pool *pool, const char **name) {
    char found[MAX_NAME] = "";
    if (H5DSiterate_scales(dataset, dim, NULL, visit_scale, found) <= 0)
        return hdf5_fail(ERROR_RESULTS, "dimension %u has no scale", dim);
    *name = pool_text(pool, found);
    return OK;
}

static enum status fail_values(void) {
    return hdf5_fail(ERROR_RESULTS, "cannot read its values (the file is damaged)");
}

enum status hdf5_read_numbers(hdf5_id dataset, enum hdf5_type type, size_t n, void *data) {
    hid_t memory_type = memory_type_of(type);
    if (n > 0 && H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0)
        return fail_values();
    return OK;
}

enum status hdf5_read_texts(hdf5_id dataset, size_t n, struct pool *pool, const char **texts) {
    struct pool work = {0};
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    char **values = pool_alloc(&work, (n + 1) * sizeof *values);
    enum status status = check_variable(type);
    if (!status && (H5Sget_simple_extent_npoints(space) != (hssize_t)n ||
                    H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0))
        status = fail_values();
    if (!status) {
        for (size_t i = 0; i < n; i++)
            texts[i] = values[i] ? pool_text(pool, values[i]) : "";
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, values);
    }
    hdf5_close(space);
    hdf5_close(type);
    pool_free(&work);
    return status;
}
