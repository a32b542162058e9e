/* Which configuration keys tell the runs of a table apart. */
#pragma once

#include "lab/config/keys.h"
#include "lab/table/table.h"

/* Repetitions of the same thing: seed, seeds.*. */
bool key_is_seed(const char *name);
/* Is this column of /summary a configuration key? */
bool column_is_key(const char *name);

/* Is the column the same in all rows? */
bool column_is_constant(const struct table *table, const struct column *column);
/* Is the column a function of the others: equal wherever they are equal? So is norm.placement of
 * norm.kind where only one of the kinds has a placement, and model.init of model.activation where
 * they are zipped. */
bool column_is_determined(const struct table *table, const struct column *column, int n_others,
                          const struct column *const *others);

/* Does the key that the column is named after apply to this run? Not applicable is NaN, -1 or '';
 * an `auto` or `all` that only some runs have (norm.rows) is -1 as well, and counts as such. */
bool key_applies(const struct column *column, int row);
/* A value of a column. */
struct column_value {
    const char *text; /* as table_text has it */
    int row, n_rows;  /* the first row that has it, and how many do */
};
/* The different values of a column in the rows to which its key applies, in the order in which they
 * come first. Returns their number; `values` is in the pool. */
int column_values(const struct table *table, const struct column *column, struct pool *pool,
                  const struct column_value **values);
/* Has the key two different values among the runs to which it applies? An `auto` is one. */
bool key_varies(const struct table *table, const char *name);

/* The key columns that vary in this sense, in the table's order; volatile keys (how much was
 * logged) are never among them. Returns their number; `varied` has room for n_columns. */
int summary_varied(const struct table *summary, const struct column **varied);
/* Those of them that it takes to tell runs apart that are no repetitions of each other, beside
 * `given`: without seeds, and without what `given` and the ones before determine. norm.kind first,
 * and optimizer.lr last: where it was tuned cell by cell, it tells nothing that the cell does not.
 */
int summary_arms(const struct table *summary, int n_given, const struct column *const *given,
                 const struct column **arms);
