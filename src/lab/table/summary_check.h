/* The gate through which a summary from a file comes: what everybody may rely on behind it. */
#pragma once

#include "lab/config/keys.h"
#include "lab/table/table.h"

/* The type of a key's column. */
enum cell_type key_column_type(const struct key *key);
/* Has a metric or key of this name that type? All types will do for a name that is neither. */
enum status column_type_check(const char *name, enum cell_type type);
/* What -1 means in a column of whole numbers of this name: "" that there is nothing, a word that
 * there is what a key calls so ("auto", or "auto_or_not_applicable"); NULL: it is a number. */
const char *column_minus_one(const char *name, struct pool *pool);

/* A summary has a column `run` of ids, each one once, and a column `status` of the words that there
 * are; what this program knows has the type that it knows. ERROR_RESULTS. */
enum status summary_check(const struct table *summary);
