/* A list that grows. */
#include "base/pieces.h"

void pieces_add(struct pieces *pieces, void *bytes, size_t size) {
    pieces->items = pool_grow(&pieces->pool, pieces->items, pieces->n, &pieces->capacity,
                              sizeof *pieces->items);
    pieces->items[pieces->n++] = (struct piece){bytes, size};
}

size_t pieces_size(const struct pieces *pieces) {
    size_t size = 0;
    for (int i = 0; i < pieces->n; i++)
        size += pieces->items[i].size;
    return size;
}

void pieces_free(struct pieces *pieces) {
    pool_free(&pieces->pool);
    *pieces = (struct pieces){0};
}
