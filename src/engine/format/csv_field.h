/* Fields of CSV files, each by itself. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* Does it stand for a number that nobody knows? */
bool csv_is_missing(const char *text);
/* A decimal number, as C has them; the text, of `size` characters, ends in a 0. */
bool csv_number(const char *text, size_t size, double *number);
/* Of a file that begins so: comma, semicolon or tab, the first of these that the first line has. */
char csv_separator(const char *bytes, size_t size);
/* How many bytes to pass over, the byte order mark of UTF-8. ERROR_DATA: it begins as no such text
 * does. */
enum status csv_begin(const char *bytes, size_t size, size_t *skip);
