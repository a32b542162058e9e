#include "lab/store/store_hdf5.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum { MAX_DEPTH = 8, MAX_NAME = 1024 };

enum status reader_fail(const char *what, const char *name) {
    return hdf5_fail(ERROR_RESULTS, "cannot read %s '%s' (the file is damaged)", what, name);
}

/* ---- one value ---- */

static enum status read_text(hid_t attribute, hid_t type, struct pool *pool, const char **text) {
    if (H5Tis_variable_str(type) <= 0)
        return fail(ERROR_RESULTS, "a text of fixed length, which normlab does not write");
    char *value = NULL;
    hid_t space = H5Aget_space(attribute);
    enum status status = OK;
    if (H5Sget_simple_extent_npoints(space) != 1 || H5Aread(attribute, type, &value) < 0) {
        status = hdf5_fail(ERROR_RESULTS, "cannot read a text");
    } else {
        *text = pool_text(pool, value ? value : ""); /* NULL is how HDF5 reads "" */
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, &value);
    }
    hdf5_close(space);
    return status;
}

/* A text attribute of an object; "" where there is none. */
enum status reader_text_attribute(hid_t object, const char *name, struct pool *pool,
                                  const char **text) {
    *text = "";
    if (H5Aexists(object, name) <= 0)
        return OK;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute);
    enum status status = H5Tget_class(type) == H5T_STRING ? read_text(attribute, type, pool, text)
                                                          : hdf5_fail(ERROR_RESULTS, "not a text");
    hdf5_close(type);
    hdf5_close(attribute);
    return status ? fail_in(status, "attribute '%s'", name) : OK;
}

/* ---- attributes of a run ---- */

struct attribute_reader {
    struct record *record;
    struct attributes *list;
    enum status status; /* what the last visit came to */
};

static enum status read_number(hid_t attribute, const char *name, H5T_class_t class, size_t size,
                               struct attribute_reader *reader) {
    int64_t integer = 0;
    double real = 0;
    hid_t memory_type = class == H5T_FLOAT ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64;
    if (H5Aread(attribute, memory_type, class == H5T_FLOAT ? (void *)&real : (void *)&integer) < 0)
        return hdf5_fail(ERROR_RESULTS, "cannot read a number");
    if (class == H5T_FLOAT)
        attributes_add_real(reader->record, reader->list, name, real, NULL, NULL);
    else if (size == 1)
        attributes_add_bool(reader->record, reader->list, name, integer != 0, NULL);
    else
        attributes_add_int(reader->record, reader->list, name, (long)integer, NULL, NULL);
    return OK;
}

static herr_t visit_attribute(hid_t object, const char *name, const H5A_info_t *info,
                              void *context) {
    (void)info;
    struct attribute_reader *reader = context;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    H5T_class_t class = H5Tget_class(type);
    enum status status;
    if (attribute < 0 || H5Sget_simple_extent_npoints(space) != 1) {
        status = hdf5_fail(ERROR_RESULTS, "not a single value");
    } else if (class == H5T_STRING) {
        const char *text;
        status = read_text(attribute, type, &reader->record->pool, &text);
        if (!status)
            attributes_add_text(reader->record, reader->list, name, text, NULL);
    } else if (class == H5T_FLOAT || class == H5T_INTEGER) {
        status = read_number(attribute, name, class, H5Tget_size(type), reader);
    } else {
        status = fail(ERROR_RESULTS, "neither a number nor a text");
    }
    hdf5_close(space);
    hdf5_close(type);
    hdf5_close(attribute);
    reader->status = status ? fail_in(status, "attribute '%s'", name) : OK;
    return status ? -1 : 0;
}

/* All attributes of `object`, in the order in which they were written. */
static enum status read_attributes(hid_t object, struct record *record, struct attributes *list) {
    struct attribute_reader reader = {.record = record, .list = list};
    hsize_t at = 0;
    herr_t failed =
        H5Aiterate2(object, H5_INDEX_CRT_ORDER, H5_ITER_INC, &at, visit_attribute, &reader);
    return reader.status ? reader.status
           : failed < 0  ? reader_fail("attributes of", "a group")
                         : OK;
}

static enum status read_attribute_group(hid_t run, const char *name, struct record *record,
                                        struct attributes *list) {
    hid_t group = H5Gopen2(run, name, H5P_DEFAULT);
    if (group < 0)
        return reader_fail("group", name);
    enum status status = read_attributes(group, record, list);
    hdf5_close(group);
    return status ? fail_in(status, "%s", name) : OK;
}

/* ---- series ---- */

/* "group/name" against a pattern in which '*' stands for digits. */
static bool matches(const char *pattern, const char *group, const char *name) {
    char full[MAX_NAME];
    snprintf(full, sizeof full, "%s/%s", group, name);
    const char *at = full;
    for (; *pattern; pattern++) {
        if (*pattern == '*') {
            size_t digits = strspn(at, "0123456789");
            if (digits == 0)
                return false;
            at += digits;
        } else if (*pattern != *at++) {
            return false;
        }
    }
    return *at == '\0';
}

static enum status read_type(hid_t dataset, enum series_type *series_type, hid_t *memory_type) {
    hid_t type = H5Dget_type(dataset);
    H5T_class_t class = H5Tget_class(type);
    size_t size = H5Tget_size(type);
    hdf5_close(type);
    if (class == H5T_INTEGER) {
        *series_type = SERIES_I64;
        *memory_type = H5T_NATIVE_LONG;
    } else if (class == H5T_FLOAT && size == 4) {
        *series_type = SERIES_F32;
        *memory_type = H5T_NATIVE_FLOAT;
    } else if (class == H5T_FLOAT) {
        *series_type = SERIES_F64;
        *memory_type = H5T_NATIVE_DOUBLE;
    } else {
        return fail(ERROR_RESULTS, "neither whole numbers nor reals");
    }
    return OK;
}

enum status reader_shape(const struct reader *reader, hid_t dataset, int most_dims, int *n_dims,
                         size_t *dims) {
    hsize_t extent[H5S_MAX_RANK] = {0};
    hid_t space = H5Dget_space(dataset);
    int rank = H5Sget_simple_extent_dims(space, extent, NULL);
    hdf5_close(space);
    if (rank < 0 || rank > most_dims)
        return fail(ERROR_RESULTS, "%d dimensions where 0 to %d can be", rank, most_dims);
    size_t count = 1;
    for (int d = 0; d < rank; d++) {
        if (extent[d] > 0 && count > reader->most_elements / extent[d])
            return fail(ERROR_RESULTS, "more elements than the file can hold (it is damaged)");
        dims[d] = (size_t)extent[d];
        count *= dims[d];
    }
    *n_dims = rank;
    return OK;
}

/* The NAME that a scale was given; asking for its path would search the whole file. */
static herr_t visit_scale(hid_t dataset, unsigned dim, hid_t scale, void *name) {
    (void)dataset;
    (void)dim;
    return H5DSget_scale_name(scale, name, MAX_NAME) < 0 ? -1 : 1;
}

static enum status read_dim_names(hid_t dataset, struct series *series, struct pool *pool) {
    for (int d = 0; d < series->n_dims; d++) {
        char name[MAX_NAME] = "";
        if (H5DSis_scale(dataset) > 0)
            snprintf(name, sizeof name, "%s", series->name);
        else if (H5DSiterate_scales(dataset, (unsigned)d, NULL, visit_scale, name) <= 0)
            return hdf5_fail(ERROR_RESULTS, "dimension %d has no scale", d);
        series->dim_names[d] = pool_text(pool, name);
    }
    return OK;
}

static enum status read_values(hid_t dataset, hid_t memory_type, struct series *series,
                               struct pool *pool) {
    size_t count = series_count(series);
    void *data = pool_alloc(pool, (count + 1) * series_element_size(series->type));
    if (count > 0 && H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0)
        return hdf5_fail(ERROR_RESULTS, "cannot read its values (the file is damaged)");
    series->data = data;
    return OK;
}

static enum status read_series(struct reader *reader, hid_t dataset, const char *name) {
    bool is_scale = H5DSis_scale(dataset) > 0;
    if (reader->pattern && !is_scale && !matches(reader->pattern, reader->group, name))
        return OK;
    struct pool pool = {0};
    struct series series = {.group = reader->group, .name = name};
    hid_t memory_type = -1;
    enum status status = read_type(dataset, &series.type, &memory_type);
    if (!status)
        status = reader_shape(reader, dataset, SERIES_DIMS, &series.n_dims, series.dims);
    if (!status)
        status = read_dim_names(dataset, &series, &pool);
    if (!status)
        status = reader_text_attribute(dataset, "units", &pool, &series.unit);
    if (!status)
        status = reader_text_attribute(dataset, "long_name", &pool, &series.doc);
    if (!status && reader->values)
        status = read_values(dataset, memory_type, &series, &pool);
    if (!status)
        record_add_series(reader->record, &series);
    pool_free(&pool);
    return status;
}

static enum status read_group(struct reader *reader, hid_t group);

/* Below a run: a group of series, or of groups. */
static enum status read_inner_group(struct reader *reader, hid_t group, const char *name) {
    if (reader->depth == MAX_DEPTH)
        return fail(ERROR_RESULTS, "groups nested deeper than %d", MAX_DEPTH);
    const char *outer = reader->group;
    char path[MAX_NAME];
    snprintf(path, sizeof path, "%s%s%s", outer, outer[0] ? "/" : "", name);
    reader->group = path;
    reader->depth++;
    enum status status = read_group(reader, group);
    reader->depth--;
    reader->group = outer;
    return status;
}

static herr_t visit_link(hid_t parent, const char *name, const H5L_info_t *info, void *context) {
    (void)info;
    struct reader *reader = context;
    bool attributes_only = reader->depth == 0 &&
                           (strcmp(name, FINAL_GROUP) == 0 || strcmp(name, PROVENANCE_GROUP) == 0);
    if (attributes_only)
        return 0;
    hid_t object = H5Oopen(parent, name, H5P_DEFAULT);
    if (object < 0) {
        reader->status = reader_fail("object", name);
    } else if (H5Iget_type(object) == H5I_GROUP) {
        reader->status = read_inner_group(reader, object, name);
    } else if (H5Iget_type(object) == H5I_DATASET) {
        reader->status = read_series(reader, object, name);
        if (reader->status)
            fail_in(reader->status, "%s/%s", reader->group, name);
    }
    hdf5_close(object);
    return reader->status ? -1 : 0;
}

static enum status read_group(struct reader *reader, hid_t group) {
    hsize_t at = 0;
    herr_t failed = H5Literate(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, &at, visit_link, reader);
    return reader->status ? reader->status
           : failed < 0   ? reader_fail("contents of", reader->group)
                          : OK;
}

/* ---- a run ---- */

enum status reader_run(struct reader *reader, const char *id, struct record *record) {
    hid_t runs = H5Gopen2(reader->file, "runs", H5P_DEFAULT);
    hid_t run =
        runs < 0 || H5Lexists(runs, id, H5P_DEFAULT) <= 0 ? -1 : H5Gopen2(runs, id, H5P_DEFAULT);
    enum status status;
    if (run < 0) {
        status = fail(ERROR_RESULTS, "it holds no run '%s'", id);
        goto done;
    }
    snprintf(record->id, sizeof record->id, "%s", id);
    reader->record = record;
    reader->group = "";
    status = read_attributes(run, record, &record->config);
    if (!status)
        status = read_attribute_group(run, FINAL_GROUP, record, &record->final);
    if (!status)
        status = read_attribute_group(run, PROVENANCE_GROUP, record, &record->provenance);
    if (!status && reader->series)
        status = read_group(reader, run);
    if (status)
        fail_in(status, "run %s", id);
done:
    hdf5_close(run);
    hdf5_close(runs);
    return status;
}

static enum status check_schema(const struct reader *reader) {
    int64_t schema = 0;
    if (H5Aexists(reader->file, "normlab_schema") <= 0)
        return fail(ERROR_RESULTS, "not a results file of normlab (no attribute normlab_schema)");
    hid_t attribute = H5Aopen(reader->file, "normlab_schema", H5P_DEFAULT);
    herr_t failed = H5Aread(attribute, H5T_NATIVE_INT64, &schema);
    hdf5_close(attribute);
    if (failed < 0)
        return reader_fail("attribute", "normlab_schema");
    if (schema != SCHEMA) {
        return fail(ERROR_RESULTS, "schema %lld, but this normlab reads schema %d: %s",
                    (long long)schema, SCHEMA,
                    schema > SCHEMA ? "it was written by a newer normlab" : "run it again");
    }
    return OK;
}

static enum status reader_open_file(struct reader *reader) {
    enum { DEFLATE_RATIO = 1032 }; /* in case somebody repacked the file with compression */
    if (access(reader->path, R_OK) != 0)
        return fail(ERROR_RESULTS, "%s", strerror(errno));
    if (H5Fis_hdf5(reader->path) <= 0)
        return fail(ERROR_RESULTS, "not an HDF5 file");
    enum status status = store_check_seal(reader->path);
    if (status)
        return status;
    hid_t plist = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(plist, H5F_CLOSE_SEMI);
    reader->file = H5Fopen(reader->path, H5F_ACC_RDONLY, plist);
    hsize_t size = 0;
    if (reader->file < 0 || H5Fget_filesize(reader->file, &size) < 0)
        status = hdf5_fail(ERROR_RESULTS, "cannot open it (truncated or damaged?)");
    reader->most_elements = (size_t)size * DEFLATE_RATIO;
    hdf5_close(plist);
    return status ? status : check_schema(reader);
}

void reader_close(struct reader *reader) {
    if (reader->file >= 0)
        H5Fclose(reader->file);
}

enum status reader_open(struct reader *reader, const char *path) {
    hdf5_begin();
    *reader = (struct reader){.path = path, .file = -1};
    enum status status = reader_open_file(reader);
    if (status) {
        reader_close(reader);
        fail_in(status, "%s", path);
    }
    return status;
}

/* The names below /runs, in the order in which they were written. */
struct id_list {
    int n, most;
    char (*ids)[RUN_ID_SIZE];
};

static herr_t visit_run(hid_t parent, const char *name, const H5L_info_t *info, void *context) {
    (void)parent;
    (void)info;
    struct id_list *list = context;
    if (list->n < list->most)
        snprintf(list->ids[list->n], RUN_ID_SIZE, "%s", name);
    list->n++;
    return 0;
}

/* The id of the one run of a run file. */
enum status reader_single_run(const struct reader *reader, char id[RUN_ID_SIZE]) {
    struct id_list list = {.most = 1, .ids = (char(*)[RUN_ID_SIZE])id};
    hsize_t at = 0;
    hid_t runs = H5Gopen2(reader->file, "runs", H5P_DEFAULT);
    herr_t failed =
        runs < 0 ? -1 : H5Literate(runs, H5_INDEX_CRT_ORDER, H5_ITER_INC, &at, visit_run, &list);
    hdf5_close(runs);
    if (failed < 0)
        return fail(ERROR_RESULTS, "it has no group /runs");
    return list.n == 1 ? OK : fail(ERROR_RESULTS, "%d runs where one was expected", list.n);
}

/* Reads run `id`, or the only one where it is NULL. */
static enum status read_record(const char *path, const char *id, const struct reader *what,
                               struct record *record) {
    struct reader reader;
    struct record result = {0};
    char only[RUN_ID_SIZE];
    enum status status = reader_open(&reader, path);
    if (status)
        return status;
    reader.series = what->series;
    reader.values = what->values;
    reader.pattern = what->pattern;
    if (!id) {
        status = reader_single_run(&reader, only);
        id = only;
    }
    if (!status)
        status = reader_run(&reader, id, &result);
    reader_close(&reader);
    if (status) {
        record_free(&result);
        return fail_in(status, "%s", path);
    }
    *record = result;
    return OK;
}

enum status store_read_run(const char *path, struct record *record) {
    return read_record(path, NULL, &(struct reader){.series = true, .values = true}, record);
}

enum status store_peek_run(const char *path, struct record *record) {
    return read_record(path, NULL, &(struct reader){0}, record);
}

enum status store_read_run_of(const char *path, const char *id, struct record *record) {
    return read_record(path, id, &(struct reader){.series = true, .values = true}, record);
}

enum status store_read_series_of(const char *path, const char *id, const char *pattern,
                                 struct record *record) {
    struct reader what = {.series = true, .values = pattern != NULL, .pattern = pattern};
    return read_record(path, id, &what, record);
}
