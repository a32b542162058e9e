/* Activation functions in double, each with its derivative as a formula of the input: what the
 * table in engine/kernel/activation.c is held against. A new activation: its formula here. */
#pragma once

#include <stdbool.h>

struct oracle_activation {
    const char *name;
    double (*value)(double z);
    double (*slope)(double z);
    bool kinked; /* the slope jumps at 0 */
    /* A program that takes the slope from the float32 output, such as 1 - a^2, rounds terms of this
     * size; 0: none. */
    double slope_magnitude;
};

/* NULL past the last. */
const struct oracle_activation *oracle_activation_get(int index);
/* NULL where there is no formula for it. */
const struct oracle_activation *oracle_activation_find(const char *name);
