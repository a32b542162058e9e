/* A table of runs or of points: named, typed columns. What `normlab table` prints, figures draw and
 * /summary holds. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/pool.h"
#include "base/status.h"

enum cell_type { TYPE_INT, TYPE_REAL, TYPE_TEXT, TYPE_BOOL };

struct column {
    const char *name, *unit, *doc;
    enum cell_type type;
    union {
        long *integers; /* INT, BOOL */
        double *reals;
        const char **texts;
    };
};

struct table {
    struct pool pool;
    int n_rows, n_columns, capacity;
    struct column *columns;
};

void table_create(struct table *table, int n_rows);
void table_free(struct table *table);
/* A new column, values 0, 0.0 or "". The pointer is good until the next call. */
struct column *table_add(struct table *table, const char *name, enum cell_type type,
                         const char *unit, const char *doc);
struct column *table_find(const struct table *table, const char *name);
/* ERROR_USAGE "no column 'x' (did you mean 'y'?)". */
enum status table_require(const struct table *table, const char *name, struct column **column);
/* One cell as text: reals in the shortest form that reads back, "nan", "inf"; texts as they are. */
const char *table_text(const struct column *column, int row, struct pool *pool);
double table_number(const struct column *column, int row); /* TEXT: NaN */

/* The rows `rows` [n_rows] of a table, in this order, into a new one. */
void table_take(const struct table *table, int n_rows, const int *rows, struct table *result);
/* Only the named columns, in this order. */
enum status table_select(const struct table *table, int n, const char *const *names,
                         struct table *result);
/* Tab-separated: one header line without #, `nan` for NaN. */
void table_write_tsv(const struct table *table, FILE *out);
