/* Tables and paragraphs for a person. */
#pragma once

#include <stdio.h>

#include "lab/table/table.h"

/* The texts of a new column, to be filled. */
const char **print_texts(struct table *table, const char *name);
/* Columns under each other: numbers to the right, texts to the left. */
void print_aligned(const struct table *table, FILE *out);
/* Breaks text between words into lines of at most `width` columns; "\n" begins a new one. A longer
 * word stays whole. */
void print_wrapped(FILE *out, const char *text, int width);
/* The same behind what stands in the line already, up to column `at`; the lines that follow begin
 * at column `indent`. */
void print_hanging(FILE *out, const char *text, int at, int indent, int width);
/* A row of help: a name, and behind it a sentence that goes on below itself. */
void print_named(FILE *out, int name_width, const char *name, const char *text);
/* A command for a shell, which goes on in the next line behind a backslash: to be pasted. */
void print_command(FILE *out, const char *line, int indent, int width);
