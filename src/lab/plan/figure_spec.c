/* Reads the figures that an experiment file asks for. */
#include "lab/plan/figure_spec.h"

#include <string.h>

#include "lab/plan/figure_kind.h"
#include "lab/plan/figure_option.h"

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

/* A figure while it is read. */
struct drawing {
    struct figure figure;
    const char **names, **values; /* its options */
};

static enum status read_script(const struct yaml_node *node, const struct field *field,
                               struct pool *pool, void *target) {
    struct figure *figure = &((struct drawing *)target)->figure;
    (void)field;
    if (node->kind != YAML_SCALAR || node_is_null(node) || !figure_script_is_path(node->text)) {
        enum status status = node_name(node, &figure->script);
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

static enum status read_option(const struct yaml_node *node, const struct section *section,
                               struct pool *pool, void *target) {
    struct drawing *drawing = target;
    int i = drawing->figure.n_options++;
    (void)section;
    drawing->names[i] = node->key;
    return option_text(node, pool, &drawing->values[i]);
}

static const char *script_name(int index) {
    return index < figure_kind_count() ? figure_kind_get(index)->script : NULL;
}

static const char *script_doc(int index, struct pool *pool) {
    (void)pool;
    return figure_kind_get(index)->doc;
}

static const struct choice script_choice = {"script", script_name, script_doc};

/* As figure_script_is_path says. */
#define OWN_SCRIPT "/|.\\.gp$"

static const struct field fields[] = {
    {.name = "script",
     .read = read_script,
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .what = "word or path",
     .choice = &script_choice,
     .pattern = OWN_SCRIPT,
     .required = "script, such as error_vs_batch",
     .doc = "The figure: one of those in `normlab plot --help`, or a gnuplot script of your own, "
            "such as `./mine.gp`, which `normlab plot` runs where `--figure` names it, too: "
            "results may be anybody's."},
    {.name = "name",
     .read = field_text,
     .offset = offsetof(struct drawing, figure.name),
     .form = FORM_ONE,
     .value = {.type = KEY_TEXT},
     .what = NAME_WHAT,
     .pattern = NAME_PATTERN,
     .doc = "Its name among the results' figures; default: the script's."},
};

static bool option_field(int index, struct field *field, struct pool *pool) {
    (void)pool;
    if (index >= figure_option_count())
        return false;
    const struct figure_option *option = figure_option_get(index);
    *field = (struct field){
        .name = option->name,
        .doc = option->doc,
        .form = FORM_ONE | (option->words ? 0 : FORM_LIST),
        .value = {.type = option->words ? KEY_CHOICE : KEY_TEXT, .words = option->words}};
    return true;
}

const struct section figures_section = {
    .name = "figures",
    .doc = "Each entry is a figure of the results, which `normlab plot` draws. Its other fields "
           "are options, as in `normlab plot FILE key=value`; a script of your own may have "
           "others.",
    SECTION_FIELDS(fields),
    .option = option_field,
    .like = "figures:\n"
            "  - script: error_vs_batch\n"
            "    arm: norm.kind\n",
    .free_with = {"script", OWN_SCRIPT},
    .other = read_option,
};

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

static enum status read_figure(const struct yaml_node *entry, struct pool *pool,
                               struct figure *figure) {
    struct drawing drawing = {.names = pool_alloc(pool, (size_t)entry->n * sizeof *drawing.names),
                              .values =
                                  pool_alloc(pool, (size_t)entry->n * sizeof *drawing.values)};
    enum status status = section_read(&figures_section, entry, pool, &drawing);
    if (status)
        return status;
    *figure = drawing.figure;
    if (!figure->name)
        figure->name = figure->script;
    figure->option_names = drawing.names;
    figure->option_values = drawing.values;
    return check_options(entry, figure);
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

enum status figures_read(const struct yaml_node *section, struct pool *pool, int *n,
                         const struct figure **figures) {
    struct figure *all = pool_alloc(pool, (size_t)section->n * sizeof *all);
    enum status status = OK;
    int count = 0;
    for (const struct yaml_node *entry = section->first; entry && !status; entry = entry->next) {
        status = list_check_entry(section, entry);
        if (!status)
            status = read_figure(entry, pool, &all[count]);
        if (!status)
            status = check_figure_name(all, count++, entry);
    }
    *figures = all;
    *n = count;
    return status;
}
