/* Keys and their values cell by cell, under each other: as a zip of an experiment file, or as a
 * table in its comments. */
#pragma once

#include <stdio.h>

#include "base/pool.h"

struct columns {
    int n_names, n;
    const char **names; /* [n_names] */
    const char **texts; /* [n_names][n] */
    struct pool *pool;
};

void columns_create(struct columns *columns, int n_names, int n, struct pool *pool);
/* Column `column` of name `name`, to be read or set. */
const char **columns_at(const struct columns *columns, int name, int column);
/* An entry of a zip, a list a name; long lists go on in lines that are cut at the same columns. */
void columns_write_entry(const struct columns *columns, FILE *out);
/* One line a column, one place a name, each line with "# " in front. */
void columns_write_comment(const struct columns *columns, FILE *out);
