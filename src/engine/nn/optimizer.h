/* Optimizers and learning-rate schedules. An optimizer is a row of the table in optimizer.c, a word
 * of optimizer.kind; it works elementwise over the flat block of parameters. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum schedule { SCHEDULE_CONSTANT, SCHEDULE_STEP, SCHEDULE_COSINE };
enum lr_scaling { LR_SCALING_NONE, LR_SCALING_LINEAR, LR_SCALING_SQRT };
enum decay_on { DECAY_WEIGHTS, DECAY_ALL };

/* What the keys optimizer.* say. */
struct optimizer_config {
    long kind; /* row of the table */
    double lr;
    long lr_scaling; /* enum lr_scaling, against lr_reference_batch */
    long lr_reference_batch;
    long schedule;         /* enum schedule */
    double warmup;         /* share of the steps with a linear rise to the full rate */
    const double *step_at; /* schedule step: shares of the run, ascending */
    int n_step_at;
    double step_factor;
    double momentum; /* of rows with a velocity: v <- mu*v + g */
    bool nesterov;
    double beta1, beta2, eps; /* of rows with moments */
    double weight_decay;      /* coupled: g <- g + weight_decay * w */
    long decay_on; /* enum decay_on: weight matrices only, or biases, gamma and beta too */
    double clip;   /* largest norm of the loss's gradient; 0: no limit */
};

enum { OPTIMIZER_SLOTS = 2 }; /* most vectors of state that a rule keeps */

/* One update of n parameters. */
struct update {
    const struct optimizer_config *config;
    long step; /* 0-based */
    float lr, decay;
    float scale; /* of the gradient: clipping */
};

/* What an optimizer does at given settings; `slots` are its vectors of state, [n] each. */
struct update_rule {
    int slots;
    void (*update)(struct update update, size_t n, float *restrict w, const float *restrict g,
                   float *restrict slot0, float *restrict slot1);
};

struct optimizer {
    const char *name;
    bool has_velocity; /* optimizer.momentum and optimizer.nesterov apply */
    bool has_moments;  /* optimizer.beta1, optimizer.beta2 and optimizer.eps apply */
    const struct update_rule *(*rule)(const struct optimizer_config *config);
};

const struct optimizer *optimizer_get(long index);
long optimizer_find(const char *name); /* -1: unknown */
/* The word of optimizer.kind; NULL past the last. */
const char *optimizer_name(int index);

/* lr times what the scaling makes of it for this batch size: none 1, linear B/reference, sqrt of
 * that. */
double optimizer_lr_effective(const struct optimizer_config *config, long batch_size);
/* The rate of update `step` (0-based) of `total_steps`. */
double optimizer_lr_at(const struct optimizer_config *config, long batch_size, long step,
                       long total_steps);
/* Floats of optimizer state a parameter needs. */
int optimizer_slots(const struct optimizer_config *config);
/* Is an update of the weights v <- mu v + g, w <- w - lr v and nothing else? */
bool optimizer_is_momentum(const struct optimizer_config *config);

/* One update of n parameters w from gradients g of the loss alone; decay is added here. slots:
 * [optimizer_slots][n] as pointers. */
void optimizer_update(struct update update, size_t n, float *w, const float *g,
                      float *const slots[OPTIMIZER_SLOTS]);
