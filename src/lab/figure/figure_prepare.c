/* Decides what a figure leaves open, step by step: rows, metrics, axes, arms, words. */
#include "lab/figure/figure_prepare.h"

#include <string.h>

#include "lab/figure/figure_arms.h"
#include "lab/figure/figure_axes.h"
#include "lab/figure/figure_rows.h"
#include "lab/plan/figure_option.h"
#include "lab/table/spoken_names.h"

/* ---- words ---- */

static const char *metric_unit(const struct preparing *work, int metric) {
    const char *name = work->drawing->metrics[metric];
    const struct series *series =
        work->drawing->group ? record_find_series(&work->source->shapes, work->drawing->group, name)
                             : NULL;
    const struct column *column = table_find(&work->drawing->runs, name);
    return series ? series->unit : column ? column->unit : "";
}

static bool is_second_named(const struct drawing *drawing) {
    return drawing->n_metrics == 2 && drawing->second && !second_is_population(drawing);
}

/* "test error (fraction)"; of two metrics that have no common name both: "test loss, training
 * loss". */
static const char *metrics_label(const struct preparing *work) {
    const struct drawing *drawing = work->drawing;
    const char *words = metric_spoken(drawing->metrics[0], work->pool),
               *unit = metric_unit(work, 0);
    if (is_second_named(drawing)) {
        words = pool_format(work->pool, "%s, %s", words,
                            metric_spoken(drawing->metrics[1], work->pool));
        unit = strcmp(unit, metric_unit(work, 1)) == 0 ? unit : "";
    }
    return spoken_with_unit(words, unit, work->pool);
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
               : metric_spoken(drawing->metrics[1], work->pool);
}

static const char *key_label(const char *name, struct pool *pool) {
    int key = key_find(name);
    return spoken_with_unit(key_spoken(name, pool), key >= 0 ? key_get(key)->unit : NULL, pool);
}

static void choose_words(struct preparing *work) {
    struct drawing *drawing = work->drawing;
    const char *title = preparing_option(work, "title"), *x = preparing_option(work, "xlabel"),
               *y = preparing_option(work, "ylabel");
    bool usual_y = !preparing_option(work, "y") && work->kind->y_label;
    drawing->title = title ? title : work->source->title;
    drawing->second = choose_second(work);
    drawing->x_label = x ? x : key_label(drawing->x_name, work->pool);
    drawing->y_label = y ? y : usual_y ? work->kind->y_label : metrics_label(work);
    drawing->panel_label = drawing->panel ? key_spoken(drawing->panel->name, work->pool) : NULL;
    drawing->row_label = drawing->row ? key_label(drawing->row->name, work->pool) : NULL;
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
