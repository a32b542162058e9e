/* The table of optimizers, and their rules of update. */
#include "engine/nn/optimizer.h"

#include <math.h>
#include <string.h>

/* ---- update rules: d = scale g + decay w is the gradient with its decay ---- */

/* w <- w - lr d */
static void update_plain(struct update u, size_t n, float *restrict w, const float *restrict g,
                         float *restrict slot0, float *restrict slot1) {
    (void)slot0, (void)slot1;
    for (size_t i = 0; i < n; i++) /* hot */
        w[i] -= u.lr * (u.scale * g[i] + u.decay * w[i]);
}

/* v <- mu v + d;  w <- w - lr v */
static void update_momentum(struct update u, size_t n, float *restrict w, const float *restrict g,
                            float *restrict v, float *restrict slot1) {
    (void)slot1;
    float mu = (float)u.config->momentum;
    for (size_t i = 0; i < n; i++) { /* hot */
        v[i] = mu * v[i] + (u.scale * g[i] + u.decay * w[i]);
        w[i] -= u.lr * v[i];
    }
}

/* v <- mu v + d;  w <- w - lr (d + mu v) */
static void update_nesterov(struct update u, size_t n, float *restrict w, const float *restrict g,
                            float *restrict v, float *restrict slot1) {
    (void)slot1;
    float mu = (float)u.config->momentum;
    for (size_t i = 0; i < n; i++) { /* hot */
        float d = u.scale * g[i] + u.decay * w[i];
        v[i] = mu * v[i] + d;
        w[i] -= u.lr * (d + mu * v[i]);
    }
}

/* Kingma & Ba 2015, algorithm 1: eps outside the root, both moments corrected for their start at 0.
 */
static void update_adam(struct update u, size_t n, float *restrict w, const float *restrict g,
                        float *restrict m, float *restrict v) {
    const struct optimizer_config *config = u.config;
    double correction1 = 1 - pow(config->beta1, (double)(u.step + 1));
    double correction2 = 1 - pow(config->beta2, (double)(u.step + 1));
    float beta1 = (float)config->beta1, beta2 = (float)config->beta2, eps = (float)config->eps;
    float rest1 = (float)(1 - config->beta1), rest2 = (float)(1 - config->beta2);
    float rate = (float)((double)u.lr / correction1), root = (float)(1 / sqrt(correction2));
    for (size_t i = 0; i < n; i++) { /* hot */
        float d = u.scale * g[i] + u.decay * w[i];
        m[i] = beta1 * m[i] + rest1 * d;
        v[i] = beta2 * v[i] + rest2 * d * d;
        w[i] -= rate * m[i] / (sqrtf(v[i]) * root + eps);
    }
}

static const struct update_rule plain = {0, update_plain}, momentum = {1, update_momentum},
                                nesterov = {1, update_nesterov}, adam = {2, update_adam};

static const struct update_rule *sgd_rule(const struct optimizer_config *config) {
    if (config->momentum == 0)
        return &plain;
    return config->nesterov ? &nesterov : &momentum;
}

static const struct update_rule *adam_rule(const struct optimizer_config *config) {
    (void)config;
    return &adam;
}

/* The one list. */
static const struct optimizer rows[] = {
    {.name = "sgd", .has_velocity = true, .rule = sgd_rule},
    {.name = "adam", .has_moments = true, .rule = adam_rule},
};

const struct optimizer *optimizer_get(long index) {
    return &rows[index];
}

const char *optimizer_name(int index) {
    return (size_t)index < sizeof rows / sizeof *rows ? rows[index].name : NULL;
}

long optimizer_find(const char *name) {
    for (int i = 0; optimizer_name(i); i++)
        if (!strcmp(rows[i].name, name))
            return i;
    return -1;
}

static const struct update_rule *rule_of(const struct optimizer_config *config) {
    return rows[config->kind].rule(config);
}

int optimizer_slots(const struct optimizer_config *config) {
    return rule_of(config)->slots;
}

bool optimizer_is_momentum(const struct optimizer_config *config) {
    return rule_of(config) == &momentum && config->weight_decay == 0 && config->clip == 0;
}

void optimizer_update(struct update update, size_t n, float *w, const float *g,
                      float *const slots[OPTIMIZER_SLOTS]) {
    rule_of(update.config)->update(update, n, w, g, slots[0], slots[1]);
}
