/* Ends the process for want of memory. */
#include "base/give_up.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORDS_SIZE = 256 };

static char words[WORDS_SIZE];

void give_up(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    exit(EXIT_FAILURE);
}

const char *last_words(void) {
    return words[0] ? words
                    : "its process ended itself: exit() in a plugin, or in a library that lacks "
                      "memory or threads; standard error says more";
}
