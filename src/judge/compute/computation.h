/* Claims that need no training: formulas, invariances, counts, costs. A claim file says with which
 * values a formula is computed, and what must come out for the notes to be right. */
#pragma once

#include "judge/compute/formulas.h"
#include "lab/config/fields.h"

enum { COMPUTE_ARGUMENTS = 8 };

/* One line of a claim's section `compute`:
 *     {what: output_deviation, norm.kind: batch, mean: 3, claimed: 1, tolerance: 0.01, says: ...}
 * It holds where |computed - claimed| <= tolerance, for an interval: at both of its ends. */
struct computation {
    const struct formula *what;
    const char *says; /* the number, in words */
    bool beside;      /* it is shown, and decides nothing */
    double claimed, tolerance;
    double arguments[COMPUTE_ARGUMENTS];
    const struct config *config;
    const char *setting; /* "norm.kind=batch mean=3": what differs from the defaults */
};

/* ERROR_USAGE with file:line:column. */
enum status computation_read(const struct yaml_node *entry, struct pool *pool,
                             struct computation *computation);
struct measured computation_run(const struct computation *computation);

/* For the reference of the file format. */
extern const struct section computation_section;
