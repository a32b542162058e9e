#include "judge/claim/computation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/config/fields.h"
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

static void argument_defaults(const char *arguments, double *values) {
    for (int i = 0; *arguments && i < COMPUTE_ARGUMENTS; i++) {
        values[i] = strtod(strchr(arguments, '=') + 1, NULL);
        arguments += strcspn(arguments, " ");
        arguments += strspn(arguments, " ");
    }
}

static enum status read_what(const struct yaml_node *entry, const struct formula **what) {
    const struct yaml_node *node = node_find(entry, "what");
    if (entry->kind != YAML_MAP || !node)
        return fail_at(fail(ERROR_USAGE, "compute: each entry must say what, like {what: "
                                         "output_mean, ...}"),
                       entry->origin);
    struct pool pool = {0};
    const char *name = "", **names = pool_alloc(&pool, (size_t)formula_count() * sizeof *names);
    enum status status = node_text(node, &pool, &name);
    *what = NULL;
    for (int i = 0; i < formula_count(); i++) {
        names[i] = formula_get(i)->name;
        if (!strcmp(names[i], name))
            *what = formula_get(i);
    }
    if (!status && !*what) {
        const char *near = nearest_word(name, names, formula_count());
        status = near
                     ? fail(ERROR_USAGE, "what: unknown word '%s' (did you mean '%s'?)", name, near)
                     : fail(ERROR_USAGE, "what: unknown word '%s'", name);
        fail_at(status, node->origin);
    }
    pool_free(&pool);
    return status;
}

static bool is_field(const char *name) {
    return !strcmp(name, "what") || !strcmp(name, "says") || !strcmp(name, "claimed") ||
           !strcmp(name, "tolerance");
}

static bool is_no_key(const char *name, const void *argument) {
    const struct formula *what = argument;
    return is_field(name) || argument_find(what->arguments, name) >= 0;
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

/* Sizes of arrays and numbers of turns. */
static enum status check_argument(const struct yaml_node *node, double value) {
    static const char *const counts[] = {"B", "D", "batches", "draws", "inputs", "outputs"};
    enum { MOST = 100000 };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (!strcmp(node->key, counts[i]) &&
            !(value >= 1 && value <= MOST && value == floor(value)))
            return fail_at(
                fail(ERROR_USAGE, "%s: must be a whole number from 1 to %d", node->key, MOST),
                node->origin);
    return OK;
}

static enum status read_arguments(const struct yaml_node *entry, struct pool *pool,
                                  struct computation *computation) {
    enum status status = OK;
    argument_defaults(computation->what->arguments, computation->arguments);
    for (const struct yaml_node *node = entry->first; node && !status; node = node->next) {
        int i = argument_find(computation->what->arguments, node->key);
        if (i < 0)
            continue;
        status = node_number(node, &computation->arguments[i]);
        if (!status)
            status = check_argument(node, computation->arguments[i]);
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
    enum status status = read_what(entry, &read.what);
    if (status)
        return status;
    const struct yaml_node *says = node_find(entry, "says"), *claimed = node_find(entry, "claimed"),
                           *tolerance = node_find(entry, "tolerance");
    if (!says || !claimed || !tolerance)
        return fail_at(fail(ERROR_USAGE, "compute: has no %s",
                            !says      ? "says: the number in words"
                            : !claimed ? "claimed: what must come out"
                                       : "tolerance"),
                       entry->origin);
    status = node_text(says, pool, &read.says);
    if (!status)
        status = node_number(claimed, &read.claimed);
    if (!status)
        status = node_number(tolerance, &read.tolerance);
    if (!status && !(read.tolerance >= 0))
        status = fail_at(fail(ERROR_USAGE, "tolerance: must not be below 0"), tolerance->origin);
    if (!status)
        status = read_keys(entry, pool, &read);
    if (!status)
        status = read_arguments(entry, pool, &read);
    if (!status)
        *computation = read;
    return status;
}

double computation_run(const struct computation *computation) {
    return computation->what->compute(computation->config, computation->arguments);
}
