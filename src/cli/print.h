/* Tables and paragraphs for a person. */
#pragma once

#include <stdio.h>

#include "lab/table/table.h"

/* The texts of a new column, to be filled. */
const char **print_texts(struct table *table, const char *name);
/* Columns under each other: numbers to the right, texts to the left. */
void print_aligned(const struct table *table, FILE *out);
/* Breaks text into lines of at most `width` bytes; "\n" begins a new one. */
void print_wrapped(FILE *out, const char *text, int width);
