/* The experiment's figures, or those that suit what varies, with the command line's options. */
#include "lab/figure/figure_list.h"

#include <string.h>

#include "base/visible.h"
#include "base/words.h"
#include "lab/figure/figure_prepare.h"
#include "lab/table/varied_keys.h"

enum { MOST_ARMS_IN_A_CROWD = 8 };

/* ---- which figures ---- */

static bool all_vary(const struct table *runs, const char *keys) {
    struct pool pool = {0};
    bool all = true;
    while (keys && *keys && all) {
        size_t size = strcspn(keys, " ");
        all = key_varies(runs, pool_format(&pool, "%.*s", (int)size, keys));
        keys += size + (keys[size] == ' ');
    }
    pool_free(&pool);
    return all;
}

static bool has_series(const struct figure_source *source, const char *path) {
    struct pool pool = {0};
    const char *slash = strchr(path, '/');
    const char *group = pool_format(&pool, "%.*s", (int)(slash - path), path);
    bool has = record_find_series(&source->shapes, group, slash + 1) != NULL;
    pool_free(&pool);
    return has;
}

static bool is_default(const struct figure_source *source, const struct figure_kind *kind,
                       int n_before) {
    if ((kind->fallback && n_before > 0) || !all_vary(&source->summary, kind->varied) ||
        (kind->series && !has_series(source, kind->series)))
        return false;
    struct pool pool = {0};
    struct figure figure = {.script = kind->script, .name = kind->script};
    struct drawing drawing;
    bool drawn = figure_prepare(source, &figure, &pool, &drawing) == OK;
    if (drawn) {
        drawn = !kind->crowded || n_before == 0 || drawing.n_arms <= MOST_ARMS_IN_A_CROWD;
        drawing_free(&drawing);
    }
    pool_free(&pool);
    return drawn;
}

/* ---- options ---- */

/* A condition given again must hold as well; of all else there is one. */
static enum status repeat_option(const char *name, const char *value, const char **all,
                                 struct pool *pool) {
    if (strcmp(name, "where") != 0)
        return fail(ERROR_USAGE, "%s: is given twice, '%s' and '%s'", name, *all, value);
    *all = pool_format(pool, "%s,%s", *all, value);
    return OK;
}

static enum status add_option(struct figure *figure, const char *option, const char **names,
                              const char **values, struct pool *pool) {
    const char *equals = strchr(option, '=');
    if (!equals || equals == option)
        return fail(ERROR_USAGE,
                    "'%s' is not an option of a figure: they are written key=value, "
                    "such as y=test_loss",
                    option);
    if (option[text_plain(option)] || strchr(option, '\r'))
        return fail(ERROR_USAGE, "'%s' holds a control character", option);
    const char *name = pool_format(pool, "%.*s", (int)(equals - option), option);
    for (int i = 0; i < figure->n_options; i++)
        if (!strcmp(names[i], name))
            return repeat_option(name, equals + 1, &values[i], pool);
    names[figure->n_options] = name;
    values[figure->n_options++] = equals + 1;
    return OK;
}

/* The figure with the command line's options, which win. */
static enum status add_options(struct figure *figure, int n_options, const char *const *options,
                               struct pool *pool) {
    struct figure defined = *figure;
    size_t size = (size_t)(defined.n_options + n_options + 1) * sizeof(char *);
    const char **names = pool_alloc(pool, size), **values = pool_alloc(pool, size);
    enum status status = OK;
    figure->n_options = 0;
    for (int i = 0; i < n_options && !status; i++)
        status = add_option(figure, options[i], names, values, pool);
    for (int i = 0; i < defined.n_options; i++) {
        names[figure->n_options] = defined.option_names[i];
        values[figure->n_options++] = defined.option_values[i];
    }
    figure->option_names = names;
    figure->option_values = values;
    return status;
}

static enum status unknown_figure(const char *name, const struct figure *figures, int n,
                                  struct pool *pool) {
    int n_kinds = figure_kind_count();
    const char **names = pool_alloc(pool, (size_t)(n + n_kinds) * sizeof *names);
    const char *list = "";
    for (int i = 0; i < n + n_kinds; i++)
        names[i] = i < n ? figures[i].name : figure_kind_get(i - n)->script;
    for (int i = 0; i < n_kinds; i++)
        list = pool_format(pool, "%s%s%s", list, i ? ", " : "", figure_kind_get(i)->script);
    const char *near = nearest_word(name, names, n + n_kinds);
    return near ? fail(ERROR_USAGE, "no figure '%s' (did you mean '%s'?)", name, near)
                : fail(ERROR_USAGE, "no figure '%s'; there are: %s", name, list);
}

/* Does the user's own file name that script, too? */
static bool is_own(const struct figure_source *source, const char *script) {
    for (int i = 0; source->own && i < source->own->n_figures; i++)
        if (!strcmp(source->own->figures[i].script, script))
            return true;
    return false;
}

/* `only` among the figures, or a kind, or a script of the user's own. */
static enum status keep_only(const char *only, struct figure *figures, int *n, struct pool *pool) {
    for (int i = 0; i < *n; i++)
        if (!strcmp(figures[i].name, only) ||
            (figure_script_is_path(only) && !strcmp(figures[i].script, only))) {
            figures[0] = figures[i];
            figures[0].own |= !strcmp(figures[0].script, only);
            figures[0].asked = true;
            *n = 1;
            return OK;
        }
    if (!figure_kind_find(only) && !figure_script_is_path(only))
        return unknown_figure(only, figures, *n, pool);
    const char *slash = strrchr(only, '/');
    const char *name = slash ? slash + 1 : only;
    size_t size = strcspn(name, ".");
    figures[0] = (struct figure){.script = only,
                                 .name = pool_format(pool, "%.*s", (int)size, name),
                                 .own = true,
                                 .asked = true};
    *n = 1;
    return OK;
}

/* The figure for a series that was asked for without one: y=step/train_loss. */
static const char *figure_of_series(int n_options, const char *const *options) {
    for (int i = 0; i < n_options; i++)
        if (!strncmp(options[i], "y=", 2) && strchr(options[i], '/'))
            return strstr(options[i], "bank/") ? "momentum_heatmap" : "learning_curves";
    return NULL;
}

enum status figure_list(const struct figure_source *source, const char *only, int n_options,
                        const char *const *options, struct pool *pool, struct figure **figures,
                        int *n) {
    int n_defined = source->has_experiment ? source->experiment.n_figures : 0, count = 0;
    if (!only)
        only = figure_of_series(n_options, options);
    struct figure *list =
        pool_alloc(pool, (size_t)(n_defined + figure_kind_count() + 1) * sizeof *list);
    for (int i = 0; i < n_defined; i++) {
        list[count] = source->experiment.figures[i];
        list[count].own = is_own(source, list[count].script);
        count++;
    }
    for (int i = 0; n_defined == 0 && i < figure_kind_count(); i++) {
        const struct figure_kind *kind = figure_kind_get(i);
        if (is_default(source, kind, count))
            list[count++] = (struct figure){.script = kind->script, .name = kind->script};
    }
    enum status status = only ? keep_only(only, list, &count, pool) : OK;
    for (int i = 0; i < count && !status; i++)
        status = add_options(&list[i], n_options, options, pool);
    if (!status && count == 0)
        status = fail(
            ERROR_USAGE,
            "%s: nothing to draw: no key varies and there are no series, or no run has results",
            source->path);
    if (status)
        return status;
    *figures = list;
    *n = count;
    return OK;
}
