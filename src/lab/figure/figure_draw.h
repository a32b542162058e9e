/* What gnuplot is given to draw a figure: its script, its tables as files, its options. */
#pragma once

#include "lab/figure/drawing.h"
#include "lab/figure/figure_source.h"
#include "lab/figure/picture.h"

/* One of our scripts by its name, or a file by its path. ERROR_USAGE. */
enum status figure_script_find(const char *script, struct pool *pool, const char **path);
/* A table as a file. ERROR_RUN. */
enum status figure_write_table(const char *path, const struct table *table);
/* "key=value" for a script; a line break would end the value. */
const char *figure_option_text(const char *name, const char *value, struct pool *pool);
/* The options of a drawing's script, into options [FIGURE_OPTIONS]; their number. */
int figure_options(const struct drawing *drawing, const char *caption, const char **options,
                   struct pool *pool);
/* Draws one figure as SVG, with its tables in files: `stem`.tsv, `stem`-points.tsv. The picture is
 * without its caption, which is returned. ERROR_USAGE: nothing to draw. */
enum status figure_draw_svg(const struct figure_source *source, const struct figure *figure,
                            const char *stem, struct pool *pool, const char **caption,
                            struct picture *picture);
