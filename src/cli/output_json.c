/* Tables as JSON: share/schema/output.json describes what comes out. */
#include "cli/output_json.h"

#include <math.h>

#include "base/number.h"
#include "cli/print_table.h"

enum { OUTPUT_SCHEMA = 1 };

const struct json_layout output_json_lines = {"\n  ", ",\n  ", "\n"};
static const struct json_layout rows_layout = {"\n    ", ",\n    ", "\n  "};

void output_json_begin(struct json_writer *writer, const char *command) {
    json_open_object(writer, NULL, &output_json_lines);
    json_put(writer, "schema", "%d", OUTPUT_SCHEMA);
    json_put_text(writer, "command", command);
}

static void put_number(struct json_writer *writer, const char *name, double number,
                       const char *text) {
    if (isnan(number))
        json_put(writer, name, "null");
    else if (isinf(number))
        json_put_text(writer, name, text);
    else
        json_put(writer, name, "%s", text);
}

void output_json_number(struct json_writer *writer, const char *name, double number) {
    struct pool pool = {0};
    put_number(writer, name, number, number_text(number, &pool));
    pool_free(&pool);
}

void output_json_truth(struct json_writer *writer, const char *name, long value) {
    json_put(writer, name, "%s", value < 0 ? "null" : value ? "true" : "false");
}

void output_json_cell(struct json_writer *writer, const char *name, const struct column *column,
                      int row, int digits, struct pool *pool) {
    switch (column->type) {
    case TYPE_TEXT:
        json_put_text(writer, name, column->texts[row]);
        break;
    case TYPE_BOOL:
        output_json_truth(writer, name, column->integers[row]);
        break;
    case TYPE_INT:
        json_put(writer, name, "%ld", column->integers[row]);
        break;
    case TYPE_REAL:
        put_number(writer, name, column->reals[row], print_cell_text(column, row, digits, pool));
        break;
    }
}

static void put_columns(struct json_writer *writer, const struct table *table) {
    static const char *const types[] = {[TYPE_INT] = "integer",
                                        [TYPE_REAL] = "number",
                                        [TYPE_TEXT] = "text",
                                        [TYPE_BOOL] = "boolean"};
    json_open_list(writer, "columns", &rows_layout);
    for (int i = 0; i < table->n_columns; i++) {
        const struct column *column = &table->columns[i];
        json_open_object(writer, NULL, &json_one_line);
        json_put_text(writer, "name", column->name);
        json_put_text(writer, "type", types[column->type]);
        json_put_text(writer, "unit", column->unit);
        json_put_text(writer, "doc", column->doc);
        json_close(writer);
    }
    json_close(writer);
}

static void put_heading(struct json_writer *writer, const struct output_heading *heading) {
    output_json_begin(writer, heading->command);
    for (int i = 0; i < heading->n_facts; i++) {
        const struct output_fact *fact = &heading->facts[i];
        if (fact->text)
            json_put_text(writer, fact->name, fact->text);
        else
            output_json_truth(writer, fact->name, fact->truth);
    }
    json_open_list(writer, "notes", &json_one_line);
    for (int i = 0; i < heading->notes.n; i++)
        json_put_text(writer, NULL, heading->notes.items[i]);
    json_close(writer);
}

void output_json(const struct output_heading *heading, const struct table *table, int digits,
                 FILE *out) {
    struct json_writer writer = {.out = out};
    put_heading(&writer, heading);
    put_columns(&writer, table);
    json_open_list(&writer, "rows", &rows_layout);
    for (int row = 0; row < table->n_rows; row++) {
        struct pool pool = {0};
        json_open_object(&writer, NULL, &json_one_line);
        for (int i = 0; i < table->n_columns; i++)
            output_json_cell(&writer, table->columns[i].name, &table->columns[i], row, digits,
                             &pool);
        json_close(&writer);
        pool_free(&pool);
    }
    json_close(&writer);
    json_close(&writer);
}
