/* How the network responds to a change of its first layer: what becomes of the outputs of all
 * layers and of the loss, in training mode and in evaluation mode. */
#pragma once

#include "engine/diagnostics/side_pass.h"
#include "engine/kernel/column_moments.h"

#define RESPONSE_SIZE 0.1 /* of a change, relative to what it changes */

/* Of the first linear layer:
 *     noise   W + size rms(W) n, n normal
 *     scale   (1 + size) W
 *     shift   z = x W + b of each unit moved by size rms(z) n_j, n_j normal; rms over units and
 *             the first mini-batch */
enum response_change { RESPONSE_NOISE, RESPONSE_SCALE, RESPONSE_SHIFT, RESPONSE_CHANGES };
enum response_mode { RESPONSE_TRAIN, RESPONSE_EVAL, RESPONSE_MODES };

/* Of one layer, under one change in one mode. */
struct response_layer {
    struct column_moments output; /* of the unchanged network */
    double distance;              /* of the changed one's: sum of squares over rows and units */
};

struct response {
    struct side_pass changed; /* with W and b of its own in the first layer */
    float *W, *b;
    struct response_layer *layers; /* [n_layers] */
    /* Outputs: sqrt(sum (y' - y)^2 / sum (y - mean of the unit)^2), [n_layers] each.
     * Loss: mean over the rows, changed less unchanged. */
    double *change[RESPONSE_MODES][RESPONSE_CHANGES];
    double loss[RESPONSE_MODES][RESPONSE_CHANGES];
};

extern const struct diagnostic diagnostic_response; /* struct response */
