/* XXH3-128, of a block or of a stream of blocks, as 32 hexadecimal digits (as `xxhsum -H128` writes
 * it).
 *
 * For identities, where an accident would confuse two things; no defence against somebody who
 * forges. */
#pragma once

#include <stddef.h>

enum { HASH_TEXT_SIZE = 33, HASH_STATE_SIZE = 640 };

struct hash {
    _Alignas(64) unsigned char state[HASH_STATE_SIZE];
};

/* The text follows from the bytes alone, not from how they were cut into blocks. */
void hash_begin(struct hash *hash);
void hash_add(struct hash *hash, const void *bytes, size_t size);
void hash_end(const struct hash *hash, char text[HASH_TEXT_SIZE]);

void hash_block(const void *bytes, size_t size, char text[HASH_TEXT_SIZE]);
