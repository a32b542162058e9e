/* Formulas: what can be computed for a claim without training. A new one is a function and a row in
 * the file of its family, formulas_*.c; claim files, messages and tests know it from there. Inputs
 * are normal numbers, the same every time. */
#pragma once

#include "lab/config/cell.h"

/* A number and where it lies: what is exact has both ends there. */
struct measured {
    double value, low, high;
};

struct formula {
    const char *name, *doc, *unit;
    const char *arguments; /* "B=64 D=100": its own, with their defaults */
    double (*compute)(const struct config *config, const double *arguments); /* exact; or NULL: */
    /* what differs from one time to the next, with a 95 % interval */
    struct measured (*measure)(const struct config *config, const double *arguments);
};

int formula_count(void);
const struct formula *formula_get(int index);
