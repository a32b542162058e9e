/* A line of a claim's section compute: read, checked, computed. */
#include "judge/compute/computation.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/words.h"
#include "lab/config/key_nodes.h"

/* The place of "name" in "B=64 D=100", or -1. */
static int argument_find(const char *arguments, const char *name) {
    size_t length = strlen(name);
    for (int i = 0; *arguments; i++) {
        if (!strncmp(arguments, name, length) && arguments[length] == '=')
            return i;
        arguments += strcspn(arguments, " ");
        arguments += strspn(arguments, " ");
    }
    return -1;
}

/* Sizes of arrays and numbers of turns are whole numbers. */
static struct key argument_key(const char *name) {
    static const char *const counts[] = {"B", "D", "batches", "draws", "inputs", "outputs"};
    enum { MOST = 100000 };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (!strcmp(name, counts[i]))
            return (struct key){.name = name, .type = KEY_INT, .min = 1, .max = MOST};
    return (struct key){.name = name, .type = KEY_REAL};
}

static void argument_defaults(const char *arguments, double *values) {
    for (int i = 0; *arguments && i < COMPUTE_ARGUMENTS; i++) {
        values[i] = strtod(strchr(arguments, '=') + 1, NULL);
        arguments += strcspn(arguments, " ");
        arguments += strspn(arguments, " ");
    }
}

/* They are many: all are listed only where none is near. */
static enum status fail_unknown(const char *name, struct pool *pool) {
    const char **names = pool_alloc(pool, (size_t)formula_count() * sizeof *names), *list = "";
    for (int i = 0; i < formula_count(); i++) {
        names[i] = formula_get(i)->name;
        list = pool_format(pool, "%s%s%s", list, i ? ", " : "", names[i]);
    }
    const char *near = nearest_word(name, names, formula_count());
    return near ? fail(ERROR_USAGE, "what: '%s' is no formula (did you mean '%s'?)", name, near)
                : fail(ERROR_USAGE, "what: '%s' is no formula; there are %s", name, list);
}

static enum status read_what(const struct yaml_node *node, const struct field *field,
                             struct pool *pool, void *target) {
    const char *name = "";
    (void)field;
    enum status status = node_text(node, pool, &name);
    for (int i = 0; i < formula_count() && !status; i++)
        if (!strcmp(formula_get(i)->name, name)) {
            ((struct computation *)target)->what = formula_get(i);
            return OK;
        }
    return status ? status : fail_at(fail_unknown(name, pool), node->origin);
}

static enum status read_role(const struct yaml_node *node, const struct field *field,
                             struct pool *pool, void *target) {
    struct value role = {0};
    enum status status = field_value(node, field, pool, &role);
    ((struct computation *)target)->beside = role.integer == 1;
    return status;
}

static const char *formula_name(int index) {
    return index < formula_count() ? formula_get(index)->name : NULL;
}

static const char *formula_doc(int index, struct pool *pool) {
    const struct formula *formula = formula_get(index);
    return *formula->arguments
               ? pool_format(pool, "%s; arguments: %s", formula->doc, formula->arguments)
               : formula->doc;
}

static const struct choice formula_choice = {"formula", formula_name, formula_doc};

static const struct field fields[] = {
    {.name = "what",
     .read = read_what,
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .choice = &formula_choice,
     .required = "what: a formula, like output_mean",
     .doc = "What is computed: one of the formulas below."},
    {.name = "says",
     .read = field_text,
     .offset = offsetof(struct computation, says),
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .required = "says: the number in words",
     .doc = "The number in words."},
    {.name = "claimed",
     .read = field_number,
     .offset = offsetof(struct computation, claimed),
     .form = FORM_ONE,
     .value = {.type = KEY_REAL},
     .required = "claimed: what must come out",
     .doc = "What must come out."},
    {.name = "tolerance",
     .read = field_number,
     .offset = offsetof(struct computation, tolerance),
     .form = FORM_ONE,
     .value = {.type = KEY_REAL, .max = INFINITY},
     .required = "tolerance",
     .doc = "By how much it may differ."},
    {.name = "role",
     .read = read_role,
     .form = FORM_ONE,
     .value = {.type = KEY_CHOICE, .words = "decides|beside"},
     .doc = "Does it decide where computations decide, or is it only shown? Default: it decides."},
};

/* What has no row is an argument or a key: both are read when the formula is known. */
static enum status leave_value(const struct yaml_node *node, const struct section *section,
                               struct pool *pool, void *target) {
    (void)node, (void)section, (void)pool, (void)target;
    return OK;
}

/* Of all formulas, one after the other: an argument of several comes several times. */
static bool argument_field(int index, struct field *field, struct pool *pool) {
    for (int i = 0; i < formula_count(); i++)
        for (const char *at = formula_get(i)->arguments; *at; at += strspn(at, " ")) {
            size_t size = strcspn(at, "=");
            if (index-- == 0) {
                const char *name = pool_format(pool, "%.*s", (int)size, at);
                *field =
                    (struct field){.name = name, .form = FORM_ONE, .value = argument_key(name)};
                return true;
            }
            at += strcspn(at, " ");
        }
    return false;
}

const struct section computation_section = {
    .name = "compute",
    .doc =
        "What is computed without training, a list of maps. Beside the fields stand the formula's "
        "arguments, and keys of the configuration.",
    SECTION_FIELDS(fields),
    .like = "compute:\n"
            "  - what: output_deviation\n"
            "    norm.kind: batch\n"
            "    says: The outputs of batch norm have deviation 1.\n"
            "    claimed: 1\n"
            "    tolerance: 0.01\n",
    .keys = FORM_ONE,
    .option = argument_field,
    .other = leave_value,
};

static bool is_no_key(const char *name, const void *argument) {
    const struct formula *what = argument;
    return section_find(&computation_section, name) || argument_find(what->arguments, name) >= 0;
}

/* Everything that is neither a field nor an argument: keys of the configuration. */
static enum status read_keys(const struct yaml_node *entry, struct pool *pool,
                             struct computation *computation) {
    struct key_node *nodes;
    struct cell cell;
    int n;
    enum status status =
        key_nodes_read(node_without(entry, is_no_key, computation->what, pool), pool, &n, &nodes);
    if (status)
        return status;
    cell_create(&cell, pool);
    for (int i = 0; i < n && !status; i++) {
        const struct key *key = key_get(nodes[i].key);
        struct value *value = &cell.values[nodes[i].key];
        status = node_value(nodes[i].node, key, pool, value);
        if (!status)
            computation->setting = pool_format(pool, "%s%s%s=%s", computation->setting,
                                               *computation->setting ? " " : "", key->name,
                                               value_yaml(key, value, pool));
    }
    struct config *config = pool_alloc(pool, sizeof *config);
    if (!status)
        cell_finish(&cell, config);
    computation->config = config;
    return status;
}

static enum status read_arguments(const struct yaml_node *entry, struct pool *pool,
                                  struct computation *computation) {
    enum status status = OK;
    argument_defaults(computation->what->arguments, computation->arguments);
    for (const struct yaml_node *node = entry->first; node && !status; node = node->next) {
        int i = argument_find(computation->what->arguments, node->key);
        if (i < 0)
            continue;
        const struct key key = argument_key(node->key);
        struct value value;
        status = node_value(node, &key, pool, &value);
        if (!status)
            computation->arguments[i] = value.real;
        if (!status)
            computation->setting = pool_format(pool, "%s%s%s=%s", computation->setting,
                                               *computation->setting ? " " : "", node->key,
                                               number_text(computation->arguments[i], pool));
    }
    return status;
}

enum status computation_read(const struct yaml_node *entry, struct pool *pool,
                             struct computation *computation) {
    struct computation read = {.setting = ""};
    if (entry->kind != YAML_MAP)
        return fail_at(fail(ERROR_USAGE, "compute: each entry must say what, like {what: "
                                         "output_mean, ...}"),
                       entry->origin);
    enum status status = section_read(&computation_section, entry, pool, &read);
    if (!status)
        status = read_keys(entry, pool, &read);
    if (!status)
        status = read_arguments(entry, pool, &read);
    if (!status)
        *computation = read;
    return status;
}

struct measured computation_run(const struct computation *computation) {
    const struct formula *what = computation->what;
    if (what->measure)
        return what->measure(computation->config, computation->arguments);
    double value = what->compute(computation->config, computation->arguments);
    return (struct measured){value, value, value};
}
