/* Which cells an experiment has: the axes that base, sweep, zip and the command line make, and what
 * is left out of their product. */
#pragma once

#include "lab/config/cell.h"
#include "lab/config/key_nodes.h"
#include "lab/config/override.h"

/* One axis of the sweep: one key, or several walked together (zip). */
struct axis {
    int n_keys, n_values;
    const int *keys;              /* [n_keys], indices of the key table */
    const struct value *values;   /* [n_keys][n_values], row-major */
    const struct origin *origins; /* [n_keys][n_values] */
};

/* The axes while they are read. */
struct axes {
    struct pool *pool;
    struct cell *base; /* what all cells share */
    int n;
    struct axis *all;       /* [key_count()]: a key stands in one axis only */
    struct origin *origins; /* [key_count()]: where a key became part of an axis */
    int n_overrides;
    struct override *overrides;
};

void axes_create(struct axes *axes, struct cell *base, struct pool *pool);
/* A key that is overridden already keeps what it has. */
void axes_override(struct axes *axes, const struct override *override);
bool axes_overrides(const struct axes *axes, int key);

/* The sections base, sweep and zip. ERROR_USAGE with file:line:column. */
enum status axes_read_base(struct axes *axes, const struct yaml_node *section);
enum status axes_read_sweep(struct axes *axes, const struct yaml_node *section);
enum status axes_read_zip(struct axes *axes, const struct yaml_node *section);
/* What no axis of the file has taken: one value goes to the base, several make the innermost axis.
 */
void axes_apply_overrides(struct axes *axes);

/* ---- what is left out ---- */

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
