/* How much an example's values in training mode depend on the mini-batch that it happens to be in:
 * the noise that statistics of mini-batches put into every layer. */
#pragma once

#include "engine/diagnostics/side_pass.h"
#include "engine/kernel/column_moments.h"

enum { NOISE_EXAMPLES = 8, NOISE_BATCHES = 32 };

/* Over NOISE_BATCHES random mini-batches of B rows for each of the first NOISE_EXAMPLES training
 * rows, all of which contain it. */
struct batch_noise {
    struct column_moments *row; /* [n_layers], of one example's row over mini-batches */
    double *variance;    /* [n_layers]: divisor NOISE_BATCHES - 1, mean over units and examples */
    uint32_t *rows;      /* 0, 1, 2, ... of the training part, between two draws */
    uint32_t *exchanged; /* [B]: with what place each of a draw's was exchanged */
};

extern const struct diagnostic diagnostic_batch_noise; /* struct batch_noise */
