/* Reads keys and values from a tree of YAML, each checked where it stands. */
#include "lab/config/key_nodes.h"

#include <string.h>

#include "base/words.h"
#include "lab/config/override.h"

bool key_group_is(const char *name) {
    size_t length = strlen(name);
    for (int i = 0; i < key_count(); i++)
        if (!strncmp(key_get(i)->name, name, length) && key_get(i)->name[length] == '.')
            return true;
    return false;
}

bool node_is_null(const struct yaml_node *node) {
    if (node->kind != YAML_SCALAR || node->quoted)
        return false;
    return !*node->text || !strcmp(node->text, "~") || !strcmp(node->text, "null");
}

const struct yaml_node *node_find(const struct yaml_node *map, const char *name) {
    for (const struct yaml_node *entry = map->kind == YAML_MAP ? map->first : NULL; entry;
         entry = entry->next)
        if (!strcmp(entry->key, name))
            return entry;
    return NULL;
}

/* The group that is nearer than any key, or NULL. */
static const char *nearest_group(const char *name, struct pool *pool) {
    int n = key_count();
    const char **names = pool_alloc(pool, 2 * (size_t)n * sizeof *names);
    for (int i = 0; i < n; i++) {
        names[i] = key_get(i)->name;
        names[n + i] = pool_format(pool, "%.*s", (int)strcspn(names[i], "."), names[i]);
    }
    const char *nearest = nearest_word(name, names, 2 * n);
    return nearest && key_find(nearest) < 0 ? nearest : NULL;
}

static enum status fail_group(const char *name, struct pool *pool) {
    const char *key = word_synonym(name, key_names(pool), key_count());
    return key ? fail(ERROR_USAGE,
                      "'%s' is a group of keys (did you mean '%s'?); of a group write %s: {key: "
                      "value}",
                      name, key, name)
               : fail(ERROR_USAGE, "'%s' is a group of keys; write %s: {key: value}", name, name);
}

static enum status require_key(const char *name, struct pool *pool, int *key) {
    if (key_group_is(name))
        return fail_group(name, pool);
    const char *group = key_find(name) < 0 ? nearest_group(name, pool) : NULL;
    if (group)
        return fail(ERROR_USAGE, "unknown key '%s' (did you mean '%s'?)", name, group);
    return key_require(name, key);
}

static enum status add_key(const char *name, const struct yaml_node *node, struct pool *pool,
                           int *n, struct key_node *nodes) {
    int key;
    enum status status = require_key(name, pool, &key);
    if (status)
        return fail_at(status, node->key_origin);
    for (int i = 0; i < *n; i++)
        if (nodes[i].key == key) /* analysis: the first *n are filled */
            return fail_at(fail(ERROR_USAGE,
                                "'%s' stands here a second time; the first is in line %d", name,
                                nodes[i].node->key_origin.line),
                           node->key_origin);
    nodes[(*n)++] = (struct key_node){key, node};
    return OK;
}

/* Of {lr: 0,1} or {seed: range(2, 5)}, what stands after the comma: no key begins with a digit. */
static bool is_rest_of_value(const struct yaml_node *entry) {
    const char *first = entry->key + strspn(entry->key, "+-.");
    return *first >= '0' && *first <= '9' && node_is_null(entry);
}

static enum status walk(const struct yaml_node *map, const char *prefix, struct pool *pool, int *n,
                        struct key_node *nodes) {
    enum status status = OK;
    for (const struct yaml_node *entry = map->first; entry && !status; entry = entry->next) {
        const char *name = pool_format(pool, "%s%s", prefix, entry->key);
        if (entry != map->first && is_rest_of_value(entry))
            status = fail_at(fail(ERROR_USAGE,
                                  "'%s': a comma begins a new key here; the decimal sign is a "
                                  "point, and range(a, b) goes in quotes",
                                  entry->key),
                             entry->key_origin);
        else if (entry->kind == YAML_MAP && key_group_is(name))
            status = walk(entry, pool_format(pool, "%s.", name), pool, n, nodes);
        else
            status = add_key(name, entry, pool, n, nodes);
    }
    return status;
}

enum status key_nodes_read(const struct yaml_node *map, struct pool *pool, int *n,
                           struct key_node **nodes) {
    *n = 0;
    *nodes = pool_alloc(pool, (size_t)key_count() * sizeof **nodes);
    return walk(map, "", pool, n, *nodes);
}

static const char *const expected[] = {
    [KEY_BOOL] = "true or false",
    [KEY_INT] = "a whole number",
    [KEY_REAL] = "a number",
    [KEY_CHOICE] = "a word",
    [KEY_TEXT] = "a text",
    [KEY_INTS] = "a list of whole numbers, such as [100, 50]",
    [KEY_REALS] = "a list of numbers, such as [0.5, 0.75]",
};

static const char *const kinds[] = {
    [YAML_SCALAR] = "a single value",
    [YAML_LIST] = "a list",
    [YAML_MAP] = "a map",
};

static enum status fail_kind(const struct yaml_node *node, const struct key *key) {
    fail(ERROR_USAGE, "%s: must be %s, not %s", key->name, expected[key->type], kinds[node->kind]);
    return fail_at(ERROR_USAGE, node->origin);
}

/* Text in quotes is no number, but may be the word that stands for one. */
static bool wrongly_quoted(const struct yaml_node *node, const struct key *key) {
    bool text = key->type == KEY_TEXT || key->type == KEY_CHOICE;
    return node->quoted && !text && !(key->words && !strcmp(node->text, key->words));
}

static enum status scalar_value(const struct yaml_node *node, const struct key *key,
                                struct pool *pool, struct value *value) {
    enum status status;
    if (node->kind != YAML_SCALAR) /* analysis: a node that was found */
        return fail_kind(node, key);
    if (node_is_null(node))
        status = fail(ERROR_USAGE, "%s: has no value", key->name);
    else if (wrongly_quoted(node, key))
        status = fail(ERROR_USAGE, "%s: '%s' is text in quotes; write it without them", key->name,
                      node->text);
    else
        status = key_parse(key, node->text, pool, value);
    return status ? fail_at(status, node->origin) : OK;
}

/* Each item is read by itself, so that a message has its position. */
static enum status list_value(const struct yaml_node *node, const struct key *key,
                              struct pool *pool, struct value *value) {
    if (node->kind != YAML_LIST)
        return fail_kind(node, key);
    struct key item_key = *key;
    item_key.type = key->type == KEY_INTS ? KEY_INT : KEY_REAL;
    double *items = pool_alloc(pool, (size_t)node->n * sizeof *items);
    int n = 0;
    for (const struct yaml_node *item = node->first; item; item = item->next) {
        struct value read;
        enum status status = scalar_value(item, &item_key, pool, &read);
        if (status)
            return status;
        items[n++] = read.real;
    }
    *value = (struct value){.items = items, .n_items = n};
    return OK;
}

static bool is_list_type(const struct key *key) {
    return key->type == KEY_INTS || key->type == KEY_REALS;
}

enum status node_value(const struct yaml_node *node, const struct key *key, struct pool *pool,
                       struct value *value) {
    return is_list_type(key) ? list_value(node, key, pool, value)
                             : scalar_value(node, key, pool, value);
}

static enum status range_values(const struct yaml_node *node, const struct key *key,
                                struct pool *pool, struct node_values *values) {
    enum status status = values_append(key, node->text, pool, &values->n, &values->values);
    if (status)
        return fail_at(status, node->origin);
    values->origins = pool_alloc(pool, (size_t)values->n * sizeof *values->origins);
    for (int i = 0; i < values->n; i++)
        values->origins[i] = node->origin;
    return OK;
}

/* `n` nodes from `first` on. */
static enum status item_values(const struct yaml_node *first, int n, const struct key *key,
                               struct pool *pool, struct node_values *values) {
    values->values = pool_alloc(pool, (size_t)n * sizeof *values->values);
    values->origins = pool_alloc(pool, (size_t)n * sizeof *values->origins);
    const struct yaml_node *item = first;
    for (int i = 0; i < n; i++, item = item->next) {
        enum status status = node_value(item, key, pool, &values->values[i]);
        if (status)
            return status;
        values->origins[i] = item->origin;
        values->n++;
    }
    return OK;
}

/* In {} a range of two numbers needs quotes, because of its comma. */
static bool node_is_range(const struct yaml_node *node, const struct key *key) {
    bool is_text = node->quoted && key->type == KEY_TEXT;
    return node->kind == YAML_SCALAR && !is_text && sequence_is(node->text);
}

enum status node_axis_values(const struct yaml_node *node, const struct key *key, struct pool *pool,
                             struct node_values *values) {
    *values = (struct node_values){0};
    if (node_is_range(node, key))
        return range_values(node, key, pool, values);
    if (node->kind == YAML_LIST && node->n > 0)
        return item_values(node->first, node->n, key, pool, values);
    if (node->kind == YAML_LIST)
        fail(ERROR_USAGE, "%s: has no values", key->name);
    else
        fail(ERROR_USAGE, "%s: must be a list of values or range(n), not %s", key->name,
             kinds[node->kind]);
    return fail_at(ERROR_USAGE, node->origin);
}

enum status node_excluded_values(const struct yaml_node *node, const struct key *key,
                                 struct pool *pool, struct node_values *values) {
    bool items_are_lists = node->first && node->first->kind == YAML_LIST;
    bool several = node->kind == YAML_LIST && (!is_list_type(key) || items_are_lists);
    if (several || node_is_range(node, key))
        return node_axis_values(node, key, pool, values);
    *values = (struct node_values){0};
    return item_values(node, 1, key, pool, values);
}
