/* Reads base, sweep, zip and exclude: values of keys, one by one or walked together, and the cells
 * that are left out. */
#include "lab/plan/sweep.h"

#include <string.h>

#include "base/words.h"
#include "lab/config/fields.h"

void axes_create(struct axes *axes, struct cell *base, struct pool *pool) {
    size_t n_keys = (size_t)key_count();
    cell_create(base, pool);
    *axes = (struct axes){.pool = pool,
                          .base = base,
                          .all = pool_alloc(pool, n_keys * sizeof *axes->all),
                          .origins = pool_alloc(pool, n_keys * sizeof *axes->origins),
                          .overrides = pool_alloc(pool, n_keys * sizeof *axes->overrides)};
}

static struct override *find_override(const struct axes *axes, int key) {
    for (int i = 0; i < axes->n_overrides; i++)
        if (axes->overrides[i].key == key)
            return &axes->overrides[i];
    return NULL;
}

void axes_override(struct axes *axes, const struct override *override) {
    if (!find_override(axes, override->key))
        axes->overrides[axes->n_overrides++] = *override;
}

bool axes_overrides(const struct axes *axes, int key) {
    return find_override(axes, key) != NULL;
}

enum status axes_read_base(struct axes *axes, const struct yaml_node *section) {
    struct cell *base = axes->base;
    struct key_node *nodes;
    int n;
    enum status status = key_nodes_read(section, axes->pool, &n, &nodes);
    for (int i = 0; !status && i < n; i++) {
        int key = nodes[i].key;
        base->origins[key] = nodes[i].node->origin;
        status = node_value(nodes[i].node, key_get(key), axes->pool, &base->values[key]);
    }
    return status;
}

/* Adds a key to an axis that has others already, or none yet. */
static void axis_add_key(struct axis *axis, int key, const struct node_values *added,
                         struct pool *pool) {
    size_t old = (size_t)axis->n_keys, n = (size_t)added->n;
    int *keys = pool_alloc(pool, (old + 1) * sizeof *keys);
    struct value *values = pool_alloc(pool, (old + 1) * n * sizeof *values);
    struct origin *origins = pool_alloc(pool, (old + 1) * n * sizeof *origins);
    if (old > 0) {
        memcpy(keys, axis->keys, old * sizeof *keys);
        memcpy(values, axis->values, old * n * sizeof *values);
        memcpy(origins, axis->origins, old * n * sizeof *origins);
    }
    keys[old] = key;
    memcpy(values + old * n, added->values, n * sizeof *values);
    memcpy(origins + old * n, added->origins, n * sizeof *origins);
    *axis = (struct axis){axis->n_keys + 1, added->n, keys, values, origins};
}

static struct node_values override_values(const struct override *override, struct pool *pool) {
    size_t n = (size_t) override->n_values;
    struct node_values values = {override->n_values, pool_alloc(pool, n * sizeof *values.values),
                                 pool_alloc(pool, n * sizeof *values.origins)};
    for (size_t i = 0; i < n; i++) {
        values.values[i] = override->values[i];
        values.origins[i] = override->origin;
    }
    return values;
}

/* The values of a key in an axis; a key stands in one axis only. */
static enum status read_axis_key(struct axes *axes, const struct key_node *entry,
                                 struct node_values *values) {
    struct origin *origin = &axes->origins[entry->key];
    if (origin->file) {
        fail(ERROR_USAGE, "%s stands in two axes; the other is in line %d",
             key_get(entry->key)->name, origin->line);
        return fail_at(ERROR_USAGE, entry->node->key_origin);
    }
    *origin = entry->node->key_origin;
    return node_axis_values(entry->node, key_get(entry->key), axes->pool, values);
}

enum status axes_read_sweep(struct axes *axes, const struct yaml_node *section) {
    struct key_node *nodes;
    int n;
    enum status status = key_nodes_read(section, axes->pool, &n, &nodes);
    for (int i = 0; !status && i < n; i++) {
        struct node_values values;
        status = read_axis_key(axes, &nodes[i], &values);
        if (status)
            break;
        struct override *override = find_override(axes, nodes[i].key);
        if (override) {
            override->used = true;
            values = override_values(override, axes->pool);
        }
        axis_add_key(&axes->all[axes->n++], nodes[i].key, &values, axes->pool);
    }
    return status;
}

static enum status fail_zipped(const struct override *override, const struct yaml_node *node) {
    fail(ERROR_USAGE, "%s is zipped with other keys (%s:%d) and cannot be overridden",
         key_get(override->key)->name, node->key_origin.file, node->key_origin.line);
    return fail_at(ERROR_USAGE, override->origin);
}

static enum status add_zipped(struct axes *axes, const struct key_node *entry, struct axis *axis) {
    const struct override *override = find_override(axes, entry->key);
    if (override)
        return fail_zipped(override, entry->node);
    struct node_values values;
    enum status status = read_axis_key(axes, entry, &values);
    if (status)
        return status;
    if (axis->n_keys > 0 && values.n != axis->n_values) {
        fail(ERROR_USAGE, "%s has %d value%s, but %s has %d; zipped keys are walked together",
             key_get(entry->key)->name, values.n, plural(values.n), key_get(axis->keys[0])->name,
             axis->n_values);
        return fail_at(ERROR_USAGE, entry->node->origin);
    }
    axis_add_key(axis, entry->key, &values, axes->pool);
    return OK;
}

enum status axes_read_zip(struct axes *axes, const struct yaml_node *section) {
    enum status status = OK;
    for (const struct yaml_node *entry = section->first; entry && !status; entry = entry->next) {
        struct key_node *nodes;
        int n = 0;
        status = list_check_entry(section, entry);
        if (!status)
            status = key_nodes_read(entry, axes->pool, &n, &nodes);
        struct axis axis = {0};
        for (int i = 0; !status && i < n; i++)
            status = add_zipped(axes, &nodes[i], &axis);
        if (!status && n > 0)
            axes->all[axes->n++] = axis;
    }
    return status;
}

void axes_apply_overrides(struct axes *axes) {
    for (int i = 0; i < axes->n_overrides; i++) {
        const struct override *override = &axes->overrides[i];
        axes->base->values[override->key] = override->values[0];
        axes->base->origins[override->key] = override->origin;
        if (override->used || override->n_values == 1)
            continue;
        struct node_values values = override_values(override, axes->pool);
        axis_add_key(&axes->all[axes->n++], override->key, &values, axes->pool);
    }
}

/* ---- exclude ---- */

enum status exclusion_read(const struct yaml_node *entry, struct pool *pool,
                           struct exclusion *exclusion) {
    struct key_node *nodes;
    int n;
    enum status status = key_nodes_read(entry, pool, &n, &nodes);
    if (!status && n == 0)
        status = fail_at(fail(ERROR_USAGE, "exclude: an entry without keys would drop every cell"),
                         entry->origin);
    if (status)
        return status;
    int *keys = pool_alloc(pool, (size_t)n * sizeof *keys);
    int *n_values = pool_alloc(pool, (size_t)n * sizeof *n_values);
    const struct value **values = pool_alloc(pool, (size_t)n * sizeof *values);
    for (int i = 0; i < n; i++) {
        struct node_values read;
        status = node_excluded_values(nodes[i].node, key_get(nodes[i].key), pool, &read);
        if (status)
            return status;
        keys[i] = nodes[i].key;
        n_values[i] = read.n;
        values[i] = read.values;
    }
    *exclusion = (struct exclusion){n, keys, n_values, values, entry->origin, false};
    return OK;
}

enum status exclusions_read(const struct yaml_node *section, struct pool *pool, int *n,
                            const struct exclusion **exclusions) {
    struct exclusion *all = pool_alloc(pool, (size_t)section->n * sizeof *all);
    enum status status = OK;
    int count = 0;
    for (const struct yaml_node *entry = section->first; entry && !status; entry = entry->next) {
        status = list_check_entry(section, entry);
        if (!status)
            status = exclusion_read(entry, pool, &all[count++]);
    }
    *exclusions = all;
    *n = count;
    return status;
}

static bool is_among(const struct key *key, const struct value *value, int n,
                     const struct value *values) {
    for (int i = 0; i < n; i++)
        if (value_equal(key, value, &values[i]))
            return true;
    return false;
}

bool exclusion_matches(const struct exclusion *exclusion, const struct cell *cell) {
    bool match = true;
    for (int k = 0; k < exclusion->n_keys; k++) {
        int key = exclusion->keys[k];
        if (!cell->applies[key])
            match &= exclusion->others;
        else
            match &= is_among(key_get(key), &cell->values[key], exclusion->n_values[k],
                              exclusion->values[k]);
    }
    return match != exclusion->others;
}
