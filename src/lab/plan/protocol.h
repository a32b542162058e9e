/* Protocols of an experiment file: the same question, with less of everything (quick) or in its
 * original size (literal). */
#pragma once

#include "lab/config/fields.h"
#include "lab/plan/sweep.h"

struct protocol {
    const struct yaml_node *set, *only; /* NULL: absent */
};

extern const struct section protocol_section;

/* The section `quick` or `literal`. ERROR_USAGE with file:line:column. */
enum status protocol_read(const struct yaml_node *node, struct pool *pool,
                          struct protocol *protocol);
/* Overrides the keys of `set`, unless the command line has. */
enum status protocol_set_keys(const struct protocol *protocol, struct axes *axes);
/* Adds an exclusion of the cells that are not those of `only`. */
enum status protocol_keep_cells(const struct protocol *protocol, struct pool *pool, int *n,
                                const struct exclusion **exclusions);
