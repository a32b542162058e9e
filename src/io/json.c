#include "io/json.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 64 };

struct reader {
    const char *start, *at;
    struct pool *pool;
    int depth;
};

static enum status fail_here(const struct reader *reader, const char *what) {
    int line = 1;
    for (const char *c = reader->start; c < reader->at; c++)
        line += *c == '\n';
    return fail(ERROR_RESULTS, "line %d: %s", line, what);
}

static void skip_space(struct reader *reader) {
    reader->at += strspn(reader->at, " \t\r\n");
}

static bool take(struct reader *reader, const char *word) {
    size_t length = strlen(word);
    if (strncmp(reader->at, word, length) != 0)
        return false;
    reader->at += length;
    return true;
}

/* Four hexadecimal digits at `at`, or -1. */
static long hex4(const char *at) {
    char digits[5] = "";
    for (int i = 0; i < 4 && isxdigit((unsigned char)at[i]); i++)
        digits[i] = at[i];
    return strlen(digits) == 4 ? strtol(digits, NULL, 16) : -1;
}

static char *put_utf8(char *out, unsigned long c) {
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xC0 | c >> 6);
        *out++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *out++ = (char)(0xE0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 0x3F));
        *out++ = (char)(0x80 | (c & 0x3F));
    } else {
        *out++ = (char)(0xF0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 0x3F));
        *out++ = (char)(0x80 | (c >> 6 & 0x3F));
        *out++ = (char)(0x80 | (c & 0x3F));
    }
    return out;
}

/* What follows "\u", with the second half of a surrogate pair; 0 where it is no character. */
static unsigned long read_unicode(struct reader *reader) {
    long high = hex4(reader->at);
    if (high <= 0 || (high >= 0xDC00 && high < 0xE000))
        return 0;
    reader->at += 4;
    if (high < 0xD800 || high >= 0xE000)
        return (unsigned long)high;
    long low = take(reader, "\\u") ? hex4(reader->at) : -1;
    if (low < 0xDC00 || low >= 0xE000)
        return 0;
    reader->at += 4;
    return 0x10000UL + ((unsigned long)(high - 0xD800) << 10) + (unsigned long)(low - 0xDC00);
}

static enum status read_text(struct reader *reader, const char **text) {
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *end = reader->at + 1;
    while (*end && *end != '"')
        end += *end == '\\' && end[1] ? 2 : 1;
    char *out = pool_alloc(reader->pool, (size_t)(end - reader->at) + 1);
    *text = out;
    for (reader->at++; *reader->at && *reader->at != '"';) {
        char c = *reader->at++;
        if (c != '\\') {
            *out++ = c;
            continue;
        }
        const char *escape = *reader->at ? strchr(escapes, *reader->at) : NULL;
        unsigned long code = 0;
        if (escape)
            *out++ = meanings[escape - escapes], reader->at++;
        else if (take(reader, "u") && (code = read_unicode(reader)) != 0)
            out = put_utf8(out, code);
        else
            return fail_here(reader, "unknown escape in a text");
    }
    return take(reader, "\"") ? OK : fail_here(reader, "a text without its closing quote");
}

static enum status read_value(struct reader *reader, struct json *value);

static enum status read_member(struct reader *reader, struct json *member, bool named) {
    skip_space(reader);
    if (named) {
        if (*reader->at != '"')
            return fail_here(reader, "expected a name in quotes");
        enum status status = read_text(reader, &member->name);
        if (status)
            return status;
        skip_space(reader);
        if (!take(reader, ":"))
            return fail_here(reader, "expected ':' after a name");
    }
    return read_value(reader, member);
}

/* Members up to `close`, a list's or an object's. */
static enum status read_members(struct reader *reader, struct json *parent, const char *close) {
    struct json **tail = &parent->first;
    skip_space(reader);
    if (take(reader, close))
        return OK;
    do {
        struct json *member = pool_alloc(reader->pool, sizeof *member);
        enum status status = read_member(reader, member, parent->type == JSON_OBJECT);
        if (status)
            return status;
        *tail = member;
        tail = &member->next;
        parent->n++;
        skip_space(reader);
    } while (take(reader, ","));
    return take(reader, close) ? OK : fail_here(reader, "expected ',' or the closing bracket");
}

static enum status read_number(struct reader *reader, struct json *value) {
    char *end;
    value->type = JSON_NUMBER;
    value->number = strtod(reader->at, &end);
    if (end == reader->at || !strchr("-0123456789", *reader->at))
        return fail_here(reader, *reader->at ? "expected a value" : "ends too early");
    reader->at = end;
    return OK;
}

static enum status read_value(struct reader *reader, struct json *value) {
    skip_space(reader);
    if (++reader->depth > MAX_DEPTH)
        return fail_here(reader, "nested too deeply");
    enum status status = OK;
    if (*reader->at == '"') {
        value->type = JSON_TEXT;
        status = read_text(reader, &value->text);
    } else if (take(reader, "{")) {
        value->type = JSON_OBJECT;
        status = read_members(reader, value, "}");
    } else if (take(reader, "[")) {
        value->type = JSON_LIST;
        status = read_members(reader, value, "]");
    } else if (take(reader, "true") || take(reader, "false")) {
        value->type = JSON_BOOL;
        value->number = reader->at[-2] == 'u'; /* tr_u_e, fal_s_e */
    } else if (take(reader, "null")) {
        value->type = JSON_NULL;
    } else {
        status = read_number(reader, value);
    }
    reader->depth--;
    return status;
}

enum status json_parse(const char *text, struct pool *pool, struct json **value) {
    struct reader reader = {.start = text, .at = text, .pool = pool};
    struct json *root = pool_alloc(pool, sizeof *root);
    enum status status = read_value(&reader, root);
    if (status)
        return status;
    skip_space(&reader);
    if (*reader.at)
        return fail_here(&reader, "something follows the end");
    *value = root;
    return OK;
}

const struct json *json_get(const struct json *object, const char *name) {
    if (!object || object->type != JSON_OBJECT)
        return NULL;
    for (const struct json *member = object->first; member; member = member->next)
        if (strcmp(member->name, name) == 0)
            return member;
    return NULL;
}

const struct json *json_list(const struct json *object, const char *name) {
    const struct json *member = json_get(object, name);
    return member && member->type == JSON_LIST ? member : NULL;
}

const char *json_text(const struct json *object, const char *name, const char *fallback) {
    const struct json *member = json_get(object, name);
    return member && member->type == JSON_TEXT ? member->text : fallback;
}

double json_number(const struct json *object, const char *name, double fallback) {
    const struct json *member = json_get(object, name);
    return member && member->type == JSON_NUMBER ? member->number : fallback;
}

void json_write_text(FILE *out, const char *text) {
    putc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c == '\n')
            fputs("\\n", out);
        else if (*c < 0x20)
            fprintf(out, "\\u%04x", *c);
        else
            putc(*c, out);
    putc('"', out);
}
