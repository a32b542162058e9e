/* Curvature of the loss at the weights of a step: eigenvalues of the Hessian of all parameters. */
#pragma once

#include "engine/diagnostics/landscape.h"

struct hessian {
    float *vector, *last_vector, *product; /* [n_params] */
    double largest, mean, rms;             /* eigenvalues */
};

extern const struct diagnostic diagnostic_hessian; /* struct hessian */
