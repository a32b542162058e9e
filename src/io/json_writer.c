/* Writes JSON: brackets, commas and escapes; layouts are the callers'. */
#include "io/json_writer.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

const struct json_layout json_one_line = {"", ", ", ""};

/* Bytes of the character of UTF-8 at `text`, 1 to 4; 0 where there is none (RFC 3629, section 4).
 */
static size_t character_size(const char *text) {
    static const struct {
        unsigned char first_low, first_high, second_low, second_high;
        size_t size;
    } forms[] = {
        {0x01, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    const unsigned char *c = (const unsigned char *)text;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t n = 1;
        if (c[0] < forms[i].first_low || c[0] > forms[i].first_high)
            continue;
        if (forms[i].size > 1 && c[1] >= forms[i].second_low && c[1] <= forms[i].second_high)
            for (n = 2; n < forms[i].size && (c[n] & 0xC0) == 0x80;)
                n++;
        return n == forms[i].size ? n : 0;
    }
    return 0;
}

/* One character, and how far it reaches. */
static size_t write_character(FILE *out, const char *text) {
    size_t size = character_size(text);
    unsigned char c = (unsigned char)*text;
    if (size == 0)
        fputs("\xEF\xBF\xBD", out);
    else if (c == '"' || c == '\\')
        fprintf(out, "\\%c", c);
    else if (c == '\n')
        fputs("\\n", out);
    else if (c < 0x20)
        fprintf(out, "\\u%04x", c);
    else
        fwrite(text, 1, size, out); /* whoever owns it asks ferror */
    return size ? size : 1;
}

static void write_text(FILE *out, const char *text) {
    putc('"', out);
    while (*text)
        text += write_character(out, text);
    putc('"', out);
}

/* What stands before a value: a comma, its name. */
static void begin_value(struct json_writer *writer, const char *name) {
    if (writer->depth > 0) {
        struct json_level *level = &writer->levels[writer->depth - 1];
        const char *usual = level->any ? level->layout->next : level->layout->first;
        fputs(writer->before ? writer->before : usual, writer->out);
        level->any = true;
        writer->before = NULL;
    }
    if (name) {
        write_text(writer->out, name);
        fputs(": ", writer->out);
    }
}

static void open_level(struct json_writer *writer, const char *name, char open, char close,
                       const struct json_layout *layout) {
    assert(writer->depth < JSON_WRITER_DEPTH);
    begin_value(writer, name);
    putc(open, writer->out);
    writer->levels[writer->depth++] = (struct json_level){.layout = layout, .close = close};
}

void json_open_object(struct json_writer *writer, const char *name,
                      const struct json_layout *layout) {
    open_level(writer, name, '{', '}', layout);
}

void json_open_list(struct json_writer *writer, const char *name,
                    const struct json_layout *layout) {
    open_level(writer, name, '[', ']', layout);
}

void json_close(struct json_writer *writer) {
    const struct json_level *level = &writer->levels[--writer->depth];
    fprintf(writer->out, "%s%c", level->layout->last, level->close);
    if (writer->depth == 0)
        putc('\n', writer->out);
}

void json_put_text(struct json_writer *writer, const char *name, const char *text) {
    begin_value(writer, name);
    write_text(writer->out, text);
}

void json_put(struct json_writer *writer, const char *name, const char *format, ...) {
    va_list arguments;
    begin_value(writer, name);
    va_start(arguments, format);
    vfprintf(writer->out, format, arguments);
    va_end(arguments);
}

void json_break(struct json_writer *writer, const char *text) {
    writer->before = text;
}
