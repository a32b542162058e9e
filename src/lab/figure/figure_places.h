/* Where each run stands in a figure. */
#pragma once

#include "lab/figure/drawing.h"

/* Ranks in the order in which panels, rows and arms are drawn, and the run's x. */
struct places {
    int *panel, *row, *arm; /* [n_rows] */
    double *x;              /* [n_rows]; NULL for series */
    const char **arm_texts; /* [n_rows] */
};

/* Texts and arrays are in the pool. */
void places_find(const struct drawing *drawing, struct pool *pool, struct places *places);
/* A cell as a reader wants it: true, not 1; all, not -1; "" where the key does not apply. */
const char *cell_words(const struct column *column, int row, struct pool *pool);
