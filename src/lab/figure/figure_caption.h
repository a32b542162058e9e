/* What is said below a figure. */
#pragma once

#include "lab/figure/drawing.h"

/* "none 4/8 at 2, 4, 1/8 at 8; batch 1/8 at 2": which arms failed where, of the first metric; ""
 * where none did. In a series: as many as failed by its end. */
const char *figure_failures(const struct drawing *drawing, const struct table *data,
                            struct pool *pool);

/* What must be said below the figure: n, interval and coverage, steps, failed and missing runs. A
 * terminal shows neither intervals nor dashes, so that nothing is said of them. */
const char *figure_caption(const struct drawing *drawing, const struct table *data,
                           bool in_terminal, struct pool *pool);
