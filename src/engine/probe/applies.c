/* When probes make sense: what several rows have in common. */
#include "engine/probe/applies.h"

bool applies_to_hidden(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe;
    return layer < trainer->mlp.n_layers - 1;
}

bool applies_with_hidden(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe, (void)layer;
    return trainer->mlp.n_layers > 1;
}

bool applies_with_validation(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe, (void)layer;
    return trainer->dataset->n[PART_VALIDATION] > 0;
}

bool applies_with_states(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe, (void)layer;
    return trainer->mlp.n_states > 0;
}
