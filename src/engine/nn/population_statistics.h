/* A census: the first training rows as one mini-batch in training mode, to have statistics of the
 * population, layer by layer (each layer sees rows normalized by the population). */
#pragma once

#include "engine/data/dataset.h"
#include "engine/nn/mlp.h"

struct census {
    struct workspace rows; /* all of them */
    struct target *targets;
};

/* Room for n rows; called twice like mlp_layout. */
void census_layout(struct census *census, struct arena *arena, const struct mlp *mlp, int n);
void census_free(struct census *census);
/* By every thread of the team: their statistics into the state of `mlp`. Same bits for any number
 * of threads. `step`: of the schedules that a normalizer may have. */
void census_take(struct team team, struct census *census, const struct mlp *mlp,
                 const struct dataset *dataset, long step, long total_steps);
