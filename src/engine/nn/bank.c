/* Memory and start of the running states beside a network's own. */
#include "engine/nn/bank.h"

#include <string.h>

static bool averages(const struct mlp *mlp) {
    return mlp->n_states > 0 && normalizer_get(mlp->norm_config.kind)->averages;
}

void bank_layout(struct bank *bank, struct arena *arena, const struct mlp *mlp,
                 const double *momenta, int n_momenta) {
    *bank = (struct bank){.momenta = momenta, .n_momenta = averages(mlp) ? n_momenta : 0};
    bank->n = bank->n_momenta * NORM_AVERAGES;
    bank->n_states = mlp->n_states;
    bank->states = arena_floats(arena, (size_t)bank->n * bank->n_states);
}

void bank_layout_followers(struct bank *bank, struct arena *arena) {
    bank->followers = arena_alloc(arena, (size_t)bank->n, sizeof *bank->followers);
}

void bank_reset(struct bank *bank, const struct mlp *mlp) {
    for (int i = 0; i < bank->n; i++) {
        float *states = bank_states(bank, i);
        memcpy(states, mlp->states, bank->n_states * sizeof *states);
        bank->followers[i] = (struct norm_follower){1 - bank_momentum(bank, i), bank_average(i),
                                                    states - mlp->states};
    }
}

double bank_momentum(const struct bank *bank, int member) {
    return bank->momenta[member / NORM_AVERAGES];
}

long bank_average(int member) {
    return member % NORM_AVERAGES;
}

float *bank_states(const struct bank *bank, int member) {
    return bank->states + (size_t)member * bank->n_states;
}
