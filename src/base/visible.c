/* Finds what is no text, and writes it as escapes. */
#include "base/visible.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_ESCAPE = sizeof "\\u202e" };

static const struct {
    unsigned first, last;
} controls[] = {
    {0x00, 0x08},     {0x0B, 0x1F}, /* but tab and line feed */
    {0x7F, 0x9F}, /* DEL, and 0x9B, which begins a terminal's command as ESC does */
    {0x2028, 0x202E}, {0x2066, 0x2069}, /* ends of lines, directions of writing */
    {0xFFFE, 0xFFFF},                   /* no characters of XML */
};

/* The character that begins at `at`, and its size in bytes; of size 0 where no valid one begins:
 * overlong forms, surrogates and what lies beyond U+10FFFF are none. */
static size_t decode(const unsigned char *at, unsigned *code) {
    size_t size = *at < 0x80                   ? 1
                  : *at >= 0xC2 && *at <= 0xDF ? 2
                  : *at >= 0xE0 && *at <= 0xEF ? 3
                  : *at >= 0xF0 && *at <= 0xF4 ? 4
                                               : 0;
    *code = size < 2 ? *at : *at & (0x7Fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        *code = *code << 6 | (at[i] & 0x3F);
    }
    bool valid = !(size == 3 && *code < 0x800) && !(*code >= 0xD800 && *code <= 0xDFFF) &&
                 !(size == 4 && *code < 0x10000) && *code <= 0x10FFFF;
    return valid ? size : 0;
}

/* Its size in bytes, 0 where it is not plain. */
static size_t plain_size(const char *at) {
    unsigned code;
    size_t size = decode((const unsigned char *)at, &code);
    if (at[0] == '\r' && at[1] == '\n')
        return 1;
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
        if (code >= controls[i].first && code <= controls[i].last)
            return 0;
    return size;
}

size_t text_plain(const char *text) {
    const char *at = text;
    while (*at && plain_size(at) > 0)
        at += plain_size(at);
    return (size_t)(at - text);
}

/* A control character as its code, a byte that is no part of a valid character by itself. */
static size_t write_escape(const char *at, char escape[LONGEST_ESCAPE]) {
    unsigned code;
    size_t size = decode((const unsigned char *)at, &code);
    const char *format = size > 1 ? "\\u%04x" : "\\x%02x";
    snprintf(escape, LONGEST_ESCAPE, format, (size > 1 ? code : (unsigned char)*at) & 0xFFFF);
    return size > 1 ? size : 1;
}

void text_show(char *shown, size_t size, const char *text) {
    size_t end = 0;
    while (*text) {
        char escape[LONGEST_ESCAPE];
        size_t length = plain_size(text), taken = length;
        const char *piece = text;
        if (length == 0) {
            taken = write_escape(text, escape);
            length = strlen(escape);
            piece = escape;
        }
        if (end + length >= size)
            break;
        memcpy(shown + end, piece, length);
        end += length;
        text += taken;
    }
    shown[end] = '\0';
}

const char *text_visible(const char *text, struct pool *pool) {
    size_t size = 4 * strlen(text) + 1; /* a byte becomes "\xff" at most */
    if (!text[text_plain(text)])
        return text;
    char *shown = pool_alloc(pool, size);
    text_show(shown, size, text);
    return shown;
}

/* In $'...' a backslash is an escape, as those of text_show; in '...' it is itself. */
const char *text_quoted(const char *text, struct pool *pool) {
    static const char harmless[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=:,+-";
    bool plain = !text[text_plain(text)];
    if (*text && strspn(text, harmless) == strlen(text))
        return text;
    const char *result = plain ? "'" : "$'";
    char escape[LONGEST_ESCAPE];
    while (*text) {
        size_t size = plain_size(text);
        if (size == 0)
            text += write_escape(text, escape);
        else if (*text == '\'')
            snprintf(escape, sizeof escape, "%s", plain ? "'\\''" : "\\'");
        else
            snprintf(escape, sizeof escape, "%s%.*s", *text == '\\' && !plain ? "\\" : "",
                     (int)size, text);
        result = pool_format(pool, "%s%s", result, escape);
        text += size;
    }
    return pool_format(pool, "%s'", result);
}

/* ---- the program's name ---- */

static const char program[] = "normlab ";
static const char *called_by = "normlab";

void text_set_program(const char *called) {
    if (called && *called)
        called_by = called;
}

const char *text_program(struct pool *pool) {
    return text_quoted(called_by, pool);
}

/* Does a command for a shell begin here, by what stands in front of it? */
static bool begins_command(const char *text, const char *at) {
    static const char *const before[] = {"`", ": ", "see ", "$ "};
    bool is_command = at[sizeof program - 1] >= 'a' && at[sizeof program - 1] <= 'z';
    bool begins = false;
    for (size_t i = 0; i < sizeof before / sizeof *before && is_command && !begins; i++) {
        size_t size = strlen(before[i]);
        begins = (size_t)(at - text) >= size && !strncmp(at - size, before[i], size);
    }
    return begins;
}

const char *text_called(const char *text, struct pool *pool) {
    const char *result = "", *from = text, *name = text_program(pool);
    if (!strcmp(called_by, "normlab"))
        return text;
    for (const char *at = text; (at = strstr(at, program)) != NULL; at += sizeof program - 1) {
        if (!begins_command(text, at))
            continue;
        result = pool_format(pool, "%s%.*s%s ", result, (int)(at - from), from, name);
        from = at + sizeof program - 1;
    }
    return *result ? pool_format(pool, "%s%s", result, from) : text;
}

/* ---- printing ---- */

void text_vprint(FILE *out, const char *format, va_list arguments) {
    struct pool pool = {0};
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = pool_alloc(&pool, (size_t)(size > 0 ? size : 0) + 1);
    if (size > 0)
        vsnprintf(text, (size_t)size + 1, format, arguments);
    const char *shown = text_visible(text, &pool);
    fputs(out == stderr ? text_called(shown, &pool) : shown, out);
    pool_free(&pool);
}

void text_print(FILE *out, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    text_vprint(out, format, arguments);
    va_end(arguments);
}

void text_print_path(FILE *out, const char *path) {
    int descriptor = fileno(out); /* none: the program's output, which remembers its errors */
    if (isatty(descriptor >= 0 ? descriptor : STDOUT_FILENO) == 1)
        text_print(out, "%s\n", path);
    else
        fprintf(out, "%s\n", path);
}
