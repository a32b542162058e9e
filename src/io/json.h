/* JSON, read as a tree. */
#pragma once

#include "base/pool.h"
#include "base/status.h"

/* Not all names are the usual ones: JSON_NULL and JSON_OBJECT are jansson's. */
enum json_type { JSON_NONE, JSON_BOOL, JSON_NUMBER, JSON_TEXT, JSON_LIST, JSON_MAP };

struct json {
    enum json_type type;
    const char *name; /* a member's name in its object; NULL elsewhere */
    const char *text;
    double number; /* NUMBER; BOOL: 0 or 1 */
    int n;         /* members of a list or an object */
    struct json *first, *next;
};

/* Reads one value of any type into `pool`. ERROR_RESULTS with the line for whatever is not JSON
 * (RFC 8259), for two members of one name, a number that no double holds, and "\u0000"; without a
 * line for more than 64 levels. */
enum status json_parse(const char *text, struct pool *pool, struct json **value);

/* A member of an object; NULL, `fallback`: there is none of that type. */
const struct json *json_get(const struct json *object, const char *name);
const struct json *json_list(const struct json *object, const char *name);
const char *json_text(const struct json *object, const char *name, const char *fallback);
double json_number(const struct json *object, const char *name, double fallback);
