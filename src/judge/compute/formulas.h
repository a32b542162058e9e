/* Formulas: what can be computed for a claim without training. A new one is a function and a row in
 * the file of its family, formulas_*.c; claim files, messages and tests know it from there. Inputs
 * are normal numbers, the same every time. */
#pragma once

#include "lab/config/cell.h"

struct formula {
    const char *name, *doc, *unit;
    const char *arguments; /* "B=64 D=100": its own, with their defaults */
    double (*compute)(const struct config *config, const double *arguments);
};

int formula_count(void);
const struct formula *formula_get(int index);
