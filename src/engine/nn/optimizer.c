#include "engine/nn/optimizer.h"

#include <math.h>

double optimizer_lr_effective(const struct optimizer_config *config, long batch_size) {
    double ratio = (double)batch_size / (double)config->lr_reference_batch;
    switch ((enum lr_scaling)config->lr_scaling) {
    case LR_SCALING_NONE:
        return config->lr;
    case LR_SCALING_LINEAR:
        return config->lr * ratio;
    case LR_SCALING_SQRT:
        return config->lr * sqrt(ratio);
    }
    return config->lr;
}

/* Share of the run, 0 at the first step after the warm-up, below 1 at the last. */
static double schedule_share(const struct optimizer_config *config, long step, long total_steps) {
    long warmup = (long)ceil(config->warmup * (double)total_steps);
    return (double)(step - warmup) / (double)(total_steps - warmup);
}

double optimizer_lr_at(const struct optimizer_config *config, long batch_size, long step,
                       long total_steps) {
    double lr = optimizer_lr_effective(config, batch_size);
    long warmup = (long)ceil(config->warmup * (double)total_steps);
    if (step < warmup)
        return lr * (double)(step + 1) / (double)warmup;
    const double pi = 3.141592653589793;
    switch ((enum schedule)config->schedule) {
    case SCHEDULE_CONSTANT:
        return lr;
    case SCHEDULE_STEP:
        for (int i = 0; i < config->n_step_at; i++)
            if ((double)step >= config->step_at[i] * (double)total_steps)
                lr *= config->step_factor;
        return lr;
    case SCHEDULE_COSINE:
        return lr * (1 + cos(pi * schedule_share(config, step, total_steps))) / 2;
    }
    return lr;
}

int optimizer_slots(const struct optimizer_config *config) {
    if (config->kind == OPTIMIZER_ADAM)
        return 2;
    return config->momentum != 0;
}

bool optimizer_is_momentum(const struct optimizer_config *config) {
    return config->kind == OPTIMIZER_SGD && config->momentum != 0 && !config->nesterov &&
           config->weight_decay == 0 && config->clip == 0;
}

/* What one update needs, rounded once. */
struct coefficients {
    float lr, decay, scale, momentum;
};

/* w <- w - lr g */
static void update_plain(struct coefficients c, size_t n, float *restrict w,
                         const float *restrict g) {
    for (size_t i = 0; i < n; i++) /* hot */
        w[i] -= c.lr * (c.scale * g[i] + c.decay * w[i]);
}

/* v <- mu v + g;  w <- w - lr v */
static void update_momentum(struct coefficients c, size_t n, float *restrict w,
                            const float *restrict g, float *restrict v) {
    for (size_t i = 0; i < n; i++) { /* hot */
        v[i] = c.momentum * v[i] + (c.scale * g[i] + c.decay * w[i]);
        w[i] -= c.lr * v[i];
    }
}

/* v <- mu v + g;  w <- w - lr (g + mu v) */
static void update_nesterov(struct coefficients c, size_t n, float *restrict w,
                            const float *restrict g, float *restrict v) {
    for (size_t i = 0; i < n; i++) { /* hot */
        float d = c.scale * g[i] + c.decay * w[i];
        v[i] = c.momentum * v[i] + d;
        w[i] -= c.lr * (d + c.momentum * v[i]);
    }
}

/* Kingma & Ba 2015, algorithm 1: eps outside the root, both moments corrected for their start at 0.
 */
static void update_adam(const struct optimizer_config *config, struct coefficients c, long step,
                        size_t n, float *restrict w, const float *restrict g, float *restrict m,
                        float *restrict v) {
    double correction1 = 1 - pow(config->beta1, (double)(step + 1));
    double correction2 = 1 - pow(config->beta2, (double)(step + 1));
    float beta1 = (float)config->beta1, beta2 = (float)config->beta2, eps = (float)config->eps;
    float rest1 = (float)(1 - config->beta1), rest2 = (float)(1 - config->beta2);
    float rate = (float)((double)c.lr / correction1), root = (float)(1 / sqrt(correction2));
    for (size_t i = 0; i < n; i++) { /* hot */
        float d = c.scale * g[i] + c.decay * w[i];
        m[i] = beta1 * m[i] + rest1 * d;
        v[i] = beta2 * v[i] + rest2 * d * d;
        w[i] -= rate * m[i] / (sqrtf(v[i]) * root + eps);
    }
}

void optimizer_update(const struct optimizer_config *config, double lr, double weight_decay,
                      float scale, long step, size_t n, float *w, const float *g,
                      float *const slots[2]) {
    struct coefficients c = {(float)lr, (float)weight_decay, scale, (float)config->momentum};
    if (config->kind == OPTIMIZER_ADAM)
        update_adam(config, c, step, n, w, g, slots[0], slots[1]);
    else if (config->momentum == 0)
        update_plain(c, n, w, g);
    else if (config->nesterov)
        update_nesterov(c, n, w, g, slots[0]);
    else
        update_momentum(c, n, w, g, slots[0]);
}
