#include "base/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

void *arena_alloc(struct arena *arena, size_t count, size_t size) {
    size_t bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *result = arena->base ? arena->base + arena->used : NULL;
    arena->used += bytes;
    assert(!arena->base || arena->used <= arena->size);
    return result;
}

float *arena_floats(struct arena *arena, size_t count) {
    return arena_alloc(arena, count, sizeof(float));
}

double *arena_doubles(struct arena *arena, size_t count) {
    return arena_alloc(arena, count, sizeof(double));
}

enum status arena_create(struct arena *arena) {
    arena->size = arena->used ? arena->used : ALIGNMENT;
    arena->used = 0;
    arena->base = aligned_alloc(ALIGNMENT, arena->size);
    if (!arena->base)
        return fail(ERROR_RUN, "out of memory: %zu bytes for a run", arena->size);
    memset(arena->base, 0, arena->size);
    return OK;
}

void arena_free(struct arena *arena) {
    free(arena->base);
    *arena = (struct arena){0};
}
