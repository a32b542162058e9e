/* What the last step took off the loss of its own mini-batch, and which layer took it. */
#pragma once

#include "engine/diagnostics/landscape.h"

/* Not-a-number where no step was made. */
struct decrease {
    double whole;
    double *alone, *frozen; /* [n_layers]: where that layer alone makes the step; all but it */
};

extern const struct diagnostic diagnostic_decrease; /* struct decrease */
