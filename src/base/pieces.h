/* The pieces of memory of which a state is made: one list, written to a file and read back. */
#pragma once

#include "base/pool.h"

struct piece {
    void *bytes;
    size_t size;
};

struct pieces {
    struct pool pool;
    int n, capacity;
    struct piece *items;
};

void pieces_add(struct pieces *pieces, void *bytes, size_t size);
/* Bytes of all of them. */
size_t pieces_size(const struct pieces *pieces);
void pieces_free(struct pieces *pieces);

/* A variable or an element of an array. */
#define PIECE(pieces, lvalue) pieces_add(pieces, &(lvalue), sizeof(lvalue))
