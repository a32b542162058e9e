/* Writes run files and merged files, each by way of a draft, and reads them back. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "io/draft.h"
#include "lab/store/stacked.h"
#include "lab/store/store.h"
#include "lab/store/store_reader.h"
#include "lab/store/store_seal.h"
#include "lab/store/store_verify.h"
#include "lab/table/run_rows.h"
#include "lab/table/spoken_names.h"
#include "lab/table/summary_check.h"

/* What is stacked takes no more, in the file and, while it is gathered, in memory. */
static const size_t MOST_STACKED = (size_t)512 << 20;

/* A file being written. */
struct writer {
    struct draft draft;
    struct hdf5_file file;
    struct written_run *runs; /* [n_runs] */
    int n_runs;
    const char *id;              /* of the run that is being written; NULL: none */
    const char *named;           /* the group of the series that was written last; NULL: none */
    char beside[HASH_TEXT_SIZE]; /* fingerprint of header and summary; "": there are none */
    char stacks[HASH_TEXT_SIZE]; /* of what is stacked; "": nothing */
};

/* ---- files ---- */

static enum status writer_open(struct writer *writer, const char *path, const char *stage,
                               int most_runs) {
    *writer = (struct writer){.file = hdf5_no_file};
    enum status status = draft_open_staged(path, stage, &writer->draft);
    if (status)
        return status;
    writer->runs = pool_alloc(&writer->draft.pool, (size_t)most_runs * sizeof *writer->runs);
    status = hdf5_create(writer->draft.descriptor, &writer->file);
    if (status)
        draft_discard(&writer->draft);
    return status;
}

static enum status verify(const struct writer *writer) {
    return store_verify(writer->draft.descriptor, writer->n_runs, writer->runs,
                        writer->beside[0] ? writer->beside : NULL,
                        writer->stacks[0] ? writer->stacks : NULL);
}

/* Closes the file; where all went well, seals it, reads it back, makes it durable and gives it its
 * name. What is not published is removed. */
static enum status writer_finish(struct writer *writer, enum status status) {
    status = hdf5_close_file(&writer->file, status);
    if (!status)
        status = store_seal(&writer->draft);
    if (!status)
        status = verify(writer);
    if (status)
        fail_in(status, "%s", writer->draft.path);
    else
        status = draft_publish(&writer->draft);
    draft_discard(&writer->draft);
    return status;
}

static enum status open_group(struct writer *writer, hdf5_id parent, const char *path,
                              hdf5_id *group) {
    return hdf5_make_group(&writer->file, parent, path, group);
}

/* ---- a run ---- */

static enum hdf5_type type_of_cell(enum cell_type type) {
    static const enum hdf5_type types[] = {[TYPE_INT] = HDF5_INT64,
                                           [TYPE_REAL] = HDF5_FLOAT64,
                                           [TYPE_TEXT] = HDF5_TEXT,
                                           [TYPE_BOOL] = HDF5_INT8};
    return types[type];
}

static enum hdf5_type type_of_series(enum series_type type) {
    static const enum hdf5_type types[] = {[SERIES_F32] = HDF5_FLOAT32,
                                           [SERIES_F64] = HDF5_FLOAT64,
                                           [SERIES_I64] = HDF5_INT64,
                                           [SERIES_TEXT] = HDF5_TEXT};
    return types[type];
}

static enum status write_attributes(struct writer *writer, hdf5_id object,
                                    const struct attributes *list) {
    enum status status = OK;
    for (int i = 0; i < list->n && !status; i++) {
        const struct attribute *attribute = &list->items[i];
        const struct hdf5_value value = {type_of_cell(attribute->type), attribute->integer,
                                         attribute->real, attribute->text};
        status = hdf5_write_attribute(&writer->file, object, attribute->name, &value);
    }
    return status;
}

/* A group that holds attributes alone. */
static enum status write_attribute_group(struct writer *writer, hdf5_id parent, const char *name,
                                         const struct attributes *list) {
    hdf5_id group;
    enum status status = open_group(writer, parent, name, &group);
    if (!status) {
        status = write_attributes(writer, group, list);
        status = hdf5_close(group, status);
    }
    return status;
}

/* What it is called in words: "norm.kind" -> "normalizer". */
static const char *title_of(const char *name, struct pool *pool) {
    return strchr(name, '.') ? key_spoken(name, pool) : metric_spoken(name, pool);
}

/* Which value of an array means that there is none: of reals NaN, of whole numbers what
 * column_minus_one says. */
static enum status write_missing(struct writer *writer, hdf5_id dataset, enum hdf5_type type,
                                 const char *minus_one) {
    const struct hdf5_file *file = &writer->file;
    const struct hdf5_value missing = {.type = type, .integer = -1, .real = NAN};
    bool is_real = type == HDF5_FLOAT32 || type == HDF5_FLOAT64;
    if (type == HDF5_TEXT || (!is_real && !minus_one))
        return OK;
    if (is_real || !minus_one[0])
        return hdf5_write_attribute(file, dataset, "_FillValue", &missing);
    enum status status = hdf5_write_attribute(file, dataset, "flag_values", &missing);
    return status ? status : hdf5_write_text(file, dataset, "flag_meanings", minus_one);
}

/* Of series that are stacked, -1 is what shorter runs have, and points have steps beside them. */
static enum status write_conventions(struct writer *writer, hdf5_id dataset,
                                     const struct series *series) {
    bool stacked = series->n_dims > 1 && strcmp(series->dim_names[0], "run") == 0;
    bool has_steps =
        stacked && strcmp(series->name, "step") != 0 && strcmp(series->dim_names[1], "point") == 0;
    enum status status = OK;
    if (series_is_scale(series))
        return OK;
    status = write_missing(writer, dataset, type_of_series(series->type), stacked ? "" : NULL);
    if (!status && has_steps)
        status = hdf5_write_text(&writer->file, dataset, "coordinates", "step");
    return status;
}

/* Who opens a group by itself learns whose it is. */
static enum status name_group(struct writer *writer, hdf5_id group, const char *name) {
    if (!writer->id || (writer->named && strcmp(writer->named, name) == 0) ||
        hdf5_has_attribute(group, "run"))
        return OK;
    writer->named = name;
    return hdf5_write_text(&writer->file, group, "run", writer->id);
}

static enum status write_series(struct writer *writer, hdf5_id run, const struct series *series,
                                hdf5_id *dataset) {
    struct pool pool = {0};
    const struct hdf5_array array = {.name = series->name,
                                     .unit = series->unit,
                                     .title = title_of(series->name, &pool),
                                     .doc = series->doc,
                                     .type = type_of_series(series->type),
                                     .n_dims = series->n_dims,
                                     .dims = series->dims,
                                     .data = series->data,
                                     .is_scale = series_is_scale(series)};
    hdf5_id group;
    enum status status = open_group(writer, run, series->group, &group);
    if (!status) {
        status = name_group(writer, group, series->group);
        if (!status)
            status = hdf5_make_array(&writer->file, group, &array, dataset);
        status = hdf5_close(group, status);
    }
    pool_free(&pool);
    if (!status) {
        status = write_conventions(writer, *dataset, series);
        if (status)
            status = hdf5_close(*dataset, status);
    }
    return status ? fail_in(status, "%s", series->group) : OK;
}

/* When all datasets are there, whatever their order. */
static enum status attach_scales(const struct record *record, const struct series *series,
                                 const hdf5_id *datasets) {
    enum status status = OK;
    for (int d = 0; d < series->n_dims && !status && !series_is_scale(series); d++) {
        const struct series *scale =
            record_find_series(record, series->group, series->dim_names[d]);
        status = scale ? hdf5_attach_scale(datasets[series - record->series], (unsigned)d,
                                           datasets[scale - record->series])
                       : fail(ERROR_RUN, "there is no scale '%s'", series->dim_names[d]);
    }
    return status ? fail_in(status, "%s/%s", series->group, series->name) : OK;
}

static enum status write_all_series(struct writer *writer, hdf5_id run,
                                    const struct record *record) {
    struct pool pool = {0};
    enum status status = OK;
    hdf5_id *datasets = pool_alloc(&pool, (size_t)record->n_series * sizeof *datasets + 1);
    int n = 0;
    while (n < record->n_series && !status) {
        status = write_series(writer, run, &record->series[n], &datasets[n]);
        n += !status;
    }
    for (int i = 0; i < n && !status; i++)
        status = attach_scales(record, &record->series[i], datasets);
    while (n-- > 0)
        status = hdf5_close(datasets[n], status);
    pool_free(&pool);
    return status;
}

static enum status write_run(struct writer *writer, hdf5_id runs, const struct record *record) {
    hdf5_id run;
    enum status status = open_group(writer, runs, record->id, &run);
    if (status)
        return status;
    writer->id = record->id;
    status = write_attributes(writer, run, &record->config);
    if (!status)
        status = write_attribute_group(writer, run, FINAL_GROUP, &record->final);
    if (!status)
        status = write_all_series(writer, run, record);
    if (!status)
        status = write_attribute_group(writer, run, PROVENANCE_GROUP, &record->provenance);
    status = hdf5_close(run, status);
    writer->id = writer->named = NULL;
    writer->runs[writer->n_runs++] = written_run(record);
    return status ? fail_in(status, "run %s", record->id) : OK;
}

static enum status write_schema(struct writer *writer) {
    const struct hdf5_value schema = {.type = HDF5_INT64, .integer = SCHEMA};
    const struct hdf5_value sealed = {.type = HDF5_INT8, .integer = true};
    hdf5_id root = writer->file.id;
    enum status status = hdf5_write_attribute(&writer->file, root, "normlab_schema", &schema);
    if (!status)
        status = hdf5_write_attribute(&writer->file, root, SEALED_ATTRIBUTE, &sealed);
    return status ? status
                  : hdf5_write_text(&writer->file, root, CONVENTIONS_ATTRIBUTE, "ACDD-1.3");
}

enum status store_write_run(const char *dir, const struct record *record) {
    return store_write_run_staged(dir, NULL, record);
}

enum status store_write_run_staged(const char *dir, const char *stage,
                                   const struct record *record) {
    struct pool pool = {0};
    const char *path = pool_format(&pool, "%s/%s.h5", dir, record->id);
    hdf5_id runs = -1;
    struct writer writer;
    enum status status = writer_open(&writer, path, stage, 1);
    if (status)
        goto done;
    status = write_schema(&writer);
    if (!status)
        status = open_group(&writer, writer.file.id, "runs", &runs);
    if (!status)
        status = write_run(&writer, runs, record);
    status = hdf5_close(runs, status);
    status = writer_finish(&writer, status);
done:
    pool_free(&pool);
    return status;
}

/* ---- the merged file ---- */

static enum status write_text(struct writer *writer, hdf5_id group, const char *name,
                              const char *text, const char *doc) {
    const struct hdf5_array array = {
        .name = name, .title = name, .doc = doc, .type = HDF5_TEXT, .data = &text};
    return hdf5_write_array(&writer->file, group, &array);
}

static enum status write_experiment(struct writer *writer, const struct store_header *header) {
    hdf5_id group;
    enum status status = open_group(writer, writer->file.id, "experiment", &group);
    if (status)
        return status;
    status = hdf5_write_text(&writer->file, group, "plan", header->plan);
    if (!status)
        status = hdf5_write_text(&writer->file, group, "file", header->file);
    if (!status)
        status = hdf5_write_text(&writer->file, group, "overrides", header->overrides);
    if (!status)
        status = write_text(writer, group, "yaml", header->yaml,
                            "the experiment's definition, verbatim");
    if (!status)
        status =
            write_text(writer, group, "resolved", header->resolved,
                       "the definition as JSON: every key with its value or default, the axes");
    status = hdf5_close(group, status);
    return status;
}

static enum status write_header(struct writer *writer, const struct store_header *header) {
    enum status status = write_schema(writer);
    const char *const names[] = {"name", "title", "source", "history"};
    const char *const texts[] = {header->name, header->title, header->source, header->history};
    for (int i = 0; i < 4 && !status; i++)
        status = hdf5_write_text(&writer->file, writer->file.id, names[i], texts[i]);
    return status ? status : write_experiment(writer, header);
}

static enum status write_column(struct writer *writer, hdf5_id group, const struct column *column,
                                int n_rows, hdf5_id *dataset) {
    size_t rows = (size_t)n_rows;
    const void *data = column->type == TYPE_TEXT   ? (const void *)column->texts
                       : column->type == TYPE_REAL ? (const void *)column->reals
                                                   : (const void *)column->integers;
    struct pool pool = {0};
    const struct hdf5_array array = {.name = column->name,
                                     .unit = column->unit,
                                     .title = title_of(column->name, &pool),
                                     .doc = column->doc,
                                     .type = type_of_cell(column->type),
                                     .n_dims = 1,
                                     .dims = &rows,
                                     .data = data,
                                     .is_scale = strcmp(column->name, "run") == 0};
    enum status status = hdf5_make_array(&writer->file, group, &array, dataset);
    if (!status) {
        status = write_missing(writer, *dataset, array.type, column_minus_one(column->name, &pool));
        if (status)
            status = hdf5_close(*dataset, status);
    }
    pool_free(&pool);
    return status;
}

static enum status write_columns(struct writer *writer, hdf5_id group,
                                 const struct table *summary) {
    struct pool pool = {0};
    enum status status = OK;
    hdf5_id *datasets = pool_alloc(&pool, (size_t)summary->n_columns * sizeof *datasets + 1);
    const struct column *runs = table_find(summary, "run");
    int n = 0;
    while (n < summary->n_columns && !status) {
        status = write_column(writer, group, &summary->columns[n], summary->n_rows, &datasets[n]);
        n += !status;
    }
    assert(runs);
    for (int i = 0; i < n && !status; i++)
        if (&summary->columns[i] != runs)
            status = hdf5_attach_scale(datasets[i], 0, datasets[runs - summary->columns]);
    while (n-- > 0)
        status = hdf5_close(datasets[n], status);
    pool_free(&pool);
    return status;
}

static enum status write_summary(struct writer *writer, const struct table *summary) {
    hdf5_id group;
    enum status status = open_group(writer, writer->file.id, "summary", &group);
    if (status)
        return status;
    status = write_columns(writer, group, summary);
    status = hdf5_close(group, status);
    return status ? fail_in(status, "summary") : OK;
}

/* Read, rewrite, attach anew, one run in memory at a time: H5Ocopy of 1.10.8 breaks the references
 * between series and their scales. */
static enum status copy_runs(struct writer *writer, const struct table *summary, int n,
                             const char *const *run_paths, struct stacks *stacks) {
    hdf5_id runs;
    int row = -1;
    enum status status = open_group(writer, writer->file.id, "runs", &runs);
    if (status)
        return status;
    for (int i = 0; i < n && !status; i++) {
        struct record record = {0};
        status = store_read_run(run_paths[i], &record);
        if (!status)
            status = write_run(writer, runs, &record);
        row = run_row(summary, record.id, row + 1);
        if (!status && row >= 0)
            stacks_add(stacks, row, &record);
        record_free(&record);
    }
    status = hdf5_close(runs, status);
    return status;
}

static enum status write_stacks(struct writer *writer, const struct table *summary,
                                struct stacks *stacks) {
    struct pool pool = {0};
    struct fingerprint print = {0};
    const char *const *ids = (const char *const *)table_find(summary, "run")->texts;
    hdf5_id series;
    if (stacks->n_groups == 0)
        return OK;
    enum status status = open_group(writer, writer->file.id, STACKS_GROUP, &series);
    if (status)
        return status;
    stacks_sort(stacks);
    const char *left_out = stacks_left_out(stacks, &pool);
    if (left_out[0])
        status = hdf5_write_text(&writer->file, series, "left_out", left_out);
    for (int g = 0; g < stacks->n_groups && !status; g++) {
        struct record arrays;
        stacks_take(stacks, g, ids, &arrays);
        status = write_all_series(writer, series, &arrays);
        for (int i = 0; i < arrays.n_series; i++)
            fingerprint_series(&print, &arrays.series[i]);
        record_free(&arrays);
    }
    fingerprint_end(&print, writer->stacks);
    status = hdf5_close(series, status);
    pool_free(&pool);
    return status ? fail_in(status, "%s", STACKS_GROUP) : OK;
}

static void note_beside(struct writer *writer, const struct store_header *header,
                        const struct table *summary) {
    struct fingerprint print = {0};
    fingerprint_header(&print, header);
    fingerprint_table(&print, summary);
    fingerprint_end(&print, writer->beside);
}

enum status store_write_merged(const char *path, const struct store_header *header,
                               const struct table *summary, int n, const char *const *run_paths) {
    struct writer writer;
    struct stacks stacks;
    enum status status = writer_open(&writer, path, NULL, n);
    if (status)
        return status;
    stacks_begin(&stacks, summary->n_rows, MOST_STACKED);
    note_beside(&writer, header, summary);
    status = write_header(&writer, header);
    if (!status)
        status = write_summary(&writer, summary);
    if (!status)
        status = copy_runs(&writer, summary, n, run_paths, &stacks);
    if (!status)
        status = write_stacks(&writer, summary, &stacks);
    stacks_free(&stacks);
    return writer_finish(&writer, status);
}
