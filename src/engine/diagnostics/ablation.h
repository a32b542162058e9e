/* What the network loses with a single unit: how its error on validation rows grows where the
 * unit's output is its mean over them, whatever the input. (At its mean the unit says nothing, and
 * the layer above gets what it is used to on average; a 0 would take away the mean as well, which
 * for a sigmoid or a shifted unit is another change.) */
#pragma once

#include "engine/diagnostics/diagnostics.h"

struct ablation {
    int *first;       /* [n_layers]: where the units of a hidden layer begin, of n_units */
    double *mean;     /* [n_units] of the outputs */
    double *increase; /* [n_units] of the error */
    double *sums;     /* [chunks, n_units] of the outputs */
    double *wrong; /* [chunks, n_units + 1]: rows, where a unit is removed; last: where none is */
    struct ablation_worker *workers; /* one a thread */
    int n_units, n_workers;
};

extern const struct diagnostic diagnostic_ablation; /* struct ablation */
