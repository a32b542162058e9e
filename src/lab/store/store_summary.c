/* What stands beside the runs of a results file: its header, and the table of all runs. */
#include <string.h>

#include "lab/store/store.h"
#include "lab/store/store_reader.h"
#include "lab/store/store_seal.h"
#include "lab/table/run_rows.h"
#include "lab/table/summary_check.h"
#include "lab/table/table_join.h"

/* ---- the header ---- */

static enum status read_text_dataset(struct reader *reader, hdf5_id group, const char *name,
                                     struct pool *pool, const char **text) {
    *text = "";
    if (!hdf5_has(group, name))
        return OK;
    hdf5_id dataset;
    enum status status = hdf5_open_dataset(group, name, &dataset);
    if (status)
        return status;
    status = hdf5_read_texts(dataset, 1, &reader->left, pool, text);
    status = hdf5_close(dataset, status);
    return status ? fail_in(status, "dataset '%s'", name) : OK;
}

static enum status read_experiment(struct reader *reader, struct pool *pool,
                                   struct store_header *header) {
    hdf5_id file = reader->file.id;
    header->yaml = header->resolved = header->plan = "";
    header->file = header->overrides = "";
    if (!hdf5_has(file, "experiment"))
        return OK;
    hdf5_id group;
    enum status status = hdf5_open_group(file, "experiment", &group);
    if (status)
        return status;
    status = hdf5_read_text(group, "plan", &reader->left, pool, &header->plan);
    if (!status)
        status = hdf5_read_text(group, "file", &reader->left, pool, &header->file);
    if (!status)
        status = hdf5_read_text(group, "overrides", &reader->left, pool, &header->overrides);
    if (!status)
        status = read_text_dataset(reader, group, "yaml", pool, &header->yaml);
    if (!status)
        status = read_text_dataset(reader, group, "resolved", pool, &header->resolved);
    status = hdf5_close(group, status);
    return status;
}

enum status reader_header(struct reader *reader, struct pool *pool, struct store_header *header) {
    hdf5_id file = reader->file.id;
    enum status status = hdf5_read_text(file, "name", &reader->left, pool, &header->name);
    if (!status)
        status = hdf5_read_text(file, "title", &reader->left, pool, &header->title);
    if (!status)
        status = hdf5_read_text(file, "source", &reader->left, pool, &header->source);
    if (!status)
        status = hdf5_read_text(file, "history", &reader->left, pool, &header->history);
    header->sealed = hdf5_has_attribute(file, SEALED_ATTRIBUTE); /* checked as it was opened */
    return status ? status : read_experiment(reader, pool, header);
}

enum status store_read_header(const char *path, struct pool *pool, struct store_header *header) {
    struct reader reader;
    struct store_header result;
    enum status status = reader_open(&reader, path);
    if (status)
        return status;
    status = reader_header(&reader, pool, &result);
    status = reader_close(&reader, status);
    if (status)
        return fail_in(status, "%s", path);
    *header = result;
    return OK;
}

/* ---- the summary ---- */

struct summary_reader {
    struct reader *reader;
    struct table *table;
};

static enum status read_cells(const struct summary_reader *summary, hdf5_id dataset,
                              const char *name, const char *unit, const char *doc) {
    static const enum cell_type types[] = {[HDF5_FLOAT32] = TYPE_REAL,
                                           [HDF5_FLOAT64] = TYPE_REAL,
                                           [HDF5_INT64] = TYPE_INT,
                                           [HDF5_INT8] = TYPE_BOOL,
                                           [HDF5_TEXT] = TYPE_TEXT};
    enum hdf5_type type;
    enum status status = hdf5_array_type(dataset, &type);
    if (status)
        return status;
    struct table *table = summary->table;
    struct column *column = table_add(table, name, types[type], unit, doc);
    size_t n = (size_t)table->n_rows;
    if (column->type == TYPE_TEXT)
        return hdf5_read_texts(dataset, n, &summary->reader->left, &table->pool, column->texts);
    return column->type == TYPE_REAL ? hdf5_read_numbers(dataset, HDF5_FLOAT64, n, column->reals)
                                     : hdf5_read_numbers(dataset, HDF5_INT64, n, column->integers);
}

static enum status read_column(const struct summary_reader *summary, hdf5_id dataset,
                               const char *name) {
    int n_dims = 0;
    size_t n_rows = 0;
    struct pool pool = {0};
    const char *unit, *doc;
    enum status status = hdf5_array_shape(dataset, &summary->reader->left, 1, &n_dims, &n_rows);
    if (!status && (n_dims != 1 || n_rows != (size_t)summary->table->n_rows))
        status = fail(ERROR_RESULTS, "%zu entries for %d runs", n_rows, summary->table->n_rows);
    if (!status)
        status = hdf5_read_text(dataset, "units", &summary->reader->left, &pool, &unit);
    if (!status)
        status = reader_sentence(summary->reader, dataset, &pool, &doc);
    if (!status)
        status = read_cells(summary, dataset, name, unit, doc);
    pool_free(&pool);
    return status;
}

static enum status visit_column(hdf5_id group, const char *name, void *context) {
    struct summary_reader *summary = context;
    hdf5_id dataset = -1;
    enum status status = hdf5_take(&summary->reader->left, sizeof(struct column) + strlen(name));
    if (!status)
        status = hdf5_open_dataset(group, name, &dataset);
    if (!status)
        status = read_column(context, dataset, name);
    status = hdf5_close(dataset, status);
    return status ? fail_in(status, "summary/%s", name) : OK;
}

static enum status read_n_rows(struct reader *reader, hdf5_id group, int *n_rows) {
    hdf5_id run;
    int n_dims = 0;
    size_t rows = 0;
    enum status status = hdf5_open_dataset(group, "run", &run);
    if (status)
        return fail_in(status, "summary");
    status = hdf5_array_shape(run, &reader->left, 1, &n_dims, &rows);
    status = hdf5_close(run, status);
    if (!status && (n_dims != 1 || rows > INT32_MAX / 2))
        status = fail(ERROR_RESULTS, "not a list of runs");
    *n_rows = (int)rows;
    return status ? fail_in(status, "summary/run") : OK;
}

enum status reader_summary(struct reader *reader, struct table *table) {
    int n_rows = 0;
    hdf5_id group = -1;
    enum status status = hdf5_open_group(reader->file.id, "summary", &group);
    if (!status)
        status = read_n_rows(reader, group, &n_rows);
    if (!status) {
        table_create(table, n_rows);
        struct summary_reader summary = {.reader = reader, .table = table};
        status = hdf5_each_name(group, "summary", visit_column, &summary);
    }
    status = hdf5_close(group, status);
    return status;
}

static void add_cells(struct table *table, const struct attributes *list) {
    for (int i = 0; i < list->n; i++) {
        const struct attribute *attribute = &list->items[i];
        if (table_find(table, attribute->name))
            continue;
        struct column *column =
            table_add(table, attribute->name, attribute->type, attribute->unit, attribute->doc);
        if (attribute->type == TYPE_TEXT)
            column->texts[0] = pool_text(&table->pool, attribute->text);
        else if (attribute->type == TYPE_REAL)
            column->reals[0] = attribute->real;
        else
            column->integers[0] = attribute->integer;
    }
}

/* A run file has no summary: its one row is made from the run's attributes. */
static enum status summarize_run(struct reader *reader, struct table *table) {
    struct record record = {0};
    char id[RUN_ID_SIZE];
    enum status status = reader_single_run(reader, id);
    if (!status)
        status = reader_run(reader, id, &record);
    if (!status) {
        table_create(table, 1);
        table_add(table, "run", TYPE_TEXT, "", "the run's id")->texts[0] =
            pool_text(&table->pool, id);
        add_cells(table, &record.config);
        add_cells(table, &record.final);
    }
    record_free(&record);
    return status;
}

enum status store_read_summary(const char *path, struct table *summary) {
    struct reader reader;
    struct table table = {0};
    enum status status = reader_open(&reader, path);
    if (status)
        return status;
    status = hdf5_has(reader.file.id, "summary") ? reader_summary(&reader, &table)
                                                 : summarize_run(&reader, &table);
    status = reader_close(&reader, status);
    if (!status)
        status = summary_check(&table);
    if (status) {
        table_free(&table);
        return fail_in(status, "%s", path);
    }
    run_forget_collapsed(&table);
    *summary = table;
    return OK;
}

/* ---- several files ---- */

static enum status check_paths(int n, const char *const *paths) {
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i; k++)
            if (!strcmp(paths[i], paths[k]))
                return fail(ERROR_USAGE, "%s is named twice", paths[i]);
    return OK;
}

enum status store_read_summaries(int n, const char *const *paths, struct table *summary) {
    if (n == 1)
        return store_read_summary(paths[0], summary);
    struct pool pool = {0};
    struct table *tables = pool_alloc(&pool, ((size_t)n + 1) * sizeof *tables);
    enum status status = check_paths(n, paths);
    for (int i = 0; i < n && !status; i++)
        status = store_read_summary(paths[i], &tables[i]);
    if (!status)
        status = tables_join(n, tables, paths, summary);
    for (int i = 0; i < n; i++)
        table_free(&tables[i]);
    pool_free(&pool);
    return status;
}
