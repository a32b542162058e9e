/* Mean and deviation of every unit in training mode, now and where they were measured before. */
#pragma once

#include "engine/diagnostics/side_pass.h"
#include "engine/kernel/column_moments.h"

/* Of one linear layer, over the mini-batches of the side pass. */
struct unit_layer {
    struct column_moments now[SHOWN_KINDS],
        before[SHOWN_KINDS]; /* before: no rows at the first time */
    double *deviations;      /* [out] of what goes into the activation, ascending,
                                not-a-number last */
    long small;              /* of what goes into the activation: numbers with |z| < 1 */
};

struct unit_statistics {
    int n_layers;
    struct unit_layer *layers; /* [n_layers] */
};

/* The same twice, each with a `before` of its own: at the end of epochs, at trace points. */
extern const struct diagnostic diagnostic_unit_statistics, diagnostic_unit_drift;
