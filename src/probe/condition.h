/* How round the loss is for the first layer: eigenvalues of the second moments of its input. */
#pragma once

#include "nn/trainer.h"

struct input_moments {
    double *moments, *diagonal, *beside; /* [n, n], [n], [n] for n inputs and a constant */
    bool known;
    double inputs;  /* largest over smallest eigenvalue of X'X / rows */
    int null;       /* eigenvalues of it that count as 0 */
    double hessian; /* the same as `inputs` with the bias' column of ones */
};

/* Called twice, like workspace_layout. */
void condition_layout(struct input_moments *input, struct arena *arena, const struct mlp *mlp);
/* x [rows, n_inputs]: what goes into the first layer. */
void condition_look(struct input_moments *input, const struct mlp *mlp, int rows, const float *x);
