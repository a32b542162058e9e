/* Writes the format of experiment files as a JSON Schema, from the tables that read them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "cli/file_format.h"
#include "io/json_writer.h"
#include "lab/config/override.h"
#include "lab/plan/experiment.h"

/* A member a line, without indentation: the file is for programs, and for diff. */
static const struct json_layout lines = {"\n", ",\n", "\n"};

static void put_ref(struct json_writer *writer, const char *what, const char *name) {
    struct pool pool = {0};
    json_put_text(writer, "$ref", pool_format(&pool, "#/definitions/%s%s", what, name));
    pool_free(&pool);
}

static void put_false(struct json_writer *writer, const char *name) {
    json_put(writer, name, "false");
}

/* ---- values ---- */

static void put_texts(struct json_writer *writer) {
    json_put(writer, "type", "[\"string\", \"number\", \"boolean\"]");
}

/* YAML may read a word as a number, "2" of "2|10|n". */
static void put_word(struct json_writer *writer, const char *word) {
    char *end;
    strtod(word, &end);
    json_put_text(writer, NULL, word);
    if (end != word && !*end)
        json_put(writer, NULL, "%s", word);
}

static void put_words(struct json_writer *writer, const char *words, struct pool *pool) {
    json_open_list(writer, "enum", &json_one_line);
    for (bool more = true; more;) {
        size_t size = strcspn(words, "|");
        put_word(writer, pool_format(pool, "%.*s", (int)size, words));
        more = words[size] == '|';
        words += size + more;
    }
    json_close(writer);
}

static void put_number(struct json_writer *writer, const struct key *key, const char *type,
                       struct pool *pool) {
    json_put_text(writer, "type", type);
    if (key->min == 0 && key->max == 0)
        return;
    json_put(writer, key->above_min ? "exclusiveMinimum" : "minimum", "%s",
             number_text(key->min, pool));
    if (!isinf(key->max))
        json_put(writer, "maximum", "%s", number_text(key->max, pool));
}

static void put_integer(struct json_writer *writer, const struct key *key, struct pool *pool) {
    if (!key->words) {
        put_number(writer, key, "integer", pool);
        return;
    }
    json_open_list(writer, "anyOf", &json_one_line);
    json_open_object(writer, NULL, &json_one_line);
    put_number(writer, key, "integer", pool);
    json_close(writer);
    json_open_object(writer, NULL, &json_one_line);
    json_put_text(writer, "const", key->words);
    json_close(writer);
    json_close(writer);
}

static void put_list(struct json_writer *writer, const struct key *key, const char *type,
                     struct pool *pool) {
    json_put_text(writer, "type", "array");
    json_open_object(writer, "items", &json_one_line);
    put_number(writer, key, type, pool);
    json_close(writer);
}

/* What a value of the key may be, as members of the open object. */
static void put_value(struct json_writer *writer, const struct key *key) {
    struct pool pool = {0};
    switch (key->type) {
    case KEY_BOOL:
        json_put_text(writer, "type", "boolean");
        break;
    case KEY_INT:
        put_integer(writer, key, &pool);
        break;
    case KEY_REAL:
        put_number(writer, key, "number", &pool);
        break;
    case KEY_CHOICE:
        put_words(writer, key->words, &pool);
        break;
    case KEY_TEXT:
        put_texts(writer);
        break;
    case KEY_INTS:
        put_list(writer, key, "integer", &pool);
        break;
    case KEY_REALS:
        put_list(writer, key, "number", &pool);
        break;
    }
    pool_free(&pool);
}

/* ---- keys of the configuration ---- */

static const struct {
    unsigned forms;
    const char *name;
} key_forms[] = {{FORM_ONE, "keys.one"},
                 {FORM_LIST | FORM_SEQUENCE, "keys.axis"},
                 {FORM_ONE | FORM_LIST | FORM_SEQUENCE, "keys.some"}};

enum { KEY_FORMS = sizeof key_forms / sizeof *key_forms };

static const char *key_form_name(unsigned forms) {
    int i = 0;
    while (i < KEY_FORMS - 1 && key_forms[i].forms != forms)
        i++;
    return key_forms[i].name;
}

/* A list of values, or a sequence where these are numbers. */
static void put_axis(struct json_writer *writer, const struct key *key) {
    json_open_object(writer, NULL, &json_one_line);
    json_put_text(writer, "type", "array");
    json_put(writer, "minItems", "1");
    json_open_object(writer, "items", &json_one_line);
    put_ref(writer, "", key->name);
    json_close(writer);
    json_close(writer);
    if (key->type != KEY_INT && key->type != KEY_REAL)
        return;
    json_open_object(writer, NULL, &json_one_line);
    put_ref(writer, "", "sequence");
    json_close(writer);
}

static void put_key(struct json_writer *writer, const char *name, const struct key *key,
                    unsigned forms) {
    json_open_object(writer, name, &json_one_line);
    if (forms == FORM_ONE)
        put_ref(writer, "", key->name);
    else {
        json_open_list(writer, "anyOf", &json_one_line);
        if (forms & FORM_ONE) {
            json_open_object(writer, NULL, &json_one_line);
            put_ref(writer, "", key->name);
            json_close(writer);
        }
        put_axis(writer, key);
        json_close(writer);
    }
    json_close(writer);
}

static bool same_group(const char *a, const char *b) {
    size_t size = strcspn(a, ".");
    return a[size] && !strncmp(a, b, size + 1);
}

/* "norm": {"kind": ..., ...}, where no earlier key has begun it. */
static void put_group(struct json_writer *writer, int first, unsigned forms) {
    struct pool pool = {0};
    const char *name = key_get(first)->name;
    for (int i = 0; i < first; i++)
        if (same_group(name, key_get(i)->name))
            return;
    json_open_object(writer, pool_format(&pool, "%.*s", (int)strcspn(name, "."), name), &lines);
    json_put_text(writer, "type", "object");
    put_false(writer, "additionalProperties");
    json_open_object(writer, "properties", &lines);
    for (int i = first; i < key_count(); i++)
        if (same_group(name, key_get(i)->name))
            put_key(writer, strchr(key_get(i)->name, '.') + 1, key_get(i), forms);
    json_close(writer);
    json_close(writer);
    pool_free(&pool);
}

/* Dotted and nested, as members of the open object. */
static void put_keys(struct json_writer *writer, unsigned forms) {
    for (int i = 0; i < key_count(); i++) {
        put_key(writer, key_get(i)->name, key_get(i), forms);
        if (strchr(key_get(i)->name, '.'))
            put_group(writer, i, forms);
    }
}

static void put_key_map(struct json_writer *writer, const char *name, unsigned forms) {
    json_open_object(writer, name, &lines);
    json_put_text(writer, "type", "object");
    put_false(writer, "additionalProperties");
    json_put(writer, "minProperties", "%d", forms != FORM_ONE);
    json_open_object(writer, "properties", &lines);
    put_keys(writer, forms);
    json_close(writer);
    json_close(writer);
}

/* ---- fields ---- */

static void put_names(struct json_writer *writer, const struct choice *choice) {
    const char *name;
    json_open_list(writer, "enum", &json_one_line);
    for (int i = 0; (name = choice->name(i)); i++)
        json_put_text(writer, NULL, name);
    json_close(writer);
}

static void put_pattern(struct json_writer *writer, const char *pattern) {
    json_put(writer, "type", "[\"string\", \"integer\"]");
    json_put_text(writer, "pattern", pattern);
}

/* One value of a field, as members of the open object. */
static void put_one(struct json_writer *writer, const struct field *field) {
    struct pool pool = {0};
    const struct key key = field_key(field, &pool);
    if (field->same_as)
        put_ref(writer, "", field->same_as);
    else if (field->choice && field->pattern) {
        json_open_list(writer, "anyOf", &json_one_line);
        json_open_object(writer, NULL, &json_one_line);
        put_names(writer, field->choice);
        json_close(writer);
        json_open_object(writer, NULL, &json_one_line);
        put_pattern(writer, field->pattern);
        json_close(writer);
        json_close(writer);
    } else if (field->choice)
        put_names(writer, field->choice);
    else if (field->pattern)
        put_pattern(writer, field->pattern);
    else
        put_value(writer, &key);
    pool_free(&pool);
}

static void put_values(struct json_writer *writer, const struct field *field) {
    json_put_text(writer, "type", "array");
    if (field->least || field->form & FORM_SEQUENCE)
        json_put(writer, "minItems", "%d", field->least ? field->least : 1);
    if (field->most)
        json_put(writer, "maxItems", "%d", field->most);
    json_open_object(writer, "items", &json_one_line);
    put_one(writer, field);
    json_close(writer);
}

static void put_map(struct json_writer *writer, const struct field *field) {
    const struct section *section = field_section(field);
    if (section)
        put_ref(writer, "section.", section->name);
    else
        put_ref(writer, "", key_form_name(field->keys));
}

static void put_form(struct json_writer *writer, const struct field *field, unsigned form) {
    if (form == FORM_ONE)
        put_one(writer, field);
    else if (form == FORM_LIST)
        put_values(writer, field);
    else if (form == FORM_SEQUENCE)
        put_ref(writer, "", "sequence");
    else if (form == FORM_MAP)
        put_map(writer, field);
    else {
        json_put_text(writer, "type", "array");
        json_open_object(writer, "items", &json_one_line);
        put_map(writer, field);
        json_close(writer);
    }
}

static void put_field(struct json_writer *writer, const char *name, const struct field *field) {
    json_open_object(writer, name, &json_one_line);
    if (field->doc)
        json_put_text(writer, "description", field->doc);
    json_open_list(writer, "anyOf", &json_one_line);
    for (unsigned form = FORM_ONE; form <= FORM_ENTRIES; form *= 2)
        if (field->form & form) {
            json_open_object(writer, NULL, &json_one_line);
            put_form(writer, field, form);
            json_close(writer);
        }
    if (field->may_be_empty) {
        json_open_object(writer, NULL, &json_one_line);
        json_put_text(writer, "type", "null");
        json_close(writer);
    }
    json_close(writer);
    json_close(writer);
}

/* ---- sections ---- */

static void put_options(struct json_writer *writer, const struct section *section) {
    struct pool pool = {0};
    struct field field, earlier;
    for (int i = 0; section->option && section->option(i, &field, &pool); i++) {
        bool again = false;
        for (int k = 0; k < i && !again; k++)
            again = section->option(k, &earlier, &pool) && !strcmp(earlier.name, field.name);
        if (!again)
            put_field(writer, field.name, &field);
    }
    pool_free(&pool);
}

static void put_required(struct json_writer *writer, const struct section *section) {
    json_open_list(writer, "required", &json_one_line);
    for (int i = 0; i < section->n; i++)
        if (section->fields[i].required)
            json_put_text(writer, NULL, section->fields[i].name);
    json_close(writer);
}

/* Fields, options and keys, as members of the open object. */
static void put_members(struct json_writer *writer, const struct section *section) {
    put_false(writer, "additionalProperties");
    put_required(writer, section);
    json_open_object(writer, "properties", &lines);
    for (int i = 0; i < section->n; i++) {
        const struct field *field = &section->fields[i];
        put_field(writer, field->name, field);
        if (field->alias)
            put_field(writer, field->alias, field);
    }
    put_options(writer, section);
    if (section->keys)
        put_keys(writer, section->keys);
    json_close(writer);
}

/* Any other entry may stand where a field is of one kind. */
static void put_free(struct json_writer *writer, const struct section *section) {
    put_required(writer, section);
    json_open_object(writer, "properties", &lines);
    json_open_object(writer, section->free_with.name, &json_one_line);
    put_pattern(writer, section->free_with.pattern);
    json_close(writer);
    for (int i = 0; i < section->n; i++)
        if (strcmp(section->fields[i].name, section->free_with.name) != 0)
            put_field(writer, section->fields[i].name, &section->fields[i]);
    json_close(writer);
}

static void put_section(struct json_writer *writer, const struct section *section) {
    json_put_text(writer, "type", "object");
    if (section->doc)
        json_put_text(writer, "description", section->doc);
    if (!section->free_with.name) {
        put_members(writer, section);
        return;
    }
    json_open_list(writer, "anyOf", &lines);
    json_open_object(writer, NULL, &lines);
    put_members(writer, section);
    json_close(writer);
    json_open_object(writer, NULL, &lines);
    put_free(writer, section);
    json_close(writer);
    json_close(writer);
}

/* ---- definitions ---- */

static void put_sequence(struct json_writer *writer) {
    struct pool pool = {0};
    const struct sequence *sequence;
    const char *all = "";
    for (int i = 0; (sequence = sequence_get(i)); i++)
        all = pool_format(&pool, "%s%s%s", all, i ? "|" : "", sequence->pattern);
    json_open_object(writer, "sequence", &json_one_line);
    json_put_text(writer, "type", "string");
    json_put_text(writer, "pattern", pool_format(&pool, "^(%s)$", all));
    json_close(writer);
    pool_free(&pool);
}

static void put_key_definitions(struct json_writer *writer) {
    for (int i = 0; i < key_count(); i++) {
        json_open_object(writer, key_get(i)->name, &json_one_line);
        json_put_text(writer, "description", key_get(i)->doc);
        put_value(writer, key_get(i));
        json_close(writer);
    }
    for (int i = 0; i < KEY_FORMS; i++)
        put_key_map(writer, key_forms[i].name, key_forms[i].forms);
}

static void put_section_definitions(struct json_writer *writer) {
    struct pool pool = {0};
    const struct section *section;
    for (int i = 1; (section = file_format_section(i)); i++) {
        json_open_object(writer, pool_format(&pool, "section.%s", section->name), &lines);
        put_section(writer, section);
        json_close(writer);
    }
    pool_free(&pool);
}

void file_schema_print(FILE *out) {
    struct json_writer writer = {.out = out};
    json_open_object(&writer, NULL, &lines);
    json_put_text(&writer, "$schema", "http://json-schema.org/draft-07/schema#");
    json_put_text(&writer, "title", "An experiment file of normlab");
    put_section(&writer, &experiment_section);
    json_open_object(&writer, "definitions", &lines);
    put_sequence(&writer);
    put_key_definitions(&writer);
    put_section_definitions(&writer);
    json_close(&writer);
    json_close(&writer);
}
