/* A trainer in memory: what a configuration asks for, threads, layout, creation. Its steps are in
 * trainer_step.c. */
#include "engine/nn/trainer.h"

#include <math.h>
#include <stdlib.h>

#include "engine/nn/trainer_step.h"
#include "io/machine.h"

long train_steps_per_epoch(const struct train_config *config, const struct dataset *dataset) {
    const struct order_rows rows = trainer_order_rows(config, dataset);
    return order_steps(order_get(config->order), &rows);
}

long train_total_steps(const struct train_config *config, const struct dataset *dataset) {
    return config->steps >= 0 ? config->steps
                              : config->epochs * train_steps_per_epoch(config, dataset);
}

enum status train_check_loss(const struct train_config *config, const struct dataset *dataset) {
    const struct loss_kind *loss = loss_get(config->loss);
    if (dataset_has_values(dataset) && !loss->takes_values)
        return fail_key(ERROR_USAGE, "train.loss",
                        "%s is a loss of classes, but the targets of these data are "
                        "numbers; say squared",
                        loss->name);
    return OK;
}

enum status train_check(const struct train_config *config, const struct dataset *dataset) {
    long n = dataset->n[PART_TRAIN], B = config->batch_size;
    if (B > n)
        return fail_key(ERROR_USAGE, "train.batch_size", "%ld is more than the %ld training rows",
                        B, n);
    const struct order_kind *order = order_get(config->order);
    if (order->by_class && dataset_has_values(dataset))
        return fail_key(ERROR_USAGE, "train.order", "these data have no classes to go by");
    const struct order_rows rows = trainer_order_rows(config, dataset);
    return order->check ? order->check(&rows) : OK;
}

int trainer_threads(const struct trainer *trainer, double useful) {
    useful = fmin(useful, fmin(trainer->n_threads, machine_cores()));
    return useful > 1 ? (int)useful : 1;
}

/* As many threads as have at least as much to do each as their meetings cost: they meet some five
 * times a layer and wait for the slowest, and what one has written another has to fetch from its
 * cache. By what was measured on one core (100 GFLOP/s; 20 bytes a weight at 40 GB/s) and between
 * two (6 GB/s, input and outputs of every layer three times). More threads than processors never
 * help. */
static int useful_threads(const struct trainer *trainer) {
    const double meetings_s = 150e-6, work_flops = 100e9, work_bytes_s = 40e9, fetch_bytes_s = 6e9;
    double weights = 0, numbers = trainer->mlp.n_inputs;
    for (int k = 0; k < trainer->mlp.n_layers; k++) {
        weights += (double)trainer->mlp.layers[k].in * trainer->mlp.layers[k].out;
        numbers += trainer->mlp.layers[k].out;
    }
    double work_s = weights * (6.0 * trainer->B / work_flops + 20 / work_bytes_s);
    double together_s = meetings_s + 12 * numbers * trainer->B / fetch_bytes_s;
    return trainer_threads(trainer, work_s / together_s);
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
    trainer->norm_parts = arena_doubles(arena, (size_t)trainer_blocks(mlp->n_params));
}

static void layout_population(struct trainer *trainer, struct arena *arena) {
    long n = trainer->dataset->n[PART_TRAIN], most = trainer->config.norm.population_rows;
    if (trainer_needs_population(trainer))
        population_statistics_layout(&trainer->population, arena, &trainer->mlp,
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
    trainer->lr_effective = learning_rate_effective(&config->optimizer, trainer->B);
    mlp_create(&trainer->mlp, &config->model, &config->norm, dataset->n_features,
               dataset->n_classes);
    trainer->team_size = useful_threads(trainer);
    layout(trainer, &trainer->arena);
    layout_population(trainer, &trainer->arena);
}

void trainer_release(struct trainer *trainer) {
    workspace_free(&trainer->batch);
    population_statistics_free(&trainer->population);
    mlp_free(&trainer->mlp);
    arena_free(&trainer->arena);
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

enum status trainer_create(struct trainer **result, const struct run_config *config,
                           const struct dataset *dataset, int n_threads) {
    enum status status = check(config, dataset);
    if (!status)
        status = team_check(n_threads);
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
    layout_population(trainer, &trainer->arena);
    mlp_init(&trainer->mlp, &config->model, trainer_seed(config->seeds.init, &config->seeds));
    if (trainer_needs_population(trainer))
        team_run(trainer->team_size, trainer_refresh, trainer);
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

void trainer_pieces(struct trainer *trainer, struct pieces *pieces) {
    PIECE(pieces, trainer->step);
    pieces_add(pieces, trainer->mlp.params, trainer->state_floats * sizeof(float));
}

void trainer_layout_copy(struct trainer *copy, struct arena *arena, const struct trainer *trainer) {
    if (!copy->dataset) {
        const struct run_config *config = &trainer->config;
        *copy = (struct trainer){.config = *config,
                                 .dataset = trainer->dataset,
                                 .n_threads = trainer->n_threads,
                                 .team_size = trainer->team_size,
                                 .B = trainer->B,
                                 .steps_per_epoch = trainer->steps_per_epoch,
                                 .total_steps = trainer->total_steps,
                                 .diverged_at_step = -1,
                                 .rows_epoch = -1};
        copy->config.optimizer = (struct optimizer_config){.kind = optimizer_find("sgd")};
        copy->config.eval = (struct eval_config){0}; /* no bank */
        mlp_create(&copy->mlp, &config->model, &config->norm, trainer->mlp.n_inputs,
                   trainer->mlp.n_outputs);
    }
    layout(copy, arena);
}
