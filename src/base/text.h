/* A text that is written like a file, into memory. */
#pragma once

#include <stdio.h>

#include "base/pool.h"

struct text {
    struct pool *pool;
    FILE *out;
    char *bytes; /* until text_end */
    size_t size, room;
};

/* Where to write it. */
FILE *text_begin(struct text *text, struct pool *pool);
/* All that was written, in the pool. As with a pool, out of memory ends the program: half a text is
 * never returned. */
char *text_end(struct text *text);
