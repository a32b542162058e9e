/* From a tree of YAML and overrides to an experiment: its sections one by one. */
#include "lab/plan/experiment.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lab/config/key_nodes.h"
#include "lab/config/override.h"
#include "lab/plan/figure_kind.h"
#include "lab/plan/figure_option.h"

/* An experiment while it is read. */
struct reading {
    struct experiment *experiment;
    struct pool *pool;
    struct axis *axes;          /* [key_count()]: a key stands in one axis only */
    struct origin *axis_origin; /* [key_count()]: where a key became part of an axis */
    int n_overrides;
    struct override *overrides;
    const char *protocol; /* "quick" or "literal": the section that applies; NULL: none */
};

/* ---- base, sweep, zip ---- */

static enum status check_section(const struct yaml_node *node, enum yaml_kind kind) {
    if (node->kind == kind)
        return OK;
    fail(ERROR_USAGE, "%s: must be a %s", node->key,
         kind == YAML_MAP ? "map of keys" : "list of maps");
    return fail_at(ERROR_USAGE, node->origin);
}

static enum status check_entry(const struct yaml_node *section, const struct yaml_node *entry) {
    if (entry->kind == YAML_MAP && entry->n > 0)
        return OK;
    fail(ERROR_USAGE, "%s: each entry must be a map such as {key: value}", section->key);
    return fail_at(ERROR_USAGE, entry->origin);
}

static enum status read_base(struct reading *reading, const struct yaml_node *section) {
    struct cell *base = &reading->experiment->base;
    struct key_node *nodes;
    int n;
    enum status status = check_section(section, YAML_MAP);
    if (!status)
        status = key_nodes_read(section, reading->pool, &n, &nodes);
    for (int i = 0; !status && i < n; i++) {
        int key = nodes[i].key;
        base->origins[key] = nodes[i].node->origin;
        status = node_value(nodes[i].node, key_get(key), reading->pool, &base->values[key]);
    }
    return status;
}

static struct override *find_override(struct reading *reading, int key) {
    for (int i = 0; i < reading->n_overrides; i++)
        if (reading->overrides[i].key == key)
            return &reading->overrides[i];
    return NULL;
}

/* Adds a key to an axis that has others already, or none yet. */
static void axis_add_key(struct axis *axis, int key, const struct node_values *added,
                         struct pool *pool) {
    size_t old = (size_t)axis->n_keys, n = (size_t)added->n;
    int *keys = pool_alloc(pool, (old + 1) * sizeof *keys);
    struct value *values = pool_alloc(pool, (old + 1) * n * sizeof *values);
    struct origin *origins = pool_alloc(pool, (old + 1) * n * sizeof *origins);
    if (old > 0) {
        memcpy(keys, axis->keys, old * sizeof *keys);
        memcpy(values, axis->values, old * n * sizeof *values);
        memcpy(origins, axis->origins, old * n * sizeof *origins);
    }
    keys[old] = key;
    memcpy(values + old * n, added->values, n * sizeof *values);
    memcpy(origins + old * n, added->origins, n * sizeof *origins);
    *axis = (struct axis){axis->n_keys + 1, added->n, keys, values, origins};
}

static struct node_values override_values(const struct override *override, struct pool *pool) {
    size_t n = (size_t) override->n_values;
    struct node_values values = {override->n_values, pool_alloc(pool, n * sizeof *values.values),
                                 pool_alloc(pool, n * sizeof *values.origins)};
    for (size_t i = 0; i < n; i++) {
        values.values[i] = override->values[i];
        values.origins[i] = override->origin;
    }
    return values;
}

/* The values of a key in an axis; a key stands in one axis only. */
static enum status read_axis_key(struct reading *reading, const struct key_node *entry,
                                 struct node_values *values) {
    struct origin *origin = &reading->axis_origin[entry->key];
    if (origin->file) {
        fail(ERROR_USAGE, "%s stands in two axes; the other is in line %d",
             key_get(entry->key)->name, origin->line);
        return fail_at(ERROR_USAGE, entry->node->key_origin);
    }
    *origin = entry->node->key_origin;
    return node_axis_values(entry->node, key_get(entry->key), reading->pool, values);
}

static enum status read_sweep(struct reading *reading, const struct yaml_node *section) {
    struct key_node *nodes;
    int n;
    enum status status = check_section(section, YAML_MAP);
    if (!status)
        status = key_nodes_read(section, reading->pool, &n, &nodes);
    for (int i = 0; !status && i < n; i++) {
        struct node_values values;
        status = read_axis_key(reading, &nodes[i], &values);
        if (status)
            break;
        struct override *override = find_override(reading, nodes[i].key);
        if (override) {
            override->used = true;
            values = override_values(override, reading->pool);
        }
        axis_add_key(&reading->axes[reading->experiment->n_axes++], nodes[i].key, &values,
                     reading->pool);
    }
    return status;
}

static enum status fail_zipped(const struct override *override, const struct yaml_node *node) {
    fail(ERROR_USAGE, "%s is zipped with other keys (%s:%d) and cannot be overridden",
         key_get(override->key)->name, node->key_origin.file, node->key_origin.line);
    return fail_at(ERROR_USAGE, override->origin);
}

static enum status add_zipped(struct reading *reading, const struct key_node *entry,
                              struct axis *axis) {
    const struct override *override = find_override(reading, entry->key);
    if (override)
        return fail_zipped(override, entry->node);
    struct node_values values;
    enum status status = read_axis_key(reading, entry, &values);
    if (status)
        return status;
    if (axis->n_keys > 0 && values.n != axis->n_values) {
        fail(ERROR_USAGE, "%s has %d values, but %s has %d; zipped keys are walked together",
             key_get(entry->key)->name, values.n, key_get(axis->keys[0])->name, axis->n_values);
        return fail_at(ERROR_USAGE, entry->node->origin);
    }
    axis_add_key(axis, entry->key, &values, reading->pool);
    return OK;
}

static enum status read_zip(struct reading *reading, const struct yaml_node *section) {
    enum status status = check_section(section, YAML_LIST);
    for (const struct yaml_node *entry = section->first; entry && !status; entry = entry->next) {
        struct key_node *nodes;
        int n;
        status = check_entry(section, entry);
        if (!status)
            status = key_nodes_read(entry, reading->pool, &n, &nodes);
        struct axis axis = {0};
        for (int i = 0; !status && i < n; i++)
            status = add_zipped(reading, &nodes[i], &axis);
        if (!status && n > 0)
            reading->axes[reading->experiment->n_axes++] = axis;
    }
    return status;
}

/* ---- exclude ---- */

static enum status read_exclusion(struct reading *reading, const struct yaml_node *entry,
                                  struct exclusion *exclusion) {
    struct key_node *nodes;
    int n;
    enum status status = key_nodes_read(entry, reading->pool, &n, &nodes);
    if (!status && n == 0)
        status = fail_at(fail(ERROR_USAGE, "exclude: an entry without keys would drop every cell"),
                         entry->origin);
    if (status)
        return status;
    int *keys = pool_alloc(reading->pool, (size_t)n * sizeof *keys);
    int *n_values = pool_alloc(reading->pool, (size_t)n * sizeof *n_values);
    const struct value **values = pool_alloc(reading->pool, (size_t)n * sizeof *values);
    for (int i = 0; i < n; i++) {
        struct node_values read;
        status = node_excluded_values(nodes[i].node, key_get(nodes[i].key), reading->pool, &read);
        if (status)
            return status;
        keys[i] = nodes[i].key;
        n_values[i] = read.n;
        values[i] = read.values;
    }
    *exclusion = (struct exclusion){n, keys, n_values, values, entry->origin, false};
    return OK;
}

static enum status read_exclude(struct reading *reading, const struct yaml_node *section) {
    enum status status = check_section(section, YAML_LIST);
    struct exclusion *exclusions =
        pool_alloc(reading->pool, (size_t)section->n * sizeof *exclusions);
    int n = 0;
    for (const struct yaml_node *entry = section->first; entry && !status; entry = entry->next) {
        status = check_entry(section, entry);
        if (!status)
            status = read_exclusion(reading, entry, &exclusions[n++]);
    }
    reading->experiment->exclusions = exclusions;
    reading->experiment->n_exclusions = n;
    return status;
}

/* ---- protocols: the same question, with less of everything, or in its original size ---- */

/* quick: {set: {...}}: as on the command line, which wins over it. */
static enum status read_protocol_keys(struct reading *reading, const struct yaml_node *set) {
    struct key_node *nodes;
    int n;
    enum status status = check_section(set, YAML_MAP);
    if (!status)
        status = key_nodes_read(set, reading->pool, &n, &nodes);
    if (status)
        return status;
    size_t old = (size_t)reading->n_overrides;
    struct override *all = pool_alloc(reading->pool, (old + (size_t)n) * sizeof *all);
    if (old > 0)
        memcpy(all, reading->overrides, old * sizeof *all);
    reading->overrides = all;
    for (int i = 0; i < n && !status; i++) {
        struct node_values values;
        if (find_override(reading, nodes[i].key))
            continue;
        status = node_excluded_values(nodes[i].node, key_get(nodes[i].key), reading->pool, &values);
        if (!status)
            all[reading->n_overrides++] = (struct override){nodes[i].key, nodes[i].node->origin,
                                                            values.n, values.values, false};
    }
    return status;
}

/* quick: {only: {...}}: the cells with these values. */
static enum status read_protocol_cells(struct reading *reading, const struct yaml_node *only) {
    struct experiment *experiment = reading->experiment;
    size_t old = (size_t)experiment->n_exclusions;
    struct exclusion *all = pool_alloc(reading->pool, (old + 1) * sizeof *all);
    enum status status = check_section(only, YAML_MAP);
    if (!status)
        status = read_exclusion(reading, only, &all[old]);
    if (status)
        return status;
    if (old > 0)
        memcpy(all, experiment->exclusions, old * sizeof *all);
    all[old].others = true;
    experiment->exclusions = all;
    experiment->n_exclusions++;
    return OK;
}

static enum status check_protocol(const struct yaml_node *section) {
    enum status status = check_section(section, YAML_MAP);
    for (const struct yaml_node *entry = section->first; entry && !status; entry = entry->next)
        if (strcmp(entry->key, "set") != 0 && strcmp(entry->key, "only") != 0)
            status = fail_at(fail(ERROR_USAGE,
                                  "%s: '%s' is neither set (keys and their "
                                  "values) nor only (which cells)",
                                  section->key, entry->key),
                             entry->key_origin);
    return status;
}

/* ---- name, title, schema ---- */

enum { MOST_LETTERS = 64 }; /* it becomes a part of names of files */

static bool is_name(const char *text) {
    size_t i = 0;
    while (isalnum((unsigned char)text[i]) || text[i] == '_' || text[i] == '-')
        i++;
    return i > 0 && text[i] == 0;
}

static enum status read_word(const struct yaml_node *node, const char **word) {
    if (node->kind != YAML_SCALAR || node_is_null(node) || !is_name(node->text)) {
        fail(ERROR_USAGE, "%s: must be a word of letters, digits, _ and -", node->key);
        return fail_at(ERROR_USAGE, node->origin);
    }
    if (strlen(node->text) > MOST_LETTERS) {
        fail(ERROR_USAGE, "%s: must have at most %d characters", node->key, MOST_LETTERS);
        return fail_at(ERROR_USAGE, node->origin);
    }
    *word = node->text;
    return OK;
}

static enum status read_name(struct reading *reading, const struct yaml_node *node) {
    return read_word(node, &reading->experiment->name);
}

static enum status read_title(struct reading *reading, const struct yaml_node *node) {
    const struct key key = {.name = "title", .type = KEY_TEXT};
    struct value value = {0};
    enum status status = node_value(node, &key, reading->pool, &value);
    reading->experiment->title = value.text;
    return status;
}

static enum status read_schema(struct reading *reading, const struct yaml_node *node) {
    const struct key key = {.name = "schema", .type = KEY_INT};
    struct value value;
    enum status status = node_value(node, &key, reading->pool, &value);
    if (!status && value.integer != 1) {
        fail(ERROR_USAGE, "schema: %ld is unknown to this program, which reads 1", value.integer);
        return fail_at(ERROR_USAGE, node->origin);
    }
    return status;
}

/* ---- figures ---- */

/* An option as it stands in the file; the items of a list with commas between them. */
static enum status option_text(const struct yaml_node *node, struct pool *pool, const char **text) {
    bool plain = node->kind != YAML_MAP;
    *text = node->kind == YAML_SCALAR ? node->text : "";
    for (const struct yaml_node *item = node->first; item && plain; item = item->next) {
        plain = item->kind == YAML_SCALAR;
        if (plain)
            *text = pool_format(pool, "%s%s%s", *text, item == node->first ? "" : ",", item->text);
    }
    if (plain)
        return OK;
    fail(ERROR_USAGE, "%s: must be a value or a list of values", node->key);
    return fail_at(ERROR_USAGE, node->origin);
}

static enum status read_script(const struct yaml_node *node, struct pool *pool,
                               struct figure *figure) {
    if (node->kind != YAML_SCALAR || node_is_null(node) || !figure_script_is_path(node->text)) {
        enum status status = read_word(node, &figure->script);
        if (status)
            return status;
        status = figure_script_check(figure->script);
        return status ? fail_at(status, node->origin) : OK;
    }
    const char *slash = strrchr(node->text, '/'), *name = slash ? slash + 1 : node->text;
    figure->script = node->text;
    if (!figure->name)
        figure->name = pool_format(pool, "%.*s", (int)strcspn(name, "."), name);
    return OK;
}

/* Once the script is known. A list without brackets in {} ends at its first comma. */
static enum status check_options(const struct yaml_node *entry, const struct figure *figure) {
    enum status status = OK;
    int i = 0;
    for (const struct yaml_node *node = entry->first; node && !status; node = node->next) {
        if (!strcmp(node->key, "script") || !strcmp(node->key, "name"))
            continue;
        bool known = figure_option_find(node->key) != NULL;
        status = figure_option_check(figure->script, node->key, figure->option_values[i++]);
        if (status && !known && node_is_null(node) && node != entry->first)
            fail(status, "%s; a comma begins a new key here, a list is written [a, b]",
                 status_message());
        if (status)
            fail_at(status, known ? node->origin : node->key_origin);
    }
    return status;
}

static enum status read_figure(struct reading *reading, const struct yaml_node *entry,
                               struct figure *figure) {
    const char **names = pool_alloc(reading->pool, (size_t)entry->n * sizeof *names);
    const char **values = pool_alloc(reading->pool, (size_t)entry->n * sizeof *values);
    enum status status = OK;
    for (const struct yaml_node *node = entry->first; node && !status; node = node->next) {
        if (!strcmp(node->key, "script")) {
            status = read_script(node, reading->pool, figure);
        } else if (!strcmp(node->key, "name")) {
            status = read_word(node, &figure->name);
        } else {
            names[figure->n_options] = node->key;
            status = option_text(node, reading->pool, &values[figure->n_options++]);
        }
    }
    if (!status && !figure->script)
        status = fail_at(fail(ERROR_USAGE, "a figure needs a script, such as error_vs_batch"),
                         entry->origin);
    if (!figure->name)
        figure->name = figure->script;
    figure->option_names = names;
    figure->option_values = values;
    return status ? status : check_options(entry, figure);
}

/* Two figures of one name would write one file. */
static enum status check_figure_name(const struct figure *figures, int last,
                                     const struct yaml_node *entry) {
    for (int i = 0; i < last; i++)
        if (!strcmp(figures[i].name, figures[last].name)) {
            fail(ERROR_USAGE, "two figures are named '%s'; give this one a name: of its own",
                 figures[last].name);
            return fail_at(ERROR_USAGE, entry->origin);
        }
    return OK;
}

static enum status read_figures(struct reading *reading, const struct yaml_node *section) {
    enum status status = check_section(section, YAML_LIST);
    struct figure *figures = pool_alloc(reading->pool, (size_t)section->n * sizeof *figures);
    int n = 0;
    for (const struct yaml_node *entry = section->first; entry && !status; entry = entry->next) {
        status = check_entry(section, entry);
        if (!status)
            status = read_figure(reading, entry, &figures[n]);
        if (!status)
            status = check_figure_name(figures, n++, entry);
    }
    reading->experiment->figures = figures;
    reading->experiment->n_figures = n;
    return status;
}

/* ---- sections that others read ---- */

static enum status keep_claim(struct reading *reading, const struct yaml_node *node) {
    reading->experiment->sections[SECTION_CLAIM] = node;
    return check_section(node, YAML_MAP);
}

static enum status keep_judge(struct reading *reading, const struct yaml_node *node) {
    reading->experiment->sections[SECTION_JUDGE] = node;
    return check_section(node, YAML_LIST);
}

static enum status keep_compute(struct reading *reading, const struct yaml_node *node) {
    reading->experiment->sections[SECTION_COMPUTE] = node;
    return check_section(node, YAML_LIST);
}

static enum status keep_tune(struct reading *reading, const struct yaml_node *node) {
    reading->experiment->sections[SECTION_TUNE] = node;
    return check_section(node, YAML_MAP);
}

/* What they say is read before (keys) and after (cells) all others. */
static enum status keep_protocol(struct reading *reading, const struct yaml_node *node) {
    (void)reading;
    return check_protocol(node);
}

/* ---- the file ---- */

static const struct section {
    const char *name;
    enum status (*read)(struct reading *reading, const struct yaml_node *node);
    bool may_be_empty; /* somebody may have commented out all of it */
} sections[] = {
    {"schema", read_schema, false},   {"name", read_name, false},
    {"title", read_title, false},     {"base", read_base, true},
    {"sweep", read_sweep, true},      {"zip", read_zip, true},
    {"exclude", read_exclude, true},  {"figures", read_figures, true},
    {"claim", keep_claim, false},     {"judge", keep_judge, false},
    {"compute", keep_compute, false}, {"tune", keep_tune, false},
    {"quick", keep_protocol, false},  {"literal", keep_protocol, false},
};

enum { N_SECTIONS = sizeof sections / sizeof *sections };

static enum status fail_section(const struct yaml_node *entry) {
    const char *names[N_SECTIONS];
    for (int i = 0; i < N_SECTIONS; i++)
        names[i] = sections[i].name;
    const char *near = nearest_word(entry->key, names, N_SECTIONS);
    if (key_group_is(entry->key) || key_find(entry->key) >= 0)
        fail(ERROR_USAGE, "'%s' belongs under base, sweep or zip", entry->key);
    else if (near)
        fail(ERROR_USAGE, "unknown key '%s' (did you mean '%s'?)", entry->key, near);
    else
        fail(
            ERROR_USAGE,
            "unknown key '%s'; here stand schema, name, title, base, sweep, zip, exclude, figures, "
            "quick, literal, tune, claim, judge, compute",
            entry->key);
    return fail_at(ERROR_USAGE, entry->key_origin);
}

static enum status read_section(struct reading *reading, const struct yaml_node *entry) {
    for (int i = 0; i < N_SECTIONS; i++)
        if (!strcmp(entry->key, sections[i].name)) {
            bool empty = sections[i].may_be_empty && node_is_null(entry);
            return empty ? OK : sections[i].read(reading, entry);
        }
    return fail_section(entry);
}

/* The schema goes first: a file of another one is not judged by the rules of this. */
static enum status read_sections(struct reading *reading, const struct yaml_node *root) {
    if (node_is_null(root))
        return fail_at(fail(ERROR_USAGE, "is empty"), root->origin);
    if (root->kind != YAML_MAP)
        return fail_at(fail(ERROR_USAGE, "must be a map: schema: 1, name: ..., base: ..."),
                       root->origin);
    const struct yaml_node *schema = node_find(root, "schema");
    if (!schema)
        return fail_at(fail(ERROR_USAGE, "has no schema; write schema: 1"), root->origin);
    enum status status = read_schema(reading, schema);
    const char *name = reading->protocol;
    const struct yaml_node *protocol = name ? node_find(root, name) : NULL, *set = NULL,
                           *only = NULL;
    if (!status && name && !protocol)
        status = fail(ERROR_USAGE, "%s: protocol=%s: the file has no section %s",
                      reading->experiment->file, name, name);
    if (!status && protocol) {
        status = check_protocol(protocol);
        set = node_find(protocol, "set");
        only = node_find(protocol, "only");
    }
    if (!status && set)
        status = read_protocol_keys(reading, set);
    for (const struct yaml_node *entry = root->first; entry && !status; entry = entry->next)
        status = read_section(reading, entry);
    if (!status && only)
        status = read_protocol_cells(reading, only);
    if (!status && !reading->experiment->name)
        status = fail_at(fail(ERROR_USAGE, "has no name; its results are results/NAME.h5"),
                         root->origin);
    return status;
}

static enum status read_overrides(struct reading *reading, int n, const char *const *texts) {
    reading->overrides = pool_alloc(reading->pool, (size_t)n * sizeof *reading->overrides);
    for (int i = 0; i < n; i++) {
        struct override read;
        if (!strcmp(texts[i], "protocol=quick") || !strcmp(texts[i], "protocol=literal")) {
            reading->protocol = strchr(texts[i], '=') + 1;
            continue;
        }
        enum status status = override_read(texts[i], reading->pool, &read);
        if (status)
            return status;
        if (find_override(reading, read.key))
            return fail_at(fail(ERROR_USAGE, "%s is given twice", key_get(read.key)->name),
                           read.origin);
        reading->overrides[reading->n_overrides++] = read;
    }
    return OK;
}

/* What no axis of the file has taken: one value goes to the base, several make the innermost axis.
 */
static void apply_overrides(struct reading *reading) {
    struct experiment *experiment = reading->experiment;
    for (int i = 0; i < reading->n_overrides; i++) {
        const struct override *override = &reading->overrides[i];
        experiment->base.values[override->key] = override->values[0];
        experiment->base.origins[override->key] = override->origin;
        if (override->used || override->n_values == 1)
            continue;
        struct node_values values = override_values(override, reading->pool);
        axis_add_key(&reading->axes[experiment->n_axes++], override->key, &values, reading->pool);
    }
}

enum status experiment_parse(const char *file, const char *text, int n_overrides,
                             const char *const *overrides, struct experiment *experiment) {
    struct experiment read = {0};
    struct reading reading = {.experiment = &read, .pool = &read.pool};
    size_t n_keys = (size_t)key_count();
    read.file = pool_text(&read.pool, file);
    read.text = pool_text(&read.pool, text);
    cell_create(&read.base, &read.pool);
    reading.axes = pool_alloc(&read.pool, n_keys * sizeof *reading.axes);
    reading.axis_origin = pool_alloc(&read.pool, n_keys * sizeof *reading.axis_origin);
    read.axes = reading.axes;

    struct yaml_node *root = NULL;
    enum status status = yaml_tree_read(file, text, &read.pool, &root);
    if (!status)
        status = read_overrides(&reading, n_overrides, overrides);
    if (!status)
        status = read_sections(&reading, root);
    if (status) {
        pool_free(&read.pool);
        return status;
    }
    apply_overrides(&reading);
    if (!read.title)
        read.title = read.name;
    if (reading.protocol)
        read.name = pool_format(&read.pool, "%s-%s", read.name, reading.protocol);
    *experiment = read;
    return OK;
}

enum { FILE_MAX = 1 << 20 };

static enum status read_text(const char *file, struct pool *pool, const char **text) {
    FILE *in = fopen(file, "rb");
    if (!in)
        return fail(ERROR_USAGE, "%s: cannot be read: %s", file, strerror(errno));
    char *content = pool_alloc(pool, FILE_MAX + 2);
    size_t size = fread(content, 1, FILE_MAX + 1, in);
    int error = ferror(in) ? errno : 0;
    fclose(in);
    if (error)
        return fail(ERROR_USAGE, "%s: cannot be read: %s", file, strerror(error));
    if (size > FILE_MAX || memchr(content, 0, size))
        return fail(ERROR_USAGE, "%s: is not an experiment file", file);
    *text = content;
    return OK;
}

/* `name` as seen from the folder of `file`. */
static const char *beside(const char *file, const char *name, struct pool *pool) {
    const char *slash = strrchr(file, '/');
    if (!slash || *name == '/')
        return name;
    return pool_format(pool, "%.*s/%s", (int)(slash - file), file, name);
}

/* What else may stand in a file whose runs are another's. */
static enum status check_reference(const struct yaml_node *root) {
    static const char *const allowed[] = {"schema", "name",  "title",   "experiment",
                                          "claim",  "judge", "compute", "figures"};
    for (const struct yaml_node *entry = root->first; entry; entry = entry->next) {
        bool found = false;
        for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
            found |= !strcmp(entry->key, allowed[i]);
        if (!found)
            return fail_at(
                fail(ERROR_USAGE, "'%s' belongs into the file whose runs are judged", entry->key),
                entry->key_origin);
    }
    return OK;
}

/* The file that `experiment:` names, NULL where there is none or the text cannot be read: then
 * whoever parses it says why. */
static enum status find_reference(const char *file, const char *text, struct pool *pool,
                                  const char **reference) {
    struct yaml_node *root = NULL;
    const struct yaml_node *entry = NULL;
    *reference = NULL;
    if (yaml_tree_read(file, text, pool, &root) == OK && root->kind == YAML_MAP)
        entry = node_find(root, "experiment");
    if (!entry)
        return OK;
    if (entry->kind != YAML_SCALAR || node_is_null(entry))
        return fail_at(fail(ERROR_USAGE, "experiment: must be the path of an experiment file"),
                       entry->origin);
    *reference = beside(file, entry->text, pool);
    return check_reference(root);
}

enum status experiment_read(const char *file, int n_overrides, const char *const *overrides,
                            struct experiment *experiment) {
    struct pool pool = {0};
    const char *text = NULL, *reference = NULL;
    enum status status = read_text(file, &pool, &text);
    if (!status)
        status = find_reference(file, text, &pool, &reference);
    if (!status && reference)
        status = read_text(reference, &pool, &text);
    if (!status)
        status = experiment_parse(reference ? reference : file, text, n_overrides, overrides,
                                  experiment);
    pool_free(&pool);
    return status;
}

void experiment_free(struct experiment *experiment) {
    pool_free(&experiment->pool);
    *experiment = (struct experiment){0};
}
