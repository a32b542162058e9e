/* Curvature of the loss at the weights of a step: eigenvalues of the Hessian of all parameters. */
#pragma once

#include "engine/diagnostics/landscape.h"

struct hessian {
    float *vector, *last_vector, *product; /* [n_params] */
    double largest, mean, rms;             /* eigenvalues */
};

/* Called twice, like workspace_layout. */
void hessian_layout(struct hessian *hessian, struct arena *arena, const struct trainer *trainer);
/* After landscape_look. */
void hessian_look(struct hessian *hessian, struct landscape *landscape);
