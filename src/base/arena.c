/* One block of memory for a run: counted first, then taken from the system. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "base/arena.h"

#include <assert.h>
#include <sys/mman.h>

#include "base/pages.h"

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

/* From the system and back to it: malloc would keep what evaluations give back, in pieces that the
 * next one does not fit into (glibc 2.36: 28 MB of them in a run of 9 MB arenas). */
enum status arena_create(struct arena *arena) {
    size_t size = arena->used ? arena->used : ALIGNMENT;
    void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        return fail(ERROR_RUN, "out of memory: %zu bytes for a run", size);
    pages_large(base, size); /* a step walks through all of it */
    *arena = (struct arena){.base = base, .size = size};
    return OK;
}

void arena_free(struct arena *arena) {
    if (arena->base)
        munmap(arena->base, arena->size);
    *arena = (struct arena){0};
}
