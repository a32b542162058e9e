#include "lab/store/store_hdf5.h"

#include <stdint.h>

/* ---- the header ---- */

static enum status read_text_dataset(hid_t file, const char *name, struct pool *pool,
                                     const char **text) {
    *text = "";
    if (H5Lexists(file, name, H5P_DEFAULT) <= 0)
        return OK;
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    char *value = NULL;
    enum status status = OK;
    if (H5Tis_variable_str(type) <= 0 || H5Sget_simple_extent_npoints(space) != 1 ||
        H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value) < 0) {
        status = reader_fail("dataset", name);
    } else {
        *text = pool_text(pool, value ? value : "");
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, &value);
    }
    hdf5_close(space);
    hdf5_close(type);
    hdf5_close(dataset);
    return status;
}

static enum status read_experiment(hid_t file, struct pool *pool, struct store_header *header) {
    header->yaml = header->resolved = header->plan = "";
    if (H5Lexists(file, "experiment", H5P_DEFAULT) <= 0)
        return OK;
    hid_t group = H5Gopen2(file, "experiment", H5P_DEFAULT);
    enum status status = reader_text_attribute(group, "plan", pool, &header->plan);
    if (!status)
        status = read_text_dataset(group, "yaml", pool, &header->yaml);
    if (!status)
        status = read_text_dataset(group, "resolved", pool, &header->resolved);
    hdf5_close(group);
    return status;
}

enum status store_read_header(const char *path, struct pool *pool, struct store_header *header) {
    struct reader reader;
    struct store_header result;
    enum status status = reader_open(&reader, path);
    if (status)
        return status;
    status = reader_text_attribute(reader.file, "name", pool, &result.name);
    if (!status)
        status = reader_text_attribute(reader.file, "title", pool, &result.title);
    if (!status)
        status = reader_text_attribute(reader.file, "source", pool, &result.source);
    if (!status)
        status = read_experiment(reader.file, pool, &result);
    reader_close(&reader);
    if (status)
        return fail_in(status, "%s", path);
    *header = result;
    return OK;
}

/* ---- the summary ---- */

struct summary_reader {
    const struct reader *reader;
    struct table *table;
    enum status status; /* what the last visit came to */
};

static enum status read_text_values(hid_t dataset, hid_t type, struct table *table,
                                    struct column *column) {
    if (H5Tis_variable_str(type) <= 0)
        return fail(ERROR_RESULTS, "texts of fixed length, which normlab does not write");
    hid_t space = H5Dget_space(dataset);
    char **values = pool_alloc(&table->pool, ((size_t)table->n_rows + 1) * sizeof *values);
    enum status status = OK;
    if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
        status = hdf5_fail(ERROR_RESULTS, "cannot read its values (the file is damaged)");
    } else {
        for (int row = 0; row < table->n_rows; row++)
            column->texts[row] = values[row] ? pool_text(&table->pool, values[row]) : "";
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, values);
    }
    hdf5_close(space);
    return status;
}

static enum status read_column_values(hid_t dataset, hid_t type, const char *name,
                                      struct table *table, const char *unit, const char *doc) {
    H5T_class_t class = H5Tget_class(type);
    enum cell_type cell_type = class == H5T_STRING      ? TYPE_TEXT
                               : class == H5T_FLOAT     ? TYPE_REAL
                               : H5Tget_size(type) == 1 ? TYPE_BOOL
                                                        : TYPE_INT;
    struct column *column = table_add(table, name, cell_type, unit, doc);
    if (cell_type == TYPE_TEXT)
        return read_text_values(dataset, type, table, column);
    hid_t memory_type = cell_type == TYPE_REAL ? H5T_NATIVE_DOUBLE : H5T_NATIVE_LONG;
    void *data = cell_type == TYPE_REAL ? (void *)column->reals : (void *)column->integers;
    if (table->n_rows > 0 && H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0)
        return hdf5_fail(ERROR_RESULTS, "cannot read its values (the file is damaged)");
    return OK;
}

static enum status read_column(struct summary_reader *summary, hid_t dataset, const char *name) {
    int n_dims = 0;
    size_t n_rows = 0;
    struct pool pool = {0};
    const char *unit, *doc;
    hid_t type = H5Dget_type(dataset);
    enum status status = reader_shape(summary->reader, dataset, 1, &n_dims, &n_rows);
    if (!status && (n_dims != 1 || n_rows != (size_t)summary->table->n_rows))
        status = fail(ERROR_RESULTS, "%zu entries for %d runs", n_rows, summary->table->n_rows);
    if (!status)
        status = reader_text_attribute(dataset, "units", &pool, &unit);
    if (!status)
        status = reader_text_attribute(dataset, "long_name", &pool, &doc);
    if (!status)
        status = read_column_values(dataset, type, name, summary->table, unit, doc);
    hdf5_close(type);
    pool_free(&pool);
    return status;
}

static herr_t visit_column(hid_t group, const char *name, const H5L_info_t *info, void *context) {
    (void)info;
    struct summary_reader *summary = context;
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    summary->status =
        dataset < 0 ? reader_fail("dataset", name) : read_column(summary, dataset, name);
    hdf5_close(dataset);
    if (summary->status)
        fail_in(summary->status, "summary/%s", name);
    return summary->status ? -1 : 0;
}

static enum status read_n_rows(const struct reader *reader, hid_t group, int *n_rows) {
    hid_t run = H5Dopen2(group, "run", H5P_DEFAULT);
    if (run < 0)
        return reader_fail("dataset", "summary/run");
    int n_dims = 0;
    size_t rows = 0;
    enum status status = reader_shape(reader, run, 1, &n_dims, &rows);
    hdf5_close(run);
    if (!status && (n_dims != 1 || rows > INT32_MAX / 2))
        status = fail(ERROR_RESULTS, "not a list of runs");
    *n_rows = (int)rows;
    return status ? fail_in(status, "summary/run") : OK;
}

static enum status read_summary(const struct reader *reader, struct table *table) {
    int n_rows = 0;
    hid_t group = H5Gopen2(reader->file, "summary", H5P_DEFAULT);
    enum status status = group < 0 ? reader_fail("group", "summary") : OK;
    if (!status)
        status = read_n_rows(reader, group, &n_rows);
    if (!status) {
        table_create(table, n_rows);
        struct summary_reader summary = {.reader = reader, .table = table};
        hsize_t at = 0;
        herr_t failed =
            H5Literate(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, &at, visit_column, &summary);
        status = summary.status ? summary.status
                 : failed < 0   ? reader_fail("group", "summary")
                                : OK;
        if (status)
            table_free(table);
    }
    hdf5_close(group);
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
    status = H5Lexists(reader.file, "summary", H5P_DEFAULT) > 0 ? read_summary(&reader, &table)
                                                                : summarize_run(&reader, &table);
    reader_close(&reader);
    if (status)
        return fail_in(status, "%s", path);
    *summary = table;
    return OK;
}
