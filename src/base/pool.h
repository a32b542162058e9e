/* Memory of one owner, given back all at once: the texts and lists of an experiment, a record, a
 * table. */
#pragma once

#include <stddef.h>

struct pool {
    struct pool_block *blocks;
};

/* `size` bytes, zeroed, aligned for any type. Out of memory ends the program with a message: what a
 * pool holds is small (names, tables), and no caller could go on without it. */
void *pool_alloc(struct pool *pool, size_t size);
/* Ends the program so, by exit(): whoever started it says the last words, and does not take it for
 * a success (cli/main.c, io/workers.c). */
_Noreturn void pool_fail(size_t size);
/* Why the process is about to end; if somebody else called exit(), a sentence about that. */
const char *pool_last_words(void);
char *pool_text(struct pool *pool, const char *text);
__attribute__((format(printf, 2, 3))) char *pool_format(struct pool *pool, const char *format, ...);
/* Room for one more item in a list of `n`: `items` where they do not fill *capacity; else a copy
 * with twice the room. What it was copied from stays in the pool. */
void *pool_grow(struct pool *pool, void *items, int n, int *capacity, size_t size);
void pool_free(struct pool *pool);
