/* Optimizers and learning-rate schedules. Elementwise over the flat block of parameters. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum optimizer { OPTIMIZER_SGD, OPTIMIZER_ADAM };
enum schedule { SCHEDULE_CONSTANT, SCHEDULE_STEP, SCHEDULE_COSINE };
enum lr_scaling { LR_SCALING_NONE, LR_SCALING_LINEAR, LR_SCALING_SQRT };
enum decay_on { DECAY_WEIGHTS, DECAY_ALL };

/* What the keys optimizer.* say. */
struct optimizer_config {
    long kind; /* enum optimizer */
    double lr;
    long lr_scaling; /* enum lr_scaling, against lr_reference_batch */
    long lr_reference_batch;
    long schedule;         /* enum schedule */
    double warmup;         /* share of the steps with a linear rise to the full rate */
    const double *step_at; /* schedule step: shares of the run, ascending */
    int n_step_at;
    double step_factor;
    double momentum; /* sgd: v <- mu*v + g */
    bool nesterov;
    double beta1, beta2, eps; /* adam */
    double weight_decay;      /* coupled: g <- g + weight_decay * w */
    long decay_on; /* enum decay_on: weight matrices only, or biases, gamma and beta too */
    double clip;   /* largest norm of the loss's gradient; 0: no limit */
};

/* lr times what the scaling makes of it for this batch size: none 1, linear B/reference, sqrt of
 * that. */
double optimizer_lr_effective(const struct optimizer_config *config, long batch_size);
/* The rate of update `step` (0-based) of `total_steps`. */
double optimizer_lr_at(const struct optimizer_config *config, long batch_size, long step,
                       long total_steps);
/* Floats of optimizer state a parameter needs: 0, 1 (velocity) or 2 (moments). */
int optimizer_slots(const struct optimizer_config *config);
/* Is an update of the weights v <- mu v + g, w <- w - lr v and nothing else? */
bool optimizer_is_momentum(const struct optimizer_config *config);

/* One update of n parameters w from gradients g (of the loss alone; decay is added here, `scale` is
 * the clipping factor). slots: [optimizer_slots][n] as pointers. `step` is 0-based (Adam's bias
 * correction). */
void optimizer_update(const struct optimizer_config *config, double lr, double weight_decay,
                      float scale, long step, size_t n, float *w, const float *g,
                      float *const slots[2]);
