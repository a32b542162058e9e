/* The two tables that a figure is drawn from. */
#pragma once

#include "lab/figure/drawing.h"
#include "lab/figure/figure_source.h"

/* Long tables: points (panel row arm measure x seed value status collapsed), one row a
 * point of a run; and data (panel row arm measure x median low high n runs failed coverage), one
 * row a group. */
enum status figure_data(const struct figure_source *source, const struct drawing *drawing,
                        struct table *points, struct table *data);
