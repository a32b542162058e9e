/* Tables of several results files as one. */
#pragma once

#include "lab/table/table.h"

/* The column of a joined table that tells its files apart. No results file has one of its own:
 * what is read by it was named on the command line. */
#define FILE_COLUMN "file"

/* The rows of all tables one after another, with the column FILE_COLUMN in front: `names` [n]. A
 * column that a table lacks does not apply to its rows: NaN, -1, "". ERROR_RESULTS: a column of two
 * types, or one named FILE_COLUMN. */
enum status tables_join(int n, const struct table *tables, const char *const *names,
                        struct table *joined);

/* The file that a run of the summary is read from: `path`, or where that is NULL the row's cell in
 * FILE_COLUMN. */
const char *run_file(const struct table *summary, int row, const char *path);
