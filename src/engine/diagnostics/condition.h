/* How round the loss is: eigenvalues of the second moments of the first layer's input, and, where
 * that layer is all there is, of the Hessian. */
#pragma once

#include "engine/nn/trainer.h"

struct input_moments {
    double *matrix, *diagonal, *beside; /* [n, n], [n], [n] for the largest matrix */
    double *probability;                /* [rows, K] */
    bool known;
    double inputs;  /* largest over smallest eigenvalue of X'X / rows */
    int null;       /* eigenvalues of it that count as 0 */
    double hessian; /* the same of the Hessian; NaN where it is not looked at */
};

/* Can the Hessian be written out? */
bool condition_has_hessian(const struct trainer *trainer);
/* Called twice, like workspace_layout. */
void condition_layout(struct input_moments *input, struct arena *arena,
                      const struct trainer *trainer, int rows);
/* After a pass of `rows` rows in evaluation mode: sample->x is what goes into the first layer. */
void condition_look(struct input_moments *input, const struct trainer *trainer,
                    const struct workspace *sample, int rows);
