/* The gate through which a summary from a file comes: what everybody may rely on behind it. */
#pragma once

#include "lab/config/keys.h"
#include "lab/table/table.h"

/* The type of a key's column. */
enum cell_type key_column_type(const struct key *key);
/* Has a metric or key of this name that type? All types will do for a name that is neither. */
enum status column_type_check(const char *name, enum cell_type type);

/* A summary has a column `run` of ids, each one once, and a column `status` of the words that there
 * are; what this program knows has the type that it knows. ERROR_RESULTS. */
enum status summary_check(const struct table *summary);
