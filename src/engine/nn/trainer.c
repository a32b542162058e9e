#include "engine/nn/trainer.h"

#include <math.h>
#include <stdlib.h>

#include "engine/kernel/reduce.h"
#include "engine/nn/profile.h"

enum {
    UPDATE_BLOCK = 8192, /* parameters at a time */
    GATHER_TILE = 16,    /* rows at a time */
};

/* What the order of an epoch's rows follows from. */
static struct order_rows order_rows(const struct train_config *config,
                                    const struct dataset *dataset) {
    return (struct order_rows){
        .n = (uint32_t)dataset->n[PART_TRAIN],
        .labels = dataset_labels(dataset, PART_TRAIN),
        .batches = {dataset->n_classes, (int)config->classes_per_batch,
                    (uint32_t)config->batch_size},
    };
}

long train_steps_per_epoch(const struct train_config *config, const struct dataset *dataset) {
    const struct order_rows rows = order_rows(config, dataset);
    return order_steps(order_get(config->order), &rows);
}

long train_total_steps(const struct train_config *config, const struct dataset *dataset) {
    return config->steps >= 0 ? config->steps
                              : config->epochs * train_steps_per_epoch(config, dataset);
}

enum status train_check_loss(const struct train_config *config, const struct dataset *dataset) {
    const struct loss_kind *loss = loss_get(config->loss);
    if (dataset_has_values(dataset) && !loss->takes_values)
        return fail(ERROR_USAGE,
                    "train.loss: %s is a loss of classes, but the targets of these data are "
                    "numbers; say squared",
                    loss->name);
    return OK;
}

enum status train_check(const struct train_config *config, const struct dataset *dataset) {
    long n = dataset->n[PART_TRAIN], B = config->batch_size;
    if (B > n)
        return fail(ERROR_USAGE, "train.batch_size: %ld is more than the %ld training rows", B, n);
    const struct order_kind *order = order_get(config->order);
    if (order->by_class && dataset_has_values(dataset))
        return fail(ERROR_USAGE, "train.order: these data have no classes to go by");
    const struct order_rows rows = order_rows(config, dataset);
    return order->check ? order->check(&rows) : OK;
}

static int blocks(size_t n) {
    return (int)((n + UPDATE_BLOCK - 1) / UPDATE_BLOCK);
}

/* As many threads as have at least as much to do each as their company costs: they meet some five
 * times a layer and wait for the slowest, and what one has written another has to fetch from its
 * cache. By what was measured on one core (100 GFLOP/s; 20 bytes a weight at 40 GB/s) and between
 * two (3 GB/s, input and outputs of every layer three times). More threads than processors never
 * help. */
static int useful_threads(const struct trainer *trainer) {
    const double meetings_s = 150e-6, work_flops = 100e9, work_bytes_s = 40e9, fetch_bytes_s = 3e9;
    double weights = 0, numbers = trainer->mlp.n_inputs;
    for (int k = 0; k < trainer->mlp.n_layers; k++) {
        weights += (double)trainer->mlp.layers[k].in * trainer->mlp.layers[k].out;
        numbers += trainer->mlp.layers[k].out;
    }
    double work_s = weights * (6.0 * trainer->B / work_flops + 20 / work_bytes_s);
    double company_s = meetings_s + 12 * numbers * trainer->B / fetch_bytes_s;
    double useful = fmin(work_s / company_s, fmin(trainer->n_threads, team_processors()));
    return useful > 1 ? (int)useful : 1;
}

/* All training state first, in one piece: parameters, running state, optimizer slots, bank. */
static void layout(struct trainer *trainer, struct arena *arena) {
    struct mlp *mlp = &trainer->mlp;
    size_t begin = arena->used;
    mlp_layout(mlp, arena);
    for (int i = 0; i < optimizer_slots(&trainer->config.optimizer); i++)
        trainer->slots[i] = arena_floats(arena, mlp->n_params);
    bank_layout(&trainer->bank, arena, mlp, trainer->config.eval.momenta,
                trainer->config.eval.n_momenta);
    trainer->state_floats = (arena->used - begin) / sizeof(float);
    bank_layout_followers(&trainer->bank, arena);
    mlp_layout_grads(mlp, arena);
    workspace_layout(&trainer->batch, arena, mlp, trainer->B, trainer->n_threads);
    size_t n_rows = (size_t)trainer->dataset->n[PART_TRAIN];
    const struct order_kind *order = order_get(trainer->config.train.order);
    if (order->fill)
        trainer->rows = arena_alloc(arena, n_rows, sizeof *trainer->rows);
    if (order->needs_room)
        trainer->order_room = arena_alloc(arena, n_rows, sizeof *trainer->order_room);
    trainer->targets = arena_alloc(arena, (size_t)trainer->B, sizeof *trainer->targets);
    trainer->row_loss = arena_doubles(arena, (size_t)trainer->B);
    trainer->row_error = arena_doubles(arena, (size_t)trainer->B);
    trainer->norm_parts = arena_doubles(arena, (size_t)blocks(mlp->n_params));
}

static bool needs_population(const struct trainer *trainer) {
    return trainer->mlp.n_states > 0 && normalizer_get(trainer->config.norm.kind)->needs_population;
}

static void layout_census(struct trainer *trainer, struct arena *arena) {
    long n = trainer->dataset->n[PART_TRAIN], most = trainer->config.norm.population_rows;
    if (needs_population(trainer))
        census_layout(&trainer->census, arena, &trainer->mlp,
                      (int)(most > 0 && most < n ? most : n));
}

void trainer_outline(struct trainer *trainer, const struct run_config *config,
                     const struct dataset *dataset, int n_threads) {
    *trainer = (struct trainer){.config = *config,
                                .dataset = dataset,
                                .n_threads = n_threads,
                                .B = (int)config->train.batch_size,
                                .diverged_at_step = -1,
                                .rows_epoch = -1};
    trainer->steps_per_epoch = train_steps_per_epoch(&config->train, dataset);
    trainer->total_steps = train_total_steps(&config->train, dataset);
    trainer->lr_effective = optimizer_lr_effective(&config->optimizer, trainer->B);
    mlp_create(&trainer->mlp, &config->model, &config->norm, dataset->n_features,
               dataset->n_classes);
    trainer->team_size = useful_threads(trainer);
    layout(trainer, &trainer->arena);
    layout_census(trainer, &trainer->arena);
}

void trainer_release(struct trainer *trainer) {
    workspace_free(&trainer->batch);
    census_free(&trainer->census);
    mlp_free(&trainer->mlp);
    arena_free(&trainer->arena);
}

static uint64_t seed_or(long seed, const struct seed_config *seeds) {
    return (uint64_t)(seed >= 0 ? seed : seeds->seed);
}

static enum status check(const struct run_config *config, const struct dataset *dataset) {
    enum status status = train_check_loss(&config->train, dataset);
    if (!status)
        status = train_check(&config->train, dataset);
    if (status)
        return status;
    return mlp_check(&config->model, &config->norm, dataset->n_features, dataset->n_classes,
                     (int)config->train.batch_size);
}

/* The statistics of the training rows at the present weights, where this step is one to take them.
 */
static void refresh(struct team team, void *argument) {
    struct trainer *trainer = argument;
    if (needs_population(trainer) && trainer->step % trainer->config.norm.refresh == 0)
        census_take(team, &trainer->census, &trainer->mlp, trainer->dataset, trainer->step,
                    trainer->total_steps);
}

enum status trainer_create(struct trainer **result, const struct run_config *config,
                           const struct dataset *dataset, int n_threads) {
    enum status status = check(config, dataset);
    if (status)
        return status;
    struct trainer *trainer = malloc(sizeof *trainer);
    if (!trainer)
        return fail(ERROR_RUN, "out of memory for a trainer");
    trainer_outline(trainer, config, dataset, n_threads);
    status = arena_create(&trainer->arena);
    if (status) {
        trainer_free(trainer);
        return status;
    }
    layout(trainer, &trainer->arena);
    layout_census(trainer, &trainer->arena);
    mlp_init(&trainer->mlp, &config->model, seed_or(config->seeds.init, &config->seeds));
    if (needs_population(trainer))
        team_run(trainer->team_size, refresh, trainer);
    bank_reset(&trainer->bank, &trainer->mlp);
    *result = trainer;
    return OK;
}

void trainer_free(struct trainer *trainer) {
    if (!trainer)
        return;
    trainer_release(trainer);
    free(trainer);
}

/* One permutation an epoch, by one thread: f(seeds.order, epoch). */
static void begin_epoch(struct team team, struct trainer *trainer, long epoch) {
    if (!trainer->rows || trainer->rows_epoch == epoch)
        return;
    team_barrier(team); /* everyone has seen that the order is an old one */
    if (team.rank == 0) {
        const struct seed_config *seeds = &trainer->config.seeds;
        struct random_key key = {seed_or(seeds->order, seeds), RANDOM_ORDER, (uint32_t)epoch};
        const struct order_rows rows = order_rows(&trainer->config.train, trainer->dataset);
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
    const struct colour_batch batch = {seed_or(seeds->order, seeds), step};
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
    int n_blocks = blocks(n);
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
    TEAM_TILES (team, t, blocks(end - begin)) {
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
                              .key = {seed_or(seeds->noise, seeds), RANDOM_NOISE, 0},
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
    double lr = optimizer_lr_at(&trainer->config.optimizer, trainer->B, trainer->step,
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
        refresh(team, trainer);
    }
}

long trainer_advance(struct trainer *trainer, long n, const struct stretch *stretch) {
    static const struct stretch nothing;
    long left = trainer->total_steps - trainer->step;
    struct stretch_run run = {trainer, n < left ? n : left, stretch ? stretch : &nothing, 0};
    if (trainer->diverged_at_step < 0 && run.n > 0)
        team_run(trainer->team_size, train_stretch, &run);
    return run.measured;
}

/* ---- at other weights ---- */

void trainer_layout_shadow(struct trainer *shadow, struct arena *arena,
                           const struct trainer *trainer) {
    if (!shadow->dataset) {
        const struct run_config *config = &trainer->config;
        *shadow = (struct trainer){.config = *config,
                                   .dataset = trainer->dataset,
                                   .n_threads = trainer->n_threads,
                                   .team_size = trainer->team_size,
                                   .B = trainer->B,
                                   .steps_per_epoch = trainer->steps_per_epoch,
                                   .total_steps = trainer->total_steps,
                                   .diverged_at_step = -1,
                                   .rows_epoch = -1};
        shadow->config.optimizer = (struct optimizer_config){.kind = optimizer_find("sgd")};
        shadow->config.eval = (struct eval_config){0}; /* no bank */
        mlp_create(&shadow->mlp, &config->model, &config->norm, trainer->mlp.n_inputs,
                   trainer->mlp.n_outputs);
    }
    layout(shadow, arena);
}

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
