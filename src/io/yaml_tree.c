/* Reads YAML with libyaml and keeps it as a tree of nodes with places. */
#include "io/yaml_tree.h"

#include <string.h>
#include <yaml.h>

#include "base/visible.h"

enum { MAX_DEPTH = 32 };

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the one being looked at */
    const char *file, *text;
    struct pool *pool;
};

static struct origin origin_of(const struct reader *reader, yaml_mark_t mark) {
    return (struct origin){reader->file, (int)mark.line + 1, (int)mark.column + 1};
}

/* Where a byte that is not text stands: libyaml gives its offset only. */
static struct origin origin_of_byte(const struct reader *reader, size_t offset) {
    struct origin origin = {reader->file, 1, 1};
    for (size_t i = 0; i < offset && reader->text[i]; i++) {
        bool line_ends = reader->text[i] == '\n';
        origin.line += line_ends;
        origin.column = line_ends ? 1 : origin.column + 1;
    }
    return origin;
}

static enum status fail_syntax(const struct reader *reader) {
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        return fail(ERROR_RUN, "%s: out of memory", reader->file);
    if (parser->error == YAML_READER_ERROR) {
        fail(ERROR_USAGE, "not text in UTF-8: %s", parser->problem);
        return fail_at(ERROR_USAGE, origin_of_byte(reader, parser->problem_offset));
    }
    if (parser->context)
        fail(ERROR_USAGE, "not YAML: %s %s", parser->context, parser->problem);
    else
        fail(ERROR_USAGE, "not YAML: %s", parser->problem);
    return fail_at(ERROR_USAGE, origin_of(reader, parser->problem_mark));
}

static enum status advance(struct reader *reader) {
    yaml_event_delete(&reader->event);
    if (!yaml_parser_parse(&reader->parser, &reader->event))
        return fail_syntax(reader);
    return OK;
}

static enum status fail_here(const struct reader *reader, const char *what) {
    fail(ERROR_USAGE, "%s", what);
    return fail_at(ERROR_USAGE, origin_of(reader, reader->event.start_mark));
}

/* Titles and names are shown in terminals, pictures and pages. */
static enum status fail_control(const char *text, struct origin origin) {
    fail(ERROR_USAGE, "text with a control character: '%s'", text);
    return fail_at(ERROR_USAGE, origin);
}

/* The text of the scalar that is being looked at. */
static enum status scalar_text(struct reader *reader, const char **text) {
    const char *value = (const char *)reader->event.data.scalar.value;
    if (strlen(value) != reader->event.data.scalar.length)
        return fail_here(reader, "text with a character of code 0");
    if (value[text_plain(value)] || strchr(value, '\r')) /* one at a line's end is YAML's to read */
        return fail_control(value, origin_of(reader, reader->event.start_mark));
    *text = pool_text(reader->pool, value);
    return OK;
}

static enum status read_node(struct reader *reader, int depth, struct yaml_node **node);

static enum status fail_twice(const struct yaml_node *entry, const struct yaml_node *earlier) {
    fail(ERROR_USAGE, "'%s' stands here a second time; the first is in line %d", entry->key,
         earlier->key_origin.line);
    return fail_at(ERROR_USAGE, entry->key_origin);
}

/* The key of a map's entry, then its value. */
static enum status read_entry(struct reader *reader, int depth, const struct yaml_node *map,
                              struct yaml_node **entry) {
    if (reader->event.type != YAML_SCALAR_EVENT)
        return fail_here(reader, "a key must be a word");
    struct yaml_node key = {.key_origin = origin_of(reader, reader->event.start_mark)};
    enum status status = scalar_text(reader, &key.key);
    if (status)
        return status;
    for (const struct yaml_node *other = map->first; other; other = other->next)
        if (!strcmp(other->key, key.key))
            return fail_twice(&key, other);
    status = advance(reader);
    if (!status)
        status = read_node(reader, depth, entry);
    if (!status) {
        (*entry)->key = key.key;
        (*entry)->key_origin = key.key_origin;
    }
    return status;
}

/* Entries up to the end of the list or map. */
static enum status read_entries(struct reader *reader, int depth, struct yaml_node *node) {
    yaml_event_type_t end =
        node->kind == YAML_MAP ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
    struct yaml_node **next = &node->first;
    enum status status = advance(reader);
    while (!status && reader->event.type != end) {
        status = node->kind == YAML_MAP ? read_entry(reader, depth, node, next)
                                        : read_node(reader, depth, next);
        if (status)
            break;
        next = &(*next)->next;
        node->n++;
        status = advance(reader);
    }
    return status;
}

static bool has_tag_or_anchor(const yaml_event_t *event) {
    if (event->type == YAML_SCALAR_EVENT)
        return event->data.scalar.tag || event->data.scalar.anchor;
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return event->data.sequence_start.tag || event->data.sequence_start.anchor;
    return event->data.mapping_start.tag || event->data.mapping_start.anchor;
}

/* The node that begins with the current event; afterwards the current event is its last. */
static enum status read_node(struct reader *reader, int depth, struct yaml_node **result) {
    const yaml_event_t *event = &reader->event;
    if (event->type == YAML_ALIAS_EVENT)
        return fail_here(reader, "aliases (*name) are not supported; write the value out");
    if (has_tag_or_anchor(event))
        return fail_here(reader, "tags (!name) and anchors (&name) are not supported");
    if (depth == MAX_DEPTH)
        return fail_here(reader, "nested too deeply");
    struct yaml_node *node = pool_alloc(reader->pool, sizeof *node);
    node->origin = origin_of(reader, event->start_mark);
    *result = node;
    if (event->type == YAML_SCALAR_EVENT) {
        node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        return scalar_text(reader, &node->text);
    }
    node->kind = event->type == YAML_MAPPING_START_EVENT ? YAML_MAP : YAML_LIST;
    return read_entries(reader, depth + 1, node);
}

/* From the start of the stream to its end: exactly one document. */
static enum status read_document(struct reader *reader, struct yaml_node **root) {
    enum status status = advance(reader); /* stream start */
    if (!status)
        status = advance(reader);
    if (!status && reader->event.type == YAML_STREAM_END_EVENT)
        return fail(ERROR_USAGE, "%s:1:1: is empty", reader->file);
    if (!status)
        status = advance(reader); /* document start, then its root */
    if (!status)
        status = read_node(reader, 0, root);
    if (!status)
        status = advance(reader); /* document end */
    if (!status)
        status = advance(reader);
    if (!status && reader->event.type != YAML_STREAM_END_EVENT)
        return fail_here(reader, "a second document begins here; there must be one");
    return status;
}

enum status yaml_tree_read(const char *file, const char *text, struct pool *pool,
                           struct yaml_node **root) {
    struct reader reader = {.file = pool_text(pool, file), .text = text, .pool = pool};
    if (!yaml_parser_initialize(&reader.parser))
        return fail(ERROR_RUN, "%s: out of memory", file);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, strlen(text));
    struct yaml_node *read = NULL;
    enum status status = read_document(&reader, &read);
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    size_t plain = text_plain(text);
    if (!status && text[plain]) /* what YAML takes: directions of writing, though in a comment */
        status =
            fail_control(pool_format(pool, "%.4s", text + plain), origin_of_byte(&reader, plain));
    if (!status)
        *root = read;
    return status;
}
