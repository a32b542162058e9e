#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

TestSuite(hash);

enum { SANITY_SIZE = 512 };

/* The bytes of xxHash's own sanity check. */
static void fill_sanity(uint8_t *bytes) {
    uint64_t state = 2654435761u;
    for (int i = 0; i < SANITY_SIZE; i++) {
        bytes[i] = (uint8_t)(state >> 56);
        state *= 11400714785074694797ull;
    }
}

/* XXH3-128 without seed, high half first, as `xxhsum -H128` writes it. */
static const struct {
    size_t size;
    const char *text;
} known[] = {
    {0, "99aa06d3014798d86001c324468d497f"},   {1, "a6cd5e9392000f6ac44bdff4074eecdb"},
    {3, "20efc49ff02422ea54247382a8d6b94d"},   {16, "c68c368ecf8a9c05562980258a998629"},
    {240, "aa4202daa2769dc85c9aae94c8ebe5a0"}, {241, "99a80ecf0ecfc647c5a639ecd2030e5e"},
    {512, "18d2d110dcc9bca1617e49599013cb6b"},
};

Test(hash, known_answers) {
    uint8_t bytes[SANITY_SIZE];
    char text[HASH_TEXT_SIZE];
    fill_sanity(bytes);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        hash_block(bytes, known[i].size, text);
        cr_assert(!strcmp(text, known[i].text), "%zu bytes: %s instead of %s", known[i].size, text,
                  known[i].text);
    }
    hash_block("abc", 3, text);
    cr_assert(!strcmp(text, "06b05ab6733a618578af5f94892f3950"), "abc: %s", text);
}

Test(hash, a_stream_is_a_block_however_it_is_cut) {
    enum { SIZE = 5000 };
    const size_t cuts[] = {1, 7, 64, 255, 256, 257, 1024, SIZE};
    uint8_t *bytes = malloc(SIZE);
    char block[HASH_TEXT_SIZE], stream[HASH_TEXT_SIZE];
    for (int i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)(i * i + i / 7);
    hash_block(bytes, SIZE, block);
    for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++) {
        struct hash hash;
        hash_begin(&hash);
        for (size_t at = 0; at < SIZE; at += cuts[c])
            hash_add(&hash, bytes + at, SIZE - at < cuts[c] ? SIZE - at : cuts[c]);
        hash_end(&hash, stream);
        cr_assert(!strcmp(stream, block), "pieces of %zu: %s instead of %s", cuts[c], stream,
                  block);
    }
    free(bytes);
}

Test(hash, one_bit_changes_it) {
    uint8_t bytes[300] = {0};
    char before[HASH_TEXT_SIZE], after[HASH_TEXT_SIZE];
    hash_block(bytes, sizeof bytes, before);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] ^= 1;
        hash_block(bytes, sizeof bytes, after);
        cr_assert(strcmp(before, after) != 0, "byte %zu has no effect", i);
        cr_assert(strlen(after) == 32, "%s is not 32 digits", after);
        bytes[i] ^= 1;
    }
}
