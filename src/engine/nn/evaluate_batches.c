/* Evaluation by mini-batches in training mode: each with its own statistics. */
#include <math.h>

#include "engine/nn/evaluate.h"

struct batches {
    const struct trainer *trainer;
    enum data_part part;
    long n; /* whole mini-batches */
    struct arena arena;
    struct workspace workspace;
    struct target *targets; /* [B] */
    double *row_loss;       /* [B] */
    double *row_error;      /* [B] */
    double loss, wrong;     /* sums over all rows so far */
};

static void layout(struct batches *batches, int B) {
    struct arena *arena = &batches->arena;
    workspace_layout(&batches->workspace, arena, &batches->trainer->mlp, B, 0);
    batches->targets = arena_alloc(arena, (size_t)B, sizeof *batches->targets);
    batches->row_loss = arena_doubles(arena, (size_t)B);
    batches->row_error = arena_doubles(arena, (size_t)B);
}

static long rows_of(const struct trainer *trainer) {
    long rows = trainer->config.eval.batch_rows;
    return rows > 0 ? rows : trainer->config.train.batch_size;
}

static void forward(struct team team, struct batches *batches, long i) {
    enum { GATHER_TILE = 16 };
    const struct trainer *trainer = batches->trainer;
    int B = batches->workspace.B;
    TEAM_TILES (team, t, span_tiles(B, GATHER_TILE))
        dataset_gather(trainer->dataset, batches->part, NULL, 0, i * B,
                       span_tile(B, GATHER_TILE, t), batches->workspace.x, batches->targets);
    team_barrier(team);
    struct norm_step step = {
        .step = trainer->step, .total_steps = trainer->total_steps, .update = 0, .measure = true};
    mlp_forward_train(team, &trainer->mlp, &batches->workspace, &step);
}

static void score(struct team team, struct batches *batches) {
    const struct trainer *trainer = batches->trainer;
    const struct loss_kind *loss = loss_get(trainer->config.train.loss);
    int K = trainer->mlp.n_outputs;
    const float *y = batches->workspace.y[trainer->mlp.n_layers - 1];
    TEAM_TILES (team, b, batches->workspace.B) {
        const float *z = y + (long)b * K;
        batches->row_loss[b] = loss->row(z, K, batches->targets[b], 0, NULL);
        batches->row_error[b] = loss_error(z, K, batches->targets[b]);
    }
    team_barrier(team);
}

/* By one thread, in the order of the rows. The others may fill the workspace again meanwhile: what
 * is added up here they only write after the next barrier. */
static void add_up(struct batches *batches) {
    for (int b = 0; b < batches->workspace.B; b++) {
        batches->loss += batches->row_loss[b];
        batches->wrong += batches->row_error[b];
    }
}

static void pass(struct team team, void *argument) {
    struct batches *batches = argument;
    for (long i = 0; i < batches->n; i++) {
        forward(team, batches, i);
        score(team, batches);
        if (team.rank == 0)
            add_up(batches);
    }
}

enum status evaluate_batches(const struct trainer *trainer, enum data_part part,
                             struct evaluation *result) {
    long B = rows_of(trainer);
    struct batches batches = {.trainer = trainer, .part = part, .n = trainer->dataset->n[part] / B};
    if (batches.n == 0) {
        *result = (struct evaluation){NAN, NAN};
        return OK;
    }
    layout(&batches, (int)B);
    enum status status = arena_create(&batches.arena);
    if (!status) {
        layout(&batches, (int)B);
        team_run(trainer->team_size, pass, &batches);
        double rows = (double)(batches.n * B);
        *result = (struct evaluation){batches.loss / rows, batches.wrong / rows};
    }
    workspace_free(&batches.workspace);
    arena_free(&batches.arena);
    return status;
}

size_t evaluate_batches_memory(const struct trainer *trainer) {
    struct batches batches = {.trainer = trainer};
    const long *n = trainer->dataset->n;
    long B = rows_of(trainer), most = n[PART_TEST];
    most = n[PART_VALIDATION] > most ? n[PART_VALIDATION] : most;
    if (!mlp_mixes_rows(&trainer->mlp) || most < B)
        return 0;
    layout(&batches, (int)B);
    workspace_free(&batches.workspace);
    return batches.arena.used;
}
