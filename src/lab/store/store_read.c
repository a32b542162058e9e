/* Runs of results files: attributes, and the series that are asked for. */
#include <stdio.h>
#include <string.h>

#include "lab/store/store.h"
#include "lab/store/store_reader.h"
#include "lab/table/summary_check.h"

/* OBJECT_SIZE is less than an object takes, and enough to end a walk in circles. */
enum { MAX_DEPTH = 8, MAX_NAME = 1024, OBJECT_SIZE = 1024 };

/* ---- attributes of a run ---- */

struct attribute_reader {
    struct reader *file;
    struct record *record;
    struct attributes *list;
};

static enum status keep_attribute(const char *name, const struct hdf5_value *value, void *context) {
    struct attribute_reader *reader = context;
    size_t size = sizeof(struct attribute) + strlen(name) +
                  (value->type == HDF5_TEXT ? strlen(value->text) : 0);
    enum status status = hdf5_take(&reader->file->left, size);
    if (status)
        return status;
    switch (value->type) {
    case HDF5_FLOAT32:
    case HDF5_FLOAT64:
        attributes_add_real(reader->record, reader->list, name, value->real, NULL, NULL);
        break;
    case HDF5_INT64:
        attributes_add_int(reader->record, reader->list, name, value->integer, NULL, NULL);
        break;
    case HDF5_INT8:
        attributes_add_bool(reader->record, reader->list, name, value->integer != 0, NULL);
        break;
    case HDF5_TEXT:
        attributes_add_text(reader->record, reader->list, name, value->text, NULL);
        break;
    }
    return OK;
}

/* What this program knows has the type that it knows. */
static enum status check_attributes(const struct attributes *list) {
    for (int i = 0; i < list->n; i++) {
        enum status status = column_type_check(list->items[i].name, list->items[i].type);
        if (status)
            return status;
    }
    return OK;
}

/* All attributes of `object`, in the order in which they were written. */
static enum status read_attributes(struct reader *file, hdf5_id object, struct record *record,
                                   struct attributes *list) {
    struct attribute_reader reader = {.file = file, .record = record, .list = list};
    struct pool pool = {0};
    enum status status = hdf5_each_attribute(object, &pool, keep_attribute, &reader);
    pool_free(&pool);
    return status ? status : check_attributes(list);
}

static enum status read_attribute_group(struct reader *file, hdf5_id run, const char *name,
                                        struct record *record, struct attributes *list) {
    hdf5_id group;
    enum status status = hdf5_open_group(run, name, &group);
    if (status)
        return status;
    status = read_attributes(file, group, record, list);
    status = hdf5_close(group, status);
    return status ? fail_in(status, "%s", name) : OK;
}

/* ---- series ---- */

static enum status read_type(const struct reader *reader, hdf5_id dataset,
                             enum series_type *series_type) {
    static const enum series_type types[] = {[HDF5_FLOAT32] = SERIES_F32,
                                             [HDF5_FLOAT64] = SERIES_F64,
                                             [HDF5_INT64] = SERIES_I64,
                                             [HDF5_INT8] = SERIES_I64,
                                             [HDF5_TEXT] = SERIES_TEXT};
    enum hdf5_type type;
    enum status status = hdf5_array_type(dataset, &type);
    if (status || (type == HDF5_TEXT && !reader->texts))
        return fail(ERROR_RESULTS, "neither whole numbers nor reals");
    *series_type = types[type];
    return OK;
}

static enum status read_dim_names(struct reader *reader, hdf5_id dataset, struct series *series,
                                  struct pool *pool) {
    bool is_scale = hdf5_is_scale(dataset);
    if (!is_scale)
        return hdf5_scale_names(dataset, series->n_dims, &reader->scale, pool, series->dim_names);
    series->dim_names[0] = series->name;
    return series->n_dims == 1 ? OK
                               : fail(ERROR_RESULTS, "a scale with %d dimensions", series->n_dims);
}

static enum status read_values(struct reader *reader, hdf5_id dataset, struct series *series,
                               struct pool *pool) {
    static const enum hdf5_type types[] = {
        [SERIES_F32] = HDF5_FLOAT32, [SERIES_F64] = HDF5_FLOAT64, [SERIES_I64] = HDF5_INT64};
    size_t count = series_count(series);
    void *data = pool_alloc(pool, (count + 1) * series_element_size(series->type));
    series->data = data;
    if (series->type == SERIES_TEXT)
        return hdf5_read_texts(dataset, count, &reader->left, pool, data);
    return hdf5_read_numbers(dataset, types[series->type], count, data);
}

/* ---- series whose shape alone is asked for, of many runs ----
 *
 * A run's series is taken to lie along the same scales as the series of that name in a run before:
 * then only the scales are opened.
 */

enum { BY_SCALE = -1 }; /* a length that is not known yet */

/* NULL: there was none. Runs mostly have the same series in the same order: so the one behind the
 * last is looked at first. */
static const struct series *find_known(struct reader *reader, const char *name) {
    const struct record *known = reader->known;
    for (int i = 0; known && reader->depth > 0 && i < known->n_series; i++) {
        int at = (reader->next_known + i) % known->n_series;
        const struct series *series = &known->series[at];
        if (strcmp(series->name, name) == 0 && strcmp(series->group, reader->group) == 0) {
            reader->next_known = at + 1;
            return series;
        }
    }
    return NULL;
}

/* But for weights: there a name may be a vector in one run and a number in another. */
static void keep_known(struct reader *reader, const struct series *series) {
    static const char weights[] = "weights/";
    struct series kept = *series;
    if (strncmp(series->group, weights, sizeof weights - 1) == 0)
        return;
    for (int d = 0; d < kept.n_dims; d++)
        kept.dims[d] = (size_t)BY_SCALE;
    record_add_series(reader->known, &kept);
}

static enum status read_known_scale(struct reader *reader, hdf5_id dataset,
                                    const struct series *known) {
    struct series series = *known;
    enum status status = hdf5_array_shape(dataset, &reader->left, 1, &series.n_dims, series.dims);
    if (!status && series.n_dims != 1)
        status = fail(ERROR_RESULTS, "a scale with %d dimensions", series.n_dims);
    if (!status)
        record_add_series(reader->record, &series);
    return status;
}

/* ---- series ---- */

static enum status read_series(struct reader *reader, hdf5_id dataset, const char *name) {
    if (reader->pattern && !hdf5_is_scale(dataset) &&
        !series_fits(reader->pattern, reader->group, name))
        return OK;
    struct pool pool = {0};
    struct series series = {.group = reader->group, .name = name};
    enum status status = read_type(reader, dataset, &series.type);
    if (!status)
        status = hdf5_array_shape(dataset, &reader->left, SERIES_DIMS, &series.n_dims, series.dims);
    if (!status)
        status = read_dim_names(reader, dataset, &series, &pool);
    if (!status)
        status = hdf5_read_text(dataset, "units", &reader->left, &pool, &series.unit);
    if (!status)
        status = reader_sentence(reader, dataset, &pool, &series.doc);
    if (!status && reader->values)
        status = read_values(reader, dataset, &series, &pool);
    if (!status && reader->fingerprint) {
        fingerprint_series(reader->fingerprint, &series);
        series.data = NULL;
    }
    if (!status)
        record_add_series(reader->record, &series);
    if (!status && reader->known)
        keep_known(reader, &series);
    pool_free(&pool);
    return status;
}

static enum status read_group(struct reader *reader, hdf5_id group);

/* Below a run: a group of series, or of groups. */
static enum status read_inner_group(struct reader *reader, hdf5_id group, const char *name) {
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

static enum status read_object(hdf5_id parent, const char *name, void *context) {
    struct reader *reader = context;
    bool attributes_only = reader->depth == 0 &&
                           (strcmp(name, FINAL_GROUP) == 0 || strcmp(name, PROVENANCE_GROUP) == 0);
    if (attributes_only)
        return OK;
    const struct series *known = find_known(reader, name);
    if (known && !series_is_scale(known)) {
        record_add_series(reader->record, known);
        return OK;
    }
    hdf5_id object = -1;
    bool is_group = false;
    enum status status = hdf5_take(&reader->left, OBJECT_SIZE);
    if (!status)
        status = hdf5_open_object(parent, name, &object, &is_group);
    if (status || object < 0)
        return status;
    if (is_group) {
        status = read_inner_group(reader, object, name);
    } else {
        status =
            known ? read_known_scale(reader, object, known) : read_series(reader, object, name);
        if (status)
            fail_in(status, "%s/%s", reader->group, name);
    }
    status = hdf5_close(object, status);
    return status;
}

/* Every dimension of a group's series has a scale of that name and length in the group. */
static enum status check_scales(const struct reader *reader, int first) {
    const struct record *record = reader->record;
    for (int i = first; i < record->n_series; i++) {
        struct series *series = &record->series[i];
        for (int d = 0; d < series->n_dims && strcmp(series->group, reader->group) == 0; d++) {
            const struct series *scale =
                record_find_series(record, series->group, series->dim_names[d]);
            if (scale && series->dims[d] == (size_t)BY_SCALE)
                series->dims[d] = scale->dims[0];
            if (!scale || !series_is_scale(scale) || scale->dims[0] != series->dims[d])
                return fail(ERROR_RESULTS, "'%s/%s' does not fit its scale '%s'", series->group,
                            series->name, series->dim_names[d]);
        }
    }
    return OK;
}

static enum status read_group(struct reader *reader, hdf5_id group) {
    int first = reader->record->n_series;
    enum status status = hdf5_each_name(group, reader->group, read_object, reader);
    return status ? status : check_scales(reader, first);
}

enum status reader_stacks(struct reader *reader, struct record *arrays) {
    hdf5_id group = -1;
    enum status status = hdf5_open_group(reader->file.id, STACKS_GROUP, &group);
    reader->record = arrays;
    reader->group = "";
    reader->texts = true;
    if (!status)
        status = read_group(reader, group);
    reader->texts = false;
    status = hdf5_close(group, status);
    return status;
}

/* ---- a run ---- */

static enum status open_run(const struct reader *reader, const char *id, hdf5_id *run) {
    hdf5_id runs = -1;
    enum status status = OK;
    if (hdf5_has(reader->file.id, "runs"))
        status = hdf5_open_group(reader->file.id, "runs", &runs);
    if (!status && (runs < 0 || !hdf5_has(runs, id)))
        status = fail(ERROR_RESULTS, "it holds no run '%s'", id);
    if (!status)
        status = hdf5_open_group(runs, id, run);
    status = hdf5_close(runs, status);
    return status;
}

enum status reader_run(struct reader *reader, const char *id, struct record *record) {
    hdf5_id run = -1;
    enum status status = open_run(reader, id, &run);
    if (status)
        return status;
    snprintf(record->id, sizeof record->id, "%s", id);
    reader->record = record;
    reader->group = "";
    status = read_attributes(reader, run, record, &record->config);
    if (!status)
        status = read_attribute_group(reader, run, FINAL_GROUP, record, &record->final);
    if (!status)
        status = read_attribute_group(reader, run, PROVENANCE_GROUP, record, &record->provenance);
    if (!status && reader->series)
        status = read_group(reader, run);
    if (status)
        fail_in(status, "run %s", id);
    status = hdf5_close(run, status);
    return status;
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
    status = reader_close(&reader, status);
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

/* ---- shapes alone ---- */

static enum status visit_shapes_of(struct reader *reader, hdf5_id runs, const char *id,
                                   visit_shapes *visit, void *context) {
    hdf5_id run = -1;
    enum status status = hdf5_open_group(runs, id, &run);
    reader->group = "";
    if (!status)
        status = read_group(reader, run);
    status = hdf5_close(run, status);
    if (!status)
        visit(reader->record, context);
    record_free(reader->record);
    return status ? fail_in(status, "run %s", id) : OK;
}

enum status store_each_shapes(const char *path, int n, const char *const *ids, visit_shapes *visit,
                              void *context) {
    struct reader reader;
    struct record record = {0}, known = {0};
    hdf5_id runs = -1;
    enum status status = reader_open(&reader, path);
    if (status)
        return status;
    reader.record = &record;
    reader.known = &known;
    status = hdf5_open_group(reader.file.id, "runs", &runs);
    for (int i = 0; i < n && !status; i++)
        status = visit_shapes_of(&reader, runs, ids[i], visit, context);
    record_free(&known);
    status = hdf5_close(runs, status);
    status = reader_close(&reader, status);
    return status ? fail_in(status, "%s", path) : OK;
}

/* ---- provenance alone ---- */

static enum status visit_one(struct reader *reader, hdf5_id runs, int index, const char *id,
                             visit_provenance *visit, void *context) {
    struct record record = {0};
    hdf5_id run = -1;
    if (!hdf5_has(runs, id))
        return OK;
    enum status status = hdf5_open_group(runs, id, &run);
    if (!status)
        status = read_attribute_group(reader, run, PROVENANCE_GROUP, &record, &record.provenance);
    status = hdf5_close(run, status);
    if (!status)
        visit(index, &record.provenance, context);
    record_free(&record);
    return status ? fail_in(status, "run %s", id) : OK;
}

enum status store_each_provenance(const char *path, int n, const char *const *ids,
                                  visit_provenance *visit, void *context) {
    struct reader reader;
    hdf5_id runs = -1;
    enum status status = reader_open(&reader, path);
    if (status)
        return status;
    if (hdf5_has(reader.file.id, "runs"))
        status = hdf5_open_group(reader.file.id, "runs", &runs);
    for (int i = 0; i < n && runs >= 0 && !status; i++)
        status = visit_one(&reader, runs, i, ids[i], visit, context);
    status = hdf5_close(runs, status);
    status = reader_close(&reader, status);
    return status ? fail_in(status, "%s", path) : OK;
}
