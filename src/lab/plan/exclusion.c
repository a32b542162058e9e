/* Reads what a sweep leaves out, and says which cells that is. */
#include "lab/plan/exclusion.h"

#include <string.h>

#include "lab/config/fields.h"

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
