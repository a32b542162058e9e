/* Paragraphs, rows of help and commands for a person. */
#include "cli/print.h"

#include <stdbool.h>
#include <string.h>

#include "cli/terminal.h"

/* Of so many bytes, those that begin a character of UTF-8. */
static int columns_of(const char *text, size_t size) {
    int width = 0;
    for (size_t i = 0; i < size; i++)
        width += ((unsigned char)text[i] & 0xC0) != 0x80;
    return width;
}

int print_columns(const char *text) {
    return columns_of(text, strlen(text));
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
        int length = columns_of(text, (size_t)size);
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

/* ---- lines of columns ---- */

/* Where the last column of a line begins, behind two blanks or more; its lead: there is only one.
 */
static size_t last_column(const char *line, size_t size) {
    size_t lead = strspn(line, " "), last = lead;
    for (size_t i = lead; i + 2 < size; i++)
        if (line[i] == ' ' && line[i + 1] == ' ' && line[i + 2] != ' ')
            last = i + 2;
    return last;
}

/* A word; of choices, "a|b|c", that find no room in a line, as many as do. */
static size_t piece_size(const char *text, int room) {
    size_t size = strcspn(text, " \n"), cut = size;
    for (size_t i = 1; columns_of(text, size) > room && i < size && columns_of(text, i) <= room;
         i++)
        if (text[i - 1] == '|')
            cut = i;
    return cut;
}

/* The text with an end of line behind each such piece. */
static const char *break_choices(const char *text, int room, struct pool *pool) {
    struct text broken;
    FILE *out = text_begin(&broken, pool);
    while (*text) {
        size_t size = piece_size(text, room);
        bool is_cut = size > 0 && text[size] && text[size] != ' ' && text[size] != '\n';
        fprintf(out, "%.*s", (int)size, text);
        text += size;
        if (is_cut)
            fputc('\n', out);
        else if (*text)
            fputc(*text++, out);
    }
    return text_end(&broken);
}

/* The last column goes on below itself or, where this leaves it no room, stands below the others.
 */
static void print_line(FILE *out, const char *line, size_t size, int width, struct pool *pool) {
    enum { LEAST_TEXT = 24, FURTHER = 4 };
    size_t lead = strspn(line, " "), begin = last_column(line, size), end = begin;
    int at = columns_of(line, begin), indent = at;
    bool has_room = begin == lead || at + LEAST_TEXT <= width;
    while (!has_room && line[end - 1] == ' ')
        end--;
    fprintf(out, "%.*s", (int)end, line);
    if (!has_room)
        at = indent = begin_line(out, (int)lead + FURTHER);
    const char *text = pool_format(pool, "%.*s", (int)(size - begin), line + begin);
    print_hanging(out, break_choices(text, width - indent, pool), at, indent, width);
}

void print_lines(FILE *out, const char *text, int width) {
    struct pool pool = {0};
    while (*text) {
        size_t size = strcspn(text, "\n");
        if (columns_of(text, size) <= width)
            fprintf(out, "%.*s\n", (int)size, text);
        else
            print_line(out, text, size, width, &pool);
        text += size + (text[size] == '\n');
    }
    pool_free(&pool);
}

void print_fitted_begin(struct print_fitted *fitted) {
    *fitted = (struct print_fitted){.output = stdout};
    if (terminal_width() > 0)
        stdout = text_begin(&fitted->text, &fitted->pool);
}

void print_fitted_end(struct print_fitted *fitted) {
    if (stdout == fitted->output)
        return;
    stdout = fitted->output;
    print_lines(stdout, text_end(&fitted->text), terminal_width());
    pool_free(&fitted->pool);
}

void print_command(FILE *out, const char *line, int indent, int width) {
    const int hanging = indent + 4;
    int at = indent;
    bool begins = true;
    fprintf(out, "%*s", indent, "");
    while (*line) {
        size_t size = shell_word_size(line);
        int length = columns_of(line, size);
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
