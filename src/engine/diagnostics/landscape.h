/* The loss around the weights of a step, on that step's own mini-batch and in training mode, with
 * the running state and the noise of that step: a second network goes where the trainer has not
 * been. The step is the last one made; before any was made, the first.
 *
 * Santurkar et al. 2018, "How Does Batch Normalization Help Optimization?", for all of it but the
 * Hessian. */
#pragma once

#include "engine/nn/trainer.h"

/* Along the gradient: the loss and its gradient at w - s g, for several s. */
struct landscape_scan {
    double loss_low, loss_high;
    double predictiveness; /* max |g(w - s g) - g(w)| */
    double smoothness;     /* max |g(w - s g) - g(w)| / |s g| */
};

struct landscape {
    const struct trainer *trainer;
    struct trainer shadow;
    float *params, *states; /* the step's: before its update */
    long seen_step;         /* step that they are of; -1: none was seen */
    bool made;              /* the step that was last looked at is made */
    float *gradient;        /* [n_params] of the loss at params */
    double loss, gradient_norm;
    double *growth; /* [n_layers] |dL/dz_k|^2 / |dL/dz_k+1|^2; NaN for the last */
    struct landscape_scan near, wide;
    double *shift, *shift_cosine;             /* [n_layers] */
    double *decrease_alone, *decrease_frozen; /* [n_layers] */
    double decrease;
    float *vector, *last_vector, *product;             /* [n_params] of the Hessian's */
    double hessian_largest, hessian_mean, hessian_rms; /* eigenvalues */
};

/* Called twice, like workspace_layout; `needs` of enum probe_needs. */
void landscape_layout(struct landscape *landscape, struct arena *arena,
                      const struct trainer *trainer, unsigned needs);
void landscape_free(struct landscape *landscape);
/* Keeps the weights from before a step. */
void landscape_before_step(struct landscape *landscape);
/* Computes what `needs` names. */
void landscape_look(struct landscape *landscape, unsigned needs);

/* Brings the second network to from + length direction. */
void landscape_go(struct landscape *landscape, const float *from, double length,
                  const float *direction);
/* Its loss there; the gradient is then in shadow.mlp.grads. */
double landscape_gradient(struct landscape *landscape);
double landscape_loss(struct landscape *landscape);
/* Brings all that layer k learns to its values in `from`, laid out as mlp->params; what normalizes
 * the input goes with layer 0. */
void landscape_put_layer(struct landscape *landscape, int k, const float *from);
/* |x - y| */
double landscape_distance(size_t n, const float *x, const float *y);
/* The parts, after the gradient at params is there: ics.c, decrease.c, hessian.c. */
void landscape_find_shift(struct landscape *landscape);
void landscape_find_decrease(struct landscape *landscape);
void landscape_find_hessian(struct landscape *landscape);
