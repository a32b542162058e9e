/* Which configuration keys tell the runs of a table apart. */
#pragma once

#include "lab/keys.h"
#include "lab/table.h"

/* Repetitions of the same thing: seed, seeds.*. */
bool key_is_seed(const char *name);

/* Is the column the same in all rows? */
bool column_is_constant(const struct table *table, const struct column *column);
/* Is the column a function of the others: equal wherever they are equal? So is norm.placement of
 * norm.kind where only one of the kinds has a placement, and model.init of model.activation where
 * they are zipped. */
bool column_is_determined(const struct table *table, const struct column *column, int n_others,
                          const struct column *const *others);

/* The key columns that vary, those left out that `given` and the ones before them determine; seeds
 * and volatile keys (how much was logged) are never among them. norm.kind first, then the order of
 * the key table. Returns their number; `varied` has room for key_count(). */
int summary_varied(const struct table *summary, int n_given, const struct column *const *given,
                   const struct column **varied);

/* Does the key that the column is named after apply to this run? Not applicable is NaN, -1 or ''.
 */
bool key_applies(const struct column *column, int row);
/* Has the key two different values among the runs to which it applies? */
bool key_varies(const struct table *table, const char *name);
