/* Reads JSON with jansson and keeps it as a tree of our own, which lives in a pool. */
#include "io/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"

enum { MAX_DEPTH = 64 };

/* jansson's text as one of ours. */
static const char *visible(const char *text, struct pool *pool) {
    return pool_text(pool, text_visible(text, pool));
}

static enum status copy_value(const json_t *from, int depth, struct pool *pool, struct json *to);

static struct json *add_member(struct json *parent, struct json ***tail, struct pool *pool) {
    struct json *member = pool_alloc(pool, sizeof *member);
    **tail = member;
    *tail = &member->next;
    parent->n++;
    return member;
}

static enum status copy_list(const json_t *from, int depth, struct pool *pool, struct json *to) {
    struct json **tail = &to->first;
    enum status status = OK;
    for (size_t i = 0; i < json_array_size(from) && !status; i++)
        status = copy_value(json_array_get(from, i), depth, pool, add_member(to, &tail, pool));
    return status;
}

/* Members keep the order of the text. */
static enum status copy_map(const json_t *from, int depth, struct pool *pool, struct json *to) {
    struct json **tail = &to->first;
    enum status status = OK;
    json_t *map = (json_t *)from; /* iterators are not const, though nothing is changed */
    for (void *at = json_object_iter(map); at && !status; at = json_object_iter_next(map, at)) {
        struct json *member = add_member(to, &tail, pool);
        member->name = visible(json_object_iter_key(at), pool);
        status = copy_value(json_object_iter_value(at), depth, pool, member);
    }
    return status;
}

static enum status copy_value(const json_t *from, int depth, struct pool *pool, struct json *to) {
    static const enum json_type types[] = {
        [JSON_NULL] = JSON_NONE,   [JSON_TRUE] = JSON_BOOL,   [JSON_FALSE] = JSON_BOOL,
        [JSON_REAL] = JSON_NUMBER, [JSON_STRING] = JSON_TEXT, [JSON_ARRAY] = JSON_LIST,
        [JSON_OBJECT] = JSON_MAP,
    };
    if (depth == MAX_DEPTH)
        return fail(ERROR_RESULTS, "nested too deeply");
    to->type = types[json_typeof(from)];
    to->number = json_is_true(from) ? 1 : json_real_value(from);
    to->text = json_is_string(from) ? visible(json_string_value(from), pool) : NULL;
    if (to->type == JSON_LIST)
        return copy_list(from, depth + 1, pool, to);
    return to->type == JSON_MAP ? copy_map(from, depth + 1, pool, to) : OK;
}

/* jansson takes a text whose words it has no memory for to be wrong. */
static void *allocate(size_t size) {
    void *block = malloc(size);
    if (!block)
        pool_fail(size);
    return block;
}

enum status json_parse(const char *text, struct pool *pool, struct json **value) {
    json_error_t error;
    json_set_alloc_funcs(allocate, free);
    json_t *root = json_loads(
        text, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_REJECT_DUPLICATES, &error);
    if (!root)
        return fail(ERROR_RESULTS, "line %d: %s", error.line, error.text);
    struct json *copy = pool_alloc(pool, sizeof *copy);
    enum status status = copy_value(root, 0, pool, copy);
    json_decref(root);
    if (!status)
        *value = copy;
    return status;
}

const struct json *json_get(const struct json *object, const char *name) {
    if (!object || object->type != JSON_MAP)
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
