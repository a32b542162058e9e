/* Decides what a figure leaves open, step by step: rows, metrics, axes, arms, words. */
#include "lab/figure/figure_prepare.h"

#include <string.h>

#include "lab/figure/figure_arms.h"
#include "lab/figure/figure_axes.h"
#include "lab/figure/figure_rows.h"
#include "lab/plan/figure_option.h"

/* ---- words ---- */

/* test_error_scored -> test error */
static const char *spoken(const char *metric, struct pool *pool) {
    size_t size = strlen(metric);
    const char *scored = strstr(metric, "_scored");
    char *text =
        pool_format(pool, "%.*s", (int)(scored ? (size_t)(scored - metric) : size), metric);
    for (char *at = text; *at; at++)
        if (*at == '_')
            *at = ' ';
    return text;
}

/* "test error"; of two metrics that have no common name both: "test loss, train loss". */
static const char *metrics_label(const struct drawing *drawing, struct pool *pool) {
    const char *first = spoken(drawing->metrics[0], pool);
    return drawing->n_metrics == 2 && drawing->second && !second_is_population(drawing)
               ? pool_format(pool, "%s, %s", first, spoken(drawing->metrics[1], pool))
               : first;
}

/* What the dashed lines are. */
static const char *choose_second(const struct preparing *work) {
    const struct drawing *drawing = work->drawing;
    const char *asked = preparing_option(work, "second");
    if (drawing->n_metrics < 2)
        return NULL;
    if (asked)
        return asked;
    return work->kind->second && second_is_population(drawing)
               ? work->kind->second
               : spoken(drawing->metrics[1], work->pool);
}

static const char *key_label(const char *name, struct pool *pool) {
    int key = key_find(name);
    const char *unit = key >= 0 ? key_get(key)->unit : "";
    return *unit ? pool_format(pool, "%s (%s)", name, unit) : name;
}

static void choose_words(struct preparing *work) {
    struct drawing *drawing = work->drawing;
    const struct figure_kind *kind = work->kind;
    const char *title = preparing_option(work, "title"), *x = preparing_option(work, "xlabel"),
               *y = preparing_option(work, "ylabel");
    bool usual_x = kind->x && !strcmp(drawing->x_name, kind->x);
    drawing->title = title ? title : work->source->title;
    drawing->x_label = x                          ? x
                       : usual_x && kind->x_label ? kind->x_label
                                                  : key_label(drawing->x_name, work->pool);
    bool usual_y = !preparing_option(work, "y");
    drawing->second = choose_second(work);
    drawing->y_label = y                          ? y
                       : usual_y && kind->y_label ? kind->y_label
                                                  : metrics_label(drawing, work->pool);
}

/* What is not for us is for the script. */
static enum status pass_options(struct preparing *work) {
    struct drawing *drawing = work->drawing;
    for (int i = 0; i < work->figure->n_options; i++) {
        const char *name = work->figure->option_names[i], *value = work->figure->option_values[i];
        const struct figure_option *known = figure_option_find(name);
        if (known && !known->for_script)
            continue;
        enum status status = figure_option_check(work->figure->script, name, value);
        if (status)
            return status;
        if (drawing->n_options == FIGURE_SCRIPT_OPTIONS)
            return fail(ERROR_USAGE, "%s: a script is given %d options at most", name,
                        FIGURE_SCRIPT_OPTIONS);
        drawing->option_names[drawing->n_options] = name;
        drawing->option_values[drawing->n_options++] = value;
    }
    return OK;
}

/* A script can do all that a program can, and a results file may be anybody's. */
static enum status check_script(const struct figure *figure) {
    if (!figure_script_is_path(figure->script) || figure->own)
        return OK;
    return fail(ERROR_USAGE,
                "the results file asks for a script of its own, which is not run; look at it, "
                "and draw with it by --figure %s",
                figure->script);
}

/* ---- all of it ---- */

static enum status prepare(struct preparing *work, const struct table *rows) {
    struct drawing *drawing = work->drawing;
    const char *panel = NULL, *row = NULL;
    enum status status = figure_metrics(work, rows);
    if (!status)
        status = figure_axes(work, rows, &panel, &row);
    if (status)
        return status;
    bool drop_x = !drawing->group && !work->kind->x_may_be_absent && !work->kind->x_everywhere;
    const char *const needed[] = {drop_x ? drawing->x_name : NULL, panel, row};
    figure_rows_keep(rows, 3, needed, drawing);
    if (drawing->runs.n_rows == 0)
        return fail(ERROR_USAGE, "no runs to draw");
    drawing->x = drawing->group ? NULL : table_find(&drawing->runs, drawing->x_name);
    drawing->panel = panel ? table_find(&drawing->runs, panel) : NULL;
    drawing->row = row ? table_find(&drawing->runs, row) : NULL;
    status = figure_axes_check(work);
    if (!status)
        status = figure_arms(work);
    choose_words(work);
    return status ? status : pass_options(work);
}

enum status figure_prepare(const struct figure_source *source, const struct figure *figure,
                           struct pool *pool, struct drawing *drawing) {
    const struct figure_kind *kind = figure_kind_find(figure->script);
    if (!kind)
        kind = figure_kind_find("error_vs_key");
    *drawing = (struct drawing){.script = figure->script,
                                .name = figure->name,
                                .kind = kind,
                                .group = kind->group,
                                .mixed = ""};
    struct preparing work = {source, figure, kind, pool, drawing};
    struct table rows;
    enum status status = check_script(figure);
    if (!status)
        status = figure_rows(&work, &rows);
    if (!status) {
        status = prepare(&work, &rows);
        table_free(&rows);
    }
    if (status) {
        drawing_free(drawing);
        return fail_in(status, "%s", figure->name);
    }
    return OK;
}

void drawing_free(struct drawing *drawing) {
    table_free(&drawing->runs);
    *drawing = (struct drawing){0};
}
