/* Optimizers. An optimizer is a row of the table in optimizer.c, a word
 * of optimizer.kind; it works elementwise over the flat block of parameters. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum decay_on { DECAY_WEIGHTS, DECAY_ALL };

/* What the keys optimizer.* say. */
struct optimizer_config {
    long kind; /* row of the table */
    double lr;
    long lr_scaling; /* row of its table, against lr_reference_batch */
    long lr_reference_batch;
    long schedule;         /* row of its table */
    double warmup;         /* share of the steps with a linear rise to the full rate */
    const double *step_at; /* schedule step: shares of the run, ascending */
    int n_step_at;
    double step_factor;
    double end_factor; /* schedule exponential: the rate after the last step over the first's */
    double momentum;   /* of rows with a velocity: v <- mu*v + g */
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

/* Floats of optimizer state a parameter needs. */
int optimizer_slots(const struct optimizer_config *config);
/* Is an update of the weights v <- mu v + g, w <- w - lr v and nothing else? */
bool optimizer_is_momentum(const struct optimizer_config *config);

/* One update of n parameters w from gradients g of the loss alone; decay is added here. slots:
 * [optimizer_slots][n] as pointers. */
void optimizer_update(struct update update, size_t n, float *w, const float *g,
                      float *const slots[OPTIMIZER_SLOTS]);
