/* Sections of YAML files as tables: a row a field, with its name, its reader and its sentence. The
 * rows say what is read, what is unknown and what is missing, and make the reference page of the
 * file format. Every mistake is ERROR_USAGE with file:line:column. */
#pragma once

#include <stddef.h>

#include "io/yaml_tree.h"
#include "lab/config/key_nodes.h"

/* What may stand in a field, or at a key of the configuration; several: any of them. */
enum form {
    FORM_ONE = 1,      /* a value */
    FORM_LIST = 2,     /* a list of values */
    FORM_SEQUENCE = 4, /* range(...) or the like, in place of such a list */
    FORM_MAP = 8,      /* a map: the fields of `section`, or else keys of the configuration */
    FORM_ENTRIES = 16  /* a list of such maps */
};

/* Words that are names of rows elsewhere. */
struct choice {
    const char *what;               /* one of them, for people: "take" */
    const char *(*name)(int index); /* NULL behind the last */
    /* A sentence; NULL: they are described elsewhere. */
    const char *(*doc)(int index, struct pool *pool);
};

struct field {
    const char *name;
    /* Reads the node, which has one of the row's forms, into `target`, the struct that its section
     * is for. */
    enum status (*read)(const struct yaml_node *node, const struct field *field, struct pool *pool,
                        void *target);
    size_t offset;   /* of the member that field_text and the like fill */
    const char *doc; /* a sentence */
    /* ---- what may stand there ---- */
    unsigned form;                 /* of enum form */
    struct key value;              /* of FORM_ONE, of FORM_LIST each: its type, range and words */
    const char *same_as;           /* or: what this key of the configuration may be, "seed" */
    const struct choice *choice;   /* or: the words */
    const char *what;              /* a value, for people: "column"; NULL: by its type */
    const char *pattern;           /* a text: a pattern that it fits (pattern_fits); with `choice`:
                                      a regular expression that it fits where it is none of the words */
    int least, most;               /* FORM_LIST: how many; both 0: never mind */
    const struct section *section; /* FORM_MAP, FORM_ENTRIES */
    unsigned keys;    /* where there is no section: what each key of the configuration has */
    const char *like; /* an example, in YAML */
    /* ---- and when ---- */
    /* What is missing without it, "delta above 0: the smallest difference that matters"; NULL: the
     * field may be absent. */
    const char *required;
    bool may_be_empty; /* as if it were absent: somebody may have commented out all of it */
    const char *alias; /* an old name, which is read too */
    int mark;          /* what the section's owner notes about it */
};

struct section {
    const char *name;  /* as in messages, "judge: ..."; NULL: the file itself */
    const char *title; /* of the reference; NULL: the name */
    const char *doc;   /* a sentence */
    const char *like;  /* an example, in lines of YAML */
    bool shared;       /* it stands in fields of several sections: the title says it all */
    int n;
    const struct field *fields;
    bool in_row_order; /* read in the order of the rows, not in that of the file */
    /* Keys of the configuration stand beside the fields, with such values (enum form), for somebody
     * else to read; 0: none do. */
    unsigned keys;
    /* More fields, from a table elsewhere; false: behind the last. NULL: there are none. */
    bool (*option)(int index, struct field *field, struct pool *pool);
    /* Of a field's text that makes all other entries free, such as a script of one's own: `name` is
     * the field, `pattern` its regular expression. */
    struct {
        const char *name, *pattern;
    } free_with;
    /* Reads an entry that has no row; NULL: such an entry is a mistake, unless `keys` says
     * otherwise. */
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
/* What stands in a field, for people: "list of numbers, or range". */
const char *field_form(const struct field *field, struct pool *pool);
/* One value of it as a key: type, range, words. */
struct key field_key(const struct field *field, struct pool *pool);

/* The names of all keys of the configuration. */
extern const struct choice key_choice;

/* ---- readers that rows name ---- */

enum status field_text(const struct yaml_node *node, const struct field *field, struct pool *pool,
                       void *target); /* const char * */
enum status field_number(const struct yaml_node *node, const struct field *field, struct pool *pool,
                         void *target); /* double */
enum status field_any(const struct yaml_node *node, const struct field *field, struct pool *pool,
                      void *target); /* struct value */
enum status field_bool(const struct yaml_node *node, const struct field *field, struct pool *pool,
                       void *target); /* bool */

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
/* A part of names of files. */
#define NAME_PATTERN "^[A-Za-z0-9_-]{1,64}$"
#define NAME_WHAT "word of at most 64 letters, digits, _ and -"
enum status node_name(const struct yaml_node *node, const char **name);
/* Is it one? ERROR_USAGE "WHAT: must be ...". */
enum status name_check(const char *what, const char *name);
enum status node_number(const struct yaml_node *node, double *number);
/* A value that the row says, checked. */
enum status field_value(const struct yaml_node *node, const struct field *field, struct pool *pool,
                        struct value *value);
