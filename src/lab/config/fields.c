#include "lab/config/fields.h"

#include <math.h>
#include <string.h>

#include "io/files.h"
#include "lab/config/key_nodes.h"

enum status fields_read_file(const char *file, struct pool *pool, struct yaml_node **root) {
    char *text = NULL;
    if (file_read(file, pool, &text))
        return fail(ERROR_USAGE, "%s", status_message());
    enum status status = yaml_tree_read(file, text, pool, root);
    if (!status && (*root)->kind != YAML_MAP)
        status = fail_at(fail(ERROR_USAGE, "must be a map: schema: 1, name: ..., claim: ..."),
                         (*root)->origin);
    return status;
}

const struct yaml_node *node_without(const struct yaml_node *map,
                                     bool (*left_out)(const char *name, const void *argument),
                                     const void *argument, struct pool *pool) {
    struct yaml_node *rest = pool_alloc(pool, sizeof *rest), **end = &rest->first;
    *rest = *map;
    rest->n = 0;
    for (const struct yaml_node *entry = map->first; entry; entry = entry->next) {
        if (left_out(entry->key, argument))
            continue;
        *end = pool_alloc(pool, sizeof **end);
        **end = *entry;
        end = &(*end)->next;
        rest->n++;
    }
    *end = NULL;
    return rest;
}

enum status node_text(const struct yaml_node *node, struct pool *pool, const char **text) {
    const struct key key = {.name = node->key, .type = KEY_TEXT};
    struct value value = {0};
    enum status status = node_value(node, &key, pool, &value);
    if (!status)
        *text = value.text;
    return status;
}

enum status node_number(const struct yaml_node *node, double *number) {
    const struct key key = {.name = node->key ? node->key : "number", .type = KEY_REAL};
    struct pool pool = {0};
    struct value value = {0};
    enum status status = node_value(node, &key, &pool, &value);
    if (!status)
        *number = value.real;
    pool_free(&pool);
    return status;
}

enum status node_word(const struct yaml_node *node, const char *words, long *index) {
    const struct key key = {.name = node->key, .type = KEY_CHOICE, .words = words};
    struct pool pool = {0};
    struct value value = {0};
    enum status status = node_value(node, &key, &pool, &value);
    if (!status)
        *index = value.integer;
    pool_free(&pool);
    return status;
}
