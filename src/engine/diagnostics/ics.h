/* Internal covariate shift as a change of gradients: Santurkar et al. 2018, definition 2.1. */
#pragma once

#include "engine/diagnostics/landscape.h"

/* Of the gradient of W_k before the last step and the one where the layers below have made it;
 * not-a-number where no step was made. */
struct ics {
    double *norm, *cosine; /* [n_layers] */
};

extern const struct diagnostic diagnostic_ics; /* struct ics */
