/* Writes a figure's tables and hands them to gnuplot with its options. */
#include "lab/figure/figure_draw.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "io/files.h"
#include "io/install_paths.h"
#include "lab/figure/figure_caption.h"
#include "lab/figure/figure_data.h"
#include "lab/figure/figure_prepare.h"
#include "lab/figure/gnuplot.h"

enum status figure_script_find(const char *script, struct pool *pool, const char **path) {
    bool own = figure_script_is_path(script);
    *path = own ? script : share_find(pool_format(pool, "figures/%s.gp", script), pool);
    int descriptor;
    if (*path && file_open(*path, &descriptor) == OK) {
        close(descriptor); /* only opened: gnuplot would wait at a FIFO, and never end with a device
                            */
        return OK;
    }
    if (own)
        return fail_in(ERROR_USAGE, "%s: cannot be read", script);
    return fail(ERROR_USAGE,
                "no figure script '%s.gp': looked in scripts/figures of the source tree and in "
                "share/normlab/figures; NORMLAB_SHARE names another folder",
                script);
}

enum status figure_write_table(const char *path, const struct table *table) {
    struct pool pool = {0};
    struct text text;
    table_write_tsv(table, text_begin(&text, &pool));
    enum status status = file_publish(path, text_end(&text));
    pool_free(&pool);
    return status;
}

const char *figure_option_text(const char *name, const char *value, struct pool *pool) {
    char *text = pool_format(pool, "%s=%s", name, value);
    for (char *at = text; *at; at++)
        if (*at == '\n' || *at == '\t')
            *at = ' ';
    return text;
}

int figure_options(const struct drawing *drawing, const char *caption, const char **options,
                   struct pool *pool) {
    int n = 0;
    options[n++] = figure_option_text("title", drawing->title, pool);
    options[n++] = figure_option_text("caption", caption, pool);
    options[n++] = figure_option_text("xlabel", drawing->x_label, pool);
    options[n++] = figure_option_text(
        "ylabel", drawing->kind->cells && drawing->row ? drawing->row_label : drawing->y_label,
        pool);
    if (drawing->kind->cells)
        options[n++] = figure_option_text("zlabel", drawing->y_label, pool);
    if (drawing->second)
        options[n++] = figure_option_text("second", drawing->second, pool);
    if (drawing->panel)
        options[n++] = figure_option_text("panel_words", drawing->panel_label, pool);
    if (drawing->row && !drawing->kind->cells)
        options[n++] = figure_option_text("row_words", drawing->row_label, pool);
    for (int i = 0; i < drawing->n_options; i++)
        options[n++] =
            figure_option_text(drawing->option_names[i], drawing->option_values[i], pool);
    return n;
}

static enum status draw_tables(const struct drawing *drawing, const char *script, const char *stem,
                               const struct table *points, const struct table *data,
                               struct pool *pool, const char **caption, struct picture *picture) {
    const char *options[FIGURE_OPTIONS];
    struct gnuplot_call call = {.script = script,
                                .terminal = "svg",
                                .out = pool_format(pool, "%s.svg", stem),
                                .data = pool_format(pool, "%s.tsv", stem),
                                .points = pool_format(pool, "%s-points.tsv", stem),
                                .options = options};
    *caption = figure_caption(drawing, data, false, pool);
    call.n_options = figure_options(drawing, "", options, pool);
    enum status status = figure_write_table(call.data, data);
    if (!status)
        status = figure_write_table(call.points, points);
    return status ? status : gnuplot_run(&call, pool, picture);
}

enum status figure_draw_svg(const struct figure_source *source, const struct figure *figure,
                            const char *stem, struct pool *pool, const char **caption,
                            struct picture *picture) {
    struct drawing drawing;
    struct table points, data;
    const char *script = NULL;
    enum status status = figure_prepare(source, figure, pool, &drawing);
    if (status)
        return status;
    status = figure_script_find(drawing.script, pool, &script);
    if (!status)
        status = figure_data(source, &drawing, &points, &data);
    if (!status) {
        status = draw_tables(&drawing, script, stem, &points, &data, pool, caption, picture);
        table_free(&points);
        table_free(&data);
    }
    drawing_free(&drawing);
    return status;
}
