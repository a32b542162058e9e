/* What is printed for a terminal, without its breaks; and how wide it is. */
#pragma once

#include <stddef.h>
#include <string.h>

/* Puts one blank for any breaks and blanks, and for a backslash before a break; returns the text.
 */
static inline char *in_one_line(char *text) {
    char *to = text;
    for (const char *from = text; *from; from++) {
        int goes_on = from[0] == '\\' && from[1] == '\n';
        if (*from != ' ' && *from != '\n' && !goes_on)
            *to++ = *from;
        else if (to > text && to[-1] != ' ')
            *to++ = ' ';
    }
    *to = '\0';
    return text;
}

/* Bytes of the longest line. */
static inline size_t longest_line(const char *text) {
    size_t longest = 0;
    for (size_t size; *text; text += size + (text[size] == '\n')) {
        size = strcspn(text, "\n");
        longest = size > longest ? size : longest;
    }
    return longest;
}
