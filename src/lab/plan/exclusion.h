/* What a sweep leaves out: cells with these values, or without them. */
#pragma once

#include "io/yaml_tree.h"
#include "lab/config/cell.h"

/* Drops the cells that match all its pairs; a pair's value may be a list. With `others`: the cells
 * that do not (a key that does not apply to a cell counts as a match). */
struct exclusion {
    int n_keys;
    const int *keys;
    const int *n_values;               /* [n_keys] */
    const struct value *const *values; /* [n_keys][n_values[k]] */
    struct origin origin;
    bool others;
};

/* {key: value or values, ...} */
enum status exclusion_read(const struct yaml_node *entry, struct pool *pool,
                           struct exclusion *exclusion);
/* The section exclude, a list of them. */
enum status exclusions_read(const struct yaml_node *section, struct pool *pool, int *n,
                            const struct exclusion **exclusions);
/* Does it drop the cell, which is finished? */
bool exclusion_matches(const struct exclusion *exclusion, const struct cell *cell);
