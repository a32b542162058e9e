/* Which rows of a table meet conditions. */
#pragma once

#include "lab/table/table.h"

/* Rows of a table by their numbers, ascending. */
struct rows {
    int n;
    int *items; /* [n] */
};

/* Rows that meet all conditions "name=value", "name!=value", "name<=value", ..., of those `among`
 * (NULL: of all), into the pool. With = and != the value may be several, a|b; a list may be [8, 8]
 * or 8-8. ERROR_USAGE: no such column, not a condition, not a number, a word that no row has but
 * nearly. */
enum status rows_where(const struct table *table, const struct rows *among, int n,
                       const char *const *conditions, struct pool *pool, struct rows *met);
/* The same as a new table. */
enum status table_where(const struct table *table, int n, const char *const *conditions,
                        struct table *result);
