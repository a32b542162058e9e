/* A bank of running states beside a network's own: one for each of some momenta and each kind of
 * average. They follow the mini-batches of the one training, which reads none of them. */
#pragma once

#include "engine/nn/mlp.h"

struct bank {
    const double *momenta; /* shares of the old value; the configuration's */
    int n_momenta;
    int n; /* members, n_momenta x NORM_AVERAGES, the kinds of average side by side */
    size_t n_states;
    struct norm_follower *followers; /* [n] */
    float *states;                   /* [n, n_states], each laid out as mlp->states */
};

/* Places the bank's states in the arena of the mlp, after it; called twice like mlp_layout. No
 * momenta, or a network without such averages: an empty bank. */
void bank_layout(struct bank *bank, struct arena *arena, const struct mlp *mlp,
                 const double *momenta, int n_momenta);
/* What is no state: who follows how. */
void bank_layout_followers(struct bank *bank, struct arena *arena);
/* State as declared: every member begins where the network's own state does. */
void bank_reset(struct bank *bank, const struct mlp *mlp);

double bank_momentum(const struct bank *bank, int member);
long bank_average(int member); /* enum norm_average */
float *bank_states(const struct bank *bank, int member);
