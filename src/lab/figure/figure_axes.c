/* Chooses what a figure draws: its metrics, and the keys of its axes. */
#include "lab/figure/figure_axes.h"

#include <math.h>
#include <string.h>

#include "lab/plan/figure_option.h"
#include "lab/table/run_rows.h"
#include "lab/table/summary_columns.h"
#include "lab/table/varied_keys.h"

/* ---- metrics ---- */

static bool has_values(const struct preparing *work, const struct table *rows, const char *name) {
    if (work->drawing->group) {
        const struct series *series =
            record_find_series(&work->source->shapes, work->drawing->group, name);
        return series && series->n_dims == 1;
    }
    const struct column *column = table_find(rows, name);
    for (int row = 0; column && row < rows->n_rows; row++)
        if (!isnan(table_number(column, row)))
            return true;
    return false;
}

/* The first of "a|b|c" that has values; NULL: none. */
static const char *first_with_values(const struct preparing *work, const struct table *rows,
                                     const char *words) {
    while (*words) {
        size_t size = strcspn(words, "|");
        const char *name = pool_format(work->pool, "%.*s", (int)size, words);
        if (has_values(work, rows, name))
            return name;
        words += size + (words[size] == '|');
    }
    return NULL;
}

/* Only what is drawn along a series can draw another one. */
static enum status check_group(const struct preparing *work, const char *item) {
    if (work->kind->group || !preparing_is_ours(work))
        return OK;
    return fail(ERROR_USAGE,
                "y: %s draws final metrics, and %s is a series; --figure learning_curves draws it",
                work->figure->script, item);
}

static enum status check_metrics(const struct preparing *work) {
    int n = work->drawing->n_metrics, most = work->kind->most_metrics;
    if (n <= most || !preparing_is_ours(work))
        return OK;
    return fail(ERROR_USAGE, "y: %s draws %d metric%s, not %d", work->figure->script, most,
                most == 1 ? "" : "s", n);
}

/* "a|b, c" -> "a, b, c" */
static const char *listed(const char *words, struct pool *pool) {
    const char *text = "", *item;
    while ((item = figure_option_word(&words, ",]|", pool)))
        text = pool_format(pool, "%s%s%s", text, *text ? ", " : "", item);
    return text;
}

/* What became of the runs says why. */
static enum status nothing_to_draw(const struct preparing *work, const struct table *rows) {
    const char *group = work->kind->group, *text = "";
    for (enum run_end end = END_COMPLETE + 1; end < RUN_ENDS; end++)
        if (run_count(rows, end) > 0)
            text =
                pool_format(work->pool, "%s, %d %s", text, run_count(rows, end), run_end_name(end));
    return fail(
        ERROR_RESULTS, "no run has numbers to draw (%d runs%s); looked for %s%s%s", rows->n_rows,
        text, group ? "series of group " : "", group ? group : "",
        pool_format(work->pool, "%s%s", group ? ": " : "", listed(work->kind->y, work->pool)));
}

static enum status no_values(const struct preparing *work, const struct table *rows,
                             const char *name) {
    const char *group = work->drawing->group;
    struct column *column;
    if (!group && !strchr(name, '|') && table_require(rows, name, &column))
        return fail_in(ERROR_USAGE, "y");
    return fail(ERROR_USAGE, "y: no run has values of '%s'%s%s", name,
                group ? " in the series of group " : "", group ? group : "");
}

/* An item "epoch/test_error" names the group of a series as well. */
enum status figure_metrics(struct preparing *work, const struct table *rows) {
    struct drawing *drawing = work->drawing;
    const char *asked = preparing_option(work, "y"), *at = asked ? asked : work->kind->y, *item;
    while ((item = figure_option_word(&at, ",]", work->pool))) {
        const char *slash = strrchr(item, '/');
        if (bank_metric(item) && !work->kind->group) {
            item = bank_metric(item);
        } else if (slash) {
            enum status status = check_group(work, item);
            if (status)
                return status;
            drawing->group = pool_format(work->pool, "%.*s", (int)(slash - item), item);
            item = slash + 1;
        }
        const char *name = first_with_values(work, rows, item);
        if (drawing->n_metrics == FIGURE_METRICS)
            return fail(ERROR_USAGE, "y: a figure draws %d metrics at most", FIGURE_METRICS);
        if (name)
            drawing->metrics[drawing->n_metrics++] = name;
        else if (asked)
            return no_values(work, rows, item);
    }
    if (drawing->n_metrics == 0)
        return nothing_to_draw(work, rows);
    return check_metrics(work);
}

/* ---- axes ---- */

/* The file's name, for messages. */
static const char *file_name(const struct preparing *work) {
    const char *slash = strrchr(work->source->path, '/');
    return slash ? slash + 1 : work->source->path;
}

/* Numbers alone: no text, and no word among the numbers, such as data.train=all. */
static bool holds_numbers(const struct table *rows, const struct column *column) {
    int found = key_find(column->name);
    bool has_words = found >= 0 && key_get(found)->words && column->type == TYPE_INT;
    for (int row = 0; has_words && row < rows->n_rows; row++)
        if (column->integers[row] == -1 && key_applies(column, row))
            return false;
    return column->type == TYPE_INT || column->type == TYPE_REAL;
}

/* The first key that varies, of numbers or of words. norm.kind, which makes the arms, comes last.
 */
static const char *first_varied(const struct table *rows, bool numbers, struct pool *pool) {
    const struct column **varied = pool_alloc(pool, ((size_t)rows->n_columns + 1) * sizeof *varied);
    int n = summary_arms(rows, 0, NULL, varied);
    for (int i = 0; i < n; i++)
        if (holds_numbers(rows, varied[i]) == numbers && strcmp(varied[i]->name, "norm.kind") != 0)
            return pool_text(pool, varied[i]->name);
    return numbers || !key_varies(rows, "norm.kind") ? NULL : "norm.kind";
}

static const char *choose_x(const struct preparing *work, const struct table *rows) {
    if (work->drawing->group) /* a series is drawn along its own scale */
        return record_find_series(&work->source->shapes, work->drawing->group,
                                  work->drawing->metrics[0])
            ->dim_names[0];
    const char *asked = preparing_option(work, "x");
    if (asked)
        return asked;
    if (work->kind->x_from == FIGURE_X_GIVEN)
        return work->kind->x;
    return first_varied(rows, work->kind->x_from == FIGURE_X_NUMBER, work->pool);
}

/* A key that was asked for ("none": no), or the kind's where it varies. */
static const char *choose_key(const struct preparing *work, const struct table *rows,
                              const char *name, const char *usual) {
    const char *asked = preparing_option(work, name);
    if (asked)
        return *asked && strcmp(asked, "none") != 0 ? asked : NULL;
    return usual && key_varies(rows, usual) ? usual : NULL;
}

/* One point says little: it is drawn for those who ask for the figure. */
static enum status check_varies(const struct preparing *work, const char *option_name,
                                const char *key) {
    if (work->figure->asked || key_varies(&work->drawing->runs, key))
        return OK;
    return fail(ERROR_USAGE, "%s does not vary in %s%s; choose %s=KEY", key, file_name(work),
                preparing_option(work, "where") ? ", given the condition" : "", option_name);
}

/* A logarithmic axis begins above 0. */
static enum status check_log_x(const struct preparing *work) {
    const struct drawing *drawing = work->drawing;
    const char *asked = preparing_option(work, "logx");
    if (!work->kind->log_x && (!asked || !strcmp(asked, "n")))
        return OK;
    for (int row = 0; row < drawing->runs.n_rows; row++)
        if (key_applies(drawing->x, row) && table_number(drawing->x, row) <= 0)
            return fail(ERROR_USAGE,
                        "x: %s=%s has no place on a logarithmic axis; choose %s, or where=%s>0",
                        drawing->x_name, table_text(drawing->x, row, work->pool),
                        work->kind->log_x ? "--figure error_vs_key" : "logx=n", drawing->x_name);
    return OK;
}

enum status figure_axes_check(const struct preparing *work) {
    const struct drawing *drawing = work->drawing;
    const struct figure_kind *kind = work->kind;
    if (!preparing_is_ours(work) || drawing->group)
        return OK;
    if (!holds_numbers(&drawing->runs, drawing->x) && !kind->x_may_be_absent)
        return fail(ERROR_USAGE,
                    "x: %s is no number%s; --figure error_vs_choice draws words, or choose x=KEY",
                    drawing->x_name, drawing->x->type == TYPE_INT ? " in every run" : "");
    if (kind->cells && !drawing->row)
        return fail(ERROR_USAGE, "row: %s does not vary in %s; choose row=KEY", kind->row,
                    file_name(work));
    enum status status = check_varies(work, "x", drawing->x_name);
    if (!status)
        status = check_log_x(work);
    return status || !kind->cells ? status : check_varies(work, "row", drawing->row->name);
}

/* What does vary may be for another script. */
static enum status no_x(const struct preparing *work, const struct table *rows) {
    bool numbers = work->kind->x_from == FIGURE_X_NUMBER;
    const char *other = first_varied(rows, !numbers, work->pool);
    return fail(ERROR_USAGE,
                "no %s varies in %s that %s could draw against; choose one with x=KEY%s",
                numbers ? "key of numbers" : "key of words", file_name(work), work->figure->script,
                other ? pool_format(work->pool, "; %s varies, which --figure %s draws", other,
                                    numbers ? "error_vs_choice" : "error_vs_key")
                      : "");
}

static enum status require(const struct table *rows, const char *what, const char *name) {
    struct column *column;
    enum status status = name ? table_require(rows, name, &column) : OK;
    return status ? fail_in(status, "%s", what) : OK;
}

static enum status require_grid(const struct preparing *work, const struct table *rows,
                                const char *what, const char *name) {
    enum status status = name ? figure_grid_check(work->figure->script, what) : OK;
    return status ? status : require(rows, what, name);
}

enum status figure_axes(struct preparing *work, const struct table *rows, const char **panel,
                        const char **row) {
    struct drawing *drawing = work->drawing;
    drawing->x_name = choose_x(work, rows);
    *panel = choose_key(work, rows, "panel", work->kind->panel);
    *row = choose_key(work, rows, "row", work->kind->row);
    if (!drawing->x_name)
        return no_x(work, rows);
    if (drawing->group && preparing_option(work, "x") && preparing_is_ours(work))
        return fail(ERROR_USAGE, "x: a series is drawn along its own scale, '%s'", drawing->x_name);
    enum status status = drawing->group ? OK : require(rows, "x", drawing->x_name);
    if (!status)
        status = require_grid(work, rows, "panel", *panel);
    return status ? status : require_grid(work, rows, "row", *row);
}
