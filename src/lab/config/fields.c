/* Reads sections of YAML files by their tables of fields. */
#include "lab/config/fields.h"

#include <string.h>

#include "base/words.h"
#include "io/files.h"
#include "lab/config/key_describe.h"
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

static bool fits_form(const struct yaml_node *node, unsigned form) {
    static const unsigned forms[] = {[YAML_SCALAR] = FORM_ONE | FORM_SEQUENCE,
                                     [YAML_LIST] = FORM_LIST | FORM_ENTRIES,
                                     [YAML_MAP] = FORM_MAP};
    return form & forms[node->kind];
}

static enum status fail_form(const struct yaml_node *node, const struct field *field,
                             struct pool *pool) {
    static const char *const kinds[] = {
        [YAML_SCALAR] = "a single value", [YAML_LIST] = "a list", [YAML_MAP] = "a map"};
    bool like = field->like && !strchr(field->like, '\n');
    fail(ERROR_USAGE, "%s: must be a %s%s%s, not %s", node->key, field_form(field, pool),
         like ? ", like " : "", like ? field->like : "", kinds[node->kind]);
    return fail_at(ERROR_USAGE, node->origin);
}

static enum status read_field(const struct field *field, const struct yaml_node *node,
                              const struct yaml_node *map, struct pool *pool, void *target) {
    if (field->may_be_empty && node_is_null(node))
        return OK;
    if (strcmp(node->key, field->name) != 0 && node_find(map, field->name))
        return fail_at(fail(ERROR_USAGE, "%s: is the old name of %s, which stands here as well",
                            node->key, field->name),
                       node->key_origin);
    return fits_form(node, field->form) ? field->read(node, field, pool, target)
                                        : fail_form(node, field, pool);
}

static enum status read_entry(const struct section *section, const struct yaml_node *node,
                              const struct yaml_node *map, struct pool *pool, void *target) {
    const struct field *field = section_find(section, node->key);
    if (field)
        return read_field(field, node, map, pool, target);
    if (section->other)
        return section->other(node, section, pool, target);
    return section->keys ? OK : section_fail_unknown(section, node);
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

/* ---- what may stand in a field ---- */

static const char *key_name(int index) {
    return index < key_count() ? key_get(index)->name : NULL;
}

const struct choice key_choice = {"key", key_name, NULL};

struct key field_key(const struct field *field, struct pool *pool) {
    struct key key = field->same_as ? *key_get(key_find(field->same_as)) : field->value;
    key.name = field->name;
    if (field->choice && key.type == KEY_CHOICE)
        key.words = words_join(field->choice->name, pool);
    return key;
}

static const char *quoted_words(const char *words, struct pool *pool) {
    const char *text = "";
    for (bool more = true; more;) {
        size_t size = strcspn(words, "|");
        text = pool_format(pool, "%s%s`%.*s`", text, *text ? ", " : "", (int)size, words);
        more = words[size] == '|';
        words += size + more;
    }
    return text;
}

/* "number, above 0", "column", "`all`, `depends`"; `ending` makes several of it. */
static const char *value_form(const struct field *field, const char *ending, struct pool *pool) {
    struct key key = field_key(field, pool);
    const char *what = field->what ? field->what : field->choice ? field->choice->what : NULL;
    if (!what && key.type == KEY_CHOICE)
        return quoted_words(key.words, pool);
    if (!what)
        what = key_type_name(&key);
    const char *range =
        key.type == KEY_INT || key.type == KEY_REAL ? key_range_text(&key, pool) : "";
    bool any = !*range || (key.min == 0 && key.max == 0) || field->same_as;
    return pool_format(pool, any ? "%s%s" : "%s%s, %s", what, ending, range);
}

static const char *or_else(const char *form, const char *other, struct pool *pool) {
    return pool_format(pool, *form ? "%s, or %s" : "%s%s", form, other);
}

const char *field_form(const struct field *field, struct pool *pool) {
    const char *form = "";
    if (field->form & FORM_ONE)
        form = value_form(field, "", pool);
    if (field->form & FORM_LIST)
        form = or_else(form, pool_format(pool, "list of %s", value_form(field, "s", pool)), pool);
    if (field->form & FORM_SEQUENCE)
        form = or_else(form, "range", pool);
    if (field->form & FORM_MAP)
        form = or_else(form, field->keys ? "map of keys" : "map", pool);
    if (field->form & FORM_ENTRIES)
        form = or_else(form, field->keys ? "list of maps of keys" : "list of maps", pool);
    return form;
}

/* ---- readers ---- */

/* An item of a list has no name of its own. */
enum status field_value(const struct yaml_node *node, const struct field *field, struct pool *pool,
                        struct value *value) {
    struct key key = field_key(field, pool);
    struct value read = {0};
    enum status status = node_value(node, &key, pool, &read);
    if (!status && field->pattern && !pattern_fits(field->pattern, read.text))
        status =
            fail_at(fail(ERROR_USAGE, "%s: must be a %s%s%s", key.name, value_form(field, "", pool),
                         field->like ? ", like " : "", field->like ? field->like : ""),
                    node->origin);
    if (!status)
        *value = read;
    return status;
}

enum status field_any(const struct yaml_node *node, const struct field *field, struct pool *pool,
                      void *target) {
    return field_value(node, field, pool, (struct value *)((char *)target + field->offset));
}

enum status field_text(const struct yaml_node *node, const struct field *field, struct pool *pool,
                       void *target) {
    struct value value;
    enum status status = field_value(node, field, pool, &value);
    if (!status)
        *(const char **)((char *)target + field->offset) = value.text;
    return status;
}

enum status field_number(const struct yaml_node *node, const struct field *field, struct pool *pool,
                         void *target) {
    struct value value;
    enum status status = field_value(node, field, pool, &value);
    if (!status)
        *(double *)((char *)target + field->offset) = value.real;
    return status;
}

enum status field_bool(const struct yaml_node *node, const struct field *field, struct pool *pool,
                       void *target) {
    struct value value;
    enum status status = field_value(node, field, pool, &value);
    if (!status)
        *(bool *)((char *)target + field->offset) = value.integer != 0;
    return status;
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

enum status name_check(const char *what, const char *name) {
    return pattern_fits(NAME_PATTERN, name)
               ? OK
               : fail(ERROR_USAGE, "%s: '%s' is not a " NAME_WHAT, what, name);
}

enum status node_name(const struct yaml_node *node, const char **name) {
    const struct field field = {
        .name = node->key, .value = {.type = KEY_TEXT}, .what = NAME_WHAT, .pattern = NAME_PATTERN};
    struct pool pool = {0};
    struct value value;
    enum status status = field_value(node, &field, &pool, &value);
    if (!status)
        *name = node->text;
    pool_free(&pool);
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
