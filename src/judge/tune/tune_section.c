/* Reads the section tune of an experiment file. */
#include "judge/tune/tune_section.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/words.h"
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

static enum status read_key(const struct yaml_node *node, const struct field *field,
                            struct pool *pool, void *target) {
    struct reading *reading = target;
    struct value value;
    enum status status = field_value(node, field, pool, &value);
    if (status)
        return status;
    status = key_require(value.text, &reading->tuning->key);
    if (!status && key_get(reading->tuning->key)->type != KEY_REAL)
        status =
            fail(ERROR_USAGE, "tune: %s is no number that could be tried in factors", value.text);
    return status ? fail_at(status, node->origin) : OK;
}

static enum status read_by(const struct yaml_node *node, const struct field *field,
                           struct pool *pool, void *target) {
    struct reading *reading = target;
    struct value value;
    enum status status = field_value(node, field, pool, &value);
    if (!status)
        reading->tuning->by = words_get(field->value.words, value.integer, reading->pool);
    return status;
}

/* ---- the grid ---- */

static enum status check_rate(const struct rate_grid *grid, int i, struct origin origin) {
    if (!(grid->rates[i] > 0))
        return fail_at(fail(ERROR_USAGE, "tune.grid: a rate must be more than 0"), origin);
    if (i > 0 && !(grid->rates[i] > grid->rates[i - 1])) /* analysis: i < MOST_GRID */
        return fail_at(fail(ERROR_USAGE, "tune.grid: the rates must ascend"), origin);
    return OK;
}

static enum status read_list(struct reading *reading, const struct yaml_node *node) {
    struct rate_grid *grid = &reading->tuning->grid;
    struct node_values values;
    enum status status =
        node_axis_values(node, key_get(reading->tuning->key), reading->pool, &values);
    if (!status && (values.n < LEAST_GRID || values.n > MOST_GRID))
        status = fail_at(fail(ERROR_USAGE,
                              "tune.grid: has %d rates; it must have %d to %d, so that one can lie "
                              "between others",
                              values.n, LEAST_GRID, MOST_GRID),
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

/* {start: 0.0125, factor: 2, count: 4} */
struct progression {
    struct value start, factor, count;
};

static const struct field progression_fields[] = {
    {.name = "start",
     .read = field_any,
     .offset = offsetof(struct progression, start),
     .form = FORM_ONE,
     .value = {.type = KEY_REAL, .max = INFINITY, .above_min = true},
     .required = "start; write, say, {start: 0.0125, factor: 2, count: 4}",
     .doc = "The lowest rate."},
    {.name = "factor",
     .read = field_any,
     .offset = offsetof(struct progression, factor),
     .form = FORM_ONE,
     .value = {.type = KEY_REAL, .min = 1, .max = 1e6, .above_min = true},
     .doc = "From one rate to the next; default: 2."},
    {.name = "count",
     .read = field_any,
     .offset = offsetof(struct progression, count),
     .form = FORM_ONE,
     .value = {.type = KEY_INT, .min = LEAST_GRID, .max = MOST_GRID},
     .required = "count; write, say, {start: 0.0125, factor: 2, count: 4}",
     .doc = "How many rates."},
};

const struct section tune_grid_section = {
    .name = "tune.grid",
    .title = "`grid`",
    .doc = "Rates in equal factors, in place of a list of them.",
    SECTION_FIELDS(progression_fields),
};

static enum status read_progression(struct reading *reading, const struct yaml_node *node) {
    struct progression progression = {.factor = {.real = 2}};
    enum status status = section_read(&tune_grid_section, node, reading->pool, &progression);
    return status ? status
                  : fill_grid(reading, progression.start.real, progression.factor.real,
                              progression.count.integer, node->origin);
}

static enum status read_grid(const struct yaml_node *node, const struct field *field,
                             struct pool *pool, void *target) {
    struct reading *reading = target;
    (void)field, (void)pool;
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

static enum status read_seeds(const struct yaml_node *node, const struct field *field,
                              struct pool *pool, void *target) {
    struct reading *reading = target;
    (void)field, (void)pool;
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

static enum status read_within(const struct yaml_node *node, const struct field *field,
                               struct pool *pool, void *target) {
    struct reading *reading = target;
    (void)field, (void)pool;
    int *keys = pool_alloc(reading->pool, (size_t)node->n * sizeof *keys + 1), n = 0;
    enum status status = OK;
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

static enum status read_set(const struct yaml_node *node, const struct field *field,
                            struct pool *pool, void *target) {
    struct reading *reading = target;
    (void)field, (void)pool;
    struct tuning *tuning = reading->tuning;
    struct key_node *nodes;
    int n = 0;
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
static const struct field fields[] = {
    {.name = "key",
     .read = read_key,
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .choice = &key_choice,
     .doc = "The key that is tuned; default: `optimizer.lr`."},
    {.name = "grid",
     .read = read_grid,
     .form = FORM_LIST | FORM_SEQUENCE | FORM_MAP,
     .value = {.type = KEY_REAL, .max = INFINITY, .above_min = true},
     .least = LEAST_GRID,
     .most = MOST_GRID,
     .section = &tune_grid_section,
     .like = "[0.0125, 0.025, 0.05, 0.1]",
     .required = "grid",
     .doc = "The rates that all cells try, ascending; where the best lies at an edge, more are "
            "tried."},
    {.name = "seeds",
     .read = read_seeds,
     .form = FORM_LIST | FORM_SEQUENCE,
     .same_as = "seed",
     .what = "seed",
     .like = "\"range(100, 103)\"",
     .required = "seeds",
     .doc = "The seeds of the trials, none of them the experiment's."},
    {.name = "by",
     .read = read_by,
     .form = FORM_ONE,
     .value = {.type = KEY_CHOICE, .words = "validation_error|validation_loss"},
     .doc = "What decides: the lowest."},
    {.name = "same_grid_within",
     .read = read_within,
     .form = FORM_LIST,
     .value = {.type = KEY_TEXT},
     .choice = &key_choice,
     .like = "[train.batch_size]",
     .doc = "Cells with the same values of these keys try the same rates; default: "
            "`[train.batch_size]`."},
    {.name = "set",
     .read = read_set,
     .form = FORM_MAP,
     .keys = FORM_ONE,
     .like = "{train.epochs: 1}",
     .doc = "Other values while tuning, such as fewer epochs."},
};

const struct section tune_section = {
    .name = "tune",
    .doc = "How `normlab tune` chooses a learning rate for each cell, by validation data.",
    SECTION_FIELDS(fields),
    .like = "tune:\n"
            "  grid: {start: 0.0125, factor: 2, count: 5}\n"
            "  seeds: \"range(100, 103)\"\n",
    .in_row_order = true,
};

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
    enum status status = section_read(&tune_section, section, pool, &reading);
    if (!status)
        *tuning = read;
    return status;
}
