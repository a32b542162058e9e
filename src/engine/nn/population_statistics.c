/* One pass over the first training rows, which leaves their statistics in the state. */
#include "engine/nn/population_statistics.h"

#include "engine/nn/profile.h"

void population_statistics_layout(struct population_statistics *statistics, struct arena *arena,
                                  const struct mlp *mlp, int n) {
    workspace_layout(&statistics->rows, arena, mlp, n, 0);
    statistics->targets = arena_alloc(arena, (size_t)n, sizeof *statistics->targets);
}

void population_statistics_free(struct population_statistics *statistics) {
    workspace_free(&statistics->rows);
    *statistics = (struct population_statistics){0};
}

void population_statistics_take(struct team team, struct population_statistics *statistics,
                                const struct mlp *mlp, const struct dataset *dataset, long step,
                                long total_steps) {
    enum { ROWS = 256 };
    int n = statistics->rows.B;
    TEAM_TILES (team, t, span_tiles(n, ROWS))
        dataset_gather(dataset, PART_TRAIN, NULL, 0, 0, span_tile(n, ROWS, t), statistics->rows.x,
                       statistics->targets);
    profile_mark(team.profile, PHASE_GATHER);
    team_barrier(team);
    struct norm_step measuring = {.step = step,
                                  .total_steps = total_steps,
                                  .update = 1, /* the batch is all there is */
                                  .measure = true};
    mlp_forward_train(team, mlp, &statistics->rows, &measuring);
}
