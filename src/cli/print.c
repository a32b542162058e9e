/* Paragraphs, rows of help and commands for a person. */
#include "cli/print.h"

#include <stdbool.h>
#include <string.h>

#include "cli/terminal.h"

/* Of so many bytes, those that begin a character of UTF-8. */
static size_t text_columns(const char *text, size_t size) {
    size_t width = 0;
    for (size_t i = 0; i < size; i++)
        width += ((unsigned char)text[i] & 0xC0) != 0x80;
    return width;
}

int print_columns(const char *text) {
    return (int)text_columns(text, strlen(text));
}

/* Up to a blank that is in no quotes. */
static size_t shell_word_size(const char *line) {
    char quote = '\0';
    size_t i = 0;
    for (; line[i] && (line[i] != ' ' || quote); i++)
        if (quote ? line[i] == quote : line[i] == '\'' || line[i] == '"')
            quote = quote ? '\0' : line[i];
    return i;
}

/* Breaks the line; the next one begins at column `indent`. */
static int begin_line(FILE *out, int indent) {
    fprintf(out, "\n%*s", indent, "");
    return indent;
}

void print_hanging(FILE *out, const char *text, int at, int indent, int width) {
    bool begins = true; /* no word stands in the line yet */
    while (*text) {
        int size = (int)strcspn(text, " \n");
        int length = (int)text_columns(text, (size_t)size);
        if ((!begins || at > indent) && at + !begins + length > width) {
            at = begin_line(out, indent);
            begins = true;
        }
        fprintf(out, "%s%.*s", begins ? "" : " ", size, text);
        at += length + !begins;
        begins = false;
        text += size;
        if (*text == '\n') {
            at = begin_line(out, text[1] == '\n' || !text[1] ? 0 : indent);
            begins = true;
        }
        text += *text == '\n' ? 1 : strspn(text, " ");
    }
    putc('\n', out);
}

void print_wrapped(FILE *out, const char *text, int width) {
    print_hanging(out, text, 0, 0, width);
}

void print_named(FILE *out, int name_width, const char *name, const char *text) {
    enum { INDENT = 4 };
    int at = fprintf(out, "%*s%-*s  ", INDENT, "", name_width, name);
    print_hanging(out, text, at, INDENT + name_width + 2, terminal_prose_width());
}

void print_command(FILE *out, const char *line, int indent, int width) {
    const int hanging = indent + 4;
    int at = indent;
    bool begins = true;
    fprintf(out, "%*s", indent, "");
    while (*line) {
        size_t size = shell_word_size(line);
        int length = (int)text_columns(line, size);
        if (!begins && at + 1 + length > width - 2) {
            fputs(" \\", out);
            at = begin_line(out, hanging);
            begins = true;
        }
        fprintf(out, "%s%.*s", begins ? "" : " ", (int)size, line);
        at += length + !begins;
        begins = false;
        line += size;
        line += strspn(line, " ");
    }
    putc('\n', out);
}
