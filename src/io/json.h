/* JSON, as much as plan.json and journal.jsonl need: written piece by piece, read as a tree. */
#pragma once

#include <stdio.h>

#include "base/pool.h"
#include "base/status.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_TEXT, JSON_LIST, JSON_OBJECT };

struct json {
    enum json_type type;
    const char *name; /* a member's name in its object; NULL elsewhere */
    const char *text;
    double number; /* NUMBER; BOOL: 0 or 1 */
    int n;         /* members of a list or an object */
    struct json *first, *next;
};

/* Everything that is read lives in `pool`. ERROR_RESULTS with the line of what is wrong. */
enum status json_parse(const char *text, struct pool *pool, struct json **value);

/* A member of an object; NULL, `fallback`: there is none of that type. */
const struct json *json_get(const struct json *object, const char *name);
const struct json *json_list(const struct json *object, const char *name);
const char *json_text(const struct json *object, const char *name, const char *fallback);
double json_number(const struct json *object, const char *name, double fallback);

/* `text` in quotes, with what must be escaped. */
void json_write_text(FILE *out, const char *text);
