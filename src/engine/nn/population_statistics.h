/* Population statistics: the first training rows as one mini-batch in training mode, which gives
 * the statistics layer by layer (each layer sees rows normalized by the population). */
#pragma once

#include "engine/data/dataset.h"
#include "engine/nn/mlp.h"

struct population_statistics {
    struct workspace rows; /* all of them */
    struct target *targets;
};

/* Room for n rows; called twice like mlp_layout. */
void population_statistics_layout(struct population_statistics *statistics, struct arena *arena,
                                  const struct mlp *mlp, int n);
void population_statistics_free(struct population_statistics *statistics);
/* By every thread of the team: into the state of `mlp`. Same bits for any number of threads.
 * `step`: of the schedules that a normalizer may have. */
void population_statistics_take(struct team team, struct population_statistics *statistics,
                                const struct mlp *mlp, const struct dataset *dataset, long step,
                                long total_steps);
