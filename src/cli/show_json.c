/* A results file, or one of its runs, as an object: share/schema/output.json describes it. */
#include "cli/show_json.h"

#include <string.h>

#include "cli/output_json.h"
#include "lab/table/run_rows.h"
#include "lab/table/varied_keys.h"

static const struct json_layout part_layout = {"\n    ", ",\n    ", "\n  "};

/* ---- series ---- */

static void put_series(struct json_writer *writer, const struct series_list *series) {
    json_open_list(writer, "series", &part_layout);
    for (int i = 0; i < series->n; i++) {
        const struct series_info *info = &series->items[i];
        json_open_object(writer, NULL, &json_one_line);
        json_put_text(writer, "name", info->name);
        json_put_text(writer, "unit", info->unit);
        json_put_text(writer, "doc", info->doc);
        json_put(writer, "runs", "%d", info->n_runs);
        json_open_list(writer, "dimensions", &json_one_line);
        for (int d = 0; d < info->n_dims; d++) {
            json_open_object(writer, NULL, &json_one_line);
            json_put_text(writer, "name", info->dim_names[d]);
            json_put(writer, "least", "%zu", info->min_dims[d]);
            json_put(writer, "most", "%zu", info->max_dims[d]);
            json_close(writer);
        }
        json_close(writer);
        json_close(writer);
    }
    json_close(writer);
}

/* ---- the file ---- */

static void put_states(struct json_writer *writer, const struct table *summary) {
    json_open_object(writer, "runs", &json_one_line);
    json_put(writer, "all", "%d", summary->n_rows);
    for (enum run_end end = 0; end < RUN_ENDS; end++)
        json_put(writer, run_end_name(end), "%d", run_count(summary, end));
    json_close(writer);
}

/* A value of a key once, where the key applies. */
static void put_values(struct json_writer *writer, const struct table *summary,
                       const struct column *column, struct pool *pool) {
    const struct column_value *values;
    int n = column_values(summary, column, pool, &values);
    json_open_list(writer, column->name, &json_one_line);
    for (int i = 0; i < n; i++)
        output_json_cell(writer, NULL, column, values[i].row, 0, pool);
    json_close(writer);
}

static void put_varied(struct json_writer *writer, const struct table *summary) {
    struct pool pool = {0};
    const struct column **varied =
        pool_alloc(&pool, ((size_t)summary->n_columns + 1) * sizeof *varied);
    int n = summary_varied(summary, varied);
    json_open_object(writer, "varied", &part_layout);
    for (int i = 0; i < n; i++)
        put_values(writer, summary, varied[i], &pool);
    json_close(writer);
    pool_free(&pool);
}

void show_json_file(const char *path, const struct store_header *header,
                    const struct table *summary, const struct series_list *series, FILE *out) {
    struct json_writer writer = {.out = out};
    output_json_begin(&writer, "show");
    json_put_text(&writer, "file", path);
    json_put_text(&writer, "name", header->name);
    json_put_text(&writer, "title", header->title);
    json_put_text(&writer, "source", header->source);
    put_states(&writer, summary);
    put_varied(&writer, summary);
    put_series(&writer, series);
    json_close(&writer);
}

/* ---- a run ---- */

static void put_attribute(struct json_writer *writer, const struct attribute *attribute) {
    switch (attribute->type) {
    case TYPE_TEXT:
        json_put_text(writer, attribute->name, attribute->text);
        break;
    case TYPE_REAL:
        output_json_number(writer, attribute->name, attribute->real);
        break;
    case TYPE_BOOL:
        output_json_truth(writer, attribute->name, attribute->integer);
        break;
    case TYPE_INT:
        json_put(writer, attribute->name, "%ld", attribute->integer);
        break;
    }
}

static void put_attributes(struct json_writer *writer, const char *name,
                           const struct attributes *list) {
    json_open_object(writer, name, &part_layout);
    for (int i = 0; i < list->n; i++)
        put_attribute(writer, &list->items[i]);
    json_close(writer);
}

void show_json_run(const char *path, const struct record *record, const struct series_list *series,
                   FILE *out) {
    struct json_writer writer = {.out = out};
    output_json_begin(&writer, "show");
    json_put_text(&writer, "file", path);
    json_put_text(&writer, "run", record->id);
    put_attributes(&writer, "configuration", &record->config);
    put_attributes(&writer, "metrics", &record->final);
    put_attributes(&writer, "provenance", &record->provenance);
    put_series(&writer, series);
    json_close(&writer);
}
