/* One number a linear layer, after every epoch. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "engine/diagnostics/snapshot.h"
#include "engine/kernel/reduce.h"
#include "engine/probe/applies.h"

static size_t weights(const struct layer *layer) {
    return (size_t)layer->in * (size_t)layer->out;
}

static double norm_of(size_t n, const float *x) {
    return sqrt(reduce_dot(n, x, x));
}

static bool can_die(const struct probe *probe, const struct trainer *trainer, int layer) {
    return applies_to_hidden(probe, trainer, layer) &&
           trainer->mlp.layers[layer].activation->can_die;
}

static void gradient_norm(const struct probe_view *view, int layer, double *out) {
    const struct layer *at = &view->trainer->mlp.layers[layer];
    out[0] = norm_of(weights(at), at->dW);
}

static void weight_norm(const struct probe_view *view, int layer, double *out) {
    const struct layer *at = &view->trainer->mlp.layers[layer];
    out[0] = norm_of(weights(at), at->W);
}

/* Adam's update does not shrink as the gradient does where W grows: its effective rate would be
 * another. */
static bool follows_gradient(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe, (void)layer;
    return !optimizer_get(trainer->config.optimizer.kind)->has_moments;
}

/* lr / |W|^2, van Laarhoven 2017: where W's scale does not matter to the layer's output,
 * a gradient step of rate lr turns W as one of this rate turns W / |W|. */
static void effective_lr(const struct probe_view *view, int layer, double *out) {
    const struct trainer *trainer = view->trainer;
    const struct layer *at = &trainer->mlp.layers[layer];
    double lr = learning_rate_at(&trainer->config.optimizer, trainer->B, trainer->step - 1,
                                 trainer->total_steps);
    out[0] = lr / reduce_dot(weights(at), at->W, at->W);
}

static void update_ratio(const struct probe_view *view, int layer, double *out) {
    const struct mlp *mlp = &view->trainer->mlp;
    const struct layer *at = &mlp->layers[layer];
    const struct last_update *update = view->state;
    const float *before = update->before + (at->W - mlp->params);
    out[0] = sqrt(reduce_distance(weights(at), at->W, before)) / norm_of(weights(at), before);
}

/* Numbers of a layer's output on the sample. */
static size_t sample_size(const struct probe_view *view, int layer) {
    const struct sample *sample = view->state;
    return (size_t)sample->rows * (size_t)view->trainer->mlp.layers[layer].out;
}

static void activation_mean(const struct probe_view *view, int layer, double *out) {
    const struct sample *sample = view->state;
    size_t n = sample_size(view, layer);
    out[0] = reduce_sum(n, sample->workspace.a[layer]) / (double)n;
}

static void activation_deviation(const struct probe_view *view, int layer, double *out) {
    const struct sample *sample = view->state;
    size_t n = sample_size(view, layer);
    const float *a = sample->workspace.a[layer];
    double mean = reduce_sum(n, a) / (double)n;
    out[0] = sqrt(reduce_squares(n, a, mean) / (double)n);
}

static bool unit_is_dead(const float *a, int rows, int D, int j) {
    for (int b = 0; b < rows; b++)
        if (a[(long)b * D + j] != 0.0f)
            return false;
    return true;
}

static void dead_units(const struct probe_view *view, int layer, double *out) {
    const struct sample *sample = view->state;
    int D = view->trainer->mlp.layers[layer].out, dead = 0;
    for (int j = 0; j < D; j++)
        dead += unit_is_dead(sample->workspace.a[layer], sample->rows, D, j);
    out[0] = (double)dead / D;
}

/* The normalizer's state called `name`, running and of the sample; false where it has none. */
static bool find_state(const struct probe_view *view, int layer, const char *name,
                       const float **running, const float **sample) {
    const struct mlp *mlp = &view->trainer->mlp;
    const struct norm *norm = mlp->layers[layer].norm;
    const struct sample_states *states = view->state;
    *running = *sample = NULL;
    for (int i = 0; norm && i < norm_fields(norm->kind->state); i++)
        if (norm->state[i] && !strcmp(norm->kind->state[i].name, name)) {
            *running = norm->state[i];
            *sample = states->states + (norm->state[i] - mlp->states);
            return true;
        }
    return false;
}

static bool has_running_mean_and_var(const struct probe *probe, const struct trainer *trainer,
                                     int layer) {
    (void)probe;
    const struct layer *at = &trainer->mlp.layers[layer];
    return layer_owns(at, "running_mean", NORM_OF_UNIT) &&
           layer_owns(at, "running_var", NORM_OF_UNIT);
}

/* Root mean square over the units of (running mean - sample mean) / sample deviation; a unit
 * without deviation is left out. */
static void running_mean_gap(const struct probe_view *view, int layer, double *out) {
    const float *mean, *var, *sample_mean, *sample_var;
    find_state(view, layer, "running_mean", &mean, &sample_mean);
    find_state(view, layer, "running_var", &var, &sample_var);
    assert(mean && var); /* has_running_mean_and_var */
    double square = 0;
    int n = 0;
    for (int j = 0; j < view->trainer->mlp.layers[layer].out; j++) {
        double d = (double)mean[j] - (double)sample_mean[j];
        if (sample_var[j] > 0) {
            square += d * d / (double)sample_var[j];
            n++;
        }
    }
    out[0] = n ? sqrt(square / n) : NAN;
}

/* Geometric mean over the units of running variance / sample variance; units with a zero are left
 * out. */
static void running_var_ratio(const struct probe_view *view, int layer, double *out) {
    const float *var, *sample_var;
    find_state(view, layer, "running_var", &var, &sample_var);
    assert(var);
    double total = 0;
    int n = 0;
    for (int j = 0; j < view->trainer->mlp.layers[layer].out; j++)
        if (var[j] > 0 && sample_var[j] > 0) {
            total += log((double)var[j] / (double)sample_var[j]);
            n++;
        }
    out[0] = n ? exp(total / n) : NAN;
}

#define SAMPLE_COST "a pass over 1,000 training rows"

const struct probe probe_layer_rows[] = {
    {"gradient_norm", UNIT_OF_LOSS,
     "Euclidean norm of the loss's gradient of W, last mini-batch of the epoch",
     "a pass over the gradient", PROBE_LAYER, LOG_FULL, &diagnostic_gradient, NULL, gradient_norm},
    {"weight_norm", "1", "Euclidean norm of W", "a pass over the weights", PROBE_LAYER, LOG_FULL,
     NULL, NULL, weight_norm},
    {"effective_lr", "1",
     "effective learning rate: that of the last update over the square of weight_norm; each "
     "gradient acts 1/(1 - momentum) times that in all",
     "a pass over the weights", PROBE_LAYER, LOG_FULL, NULL, follows_gradient, effective_lr},
    {"update_ratio", "1", "norm of the last update of W over the norm of W before it",
     "a copy of the parameters", PROBE_LAYER, LOG_FULL, &diagnostic_update, NULL, update_ratio},
    {"activation_mean", "1",
     "mean over units and 1,000 training rows of the activation, running statistics", SAMPLE_COST,
     PROBE_LAYER, LOG_FULL, &diagnostic_sample, applies_to_hidden, activation_mean},
    {"activation_deviation", "1",
     "standard deviation over units and 1,000 training rows of the activation, running statistics",
     SAMPLE_COST, PROBE_LAYER, LOG_FULL, &diagnostic_sample, applies_to_hidden,
     activation_deviation},
    {"dead_units", "1", "share of ReLU units that are 0 on all of 1,000 training rows", SAMPLE_COST,
     PROBE_LAYER, LOG_FULL, &diagnostic_sample, can_die, dead_units},
    {"running_mean_gap", "1",
     "distance of the running mean from that of 1,000 training rows, in their deviations (rms over "
     "units)",
     SAMPLE_COST " in training mode", PROBE_LAYER, LOG_FULL, &diagnostic_sample_states,
     has_running_mean_and_var, running_mean_gap},
    {"running_var_ratio", "1",
     "running variance over the variance on 1,000 training rows (geometric mean over units)",
     SAMPLE_COST " in training mode", PROBE_LAYER, LOG_FULL, &diagnostic_sample_states,
     has_running_mean_and_var, running_var_ratio},
    {0},
};
