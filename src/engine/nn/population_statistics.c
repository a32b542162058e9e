#include "engine/nn/population_statistics.h"

#include "engine/nn/profile.h"

void census_layout(struct census *census, struct arena *arena, const struct mlp *mlp, int n) {
    workspace_layout(&census->rows, arena, mlp, n, 0);
    census->targets = arena_alloc(arena, (size_t)n, sizeof *census->targets);
}

void census_free(struct census *census) {
    workspace_free(&census->rows);
    *census = (struct census){0};
}

void census_take(struct team team, struct census *census, const struct mlp *mlp,
                 const struct dataset *dataset, long step, long total_steps) {
    enum { ROWS = 256 };
    int n = census->rows.B;
    TEAM_TILES (team, t, span_tiles(n, ROWS))
        dataset_gather(dataset, PART_TRAIN, NULL, 0, 0, span_tile(n, ROWS, t), census->rows.x,
                       census->targets);
    profile_mark(team.profile, PHASE_GATHER);
    team_barrier(team);
    struct norm_step measuring = {.step = step,
                                  .total_steps = total_steps,
                                  .update = 1, /* the batch is all there is */
                                  .measure = true};
    mlp_forward_train(team, mlp, &census->rows, &measuring);
}
