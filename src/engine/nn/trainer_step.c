/* Steps of training: the mini-batch, its loss, the update; and measuring without an update. */
#include <math.h>

#include "engine/kernel/reduce.h"
#include "engine/nn/profile.h"
#include "engine/nn/trainer.h"
#include "engine/nn/trainer_step.h"

enum {
    UPDATE_BLOCK = 8192, /* parameters at a time */
    GATHER_TILE = 16,    /* rows at a time */
};

struct order_rows trainer_order_rows(const struct train_config *config,
                                     const struct dataset *dataset) {
    return (struct order_rows){
        .n = (uint32_t)dataset->n[PART_TRAIN],
        .labels = dataset_labels(dataset, PART_TRAIN),
        .batches = {dataset->n_classes, (int)config->classes_per_batch,
                    (uint32_t)config->batch_size},
    };
}

int trainer_blocks(size_t n) {
    return (int)((n + UPDATE_BLOCK - 1) / UPDATE_BLOCK);
}

bool trainer_needs_population(const struct trainer *trainer) {
    return trainer->mlp.n_states > 0 && normalizer_get(trainer->config.norm.kind)->needs_population;
}

uint64_t trainer_seed(long seed, const struct seed_config *seeds) {
    return (uint64_t)(seed >= 0 ? seed : seeds->seed);
}

void trainer_refresh(struct team team, void *argument) {
    struct trainer *trainer = argument;
    if (trainer_needs_population(trainer) && trainer->step % trainer->config.norm.refresh == 0)
        population_statistics_take(team, &trainer->population, &trainer->mlp, trainer->dataset,
                                   trainer->step, trainer->total_steps);
}

/* One permutation an epoch, by one thread: f(seeds.order, epoch). */
static void begin_epoch(struct team team, struct trainer *trainer, long epoch) {
    if (!trainer->rows || trainer->rows_epoch == epoch)
        return;
    team_barrier(team); /* everyone has seen that the order is an old one */
    if (team.rank == 0) {
        const struct seed_config *seeds = &trainer->config.seeds;
        struct random_key key = {trainer_seed(seeds->order, seeds), RANDOM_ORDER, (uint32_t)epoch};
        const struct order_rows rows = trainer_order_rows(&trainer->config.train, trainer->dataset);
        order_get(trainer->config.train.order)
            ->fill(key, &rows, trainer->order_room, trainer->rows);
        trainer->rows_epoch = epoch;
        profile_mark(team.profile, PHASE_OTHER);
    }
    team_barrier(team);
}

static void gather(struct team team, struct trainer *trainer, long step) {
    long first = step % trainer->steps_per_epoch * trainer->B;
    const struct seed_config *seeds = &trainer->config.seeds;
    const struct colour_batch batch = {trainer_seed(seeds->order, seeds), step};
    const uint32_t *rows = trainer->rows ? trainer->rows + first : NULL;
    TEAM_TILES (team, t, span_tiles(trainer->B, GATHER_TILE))
        dataset_gather_batch(trainer->dataset, &batch, rows,
                             trainer->dataset->n[PART_TRAIN] - first, rows ? 0 : first,
                             span_tile(trainer->B, GATHER_TILE, t), trainer->batch.x,
                             trainer->targets);
    profile_mark(team.profile, PHASE_GATHER);
    team_barrier(team);
}

/* Loss and its gradient, row by row; the gradient of the mean over the mini-batch. */
static void loss_rows(struct team team, struct trainer *trainer) {
    const struct loss_kind *loss = loss_get(trainer->config.train.loss);
    int last = trainer->mlp.n_layers - 1, K = trainer->mlp.n_outputs;
    float scale = 1.0f / (float)trainer->B;
    TEAM_TILES (team, t, span_tiles(trainer->B, GATHER_TILE)) {
        struct span rows = span_tile(trainer->B, GATHER_TILE, t);
        for (int b = rows.begin; b < rows.end; b++) {
            const float *z = trainer->batch.y[last] + (long)b * K;
            trainer->row_loss[b] =
                loss->row(z, K, trainer->targets[b], scale, trainer->batch.g[last] + (long)b * K);
            trainer->row_error[b] = loss_error(z, K, trainer->targets[b]);
        }
    }
    profile_mark(team.profile, PHASE_LOSS);
    team_barrier(team);
}

/* Every thread adds up the same numbers in the same order, and so they agree without another
 * barrier. */
static double mean_loss(const struct trainer *trainer) {
    double total = 0;
    for (int b = 0; b < trainer->B; b++)
        total += trainer->row_loss[b];
    return total / trainer->B;
}

static double mean_error(const struct trainer *trainer) {
    double wrong = 0;
    for (int b = 0; b < trainer->B; b++)
        wrong += trainer->row_error[b];
    return wrong / trainer->B;
}

/* Euclidean norm of the gradient of all parameters. */
static double gradient_norm(struct team team, struct trainer *trainer) {
    size_t n = trainer->mlp.n_params;
    int n_blocks = trainer_blocks(n);
    TEAM_TILES (team, t, n_blocks) {
        size_t begin = (size_t)t * UPDATE_BLOCK,
               end = begin + UPDATE_BLOCK < n ? begin + UPDATE_BLOCK : n;
        const float *g = trainer->mlp.grads + begin;
        trainer->norm_parts[t] = reduce_dot(end - begin, g, g);
    }
    profile_mark(team.profile, PHASE_UPDATE);
    team_barrier(team);
    double square = 0;
    for (int t = 0; t < n_blocks; t++)
        square += trainer->norm_parts[t];
    return sqrt(square);
}

/* Pascanu et al. 2013: g <- g * min(1, clip / |g|), |g| over all parameters, before weight decay.
 */
static float clip_scale(double clip, double size) {
    return size > clip ? (float)(clip / size) : 1;
}

/* The updates of one step. */
struct step_update {
    struct trainer *trainer;
    long step; /* the trainer's may already be the next one's, where another thread is done */
    double lr;
    float scale; /* of clipping */
};

static double decay_of(const struct optimizer_config *optimizer, bool weights) {
    return weights || optimizer->decay_on == DECAY_ALL ? optimizer->weight_decay : 0;
}

static void update_part(const struct step_update *step, bool weights, size_t begin, size_t n,
                        const float *gradient) {
    struct trainer *trainer = step->trainer;
    const struct optimizer_config *optimizer = &trainer->config.optimizer;
    float *slots[OPTIMIZER_SLOTS];
    for (int i = 0; i < OPTIMIZER_SLOTS; i++)
        slots[i] = trainer->slots[i] ? trainer->slots[i] + begin : NULL;
    struct update update = {optimizer, step->step, (float)step->lr,
                            (float)decay_of(optimizer, weights), step->scale};
    optimizer_update(update, n, trainer->mlp.params + begin, gradient, slots);
}

static void take_weights(void *argument, size_t begin, size_t n, const float *gradient) {
    update_part(argument, true, begin, n, gradient);
}

/* From the gradients in mlp->grads, in fixed pieces. */
static void update_range(struct team team, const struct step_update *update, size_t begin,
                         size_t end) {
    const struct mlp *mlp = &update->trainer->mlp;
    TEAM_TILES (team, t, trainer_blocks(end - begin)) {
        size_t at = begin + (size_t)t * UPDATE_BLOCK;
        size_t n = at + UPDATE_BLOCK < end ? UPDATE_BLOCK : end - at;
        update_part(update, begin < mlp->n_weights, at, n, mlp->grads + at);
    }
}

/* Backward, and the weights' update tile by tile as it goes; but clipping must see the whole
 * gradient before any of it is used. Returns the gradient's norm; NaN where nobody needs it. */
static double learn(struct team team, struct trainer *trainer, double lr, bool wants_norm) {
    struct mlp *mlp = &trainer->mlp;
    double clip = trainer->config.optimizer.clip, size = NAN;
    bool clips = clip > 0;
    struct step_update update = {trainer, trainer->step, lr, 1};
    struct gradient_use use = {.keep = clips || wants_norm || trainer->keep_gradients,
                               .take = clips ? NULL : take_weights,
                               .argument = &update};
    if (optimizer_is_momentum(&trainer->config.optimizer) && !use.keep) {
        use.mu = (float)trainer->config.optimizer.momentum;
        use.lr = (float)lr;
        use.velocities = trainer->slots[0];
    }
    mlp_backward(team, mlp, &trainer->batch, &use);
    if (clips || wants_norm)
        size = gradient_norm(team, trainer);
    if (clips) {
        update.scale = clip_scale(clip, size);
        update_range(team, &update, 0, mlp->n_weights);
    }
    update_range(team, &update, mlp->n_weights, mlp->n_params);
    profile_mark(team.profile, PHASE_UPDATE);
    return size;
}

struct stretch_run {
    struct trainer *trainer;
    long n;
    const struct stretch *stretch;
    long measured;
};

static void record(const struct stretch_run *run, long i, double loss, double lr) {
    if (run->stretch->loss)
        run->stretch->loss[i] = loss;
    if (run->stretch->gradient_norm)
        run->stretch->gradient_norm[i] = NAN; /* not yet known */
    if (run->stretch->error)
        run->stretch->error[i] = mean_error(run->trainer);
    if (run->stretch->lr)
        run->stretch->lr[i] = lr;
}

static struct norm_step norm_step_at(const struct trainer *trainer) {
    const struct seed_config *seeds = &trainer->config.seeds;
    return (struct norm_step){.step = trainer->step,
                              .total_steps = trainer->total_steps,
                              .update = 1 - trainer->config.norm.momentum,
                              .key = {trainer_seed(seeds->noise, seeds), RANDOM_NOISE, 0},
                              .followers = trainer->bank.followers,
                              .n_followers = trainer->bank.n};
}

/* One step by the whole team; false where the loss was not finite. */
static bool step(struct team team, struct stretch_run *run, long i) {
    struct trainer *trainer = run->trainer;
    profile_mark(team.profile, PHASE_OTHER);
    begin_epoch(team, trainer, trainer->step / trainer->steps_per_epoch);
    gather(team, trainer, trainer->step);
    struct norm_step norm_step = norm_step_at(trainer);
    mlp_forward_train(team, &trainer->mlp, &trainer->batch, &norm_step);
    loss_rows(team, trainer);
    double loss = mean_loss(trainer);
    double lr = learning_rate_at(&trainer->config.optimizer, trainer->B, trainer->step,
                                 trainer->total_steps);
    if (team.rank == 0)
        record(run, i, loss, lr);
    profile_mark(team.profile, PHASE_OTHER);
    if (!isfinite(loss))
        return false;
    double size = learn(team, trainer, lr, run->stretch->gradient_norm != NULL);
    if (team.rank == 0 && run->stretch->gradient_norm)
        run->stretch->gradient_norm[i] = size;
    return true;
}

static void train_stretch(struct team team, void *argument) {
    struct stretch_run *run = argument;
    struct trainer *trainer = run->trainer;
    team.profile = trainer->profiles ? &trainer->profiles[team.rank] : NULL;
    profile_start(team.profile);
    for (long i = 0; i < run->n; i++) {
        bool finite = step(team, run, i);
        if (team.rank == 0) {
            run->measured = i + 1;
            if (finite)
                trainer->step++;
            else
                trainer->diverged_at_step = trainer->step;
        }
        team_barrier(team); /* the step number is everybody's */
        if (!finite)
            return;
        trainer_refresh(team, trainer);
    }
}

long trainer_advance(struct trainer *trainer, long n, const struct stretch *stretch) {
    static const struct stretch nothing;
    long left = trainer->total_steps - trainer->step;
    struct stretch_run run = {trainer, n < left ? n : left, stretch ? stretch : &nothing, 0};
    if (trainer->diverged_at_step < 0 && run.n > 0)
        trainer->team_size = team_run(trainer->team_size, train_stretch, &run);
    return run.measured;
}

/* ---- at other weights ---- */

struct measurement {
    struct trainer *trainer;
    bool gradient;
    double loss;
};

static void measure(struct team team, void *argument) {
    struct measurement *measurement = argument;
    struct trainer *trainer = measurement->trainer;
    struct norm_step norm_step = norm_step_at(trainer);
    norm_step.update = 0;
    begin_epoch(team, trainer, trainer->step / trainer->steps_per_epoch);
    gather(team, trainer, trainer->step);
    mlp_forward_train(team, &trainer->mlp, &trainer->batch, &norm_step);
    loss_rows(team, trainer);
    if (team.rank == 0)
        measurement->loss = mean_loss(trainer);
    if (measurement->gradient)
        mlp_backward(team, &trainer->mlp, &trainer->batch, &(struct gradient_use){.keep = true});
}

double trainer_measure(struct trainer *trainer, bool gradient) {
    struct measurement measurement = {trainer, gradient, 0};
    team_run(trainer->team_size, measure, &measurement);
    return measurement.loss;
}
