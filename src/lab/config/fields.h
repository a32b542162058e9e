/* Sections of YAML files as tables: a row a field, with its name, its reader and its sentence. The
 * rows say what is read, what is unknown and what is missing, and make the reference page of the
 * file format. Every mistake is ERROR_USAGE with file:line:column. */
#pragma once

#include <stddef.h>

#include "io/yaml_tree.h"
#include "lab/config/key_nodes.h"

struct field {
    const char *name;
    /* Reads the node into `target`, the struct that its section is for. */
    enum status (*read)(const struct yaml_node *node, const struct field *field, struct pool *pool,
                        void *target);
    size_t offset;     /* of the member that field_text and the like fill */
    const char *words; /* field_word: "a|b|c" */
    const char *form;  /* what stands there: "text", "list of maps"; NULL: one of `words` */
    enum yaml_kind
        kind;        /* YAML_MAP, YAML_LIST: refused with the words of `form` unless it is one */
    const char *doc; /* a sentence */
    /* What is missing without it, "delta above 0: the smallest difference that matters"; NULL: the
     * field may be absent. */
    const char *required;
    bool may_be_empty; /* as if it were absent: somebody may have commented out all of it */
    const char *alias; /* an old name, which is read too */
    int mark;          /* what the section's owner notes about it */
};

struct section {
    const char *name; /* as in messages, "judge: ..."; NULL: the file itself */
    const char *doc;  /* a sentence */
    int n;
    const struct field *fields;
    bool in_row_order; /* read in the order of the rows, not in that of the file */
    /* Reads an entry that has no row; NULL: such an entry is a mistake. */
    enum status (*other)(const struct yaml_node *node, const struct section *section,
                         struct pool *pool, void *target);
};

#define SECTION_FIELDS(rows) .n = (int)(sizeof(rows) / sizeof *(rows)), .fields = (rows)

/* Reads every entry of the map with its row's reader, then says what is missing. */
enum status section_read(const struct section *section, const struct yaml_node *map,
                         struct pool *pool, void *target);
/* The row of that name or alias; NULL: none. */
const struct field *section_find(const struct section *section, const char *name);
/* Fails: "SECTION: unknown field 'x' (did you mean 'y'?)", or with a list of the fields. */
enum status section_fail_unknown(const struct section *section, const struct yaml_node *node);
/* Fails: "SECTION: has no WHAT". */
enum status section_fail_missing(const struct section *section, const struct yaml_node *map,
                                 const char *what);
/* The entries that have no row, as a map of their own. */
const struct yaml_node *section_rest(const struct section *section, const struct yaml_node *map,
                                     struct pool *pool);
/* What stands in a field, for the reference: its form, or its words, in code. */
const char *section_form(const struct field *field, struct pool *pool);

/* ---- readers that rows name ---- */

enum status field_text(const struct yaml_node *node, const struct field *field, struct pool *pool,
                       void *target); /* const char * */
enum status field_number(const struct yaml_node *node, const struct field *field, struct pool *pool,
                         void *target); /* double */
enum status field_word(const struct yaml_node *node, const struct field *field, struct pool *pool,
                       void *target); /* long: the index of a word of `words` */
enum status field_bool(const struct yaml_node *node, const struct field *field, struct pool *pool,
                       void *target); /* bool */

enum status field_name(const struct yaml_node *node, const struct field *field, struct pool *pool,
                       void *target); /* const char *: node_name */
enum status field_node(const struct yaml_node *node, const struct field *field, struct pool *pool,
                       void *target); /* const struct yaml_node *, for others to read */
/* Each entry of a list of maps must be one, with something in it. */
enum status list_check_entry(const struct yaml_node *list, const struct yaml_node *entry);

/* ---- single values ---- */

/* The file as a tree. */
enum status fields_read_file(const char *file, struct pool *pool, struct yaml_node **root);
/* The map without the entries that `left_out` names; in the pool. */
const struct yaml_node *node_without(const struct yaml_node *map,
                                     bool (*left_out)(const char *name, const void *argument),
                                     const void *argument, struct pool *pool);
enum status node_text(const struct yaml_node *node, struct pool *pool, const char **text);
/* A word of letters, digits, _ and -, at most 64: a part of names of files. */
enum status node_name(const struct yaml_node *node, const char **name);
/* Is it one? ERROR_USAGE "WHAT: must be ...". */
enum status name_check(const char *what, const char *name);
enum status node_number(const struct yaml_node *node, double *number);
/* The index of a word of "a|b|c". */
enum status node_word(const struct yaml_node *node, const char *words, long *index);
