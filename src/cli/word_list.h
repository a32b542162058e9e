/* The words of an option, "a,b,c". */
#pragma once

#include "cli/command.h"

struct words {
    int n;
    const char **items; /* with room for SPARE_WORDS more */
};

enum { SPARE_WORDS = 8 };

/* Commas within brackets do not part. An option that was not given has none. ERROR_USAGE: an empty
 * word. */
enum status words_split(const struct command *command, const struct arguments *arguments,
                        const char *option, struct pool *pool, struct words *words);
