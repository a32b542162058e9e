/* Conditions in words: "name=a|b", "name!=a|b", and with <, <=, > or >= and one value. They say
 * which cells a key applies to, and which rows of a table are meant. */
#pragma once

#include <stdbool.h>

#include "base/pool.h"
#include "base/status.h"

enum relation { EQUAL, NOT_EQUAL, AT_MOST, AT_LEAST, BELOW, ABOVE };

struct condition {
    const char *text; /* as it was written */
    const char *name;
    enum relation relation;
    int n_values;
    const char *const *values; /* [n_values]; one unless the relation is EQUAL or NOT_EQUAL */
};

/* ERROR_USAGE "condition 'x': not of the form name=value ..."; what it makes is in the pool. */
enum status condition_read(const char *text, struct pool *pool, struct condition *condition);
/* Several with spaces between them, as in a key's `when`. */
enum status conditions_read(const char *text, struct pool *pool, int *n,
                            struct condition **conditions);

/* Is `text` one of the values (=), or none of them (!=)? */
bool condition_holds(const struct condition *condition, const char *text);
/* Two nan are equal. */
bool relation_holds(double a, enum relation relation, double b);
