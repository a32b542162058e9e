/* A table as JSON. */
#pragma once

#include "cli/output.h"
#include "io/json_writer.h"

/* One object: the heading, `columns` (name, type, unit, sentence) and `rows`, an object each by
 * column. What is no number is null; infinite ones are "inf" and "-inf". digits 0: numbers read
 * back the same. */
void output_json(const struct output_heading *heading, const struct table *table, int digits,
                 FILE *out);

/* Members on lines of their own. */
extern const struct json_layout output_json_lines;
/* The version of the layout, as every object's first member. */
void output_json_begin(struct json_writer *writer, const char *command);
/* A cell as a member of its column's name, or as an item of a list where `name` is NULL. digits 0:
 * numbers read back the same. */
void output_json_cell(struct json_writer *writer, const char *name, const struct column *column,
                      int row, int digits, struct pool *pool);
/* A boolean of a results file, of which -1 says that nobody knows. */
void output_json_truth(struct json_writer *writer, const char *name, long value);
/* A real number, or null. */
void output_json_number(struct json_writer *writer, const char *name, double number);
