/* From an experiment file and overrides to an experiment: its sections, by the table of them. */
#include "lab/plan/experiment.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/visible.h"
#include "base/words.h"
#include "io/files.h"
#include "lab/plan/protocol.h"

/* An experiment while it is read. */
struct reading {
    struct experiment experiment;
    struct axes axes;
    const char *suffix; /* of the overrides, for the name of the results */
};

/* ---- readers of sections ---- */

static enum status read_schema(const struct yaml_node *node, const struct field *field,
                               struct pool *pool, void *target) {
    const struct key key = {.name = field->name, .type = KEY_INT};
    struct value value;
    (void)target;
    enum status status = node_value(node, &key, pool, &value);
    if (!status && value.integer != 1) {
        fail(ERROR_USAGE, "schema: %ld is unknown to this program, which reads 1", value.integer);
        return fail_at(ERROR_USAGE, node->origin);
    }
    return status;
}

static enum status read_base(const struct yaml_node *node, const struct field *field,
                             struct pool *pool, void *target) {
    (void)field, (void)pool;
    return axes_read_base(&((struct reading *)target)->axes, node);
}

static enum status read_sweep(const struct yaml_node *node, const struct field *field,
                              struct pool *pool, void *target) {
    (void)field, (void)pool;
    return axes_read_sweep(&((struct reading *)target)->axes, node);
}

static enum status read_zip(const struct yaml_node *node, const struct field *field,
                            struct pool *pool, void *target) {
    (void)field, (void)pool;
    return axes_read_zip(&((struct reading *)target)->axes, node);
}

static enum status read_exclude(const struct yaml_node *node, const struct field *field,
                                struct pool *pool, void *target) {
    struct experiment *experiment = &((struct reading *)target)->experiment;
    (void)field;
    return exclusions_read(node, pool, &experiment->n_exclusions, &experiment->exclusions);
}

static enum status read_figures(const struct yaml_node *node, const struct field *field,
                                struct pool *pool, void *target) {
    struct experiment *experiment = &((struct reading *)target)->experiment;
    (void)field;
    return figures_read(node, pool, &experiment->n_figures, &experiment->figures);
}

/* What protocols say is applied before (keys) and after (cells) all other sections. */
static enum status check_protocol(const struct yaml_node *node, const struct field *field,
                                  struct pool *pool, void *target) {
    struct protocol protocol;
    (void)field;
    ((struct reading *)target)->experiment.has_protocols = true;
    return protocol_read(node, pool, &protocol);
}

/* ---- the file ---- */

static enum status fail_chain(const struct yaml_node *node, const struct field *field,
                              struct pool *pool, void *target) {
    (void)field, (void)pool, (void)target;
    return fail_at(
        fail(ERROR_USAGE, "experiment: names another file, but this file is named by one itself"),
        node->origin);
}

enum { OF_RUNS = 1 }; /* the mark of what may not stand beside `experiment` */

#define KEPT(section)                                                                              \
    .read = field_node, .offset = offsetof(struct reading, experiment.sections[section])

static const struct field experiment_fields[] = {
    {.name = "schema",
     .read = read_schema,
     .form = FORM_ONE,
     .value = {.type = KEY_INT, .min = 1, .max = 1},
     .required = "schema; write schema: 1",
     .doc = "The version of this format."},
    {.name = "name",
     .read = field_text,
     .offset = offsetof(struct reading, experiment.name),
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .what = NAME_WHAT,
     .pattern = NAME_PATTERN,
     .like = "small_batch",
     .required = "name; its results are results/NAME.h5",
     .doc = "Names the results: they are results/NAME.h5."},
    {.name = "title",
     .read = field_text,
     .offset = offsetof(struct reading, experiment.title),
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .doc = "A line for people; default: the name, of a claim what it `says`."},
    {.name = "base",
     .read = read_base,
     .form = FORM_MAP,
     .keys = FORM_ONE,
     .like = "base:\n"
             "  norm: {kind: batch, momentum: 0.9}\n"
             "  model.hidden: [100, 100, 100]\n"
             "  train.batch_size: 64\n",
     .may_be_empty = true,
     .mark = OF_RUNS,
     .doc =
         "Values that all runs share. Keys are written nested, `norm: {kind: batch}`, or dotted, "
         "`norm.kind: batch`; what stands nowhere has its default."},
    {.name = "sweep",
     .read = read_sweep,
     .form = FORM_MAP,
     .keys = FORM_LIST | FORM_SEQUENCE,
     .like = "sweep:\n"
             "  norm.kind: [none, batch, layer]\n"
             "  train.batch_size: \"logrange(2, 256, 8)\"\n"
             "  seed: range(5)\n",
     .may_be_empty = true,
     .mark = OF_RUNS,
     .doc = "Each key has a list of values, or a range; the runs are all combinations, the last "
            "key running fastest."},
    {.name = "zip",
     .read = read_zip,
     .form = FORM_ENTRIES,
     .keys = FORM_LIST | FORM_SEQUENCE,
     .like = "zip:\n"
             "  - train.batch_size: [16, 64, 256]\n"
             "    optimizer.lr: [0.0125, 0.05, 0.2]\n",
     .may_be_empty = true,
     .mark = OF_RUNS,
     .doc = "The keys of each entry are walked together: their first values, their second ones, "
            "and so on, so their lists are equally long. Each entry is one axis beside those of "
            "`sweep`."},
    {.name = "exclude",
     .read = read_exclude,
     .form = FORM_ENTRIES,
     .keys = FORM_ONE | FORM_LIST | FORM_SEQUENCE,
     .like = "exclude:\n"
             "  - norm.kind: batch\n"
             "    train.batch_size: [2, 4]\n",
     .may_be_empty = true,
     .mark = OF_RUNS,
     .doc = "Each entry drops the cells that have all its values; a value may be a list of "
            "alternatives."},
    {.name = "figures",
     .read = read_figures,
     .form = FORM_ENTRIES,
     .section = &figures_section,
     .may_be_empty = true,
     .doc = "The figures of the results."},
    {.name = "quick",
     .read = check_protocol,
     .form = FORM_MAP,
     .section = &protocol_section,
     .mark = OF_RUNS,
     .doc = "A protocol with less of everything, for `protocol=quick`."},
    {.name = "literal",
     .read = check_protocol,
     .form = FORM_MAP,
     .section = &protocol_section,
     .mark = OF_RUNS,
     .doc = "A protocol in the size of a paper, for `protocol=literal`."},
    {.name = "tune",
     KEPT(SECTION_TUNE),
     .form = FORM_MAP,
     .mark = OF_RUNS,
     .doc = "How `normlab tune` chooses learning rates."},
    {.name = "claim",
     KEPT(SECTION_CLAIM),
     .form = FORM_MAP,
     .doc = "What `normlab judge` decides, in words."},
    {.name = "judge",
     KEPT(SECTION_JUDGE),
     .form = FORM_ENTRIES,
     .doc = "The questions to the results that decide a claim."},
    {.name = "compute",
     KEPT(SECTION_COMPUTE),
     .form = FORM_ENTRIES,
     .doc = "What a claim computes without training."},
    {.name = "experiment",
     .read = fail_chain,
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .what = "path",
     .doc = "The file whose runs this claim judges, relative to this file; then base, sweep, zip, "
            "exclude, tune and protocols stand there."},
};

static enum status other_section(const struct yaml_node *node, const struct section *section,
                                 struct pool *pool, void *target) {
    (void)pool, (void)target;
    if (!key_group_is(node->key) && key_find(node->key) < 0)
        return section_fail_unknown(section, node);
    return fail_at(fail(ERROR_USAGE, "'%s' belongs under base, sweep or zip", node->key),
                   node->key_origin);
}

const struct section experiment_section = {
    .title = "The file itself",
    SECTION_FIELDS(experiment_fields),
    .other = other_section,
};

/* The schema goes first: a file of another one is not judged by the rules of this. */
static enum status check_root(const struct yaml_node *root, struct pool *pool) {
    if (node_is_null(root))
        return fail_at(fail(ERROR_USAGE, "is empty"), root->origin);
    if (root->kind != YAML_MAP)
        return fail_at(fail(ERROR_USAGE, "must be a map: schema: 1, name: ..., base: ..."),
                       root->origin);
    const struct field *schema = &experiment_fields[0];
    const struct yaml_node *node = node_find(root, schema->name);
    return node ? read_schema(node, schema, pool, NULL)
                : section_fail_missing(&experiment_section, root, schema->required);
}

static enum status read_sections(struct reading *reading, const struct yaml_node *root) {
    struct experiment *experiment = &reading->experiment;
    struct protocol protocol = {0};
    enum status status = check_root(root, &experiment->pool);
    if (!status && experiment->protocol) {
        const struct yaml_node *node = node_find(root, experiment->protocol);
        if (!node)
            return fail(ERROR_USAGE, "%s: protocol=%s: the file has no section %s",
                        experiment->file, experiment->protocol, experiment->protocol);
        status = node->kind == YAML_MAP ? protocol_read(node, &experiment->pool, &protocol) : OK;
    }
    if (!status)
        status = protocol_set_keys(&protocol, &reading->axes);
    if (!status)
        status = section_read(&experiment_section, root, &experiment->pool, reading);
    if (!status)
        status = protocol_keep_cells(&protocol, &experiment->pool, &experiment->n_exclusions,
                                     &experiment->exclusions);
    return status;
}

static enum status read_overrides(struct reading *reading, int n, const char *const *texts) {
    for (int i = 0; i < n; i++) {
        struct override read;
        if (!strcmp(texts[i], "protocol=quick") || !strcmp(texts[i], "protocol=literal")) {
            reading->experiment.protocol = strchr(texts[i], '=') + 1;
            continue;
        }
        enum status status = override_read(texts[i], &reading->experiment.pool, &read);
        if (status)
            return status;
        if (axes_overrides(&reading->axes, read.key))
            return fail_at(fail(ERROR_USAGE, "%s is given twice", key_get(read.key)->name),
                           read.origin);
        axes_override(&reading->axes, &read);
    }
    const struct axes *axes = &reading->axes;
    struct pool *pool = &reading->experiment.pool;
    reading->experiment.overrides = overrides_text(axes->n_overrides, axes->overrides, pool);
    reading->suffix = overrides_suffix(axes->n_overrides, axes->overrides, pool);
    return OK;
}

/* What overrides, protocol and the file's name make of the sections. */
static void complete(struct reading *reading) {
    struct experiment *experiment = &reading->experiment;
    axes_apply_overrides(&reading->axes);
    experiment->axes = reading->axes.all;
    experiment->n_axes = reading->axes.n;
    if (!experiment->title)
        experiment->title = experiment->name;
    if (reading->experiment.protocol)
        experiment->name =
            pool_format(&experiment->pool, "%s-%s", experiment->name, reading->experiment.protocol);
    experiment->results = pool_format(&experiment->pool, "%s%s", experiment->name, reading->suffix);
}

static enum status read_tree(struct reading *reading, const struct yaml_node *root, int n_overrides,
                             const char *const *overrides) {
    struct experiment *experiment = &reading->experiment;
    axes_create(&reading->axes, &experiment->base, &experiment->pool);
    enum status status = read_overrides(reading, n_overrides, overrides);
    if (!status)
        status = read_sections(reading, root);
    if (!status)
        complete(reading);
    return status;
}

static void begin(struct reading *reading, const char *file, const char *text) {
    struct pool *pool = &reading->experiment.pool;
    reading->experiment.file = pool_text(pool, file);
    reading->experiment.text = pool_text(pool, text);
}

static enum status end(enum status status, struct reading *reading, struct experiment *experiment) {
    if (status)
        pool_free(&reading->experiment.pool);
    else
        *experiment = reading->experiment;
    return status;
}

enum status experiment_parse(const char *file, const char *text, int n_overrides,
                             const char *const *overrides, struct experiment *experiment) {
    struct reading reading = {0};
    struct yaml_node *root = NULL;
    begin(&reading, file, text);
    enum status status = yaml_tree_read(file, text, &reading.experiment.pool, &root);
    if (!status)
        status = read_tree(&reading, root, n_overrides, overrides);
    return end(status, &reading, experiment);
}

/* ---- files ---- */

enum { FILE_MAX = 1 << 20 };

static enum status read_text(const char *file, struct pool *pool, const char **text) {
    int descriptor;
    enum status status = file_open(file, &descriptor);
    if (status)
        return fail_in(status == ERROR_UNREADABLE ? status : ERROR_USAGE, "%s: cannot be read",
                       file);
    FILE *in = fdopen(descriptor, "rb");
    if (!in) {
        close(descriptor); /* nothing was read from it yet */
        return fail(ERROR_UNREADABLE, "%s: cannot be read: out of memory", file);
    }
    char *content = pool_alloc(pool, FILE_MAX + 2);
    size_t size = fread(content, 1, FILE_MAX + 1, in);
    int error = ferror(in) ? errno : 0;
    fclose(in); /* only read from */
    if (error)
        return fail(ERROR_UNREADABLE, "%s: cannot be read: %s", file, strerror(error));
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

/* A file whose runs are another's says nothing about runs itself. */
static enum status check_reference(const struct yaml_node *root) {
    for (const struct yaml_node *entry = root->first; entry; entry = entry->next) {
        const struct field *field = section_find(&experiment_section, entry->key);
        if (!field || field->mark == OF_RUNS)
            return fail_at(
                fail(ERROR_USAGE, "'%s' belongs into the file whose runs are judged", entry->key),
                entry->key_origin);
    }
    return OK;
}

/* The file that `experiment:` names; NULL where there is none. */
static enum status find_reference(const char *file, const struct yaml_node *root, struct pool *pool,
                                  const char **reference) {
    const struct yaml_node *entry = node_find(root, "experiment");
    *reference = NULL;
    if (!entry)
        return OK;
    if (entry->kind != YAML_SCALAR || node_is_null(entry))
        return fail_at(fail(ERROR_USAGE, "experiment: must be the path of an experiment file"),
                       entry->origin);
    *reference = beside(file, entry->text, pool);
    return check_reference(root);
}

static enum status read_file(const char *file, struct reading *reading, struct yaml_node **root) {
    struct pool pool = {0};
    const char *text = NULL;
    enum status status = read_text(file, &pool, &text);
    if (!status) {
        begin(reading, file, text);
        status = yaml_tree_read(file, text, &reading->experiment.pool, root);
    }
    pool_free(&pool);
    return status;
}

const char *experiment_untuned(const char *file, struct pool *pool) {
    static const char suffix[] = ".tuned.yaml";
    int size = (int)(strlen(file) - strlen(suffix));
    return text_ends_in(file, suffix) ? pool_format(pool, "%.*s.yaml", size, file) : NULL;
}

static enum status fail_reference(const char *file, const char *reference, struct pool *pool) {
    const char *study = experiment_untuned(reference, pool);
    if (!study)
        return fail(ERROR_USAGE, "%s: its runs are those of %s, which is not there", file,
                    reference);
    return fail(ERROR_USAGE,
                "%s: its runs are those of %s, which is not there; `normlab tune %s --to %s` "
                "writes it",
                file, reference, text_quoted(study, pool), text_quoted(reference, pool));
}

enum status experiment_read(const char *file, int n_overrides, const char *const *overrides,
                            struct experiment *experiment) {
    struct reading reading = {0};
    struct yaml_node *root = NULL;
    const char *reference = NULL;
    enum status status = read_file(file, &reading, &root);
    if (!status)
        status = find_reference(file, root, &reading.experiment.pool, &reference);
    if (!status && reference)
        status = access(reference, F_OK) == 0
                     ? read_file(reference, &reading, &root)
                     : fail_reference(file, reference, &reading.experiment.pool);
    if (!status)
        status = read_tree(&reading, root, n_overrides, overrides);
    return end(status, &reading, experiment);
}

void experiment_free(struct experiment *experiment) {
    pool_free(&experiment->pool);
    *experiment = (struct experiment){0};
}

const struct axis *experiment_axis(const struct experiment *experiment, int key, int *place) {
    for (int a = 0; a < experiment->n_axes; a++)
        for (int k = 0; k < experiment->axes[a].n_keys; k++)
            if (experiment->axes[a].keys[k] == key) {
                if (place)
                    *place = k;
                return &experiment->axes[a];
            }
    return NULL;
}
