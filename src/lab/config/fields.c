/* Reads sections of YAML files by their tables of fields. */
#include "lab/config/fields.h"

#include <ctype.h>
#include <string.h>

#include "base/words.h"
#include "io/files.h"
#include "lab/config/key_nodes.h"

enum status fields_read_file(const char *file, struct pool *pool, struct yaml_node **root) {
    char *text = NULL;
    enum status status = file_read(file, pool, &text);
    if (status)
        return status == ERROR_UNREADABLE ? status : fail(ERROR_USAGE, "%s", status_message());
    status = yaml_tree_read(file, text, pool, root);
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

/* ---- sections ---- */

const struct field *section_find(const struct section *section, const char *name) {
    for (int i = 0; i < section->n; i++) {
        const struct field *field = &section->fields[i];
        if (!strcmp(field->name, name) || (field->alias && !strcmp(field->alias, name)))
            return field;
    }
    return NULL;
}

/* "judge: ", or nothing where the file itself is the section. */
static const char *prefix(const struct section *section, struct pool *pool) {
    return section->name ? pool_format(pool, "%s: ", section->name) : "";
}

enum status section_fail_unknown(const struct section *section, const struct yaml_node *node) {
    struct pool pool = {0};
    const char **names = pool_alloc(&pool, (size_t)section->n * sizeof *names), *list = "";
    for (int i = 0; i < section->n; i++) {
        names[i] = section->fields[i].name;
        list = pool_format(&pool, "%s%s%s", list, i ? ", " : "", names[i]);
    }
    const char *near = nearest_word(node->key, names, section->n);
    if (near)
        fail(ERROR_USAGE, "%sunknown field '%s' (did you mean '%s'?)", prefix(section, &pool),
             node->key, near);
    else
        fail(ERROR_USAGE, "%sunknown field '%s'; here stand %s", prefix(section, &pool), node->key,
             list);
    pool_free(&pool);
    return fail_at(ERROR_USAGE, node->key_origin);
}

enum status section_fail_missing(const struct section *section, const struct yaml_node *map,
                                 const char *what) {
    struct pool pool = {0};
    fail(ERROR_USAGE, "%shas no %s", prefix(section, &pool), what);
    pool_free(&pool);
    return fail_at(ERROR_USAGE, map->origin);
}

static enum status read_field(const struct field *field, const struct yaml_node *node,
                              const struct yaml_node *map, struct pool *pool, void *target) {
    if (field->may_be_empty && node_is_null(node))
        return OK;
    if (strcmp(node->key, field->name) != 0 && node_find(map, field->name))
        return fail_at(fail(ERROR_USAGE, "%s: is the old name of %s, which stands here as well",
                            node->key, field->name),
                       node->key_origin);
    if (field->kind != YAML_SCALAR && node->kind != field->kind)
        return fail_at(fail(ERROR_USAGE, "%s: must be a %s", node->key, field->form), node->origin);
    return field->read(node, field, pool, target);
}

static enum status read_entry(const struct section *section, const struct yaml_node *node,
                              const struct yaml_node *map, struct pool *pool, void *target) {
    const struct field *field = section_find(section, node->key);
    if (field)
        return read_field(field, node, map, pool, target);
    return section->other ? section->other(node, section, pool, target)
                          : section_fail_unknown(section, node);
}

static const struct yaml_node *find_node(const struct field *field, const struct yaml_node *map) {
    const struct yaml_node *node = node_find(map, field->name);
    return node || !field->alias ? node : node_find(map, field->alias);
}

static enum status read_in_row_order(const struct section *section, const struct yaml_node *map,
                                     struct pool *pool, void *target) {
    enum status status = OK;
    for (const struct yaml_node *node = map->first; node && !status; node = node->next)
        if (!section_find(section, node->key))
            status = read_entry(section, node, map, pool, target);
    for (int i = 0; i < section->n && !status; i++) {
        const struct field *field = &section->fields[i];
        const struct yaml_node *node = find_node(field, map);
        if (node)
            status = read_field(field, node, map, pool, target);
        else if (field->required)
            status = section_fail_missing(section, map, field->required);
    }
    return status;
}

enum status section_read(const struct section *section, const struct yaml_node *map,
                         struct pool *pool, void *target) {
    if (section->in_row_order)
        return read_in_row_order(section, map, pool, target);
    enum status status = OK;
    for (const struct yaml_node *node = map->first; node && !status; node = node->next)
        status = read_entry(section, node, map, pool, target);
    for (int i = 0; i < section->n && !status; i++)
        if (section->fields[i].required && !find_node(&section->fields[i], map))
            status = section_fail_missing(section, map, section->fields[i].required);
    return status;
}

static bool has_row(const char *name, const void *section) {
    return section_find(section, name) != NULL;
}

const struct yaml_node *section_rest(const struct section *section, const struct yaml_node *map,
                                     struct pool *pool) {
    return node_without(map, has_row, section, pool);
}

const char *section_form(const struct field *field, struct pool *pool) {
    if (field->form)
        return field->form;
    const char *text = "";
    const char *words = field->words;
    for (bool more = true; more;) {
        size_t size = strcspn(words, "|");
        text = pool_format(pool, "%s%s`%.*s`", text, *text ? ", " : "", (int)size, words);
        more = words[size] == '|';
        words += size + more;
    }
    return text;
}

/* ---- readers ---- */

enum status field_text(const struct yaml_node *node, const struct field *field, struct pool *pool,
                       void *target) {
    return node_text(node, pool, (const char **)((char *)target + field->offset));
}

enum status field_number(const struct yaml_node *node, const struct field *field, struct pool *pool,
                         void *target) {
    (void)pool;
    return node_number(node, (double *)((char *)target + field->offset));
}

enum status field_word(const struct yaml_node *node, const struct field *field, struct pool *pool,
                       void *target) {
    (void)pool;
    return node_word(node, field->words, (long *)((char *)target + field->offset));
}

enum status field_bool(const struct yaml_node *node, const struct field *field, struct pool *pool,
                       void *target) {
    const struct key key = {.name = node->key, .type = KEY_BOOL};
    struct value value = {0};
    enum status status = node_value(node, &key, pool, &value);
    if (!status)
        *(bool *)((char *)target + field->offset) = value.integer != 0;
    return status;
}

enum status field_name(const struct yaml_node *node, const struct field *field, struct pool *pool,
                       void *target) {
    (void)pool;
    return node_name(node, (const char **)((char *)target + field->offset));
}

enum status field_node(const struct yaml_node *node, const struct field *field, struct pool *pool,
                       void *target) {
    (void)pool;
    *(const struct yaml_node **)((char *)target + field->offset) = node;
    return OK;
}

enum status list_check_entry(const struct yaml_node *list, const struct yaml_node *entry) {
    if (entry->kind == YAML_MAP && entry->n > 0)
        return OK;
    fail(ERROR_USAGE, "%s: each entry must be a map such as {key: value}", list->key);
    return fail_at(ERROR_USAGE, entry->origin);
}

/* ---- single values ---- */

enum status node_text(const struct yaml_node *node, struct pool *pool, const char **text) {
    const struct key key = {.name = node->key, .type = KEY_TEXT};
    struct value value = {0};
    enum status status = node_value(node, &key, pool, &value);
    if (!status)
        *text = value.text;
    return status;
}

enum { MOST_LETTERS = 64 };

static bool is_name(const char *text) {
    size_t i = 0;
    while (isalnum((unsigned char)text[i]) || text[i] == '_' || text[i] == '-')
        i++;
    return i > 0 && text[i] == 0;
}

enum status name_check(const char *what, const char *name) {
    if (!is_name(name))
        return fail(ERROR_USAGE, "%s: must be a word of letters, digits, _ and -", what);
    if (strlen(name) > MOST_LETTERS)
        return fail(ERROR_USAGE, "%s: must have at most %d characters", what, MOST_LETTERS);
    return OK;
}

enum status node_name(const struct yaml_node *node, const char **name) {
    bool is_text = node->kind == YAML_SCALAR && !node_is_null(node);
    enum status status = name_check(node->key, is_text ? node->text : "");
    if (status)
        return fail_at(status, node->origin);
    *name = node->text;
    return OK;
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
