/* Memory of one owner in blocks, given back all at once. */
#include "base/pool.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pages.h"

/* Of the first block, and of the largest where none must be larger. */
enum { BLOCK_SIZE = 16384, MOST_BLOCK = 32 << 20 };

struct pool_block {
    struct pool_block *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

static char last_words[64];

void pool_fail(size_t size) {
    snprintf(last_words, sizeof last_words, "out of memory for %zu bytes", size);
    exit(EXIT_FAILURE);
}

const char *pool_last_words(void) {
    return last_words[0] ? last_words
                         : "its process ended itself: exit() in a plugin, or in a library that "
                           "lacks memory or threads; standard error says more";
}

static struct pool_block *create_block(size_t capacity) {
    struct pool_block *block = calloc(1, sizeof *block + capacity);
    if (!block)
        pool_fail(capacity);
    pages_large(block, sizeof *block + capacity);
    block->size = capacity;
    return block;
}

/* Each block is twice as large as the one before it, and large ones are made of huge pages: a
 * process of many small ones takes long to fork. What does not fit has a block of its own, behind
 * the one that is being filled. */
static struct pool_block *add_block(struct pool *pool, size_t size) {
    struct pool_block *first = pool->blocks;
    size_t capacity = first ? 2 * first->size : BLOCK_SIZE;
    capacity = capacity < MOST_BLOCK ? capacity : MOST_BLOCK;
    struct pool_block *block = create_block(size > capacity ? size : capacity);
    struct pool_block **place = size > capacity && first ? &first->next : &pool->blocks;
    block->next = *place;
    return *place = block;
}

void *pool_alloc(struct pool *pool, size_t size) {
    if (size > PTRDIFF_MAX / 2)
        pool_fail(size);
    size = (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    struct pool_block *block = pool->blocks;
    if (!block || block->size - block->used < size)
        block = add_block(pool, size);
    void *result = block->bytes + block->used;
    block->used += size;
    return result;
}

char *pool_text(struct pool *pool, const char *text) {
    size_t size = strlen(text) + 1;
    return memcpy(pool_alloc(pool, size), text, size);
}

char *pool_format(struct pool *pool, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = pool_alloc(pool, (size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

void *pool_grow(struct pool *pool, void *items, int n, int *capacity, size_t size) {
    enum { FIRST_ITEMS = 16 };
    if (n < *capacity)
        return items;
    *capacity = *capacity ? 2 * *capacity : FIRST_ITEMS;
    void *grown = pool_alloc(pool, (size_t)*capacity * size);
    return n > 0 ? memcpy(grown, items, (size_t)n * size) : grown;
}

void pool_free(struct pool *pool) {
    while (pool->blocks) {
        struct pool_block *next = pool->blocks->next;
        free(pool->blocks);
        pool->blocks = next;
    }
}
