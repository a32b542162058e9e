/* From what was asked for to a figure with everything decided. */
#pragma once

#include "lab/figure/drawing.h"
#include "lab/figure/figure_source.h"

/* Decides what the figure leaves open. ERROR_USAGE: no such column, nothing to draw, or not what
 * the script can draw: x does not vary, or is a word where a number is needed. */
enum status figure_prepare(const struct figure_source *source, const struct figure *figure,
                           struct pool *pool, struct drawing *drawing);
void drawing_free(struct drawing *drawing);
