/* A table for a person: columns under each other. */
#pragma once

#include <stdio.h>

#include "lab/table/table.h"

/* Numbers to the right, texts to the left. */
void print_aligned(const struct table *table, FILE *out);
