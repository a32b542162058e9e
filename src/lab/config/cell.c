/* Cells: one value a key, which keys apply, the typed configuration, the canonical text. */
#include "lab/config/cell.h"

#include <stdlib.h>
#include <string.h>

#include "base/sort.h"

static void cell_alloc(struct cell *cell, struct pool *pool) {
    size_t n = (size_t)key_count();
    cell->values = pool_alloc(pool, n * sizeof *cell->values);
    cell->origins = pool_alloc(pool, n * sizeof *cell->origins);
    cell->applies = pool_alloc(pool, n * sizeof *cell->applies);
}

void cell_create(struct cell *cell, struct pool *pool) {
    cell_alloc(cell, pool);
    for (int i = 0; i < key_count(); i++)
        cell->values[i] = *key_default(i);
}

void cell_copy(struct cell *to, const struct cell *from, struct pool *pool) {
    size_t n = (size_t)key_count();
    cell_alloc(to, pool);
    memcpy(to->values, from->values, n * sizeof *to->values);
    memcpy(to->origins, from->origins, n * sizeof *to->origins);
    memcpy(to->applies, from->applies, n * sizeof *to->applies);
}

bool cell_applies(const struct cell *cell, int index) {
    const struct condition *when;
    int n = key_conditions(index, &when);
    struct pool pool = {0};
    bool all = true;
    for (int i = 0; i < n && all; i++) {
        int other = key_find(when[i].name);
        all = condition_holds(&when[i], value_yaml(key_get(other), &cell->values[other], &pool));
    }
    pool_free(&pool);
    return all;
}

/* What does not apply is stored at its default: the configuration follows from the canonical text
 * alone. The kind of normalizer goes first, because it says where own keys are stored. */
void cell_finish(struct cell *cell, struct config *config) {
    memset(config, 0, sizeof *config);
    int kind = key_find("norm.kind");
    key_store(kind, &cell->values[kind], config);
    for (int i = 0; i < key_count(); i++) {
        cell->applies[i] = cell_applies(cell, i);
        key_store(i, cell->applies[i] ? &cell->values[i] : key_default(i), config);
    }
    config->run.data.fold = config->run.seeds.seed % SPLIT_FOLDS_N;
}

const char *cell_canonical(const struct cell *cell, struct pool *pool) {
    struct pool scratch = {0};
    const char **lines = pool_alloc(&scratch, ((size_t)key_count() + 1) * sizeof *lines);
    const char *hash = normalizer_object(cell->values[key_find("norm.kind")].integer).hash;
    size_t n = 0, size = 1;
    if (hash)
        size += strlen(lines[n++] = pool_format(&scratch, "norm.object=%s\n", hash));
    for (int i = 0; i < key_count(); i++) {
        const struct key *key = key_get(i);
        const struct value *value = &cell->values[i];
        if (!cell->applies[i] || !key_identifies(key, value))
            continue;
        lines[n] = pool_format(&scratch, "%s=%s\n", key->name, value_text(key, value, &scratch));
        size += strlen(lines[n++]);
    }
    sort_texts(lines, n);
    char *text = pool_alloc(pool, size), *end = text;
    for (size_t i = 0; i < n; i++)
        end = strcpy(end, lines[i]) + strlen(lines[i]);
    pool_free(&scratch);
    return text;
}
