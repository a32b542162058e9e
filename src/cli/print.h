/* Paragraphs, rows of help and commands for a person. */
#pragma once

#include <stdio.h>

#include "base/text.h"

/* Columns that a text takes on a terminal: characters of UTF-8. */
int print_columns(const char *text);
/* Breaks text between words into lines of at most `width` columns; "\n" begins a new one. A longer
 * word stays whole. */
void print_wrapped(FILE *out, const char *text, int width);
/* The same behind what stands in the line already, up to column `at`; the lines that follow begin
 * at column `indent`. */
void print_hanging(FILE *out, const char *text, int at, int indent, int width);
/* Between these two, what is printed on standard output is kept, and then printed in lines that fit
 * where a person reads them: the last column of a line that is too long goes on below itself.
 * Programs get the lines as they are. */
struct print_fitted {
    struct text text;
    struct pool pool;
    FILE *output;
};
void print_fitted_begin(struct print_fitted *fitted);
void print_fitted_end(struct print_fitted *fitted);
/* Text in lines of at most `width` columns, likewise. */
void print_lines(FILE *out, const char *text, int width);
/* A row of help: a name, and behind it a sentence that goes on below itself. */
void print_named(FILE *out, int name_width, const char *name, const char *text);
/* A command for a shell, which goes on in the next line behind a backslash: to be pasted. */
void print_command(FILE *out, const char *line, int indent, int width);
