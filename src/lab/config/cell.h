/* A cell: one value a key, the configuration of one run but for its name.
 *
 * It is filled with defaults, then from an experiment's base and axes, then checked as a whole
 * (`cell_finish`), which also finds out which keys apply to it. */
#pragma once

#include "base/status.h"
#include "lab/config/keys.h"

struct cell {
    struct value *values;   /* [key_count()] */
    struct origin *origins; /* [key_count()] */
    bool *applies;          /* [key_count()], set by cell_finish */
};

/* All defaults. */
void cell_create(struct cell *cell, struct pool *pool);
void cell_copy(struct cell *to, const struct cell *from, struct pool *pool);
/* Does key `index` apply, given the other values? Follows its `when`. */
bool cell_applies(const struct cell *cell, int index);
/* Sets `applies` and the typed configuration. */
void cell_finish(struct cell *cell, struct config *config);

/* The canonical text of a cell, one "name=value\n" a key that applies and is part of the identity,
 * sorted by name; keys added after schema 1 stay out at their default. Where the normalizer is from
 * a shared object, "norm.object=" and its hash are among them. */
const char *cell_canonical(const struct cell *cell, struct pool *pool);
