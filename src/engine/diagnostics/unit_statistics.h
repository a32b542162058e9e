/* Mean and deviation of every unit in training mode, now and at the look before. */
#pragma once

#include "engine/diagnostics/side_pass.h"
#include "engine/kernel/column_moments.h"

/* Of one linear layer, over the rehearsal's mini-batches. */
struct unit_layer {
    struct unit_moments now[REHEARSAL_SHOWN],
        before[REHEARSAL_SHOWN]; /* before: no rows where this is the first look */
    double *deviations;          /* [out] of what goes into the activation, ascending,
                                    not-a-number last */
    long small;                  /* of what goes into the activation: numbers with |z| < 1 */
};

struct unit_study {
    struct unit_layer *layers; /* [n_layers] */
};

void unit_study_layout(struct unit_study *study, struct arena *arena,
                       const struct trainer *trainer);
void unit_study_look(struct unit_study *study, struct rehearsal *rehearsal);
