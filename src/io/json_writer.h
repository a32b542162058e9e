/* JSON, written piece by piece: the one place that puts quotes, commas and brackets. What is in the
 * files is data, so a text that was written once is written the same for ever: numbers come as
 * text, and each object or list says how its members are laid out. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/* What stands before the first member, between two, and after the last. */
struct json_layout {
    const char *first, *next, *last;
};

/* All on one line. */
extern const struct json_layout json_one_line;

enum { JSON_WRITER_DEPTH = 16 };

/* Begin with {.out = ...}. */
struct json_writer {
    FILE *out;
    int depth;
    struct json_level {
        const struct json_layout *layout;
        bool any; /* members so far */
        char close;
    } levels[JSON_WRITER_DEPTH];
    const char *before; /* json_break */
};

/* `name` of a member of an object; NULL in a list, and for the outermost value. */
void json_open_object(struct json_writer *writer, const char *name,
                      const struct json_layout *layout);
void json_open_list(struct json_writer *writer, const char *name, const struct json_layout *layout);
/* The outermost value ends its line. */
void json_close(struct json_writer *writer);

/* In quotes, with what must be escaped; bytes that are not UTF-8 become U+FFFD. */
void json_put_text(struct json_writer *writer, const char *name, const char *text);
/* A number, true or false, as printf writes it. */
__attribute__((format(printf, 3, 4))) void json_put(struct json_writer *writer, const char *name,
                                                    const char *format, ...);
/* Puts `text`, a comma with a line's end and spaces, before the next member in place of what the
 * layout says. */
void json_break(struct json_writer *writer, const char *text);
