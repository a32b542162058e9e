/* One block of memory for a run, sized by a counting pass, 64-byte aligned, zeroed.
 *
 * A layout function places everything with `arena_floats` and is called twice: on an arena without
 * memory it counts (and returns NULL pointers), after `arena_create` it points. Nothing is
 * allocated while training. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena {
    char *base; /* NULL: only counting */
    size_t used, size;
};

/* `count` elements of `size` bytes on a 64-byte boundary; NULL while counting. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);
float *arena_floats(struct arena *arena, size_t count);
double *arena_doubles(struct arena *arena, size_t count);

/* Turns a counted arena into one with memory, ready for the second pass. ERROR_RUN: out of memory.
 */
enum status arena_create(struct arena *arena);
void arena_free(struct arena *arena);
