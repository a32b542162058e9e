/* The trainer: mini-batches, steps, the learning rate. The caller owns the loop over stretches:
 * create, advance a stretch, look, advance, ... */
#pragma once

#include "base/arena.h"
#include "base/pieces.h"
#include "engine/data/dataset.h"
#include "engine/data/order.h"
#include "engine/kernel/loss.h"
#include "engine/nn/bank.h"
#include "engine/nn/learning_rate.h"
#include "engine/nn/mlp.h"
#include "engine/nn/optimizer.h"
#include "engine/nn/population_statistics.h"

/* What the keys train.* and seeds.* say. */
struct train_config {
    long batch_size;
    long epochs;
    long steps;             /* -1: the budget is in epochs */
    long order;             /* enum train_order */
    long classes_per_batch; /* ORDER_CLASSES */
    long loss;              /* enum loss */
};

struct seed_config {
    long seed;
    long init, order, noise; /* -1: seed */
};

/* What the keys eval.* say. */
struct eval_config {
    long population_rows;  /* training rows of population statistics, at most */
    long batch_rows;       /* rows of a mini-batch of test rows; -1: train.batch_size */
    const double *momenta; /* of the bank, ascending */
    int n_momenta;
};

/* One run's configuration, typed. lab/config/keys.h fills it. */
struct run_config {
    struct data_config data;
    struct model_config model;
    struct norm_config norm;
    struct optimizer_config optimizer;
    struct train_config train;
    struct seed_config seeds;
    struct eval_config eval;
};

struct trainer {
    struct run_config config;
    const struct dataset *dataset;
    int n_threads;
    int team_size; /* threads of a step: n_threads, or fewer where it has not work enough for them
                      or OpenMP allows fewer */
    int B;
    long steps_per_epoch; /* whole mini-batches: what is left over is dropped */
    long total_steps;
    long step;             /* updates done */
    long diverged_at_step; /* -1: not; else the 0-based update whose loss was not finite */
    double lr_effective;
    struct arena arena; /* everything below; the first state_floats floats are all training state:
                           parameters, running state, optimizer slots,
                           bank */
    size_t state_floats;
    struct mlp mlp;
    float *slots[OPTIMIZER_SLOTS]; /* of the optimizer */
    struct bank bank;              /* running states beside mlp.states */
    bool keep_gradients; /* a step leaves all gradients in mlp.grads; else those of weight matrices
                            are used up on the way. Changes nothing in training. */
    struct profile *profiles; /* [n_threads], where a step's time went; NULL: nobody asks */
    struct workspace batch;
    struct population_statistics
        population;         /* of a normalizer that needs the population; else empty */
    uint32_t *rows;         /* this epoch's order of the training rows; NULL when sequential */
    uint32_t *order_room;   /* for making it; NULL where the order needs none */
    long rows_epoch;        /* epoch that `rows` holds; -1: none */
    struct target *targets; /* [B] */
    double *row_loss;       /* [B] */
    double *row_error;      /* [B] */
    double *norm_parts;     /* partial sums of squared gradients, one a fixed block */
};

/* ERROR_USAGE: the loss takes classes alone, and the targets are numbers. */
enum status train_check_loss(const struct train_config *config, const struct dataset *dataset);
/* ERROR_USAGE: no mini-batch can be made, because it is larger than the training part or because
 * its classes or their rows do not suffice. */
enum status train_check(const struct train_config *config, const struct dataset *dataset);
/* Mini-batches of an epoch, and steps that a configuration asks for; it has passed train_check. */
long train_steps_per_epoch(const struct train_config *config, const struct dataset *dataset);
long train_total_steps(const struct train_config *config, const struct dataset *dataset);
/* A trainer that is not yet in memory: its arrays are NULL, arena.used is what they will take. For
 * counting; given back with trainer_release. */
void trainer_outline(struct trainer *trainer, const struct run_config *config,
                     const struct dataset *dataset, int n_threads);
void trainer_release(struct trainer *trainer);

/* ERROR_USAGE: a batch larger than the training part, a normalizer that cannot run with it;
 * ERROR_RUN: out of memory. `trainer` is untouched on failure. */
enum status trainer_create(struct trainer **trainer, const struct run_config *config,
                           const struct dataset *dataset, int n_threads);
void trainer_free(struct trainer *trainer);
/* All that the steps to come depend on and that a new trainer of the same run does not have: filled
 * with what they held in another, it goes on where that one stood, with the same bits. Rows of an
 * epoch and noise follow from seed and step. Of a trainer that has not diverged. */
void trainer_pieces(struct trainer *trainer, struct pieces *pieces);

/* What a stretch of n steps measured; arrays of n, or NULL. All values are those of the mini-batch
 * before its update. */
struct stretch {
    double *loss;          /* mean over the mini-batch */
    double *error;         /* share of wrong answers */
    double *lr;            /* rate of the update */
    double *gradient_norm; /* of all parameters, before clipping and decay; NaN where it diverged */
};

/* `useful` threads, as far as there may be so many and there are processors; at least one. */
int trainer_threads(const struct trainer *trainer, double useful);

/* Runs up to n steps and returns how many were measured: fewer where the loss was not finite (that
 * step is measured, its update is not made) or the run is at its end.
 *
 * Where the normalizer needs_population, its state is always that of the rows and weights that step
 * `trainer->step` uses: it is taken at creation and after every update that makes the step number a
 * multiple of norm.refresh. */
long trainer_advance(struct trainer *trainer, long n, const struct stretch *stretch);

/* A second trainer of the same run, for measuring at other weights: it has its own parameters,
 * running state, gradients and mini-batch, and no optimizer. Laid out in `arena`, called twice like
 * mlp_layout; given back with trainer_release. */
void trainer_layout_copy(struct trainer *copy, struct arena *arena, const struct trainer *trainer);
/* Mean loss of the mini-batch of step `trainer->step` at the present parameters, in training mode
 * with that step's noise; nothing is updated, running state neither. With `gradient` also its
 * gradient, all of it in mlp.grads, and dL/dz of every linear layer's output z in batch.g. */
double trainer_measure(struct trainer *trainer, bool gradient);
