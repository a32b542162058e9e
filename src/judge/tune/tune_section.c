#include "judge/tune/tune_section.h"

#include <string.h>

#include "lab/config/fields.h"
#include "lab/config/key_nodes.h"
#include "lab/table/varied_keys.h"

struct reading {
    const struct experiment *experiment;
    struct pool *pool;
    struct tuning *tuning;
};

const struct yaml_node *tune_protocol_set(const struct experiment *experiment, const char *protocol,
                                          struct pool *pool) {
    struct yaml_node *root;
    if (yaml_tree_read(experiment->file, experiment->text, pool, &root))
        return NULL;
    const struct yaml_node *section = node_find(root, protocol);
    const struct yaml_node *set =
        section && section->kind == YAML_MAP ? node_find(section, "set") : NULL;
    return set && set->kind == YAML_MAP ? set : NULL;
}

/* ---- key, by ---- */

static enum status read_key(struct reading *reading, const struct yaml_node *node) {
    const struct key word = {.name = "tune.key", .type = KEY_TEXT};
    struct value value;
    enum status status = node_value(node, &word, reading->pool, &value);
    if (status)
        return status;
    status = key_require(value.text, &reading->tuning->key);
    if (!status && key_get(reading->tuning->key)->type != KEY_REAL)
        status =
            fail(ERROR_USAGE, "tune: %s is no number that could be tried in factors", value.text);
    return status ? fail_at(status, node->origin) : OK;
}

static enum status read_by(struct reading *reading, const struct yaml_node *node) {
    const struct key key = {
        .name = "tune.by", .type = KEY_CHOICE, .words = "validation_error|validation_loss"};
    struct value value;
    enum status status = node_value(node, &key, reading->pool, &value);
    if (!status)
        reading->tuning->by = words_get(key.words, value.integer, reading->pool);
    return status;
}

/* ---- the grid ---- */

static enum status check_rate(const struct rate_grid *grid, int i, struct origin origin) {
    if (!(grid->rates[i] > 0))
        return fail_at(fail(ERROR_USAGE, "tune.grid: a rate must be more than 0"), origin);
    if (i > 0 && !(grid->rates[i] > grid->rates[i - 1]))
        return fail_at(fail(ERROR_USAGE, "tune.grid: the rates must ascend"), origin);
    return OK;
}

static enum status read_list(struct reading *reading, const struct yaml_node *node) {
    struct rate_grid *grid = &reading->tuning->grid;
    struct node_values values;
    enum status status =
        node_axis_values(node, key_get(reading->tuning->key), reading->pool, &values);
    if (!status && (values.n < 3 || values.n > MOST_GRID))
        status = fail_at(fail(ERROR_USAGE,
                              "tune.grid: has %d rates; it must have 3 to %d, so that one can lie "
                              "between others",
                              values.n, MOST_GRID),
                         node->origin);
    for (int i = 0; !status && i < values.n; i++) {
        grid->rates[grid->n++] = values.values[i].real;
        status = check_rate(grid, i, values.origins[i]);
    }
    return status;
}

/* start, start * factor, ..., `count` of them; each is read as if it stood in the file. */
static enum status fill_grid(struct reading *reading, double start, double factor, long count,
                             struct origin origin) {
    struct rate_grid *grid = &reading->tuning->grid;
    struct value value;
    double rate = start;
    enum status status = OK;
    for (long i = 0; i < count && !status; i++, rate *= factor) {
        const char *text = pool_format(reading->pool, "%.12g", rate);
        status = value_parse(key_get(reading->tuning->key), text, reading->pool, &value);
        grid->rates[grid->n++] = value.real;
        status = status ? fail_at(status, origin) : check_rate(grid, grid->n - 1, origin);
    }
    return status;
}

static enum status read_progression(struct reading *reading, const struct yaml_node *node) {
    static const struct key keys[] = {
        {.name = "tune.grid.start", .type = KEY_REAL, .min = 0, .max = 1e12, .above_min = true},
        {.name = "tune.grid.factor", .type = KEY_REAL, .min = 1, .max = 1e6, .above_min = true},
        {.name = "tune.grid.count", .type = KEY_INT, .min = 3, .max = MOST_GRID},
    };
    struct value values[] = {{0}, {.real = 2}, {0}};
    const struct yaml_node *found[3] = {0};
    enum status status = OK;
    for (const struct yaml_node *entry = node->first; entry && !status; entry = entry->next) {
        int i = words_find("start|factor|count", entry->key);
        if (i < 0)
            return fail_at(
                fail(ERROR_USAGE, "tune.grid: '%s' is none of start, factor, count", entry->key),
                entry->key_origin);
        found[i] = entry;
        status = node_value(entry, &keys[i], reading->pool, &values[i]);
    }
    if (!status && (!found[0] || !found[2]))
        status = fail_at(fail(ERROR_USAGE, "tune.grid: needs start and count, such as {start: "
                                           "0.0125, factor: 2, count: 4}"),
                         node->origin);
    return status ? status
                  : fill_grid(reading, values[0].real, values[1].real, values[2].integer,
                              node->origin);
}

static enum status read_grid(struct reading *reading, const struct yaml_node *node) {
    return node->kind == YAML_MAP ? read_progression(reading, node) : read_list(reading, node);
}

/* ---- seeds ---- */

static bool has_integer(const struct value *values, int n, long integer) {
    for (int i = 0; i < n; i++)
        if (values[i].integer == integer)
            return true;
    return false;
}

/* The values of one seed's key: those of an axis, or the one of the base. */
static bool has_seed(const struct experiment *experiment, int key, long seed) {
    for (int a = 0; a < experiment->n_axes; a++) {
        const struct axis *axis = &experiment->axes[a];
        for (int k = 0; k < axis->n_keys; k++)
            if (axis->keys[k] == key)
                return has_integer(axis->values + k * axis->n_values, axis->n_values, seed);
    }
    return experiment->base.values[key].integer == seed;
}

/* The seeds of the runs that the rates are chosen for. A trial's weights, order and noise all
 * follow from its seed: it must not be theirs by the name of seeds.init either. */
static bool is_seed_of_experiment(const struct experiment *experiment, long seed) {
    for (int key = 0; key < key_count(); key++)
        if (key_is_seed(key_get(key)->name) && has_seed(experiment, key, seed))
            return true;
    return false;
}

/* Those of a protocol, which stand in the file's text alone. */
static bool is_seed_of_protocol(struct reading *reading, const char *protocol, long seed) {
    struct node_values values;
    struct key_node *nodes;
    int n = 0;
    const struct yaml_node *set = tune_protocol_set(reading->experiment, protocol, reading->pool);
    if (!set || key_nodes_read(set, reading->pool, &n, &nodes))
        return false;
    for (int i = 0; i < n; i++) {
        const struct key *key = key_get(nodes[i].key);
        if (key_is_seed(key->name) &&
            !node_excluded_values(nodes[i].node, key, reading->pool, &values) &&
            has_integer(values.values, values.n, seed))
            return true;
    }
    return false;
}

/* Whose seed it is as well; NULL: nobody's. */
static const char *owner_of(struct reading *reading, long seed) {
    if (is_seed_of_experiment(reading->experiment, seed))
        return "the experiment";
    if (is_seed_of_protocol(reading, "quick", seed))
        return "the quick protocol";
    return is_seed_of_protocol(reading, "literal", seed) ? "the literal protocol" : NULL;
}

/* A rate that was chosen with a seed's luck would be judged by the same luck. */
static enum status check_seed(struct reading *reading, const struct node_values *seeds, int i) {
    long seed = seeds->values[i].integer;
    const char *owner = owner_of(reading, seed);
    enum status status = OK;
    if (has_integer(seeds->values, i, seed))
        status = fail(ERROR_USAGE, "tune.seeds: %ld stands there twice", seed);
    else if (owner)
        status = fail(ERROR_USAGE,
                      "tune.seeds: %ld is a seed of %s as well; rates are chosen with seeds of "
                      "their own",
                      seed, owner);
    return status ? fail_at(status, seeds->origins[i]) : OK;
}

static enum status read_seeds(struct reading *reading, const struct yaml_node *node) {
    struct node_values seeds;
    enum status status = node_axis_values(node, key_get(key_find("seed")), reading->pool, &seeds);
    for (int i = 0; !status && i < seeds.n; i++)
        status = check_seed(reading, &seeds, i);
    if (!status) {
        reading->tuning->n_seeds = seeds.n;
        reading->tuning->seeds = seeds.values;
    }
    return status;
}

/* ---- same_grid_within, set ---- */

bool key_is_log(const struct key *key) {
    return key->volatile_ && !key->local;
}

static enum status read_within(struct reading *reading, const struct yaml_node *node) {
    int *keys = pool_alloc(reading->pool, (size_t)node->n * sizeof *keys + 1), n = 0;
    enum status status = OK;
    if (node->kind != YAML_LIST)
        return fail_at(fail(ERROR_USAGE, "tune.same_grid_within: must be a list of keys"),
                       node->origin);
    for (const struct yaml_node *item = node->first; item && !status; item = item->next) {
        status = item->kind == YAML_SCALAR
                     ? key_require(item->text, &keys[n++])
                     : fail(ERROR_USAGE, "tune.same_grid_within: must be a list of keys");
        if (status)
            fail_at(status, item->origin);
    }
    reading->tuning->within = keys;
    reading->tuning->n_within = n;
    return status;
}

static enum status check_set_key(const struct reading *reading, int key) {
    if (key_is_seed(key_get(key)->name))
        return fail(ERROR_USAGE, "tune.set: the seeds stand under tune.seeds");
    if (key_is_log(key_get(key)))
        return fail(ERROR_USAGE, "tune.set: %s: what trials log is fixed", key_get(key)->name);
    if (key == reading->tuning->key)
        return fail(ERROR_USAGE, "tune.set: %s is what is tuned", key_get(key)->name);
    if (experiment_axis(reading->experiment, key, NULL))
        return fail(ERROR_USAGE, "tune.set: %s is swept: its values stay as they are",
                    key_get(key)->name);
    return OK;
}

static enum status read_set(struct reading *reading, const struct yaml_node *node) {
    struct tuning *tuning = reading->tuning;
    struct key_node *nodes;
    int n = 0;
    if (node->kind != YAML_MAP)
        return fail_at(fail(ERROR_USAGE, "tune.set: must be a map of keys"), node->origin);
    enum status status = key_nodes_read(node, reading->pool, &n, &nodes);
    int *keys = pool_alloc(reading->pool, (size_t)n * sizeof *keys + 1);
    struct value *values = pool_alloc(reading->pool, (size_t)n * sizeof *values + 1);
    for (int i = 0; !status && i < n; i++) {
        keys[i] = nodes[i].key;
        status = check_set_key(reading, keys[i]);
        if (status)
            return fail_at(status, nodes[i].node->key_origin);
        status = node_value(nodes[i].node, key_get(keys[i]), reading->pool, &values[i]);
    }
    tuning->set_keys = keys;
    tuning->set_values = values;
    tuning->n_set = n;
    tuning->set_origin = node->origin;
    return status;
}

/* ---- the section ---- */

/* In the order in which they are read: what a rate may be follows from the key. */
static const struct entry {
    const char *name;
    enum status (*read)(struct reading *reading, const struct yaml_node *node);
    bool required;
} entries[] = {
    {"key", read_key, false},
    {"grid", read_grid, true},
    {"seeds", read_seeds, true},
    {"by", read_by, false},
    {"same_grid_within", read_within, false},
    {"set", read_set, false},
};

enum { ENTRIES = sizeof entries / sizeof *entries };

static enum status check_names(const struct yaml_node *section) {
    const char *names[ENTRIES];
    for (int i = 0; i < ENTRIES; i++)
        names[i] = entries[i].name;
    for (const struct yaml_node *node = section->first; node; node = node->next) {
        bool known = false;
        for (int i = 0; i < ENTRIES; i++)
            known |= !strcmp(names[i], node->key);
        if (known)
            continue;
        const char *near = nearest_word(node->key, names, ENTRIES);
        near ? fail(ERROR_USAGE, "tune: unknown key '%s' (did you mean '%s'?)", node->key, near)
             : fail(ERROR_USAGE,
                    "tune: unknown key '%s'; here stand key, grid, seeds, by, same_grid_within, "
                    "set",
                    node->key);
        return fail_at(ERROR_USAGE, node->key_origin);
    }
    return OK;
}

static void set_defaults(struct tuning *tuning, struct pool *pool) {
    int *within = pool_alloc(pool, sizeof *within);
    *within = key_find("train.batch_size");
    *tuning = (struct tuning){
        .key = key_find("optimizer.lr"), .by = "validation_error", .n_within = 1, .within = within};
}

enum status tuning_read(const struct experiment *experiment, struct pool *pool,
                        struct tuning *tuning) {
    const struct yaml_node *section = experiment->sections[SECTION_TUNE];
    struct tuning read;
    struct reading reading = {experiment, pool, &read};
    if (!section)
        return fail(ERROR_USAGE,
                    "%s: has no section tune; write, say, tune: {grid: [0.0125, 0.025, 0.05, 0.1], "
                    "seeds: \"range(100, 103)\"}",
                    experiment->file);
    set_defaults(&read, pool);
    read.origin = section->key_origin;
    enum status status = check_names(section);
    for (int i = 0; i < ENTRIES && !status; i++) {
        const struct yaml_node *node = node_find(section, entries[i].name);
        if (node)
            status = entries[i].read(&reading, node);
        else if (entries[i].required)
            status =
                fail_at(fail(ERROR_USAGE, "tune: has no %s", entries[i].name), section->origin);
    }
    if (!status)
        *tuning = read;
    return status;
}
