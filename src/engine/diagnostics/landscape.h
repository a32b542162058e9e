/* The loss around the weights of a step, on that step's own mini-batch and in training mode, with
 * the running state and the noise of that step: a second network goes where the trainer has not
 * been. The step is the last one made; before any was made, the first.
 *
 * Santurkar et al. 2018, "How Does Batch Normalization Help Optimization?", for all of it but the
 * Hessian. */
#pragma once

#include "engine/diagnostics/diagnostics.h"

struct landscape {
    const struct trainer *trainer;
    struct trainer copy;    /* the second network's */
    float *params, *states; /* the step's: before its update */
    long seen_step;         /* step that they are of; -1: none was seen */
    bool made;              /* the step that was last measured is made */
    float *gradient;        /* [n_params] of the loss at params */
    double loss, gradient_norm;
    double *growth; /* [n_layers] |dL/dz_k|^2 / |dL/dz_k+1|^2; NaN for the last */
};

extern const struct diagnostic diagnostic_landscape; /* struct landscape */

/* Brings the second network to from + length direction. */
void landscape_go(struct landscape *landscape, const float *from, double length,
                  const float *direction);
/* Its loss there; the gradient is then in copy.mlp.grads. */
double landscape_gradient(struct landscape *landscape);
double landscape_loss(struct landscape *landscape);
/* Brings all that layer k learns to its values in `from`, laid out as mlp->params; what normalizes
 * the input goes with layer 0. */
void landscape_put_layer(struct landscape *landscape, int k, const float *from);
/* |x - y| */
double landscape_distance(size_t n, const float *x, const float *y);
