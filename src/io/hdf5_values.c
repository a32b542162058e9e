/* Attributes and datasets of HDF5, by type. */
#include "io/hdf5_values.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/visible.h"
#include "io/hdf5_library.h"

enum { MAX_NAME = HDF5_NAME_SIZE, ELEMENT_SIZE = 8 /* in memory, at most */ };

/* ---- types ---- */

/* In a file, of numbers. HDF5's names of types are calls. */
static hid_t number_type_of(enum hdf5_type type) {
    static hid_t types[HDF5_TEXT];
    if (!types[HDF5_FLOAT32]) {
        types[HDF5_FLOAT32] = H5T_IEEE_F32LE;
        types[HDF5_FLOAT64] = H5T_IEEE_F64LE;
        types[HDF5_INT64] = H5T_STD_I64LE;
        types[HDF5_INT8] = H5T_STD_I8LE;
    }
    return types[type];
}

static hid_t file_type_of(const struct hdf5_file *file, enum hdf5_type type) {
    return type == HDF5_TEXT ? file->text_type : number_type_of(type);
}

/* Of numbers. */
static hid_t memory_type_of(enum hdf5_type type) {
    return type == HDF5_FLOAT32   ? H5T_NATIVE_FLOAT
           : type == HDF5_FLOAT64 ? H5T_NATIVE_DOUBLE
                                  : H5T_NATIVE_LONG;
}

/* Only what is written here is read: HDF5 converts what it has no plan for by code that trusts the
 * file. */
static enum status find_type(hid_t type, enum hdf5_type *found) {
    bool is_text = H5Tget_class(type) == H5T_STRING;
    for (enum hdf5_type one = HDF5_FLOAT32; one < HDF5_TEXT && !is_text; one++) {
        if (H5Tequal(type, number_type_of(one)) > 0) {
            *found = one;
            return OK;
        }
    }
    if (!is_text)
        return fail(ERROR_RESULTS, "neither texts nor numbers of a type that normlab writes");
    if (H5Tis_variable_str(type) <= 0)
        return fail(ERROR_RESULTS, "texts of fixed length, which normlab does not write");
    *found = HDF5_TEXT;
    return OK;
}

/* ---- numbers of any file ---- */

/* HDF5's names of types are calls, so the table is filled when it is asked for. */
enum { NUMBERS = 20 };
struct known_number {
    hid_t type;
    struct hdf5_number number;
};

static const struct known_number *known_numbers(void) {
    static struct known_number known[NUMBERS];
    if (!known[0].type) {
        const struct known_number all[NUMBERS] = {
            {H5T_STD_U8LE, {'u', 1, false}},   {H5T_STD_I8LE, {'i', 1, false}},
            {H5T_STD_U16LE, {'u', 2, false}},  {H5T_STD_I16LE, {'i', 2, false}},
            {H5T_STD_U32LE, {'u', 4, false}},  {H5T_STD_I32LE, {'i', 4, false}},
            {H5T_STD_U64LE, {'u', 8, false}},  {H5T_STD_I64LE, {'i', 8, false}},
            {H5T_IEEE_F32LE, {'f', 4, false}}, {H5T_IEEE_F64LE, {'f', 8, false}},
            {H5T_STD_U8BE, {'u', 1, true}},    {H5T_STD_I8BE, {'i', 1, true}},
            {H5T_STD_U16BE, {'u', 2, true}},   {H5T_STD_I16BE, {'i', 2, true}},
            {H5T_STD_U32BE, {'u', 4, true}},   {H5T_STD_I32BE, {'i', 4, true}},
            {H5T_STD_U64BE, {'u', 8, true}},   {H5T_STD_I64BE, {'i', 8, true}},
            {H5T_IEEE_F32BE, {'f', 4, true}},  {H5T_IEEE_F64BE, {'f', 8, true}},
        };
        memcpy(known, all, sizeof known);
    }
    return known;
}

enum status hdf5_number_type(hdf5_id dataset, struct hdf5_number *number) {
    const struct known_number *known = known_numbers();
    hid_t type = H5Dget_type(dataset);
    int i = 0;
    while (i < NUMBERS && H5Tequal(type, known[i].type) <= 0)
        i++;
    enum status status = i < NUMBERS ? OK
                                     : fail(ERROR_RESULTS, "holds no integers of 8 to 64 bits and "
                                                           "no floats of 32 or 64");
    status = hdf5_close(type, status);
    if (!status)
        *number = known[i].number;
    return status;
}

size_t hdf5_allowance(size_t file_size) {
    enum { AT_LEAST = 64 << 20, RATIO = 100 };
    return AT_LEAST + file_size * RATIO;
}

enum status hdf5_take(size_t *left, size_t size) {
    if (size > *left)
        return fail(ERROR_RESULTS, "it holds more than a file of its size can (it is damaged)");
    *left -= size;
    return OK;
}

/* A text as it is written, and as it is read: netCDF's Python refuses a file in which one is not
 * UTF-8 (a command line may hold anything), and a file of strangers may hold what a terminal obeys.
 * NULL is how HDF5 reads "". */
static const char *visible(const char *text, struct pool *pool) {
    return text_visible(text ? text : "", pool);
}

/* ---- attributes: reading ---- */

bool hdf5_has_attribute(hdf5_id object, const char *name) {
    return hdf5_yes(H5Aexists(object, name));
}

static enum status read_text(hid_t attribute, hid_t type, struct pool *pool, const char **text) {
    char *value = NULL;
    if (H5Aread(attribute, type, &value) < 0)
        return hdf5_fail(ERROR_RESULTS, "cannot read a text");
    *text = pool_text(pool, visible(value, pool));
    H5free_memory(value);
    return OK;
}

static enum status read_value(hid_t attribute, hid_t type, struct pool *pool,
                              struct hdf5_value *value) {
    enum { TEXT_SIZE = 16 }; /* in a file: length, place of its heap, number in that */
    enum status status = find_type(type, &value->type);
    if (status)
        return status;
    size_t size = value->type == HDF5_TEXT ? TEXT_SIZE : H5Tget_size(type);
    if (H5Aget_storage_size(attribute) != size)
        return fail(ERROR_RESULTS, "not a single value");
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
    hid_t type = H5Aget_type(attribute);
    if (attribute < 0)
        status = hdf5_fail(ERROR_RESULTS, "cannot be opened");
    else
        status = read_value(attribute, type, pool, &result);
    status = hdf5_close(type, status);
    status = hdf5_close(attribute, status);
    if (status)
        return fail_in(status, "attribute '%s'", name);
    *value = result;
    return OK;
}

enum status hdf5_read_text(hdf5_id object, const char *name, size_t *left, struct pool *pool,
                           const char **text) {
    struct hdf5_value value = {.type = HDF5_TEXT, .text = ""};
    enum status status = OK;
    if (hdf5_has_attribute(object, name))
        status = hdf5_read_attribute(object, name, pool, &value);
    if (!status && value.type != HDF5_TEXT)
        status = fail(ERROR_RESULTS, "attribute '%s': not a text", name);
    if (!status)
        status = hdf5_take(left, strlen(value.text));
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
    walk->status = hdf5_check_name(name);
    if (!walk->status)
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
    static hid_t single; /* the shape of all of them */
    if (single <= 0)
        single = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(object, name, file_type, single, H5P_DEFAULT, H5P_DEFAULT);
    enum status status = OK;
    if (attribute < 0 || H5Awrite(attribute, memory_type, value) < 0)
        status = hdf5_fail_write("attribute", name);
    return hdf5_close(attribute, status);
}

enum status hdf5_write_text(const struct hdf5_file *file, hdf5_id object, const char *name,
                            const char *text) {
    struct pool pool = {0};
    const char *value = visible(text, &pool);
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
        return H5Dwrite(dataset, memory_type_of(array->type), H5S_ALL, H5S_ALL, hdf5_transfer(),
                        array->data);
    struct pool pool = {0};
    const char *const *given = array->data;
    const char **texts = pool_alloc(&pool, n * sizeof *texts);
    for (size_t i = 0; i < n; i++)
        texts[i] = visible(given[i], &pool);
    herr_t failed = H5Dwrite(dataset, file->text_type, H5S_ALL, H5S_ALL, hdf5_transfer(), texts);
    pool_free(&pool);
    return failed;
}

/* Contiguous: these arrays are small, and a chunk made for growth would be ten times their size. */
enum status hdf5_make_array(const struct hdf5_file *file, hdf5_id group,
                            const struct hdf5_array *array, hdf5_id *dataset) {
    assert(array->n_dims >= 0 && array->n_dims <= HDF5_DIMS);
    hsize_t dims[HDF5_DIMS] = {0};
    size_t n = 1;
    for (int d = 0; d < array->n_dims; d++) {
        dims[d] = array->dims[d];
        n *= array->dims[d];
    }
    hid_t space = H5Screate_simple(array->n_dims, dims, NULL);
    hid_t made = H5Dcreate2(group, array->name, file_type_of(file, array->type), space, H5P_DEFAULT,
                            file->dataset_plist, H5P_DEFAULT);
    enum status status = OK;
    if (made < 0 || (n > 0 && write_values(file, made, array, n) < 0) ||
        (array->is_scale && H5DSset_scale(made, array->name) < 0))
        status = hdf5_fail_write("dataset", array->name);
    if (!status)
        status = hdf5_write_text(file, made, "units", array->unit);
    if (!status)
        status = hdf5_write_text(file, made, "long_name", array->title);
    if (!status)
        status = hdf5_write_text(file, made, "comment", array->doc);
    status = hdf5_close(space, status);
    if (status)
        return hdf5_close(made, status);
    *dataset = made;
    return OK;
}

enum status hdf5_write_array(const struct hdf5_file *file, hdf5_id group,
                             const struct hdf5_array *array) {
    hdf5_id dataset = -1;
    enum status status = hdf5_make_array(file, group, array, &dataset);
    return hdf5_close(dataset, status);
}

enum status hdf5_attach_scale(hdf5_id dataset, unsigned dim, hdf5_id scale) {
    return H5DSattach_scale(dataset, scale, dim) < 0
               ? hdf5_fail(ERROR_RUN, "cannot attach a scale to dimension %u", dim)
               : OK;
}

/* ---- datasets: reading ---- */

enum status hdf5_array_type(hdf5_id dataset, enum hdf5_type *type) {
    hid_t id = H5Dget_type(dataset);
    enum status status = find_type(id, type);
    status = hdf5_close(id, status);
    return status;
}

enum status hdf5_array_shape(hdf5_id dataset, size_t *left, int most_dims, int *n_dims,
                             size_t *dims) {
    hsize_t extent[H5S_MAX_RANK] = {0};
    hid_t space = H5Dget_space(dataset);
    int rank = H5Sget_simple_extent_dims(space, extent, NULL);
    enum status status = hdf5_close(space, OK);
    if (status)
        return status;
    if (rank < 0 || rank > most_dims)
        return fail(ERROR_RESULTS, "%d dimensions where 0 to %d can be", rank, most_dims);
    size_t size = ELEMENT_SIZE;
    for (int d = 0; d < rank; d++)
        if (extent[d] > 0 && size > *left / extent[d])
            size = *left + 1; /* more than that */
        else
            size *= extent[d];
    status = hdf5_take(left, size);
    if (status)
        return status;
    for (int d = 0; d < rank; d++)
        dims[d] = (size_t)extent[d];
    *n_dims = rank;
    return OK;
}

/* ---- datasets: the values ---- */

static enum status fail_values(void) {
    return hdf5_fail(ERROR_RESULTS, "cannot read its values (the file is damaged)");
}

/* HDF5 gives zeros for what nobody wrote. */
static enum status check_written(hid_t dataset, size_t n) {
    return n == 0 || H5Dget_storage_size(dataset) > 0
               ? OK
               : fail(ERROR_RESULTS, "its values were never written");
}

enum status hdf5_read_numbers(hdf5_id dataset, enum hdf5_type type, size_t n, void *data) {
    enum status status = check_written(dataset, n);
    if (!status && n > 0 &&
        H5Dread(dataset, memory_type_of(type), H5S_ALL, H5S_ALL, hdf5_transfer(), data) < 0)
        status = fail_values();
    return status;
}

size_t hdf5_chunk_rows(hdf5_id dataset) {
    hsize_t chunk[H5S_MAX_RANK];
    hid_t made = H5Dget_create_plist(dataset);
    bool has = H5Pget_layout(made) == H5D_CHUNKED && H5Pget_chunk(made, H5S_MAX_RANK, chunk) > 0;
    H5Pclose(made);
    return has ? (size_t)chunk[0] : 1;
}

enum status hdf5_check_room(hdf5_id dataset, uint64_t file_size) {
    if (H5Dget_storage_size(dataset) > file_size)
        return fail(ERROR_RESULTS, "its values fill more than the file");
    return OK;
}

/* In memory as in the file: nothing is converted. */
enum status hdf5_read_rows(hdf5_id dataset, size_t first, size_t n, void *raw) {
    hsize_t dims[H5S_MAX_RANK] = {0}, from[H5S_MAX_RANK] = {first};
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    int n_dims = H5Sget_simple_extent_dims(space, dims, NULL);
    dims[0] = n;
    hid_t memory = n_dims > 0 ? H5Screate_simple(n_dims, dims, NULL) : -1;
    enum status status = check_written(dataset, n);
    if (!status &&
        (memory < 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, from, NULL, dims, NULL) < 0 ||
         H5Dread(dataset, type, memory, space, H5P_DEFAULT, raw) < 0))
        status = fail_values();
    status = hdf5_close(memory, status);
    status = hdf5_close(space, status);
    return hdf5_close(type, status);
}

/* Where HDF5 puts texts: many of them may be one in the file. */
struct text_memory {
    struct pool *pool;
    size_t *left;
    enum status status;
};

static void *take_memory(size_t size, void *context) {
    struct text_memory *memory = context;
    memory->status = hdf5_take(memory->left, size);
    return memory->status ? NULL : pool_alloc(memory->pool, size);
}

/* The pool is freed as a whole. */
static void keep_memory(void *bytes, void *context) {
    (void)bytes;
    (void)context;
}

static enum status read_texts(hid_t dataset, hid_t type, struct text_memory *memory,
                              const char **texts) {
    hid_t transfer = H5Pcopy(hdf5_transfer());
    herr_t failed = H5Pset_vlen_mem_manager(transfer, take_memory, memory, keep_memory, NULL);
    if (failed >= 0)
        failed = H5Dread(dataset, type, H5S_ALL, H5S_ALL, transfer, texts);
    enum status status = memory->status ? memory->status : failed < 0 ? fail_values() : OK;
    status = hdf5_close(transfer, status);
    return status;
}

enum status hdf5_read_texts(hdf5_id dataset, size_t n, size_t *left, struct pool *pool,
                            const char **texts) {
    struct pool work = {0};
    struct text_memory memory = {.pool = pool, .left = left};
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    const char **values = pool_alloc(&work, (n + 1) * sizeof *values);
    enum hdf5_type found;
    enum status status = find_type(type, &found);
    if (!status && found != HDF5_TEXT)
        status = fail(ERROR_RESULTS, "no texts");
    if (!status && H5Sget_simple_extent_npoints(space) != (hssize_t)n)
        status = fail(ERROR_RESULTS, "not %zu texts", n);
    if (!status)
        status = check_written(dataset, n);
    if (!status && n > 0)
        status = read_texts(dataset, type, &memory, values);
    for (size_t i = 0; i < n && !status; i++)
        texts[i] = visible(values[i], pool);
    status = hdf5_close(space, status);
    status = hdf5_close(type, status);
    pool_free(&work);
    return status;
}
