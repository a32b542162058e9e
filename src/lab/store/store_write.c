#include "lab/store/store_hdf5.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "io/files.h"

/* A file being written, under its temporary name. */
struct writer {
    struct pool pool;
    const char *path, *temporary;
    hid_t file, group_plist, dataset_plist, text_type;
};

/* What an array of the file is, whether it comes from a series or from a table's column. */
struct array {
    const char *name, *unit, *doc;
    int n_dims;
    const size_t *dims;
    hid_t file_type, memory_type;
    const void *data;
};

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

static enum status writer_fail(const char *what, const char *name) {
    return hdf5_fail(ERROR_RUN, "cannot write %s '%s'", what, name);
}

/* Plists without times, without which two files of one run differ, and with creation order, so that
 * readers list things in the order in which they were written. V18 is the newest format that a
 * killed writer cannot lock (research: a flag in the superblock of later ones). */
static enum status writer_create_file(struct writer *writer) {
    unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), creation = H5Pcreate(H5P_FILE_CREATE);
    writer->group_plist = H5Pcreate(H5P_GROUP_CREATE);
    writer->dataset_plist = H5Pcreate(H5P_DATASET_CREATE);
    writer->text_type = H5Tcopy(H5T_C_S1);
    hid_t objects[] = {creation, writer->group_plist, writer->dataset_plist};
    herr_t failed = 0;
    for (int i = 0; i < 3; i++) {
        failed |= H5Pset_obj_track_times(objects[i], false);
        failed |= H5Pset_attr_creation_order(objects[i], order);
    }
    failed |= H5Pset_link_creation_order(creation, order);
    failed |= H5Pset_link_creation_order(writer->group_plist, order);
    failed |= H5Tset_size(writer->text_type, H5T_VARIABLE);
    failed |= H5Tset_cset(writer->text_type, H5T_CSET_UTF8);
    failed |= H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
    failed |= H5Pset_fclose_degree(access, H5F_CLOSE_SEMI);
    if (failed >= 0)
        writer->file = H5Fcreate(writer->temporary, H5F_ACC_TRUNC, creation, access);
    enum status status = writer->file < 0 ? writer_fail("file", writer->temporary) : OK;
    hdf5_close(access);
    hdf5_close(creation);
    return status;
}

/* Releases everything; what was not published is removed. */
static void writer_close(struct writer *writer) {
    hdf5_close(writer->group_plist);
    hdf5_close(writer->dataset_plist);
    hdf5_close(writer->text_type);
    if (writer->file >= 0)
        H5Fclose(writer->file);
    if (writer->temporary)
        unlink(writer->temporary);
    pool_free(&writer->pool);
}

static enum status writer_open(struct writer *writer, const char *path) {
    hdf5_begin();
    *writer = (struct writer){.file = -1, .group_plist = -1, .dataset_plist = -1, .text_type = -1};
    writer->path = path;
    const char *temporary = file_temporary(path, &writer->pool);
    /* Opened once without HDF5 for the system's own words. */
    int descriptor = open(temporary, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        enum status status = fail(
            ERROR_RUN, "cannot write '%s': %s (does its folder exist, and may you write there?)",
            path, strerror(errno));
        pool_free(&writer->pool);
        return status;
    }
    close(descriptor);
    writer->temporary = temporary;
    enum status status = writer_create_file(writer);
    if (status)
        writer_close(writer);
    return status;
}

/* Closes (SEMI: fails if anything is still open in it), makes durable, renames. Closed once,
 * whatever comes of it: HDF5 1.10.8 has freed the file even where it says that closing failed (a
 * full disk), and crashes when asked again. */
static enum status writer_publish(struct writer *writer, bool sealed) {
    hid_t file = writer->file;
    writer->file = -1;
    if (H5Fclose(file) < 0)
        return writer_fail("file", writer->path);
    enum status status = sealed ? store_seal(writer->temporary) : OK;
    if (!status)
        status = file_rename(writer->temporary, writer->path);
    if (!status)
        writer->temporary = NULL;
    return status;
}

/* Opens a group below `parent`, making what is missing of "weights/initial/layer0" on the way:
 * HDF5's own way of making intermediate groups would give them times. */
static enum status open_group(struct writer *writer, hid_t parent, const char *path, hid_t *group) {
    char *name = pool_text(&writer->pool, path);
    hid_t current = parent;
    enum status status = OK;
    while (!status && name) {
        char *rest = strchr(name, '/');
        if (rest)
            *rest++ = '\0';
        hid_t next = H5Lexists(current, name, H5P_DEFAULT) > 0
                         ? H5Gopen2(current, name, H5P_DEFAULT)
                         : H5Gcreate2(current, name, H5P_DEFAULT, writer->group_plist, H5P_DEFAULT);
        status = next < 0 ? writer_fail("group", path) : OK;
        if (current != parent)
            hdf5_close(current);
        current = next;
        name = rest;
    }
    if (!status)
        *group = current;
    return status;
}

static enum status write_attribute(hid_t object, const char *name, hid_t file_type,
                                   hid_t memory_type, const void *value) {
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(object, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT);
    enum status status = OK;
    if (attribute < 0 || H5Awrite(attribute, memory_type, value) < 0)
        status = writer_fail("attribute", name);
    hdf5_close(attribute);
    hdf5_close(space);
    return status;
}

static enum status write_text_attribute(struct writer *writer, hid_t object, const char *name,
                                        const char *text) {
    const char *value = valid_utf8(text, &writer->pool);
    return write_attribute(object, name, writer->text_type, writer->text_type, &value);
}

static enum status write_one_attribute(struct writer *writer, hid_t object,
                                       const struct attribute *attribute) {
    const char *name = attribute->name;
    int64_t integer = attribute->integer;
    int8_t small = (int8_t)attribute->integer;
    switch (attribute->type) {
    case TYPE_INT:
        return write_attribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &integer);
    case TYPE_BOOL:
        return write_attribute(object, name, H5T_STD_I8LE, H5T_NATIVE_INT8, &small);
    case TYPE_REAL:
        return write_attribute(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &attribute->real);
    case TYPE_TEXT:
        return write_text_attribute(writer, object, name, attribute->text);
    }
    return fail(ERROR_RUN, "attribute '%s' has no type", name);
}

static enum status write_attributes(struct writer *writer, hid_t object,
                                    const struct attributes *list) {
    enum status status = OK;
    for (int i = 0; i < list->n && !status; i++)
        status = write_one_attribute(writer, object, &list->items[i]);
    return status;
}

/* A group that holds attributes alone. */
static enum status write_attribute_group(struct writer *writer, hid_t parent, const char *name,
                                         const struct attributes *list) {
    hid_t group;
    enum status status = open_group(writer, parent, name, &group);
    if (!status) {
        status = write_attributes(writer, group, list);
        hdf5_close(group);
    }
    return status;
}

/* Contiguous: these arrays are small, and a chunk made for growth would be ten times their size. */
static enum status write_array(struct writer *writer, hid_t group, const struct array *array,
                               bool is_scale) {
    hsize_t dims[SERIES_DIMS] = {0};
    size_t count = 1;
    for (int d = 0; d < array->n_dims; d++) {
        dims[d] = array->dims[d];
        count *= array->dims[d];
    }
    hid_t space = H5Screate_simple(array->n_dims, dims, NULL);
    hid_t dataset = H5Dcreate2(group, array->name, array->file_type, space, H5P_DEFAULT,
                               writer->dataset_plist, H5P_DEFAULT);
    enum status status = OK;
    if (dataset < 0 ||
        (count > 0 &&
         H5Dwrite(dataset, array->memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, array->data) < 0) ||
        (is_scale && H5DSset_scale(dataset, array->name) < 0))
        status = writer_fail("dataset", array->name);
    if (!status)
        status = write_text_attribute(writer, dataset, "units", array->unit);
    if (!status)
        status = write_text_attribute(writer, dataset, "long_name", array->doc);
    hdf5_close(dataset);
    hdf5_close(space);
    return status;
}

/* Scales are attached when all of a group's datasets are there, whatever their order. */
static enum status attach_scale(hid_t group, const char *name, unsigned dim, const char *scale) {
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    hid_t scale_dataset = H5Dopen2(group, scale, H5P_DEFAULT);
    enum status status = OK;
    if (dataset < 0 || scale_dataset < 0 || H5DSattach_scale(dataset, scale_dataset, dim) < 0)
        status = hdf5_fail(ERROR_RUN, "cannot attach the scale '%s' to '%s'", scale, name);
    hdf5_close(dataset);
    hdf5_close(scale_dataset);
    return status;
}

static bool series_is_scale(const struct series *series) {
    return series->n_dims == 1 && strcmp(series->name, series->dim_names[0]) == 0;
}

/* Little-endian in the file, the machine's own in memory. */
static void set_types(struct array *array, enum series_type type) {
    switch (type) {
    case SERIES_F32:
        array->file_type = H5T_IEEE_F32LE;
        array->memory_type = H5T_NATIVE_FLOAT;
        break;
    case SERIES_F64:
        array->file_type = H5T_IEEE_F64LE;
        array->memory_type = H5T_NATIVE_DOUBLE;
        break;
    case SERIES_I64:
        array->file_type = H5T_STD_I64LE;
        array->memory_type = H5T_NATIVE_LONG;
        break;
    }
}

static enum status write_series(struct writer *writer, hid_t run, const struct series *series) {
    assert(series->n_dims >= 0 && series->n_dims <= SERIES_DIMS);
    struct array array = {.name = series->name,
                          .unit = series->unit,
                          .doc = series->doc,
                          .n_dims = series->n_dims,
                          .dims = series->dims,
                          .data = series->data};
    set_types(&array, series->type);
    hid_t group;
    enum status status = open_group(writer, run, series->group, &group);
    if (!status) {
        status = write_array(writer, group, &array, series_is_scale(series));
        hdf5_close(group);
    }
    return status ? fail_in(status, "%s", series->group) : OK;
}

static enum status attach_scales(struct writer *writer, hid_t run, const struct series *series) {
    if (series->n_dims == 0 || series_is_scale(series))
        return OK;
    hid_t group;
    enum status status = open_group(writer, run, series->group, &group);
    if (status)
        return status;
    for (int d = 0; d < series->n_dims && !status; d++)
        status = attach_scale(group, series->name, (unsigned)d, series->dim_names[d]);
    hdf5_close(group);
    return status ? fail_in(status, "%s", series->group) : OK;
}

static enum status write_run(struct writer *writer, hid_t runs, const struct record *record) {
    hid_t run;
    enum status status = open_group(writer, runs, record->id, &run);
    if (status)
        return status;
    status = write_attributes(writer, run, &record->config);
    if (!status)
        status = write_attribute_group(writer, run, FINAL_GROUP, &record->final);
    for (int i = 0; i < record->n_series && !status; i++)
        status = write_series(writer, run, &record->series[i]);
    for (int i = 0; i < record->n_series && !status; i++)
        status = attach_scales(writer, run, &record->series[i]);
    if (!status)
        status = write_attribute_group(writer, run, PROVENANCE_GROUP, &record->provenance);
    hdf5_close(run);
    return status ? fail_in(status, "run %s", record->id) : OK;
}

static enum status write_schema(struct writer *writer) {
    int64_t schema = SCHEMA;
    return write_attribute(writer->file, "normlab_schema", H5T_STD_I64LE, H5T_NATIVE_INT64,
                           &schema);
}

enum status store_write_run(const char *dir, const struct record *record) {
    struct pool pool = {0};
    const char *path = pool_format(&pool, "%s/%s.h5", dir, record->id);
    hid_t runs = -1;
    struct writer writer;
    enum status status = writer_open(&writer, path);
    if (status)
        goto done;
    status = write_schema(&writer);
    if (!status)
        status = open_group(&writer, writer.file, "runs", &runs);
    if (!status)
        status = write_run(&writer, runs, record);
    hdf5_close(runs);
    if (!status)
        status = writer_publish(&writer, true);
    if (status)
        fail_in(status, "%s", path);
    writer_close(&writer);
done:
    pool_free(&pool);
    return status;
}

static enum status write_text(struct writer *writer, hid_t group, const char *name,
                              const char *text, const char *doc) {
    const char *value = valid_utf8(text, &writer->pool);
    struct array array = {.name = name,
                          .doc = doc,
                          .file_type = writer->text_type,
                          .memory_type = writer->text_type,
                          .data = &value};
    return write_array(writer, group, &array, false);
}

static enum status write_experiment(struct writer *writer, const struct store_header *header) {
    hid_t group;
    enum status status = open_group(writer, writer->file, "experiment", &group);
    if (status)
        return status;
    status = write_text_attribute(writer, group, "plan", header->plan);
    if (!status) {
        status = write_text(writer, group, "yaml", header->yaml,
                            "the experiment's definition, verbatim");
    }
    if (!status) {
        status =
            write_text(writer, group, "resolved", header->resolved,
                       "the definition as JSON: every key with its value or default, the axes");
    }
    hdf5_close(group);
    return status;
}

static enum status write_header(struct writer *writer, const struct store_header *header) {
    enum status status = write_schema(writer);
    const char *const names[] = {"name", "title", "source"};
    const char *const texts[] = {header->name, header->title, header->source};
    for (int i = 0; i < 3 && !status; i++)
        status = write_text_attribute(writer, writer->file, names[i], texts[i]);
    return status ? status : write_experiment(writer, header);
}

static enum status write_column(struct writer *writer, hid_t group, const struct column *column,
                                int n_rows) {
    size_t rows = (size_t)n_rows;
    struct array array = {.name = column->name,
                          .unit = column->unit,
                          .doc = column->doc,
                          .n_dims = 1,
                          .dims = &rows,
                          .data = column->integers};
    bool is_scale = strcmp(column->name, "run") == 0;
    if (column->type == TYPE_INT) {
        set_types(&array, SERIES_I64);
    } else if (column->type == TYPE_BOOL) {
        array.file_type = H5T_STD_I8LE;
        array.memory_type = H5T_NATIVE_LONG;
    } else if (column->type == TYPE_REAL) {
        set_types(&array, SERIES_F64);
        array.data = column->reals;
    } else {
        const char **texts = pool_alloc(&writer->pool, (rows + 1) * sizeof *texts);
        for (int row = 0; row < n_rows; row++)
            texts[row] = valid_utf8(column->texts[row], &writer->pool);
        array.file_type = array.memory_type = writer->text_type;
        array.data = texts;
    }
    return write_array(writer, group, &array, is_scale);
}

static enum status write_summary(struct writer *writer, const struct table *summary) {
    assert(table_find(summary, "run"));
    hid_t group;
    enum status status = open_group(writer, writer->file, "summary", &group);
    if (status)
        return status;
    for (int i = 0; i < summary->n_columns && !status; i++)
        status = write_column(writer, group, &summary->columns[i], summary->n_rows);
    for (int i = 0; i < summary->n_columns && !status; i++)
        if (strcmp(summary->columns[i].name, "run") != 0)
            status = attach_scale(group, summary->columns[i].name, 0, "run");
    hdf5_close(group);
    return status ? fail_in(status, "summary") : OK;
}

/* Read, rewrite, attach anew, one run in memory at a time: H5Ocopy of 1.10.8 breaks the references
 * between series and their scales. */
static enum status copy_runs(struct writer *writer, int n, const char *const *run_paths) {
    hid_t runs;
    enum status status = open_group(writer, writer->file, "runs", &runs);
    if (status)
        return status;
    for (int i = 0; i < n && !status; i++) {
        struct record record = {0};
        struct writer one = *writer; /* with a pool that goes with the run */
        one.pool = (struct pool){0};
        status = store_read_run(run_paths[i], &record);
        if (!status)
            status = write_run(&one, runs, &record);
        pool_free(&one.pool);
        record_free(&record);
    }
    hdf5_close(runs);
    return status;
}

enum status store_write_merged(const char *path, const struct store_header *header,
                               const struct table *summary, int n, const char *const *run_paths) {
    struct writer writer;
    enum status status = writer_open(&writer, path);
    if (status)
        return status;
    status = write_header(&writer, header);
    if (!status)
        status = write_summary(&writer, summary);
    if (!status)
        status = copy_runs(&writer, n, run_paths);
    if (!status)
        status = writer_publish(&writer, false);
    if (status)
        fail_in(status, "%s", path);
    writer_close(&writer);
    return status;
}
