/* XXH3-128 as text; the one home of xxHash. */
#include "base/hash.h"

#include <stdio.h>

#define XXH_STATIC_LINKING_ONLY /* the size of the state */
#include <xxhash.h>

_Static_assert(sizeof(XXH3_state_t) <= HASH_STATE_SIZE, "HASH_STATE_SIZE is too small");

static void write_text(XXH128_hash_t value, char text[HASH_TEXT_SIZE]) {
    snprintf(text, HASH_TEXT_SIZE, "%016llx%016llx", (unsigned long long)value.high64,
             (unsigned long long)value.low64);
}

void hash_begin(struct hash *hash) {
    XXH3_state_t *state = (XXH3_state_t *)hash->state;
    XXH3_INITSTATE(state); /* analysis: it is written here, not read */
    XXH3_128bits_reset(state);
}

void hash_add(struct hash *hash, const void *bytes, size_t size) {
    XXH3_128bits_update((XXH3_state_t *)hash->state, bytes, size);
}

void hash_end(const struct hash *hash, char text[HASH_TEXT_SIZE]) {
    write_text(XXH3_128bits_digest((const XXH3_state_t *)hash->state), text);
}

void hash_block(const void *bytes, size_t size, char text[HASH_TEXT_SIZE]) {
    write_text(XXH3_128bits(bytes, size), text);
}
