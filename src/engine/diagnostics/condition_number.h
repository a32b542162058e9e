/* How round the loss is: eigenvalues of the second moments of the first layer's input, and, where
 * that layer is all there is, of the Hessian. */
#pragma once

#include "engine/diagnostics/diagnostics.h"

struct condition_number {
    double *matrix, *diagonal, *beside; /* [n, n], [n], [n] for the largest matrix */
    double *probability;                /* [rows, K] */
    bool known;
    double input;   /* largest over smallest eigenvalue of X'X / rows */
    int null;       /* eigenvalues of it that count as 0 */
    double hessian; /* the same of the Hessian; NaN where it has no exact one */
};

/* Can the Hessian be written out? */
bool condition_has_hessian(const struct trainer *trainer);
extern const struct diagnostic diagnostic_condition_number; /* struct condition_number */
