/* Tables for a person: columns under each other. */
#pragma once

#include <stdio.h>

#include "lab/table/table.h"

/* The texts of a new column, to be filled. */
const char **print_texts(struct table *table, const char *name);

/* A cell as text: a real number with so many significant digits; 0: as many as it takes to read
 * back the same. */
const char *print_cell_text(const struct column *column, int row, int digits, struct pool *pool);

/* Columns under each other, numbers to the right, texts to the left, in lines of at most `width`
 * columns (0: any): a long text goes on below itself; columns that find no room follow in a block
 * of their own, behind the first column again. */
void print_aligned(const struct table *table, int digits, int width, FILE *out);
