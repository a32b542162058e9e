/* Text and tables as HTML. */
#pragma once

#include <stdio.h>

#include "base/pool.h"

/* The text with what HTML reads as its own escaped. NULL: nothing. */
const char *report_escape(const char *text, struct pool *pool);
void report_put(FILE *out, const char *text);
/* A table as `figure_write_table` writes it (tabs between cells, names in the first line), as rows
 * and header cells. Columns that are empty in every row are left out; numbers have four digits. */
void report_put_table(FILE *out, const char *tsv);
