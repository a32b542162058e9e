#include "tests/oracle/oracle.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *take(size_t n) {
    void *memory = calloc(n ? n : 1, sizeof(double));
    assert(memory);
    return memory;
}

/* ---- rounding errors ---- */

/* Uniform in -1..1 (SplitMix64, Steele, Lea & Flood 2014). */
static double next_error(struct oracle_noise *noise) {
    uint64_t z = noise->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)(int64_t)(z ^ (z >> 31)) * 0x1p-63;
}

/* A value as a float32 program would have it, whose terms were as large as `magnitude`. */
static double rounded(struct oracle_noise *noise, double value, double magnitude) {
    if (!noise || noise->size == 0)
        return value;
    return value + noise->size * magnitude * next_error(noise);
}

static double rounded_self(struct oracle_noise *noise, double value) {
    return rounded(noise, value, fabs(value));
}

/* ---- normalizers ---- */

enum oracle_kind oracle_kind_find(const char *name) {
    static const char *const names[] = {"none", "batch", "layer"};
    for (int i = 0; i < 3; i++)
        if (!strcmp(names[i], name))
            return (enum oracle_kind)i;
    return ORACLE_UNKNOWN;
}

/* The values that are normalized together: m of them, `stride` apart. */
struct group {
    int m;
    size_t first, stride;
};

static int group_count(const struct oracle_norm *norm, int B) {
    return norm->kind == ORACLE_BATCH ? norm->D : B;
}

/* Batch norm: a column of the mini-batch. Layer norm: a row. */
static struct group group_get(const struct oracle_norm *norm, int B, int index) {
    if (norm->kind == ORACLE_BATCH)
        return (struct group){B, (size_t)index, (size_t)norm->D};
    return (struct group){norm->D, (size_t)index * (size_t)norm->D, 1};
}

static double group_mean(struct group group, const double *x) {
    double sum = 0;
    for (int i = 0; i < group.m; i++)
        sum += x[group.first + (size_t)i * group.stride];
    return sum / group.m;
}

/* The biased variance: mean of (x - mean)^2. */
static double group_variance(struct group group, const double *x, double mean) {
    double sum = 0;
    for (int i = 0; i < group.m; i++) {
        double d = x[group.first + (size_t)i * group.stride] - mean;
        sum += d * d;
    }
    return sum / group.m;
}

static double scale_of(const struct oracle_norm *norm, size_t element) {
    return norm->gamma.n ? norm->gamma.w[element % (size_t)norm->D] : 1;
}

static double shift_of(const struct oracle_norm *norm, size_t element) {
    return norm->beta.n ? norm->beta.w[element % (size_t)norm->D] : 0;
}

/* xhat = (x - mean) / sqrt(var + eps); y = gamma xhat + beta */
void oracle_norm_forward(const struct oracle_norm *norm, struct oracle_noise *noise, int B,
                         const double *x, double *y) {
    if (norm->kind == ORACLE_NONE) {
        memcpy(y, x, (size_t)B * (size_t)norm->D * sizeof *y);
        return;
    }
    for (int index = 0; index < group_count(norm, B); index++) {
        struct group group = group_get(norm, B, index);
        double mean = group_mean(group, x);
        double variance = group_variance(group, x, mean);
        double deviation = rounded_self(noise, sqrt(variance + norm->eps));
        mean = rounded_self(noise, mean);
        for (int i = 0; i < group.m; i++) {
            size_t at = group.first + (size_t)i * group.stride;
            double xhat = rounded_self(noise, (x[at] - mean) / deviation);
            y[at] = rounded_self(noise, scale_of(norm, at) * xhat + shift_of(norm, at));
        }
    }
}

/* The chain rule of Ioffe & Szegedy 2015, section 3, for the values of one group:
 *   dxhat = dy gamma
 *   dvar  = sum dxhat (x - mean) (-1/2) (var + eps)^(-3/2)
 *   dmean = sum dxhat (-1/sqrt(var + eps)) + dvar mean(-2 (x - mean))
 *   dx    = dxhat / sqrt(var + eps) + dvar 2 (x - mean) / m + dmean / m */
static void group_backward(const struct oracle_norm *norm, struct oracle_noise *noise,
                           struct group group, const double *x, const double *dy, double *dx) {
    double m = group.m;
    double mean = group_mean(group, x);
    double inside = group_variance(group, x, mean) + norm->eps;
    mean = rounded_self(noise, mean);
    double dvar = 0, dmean = 0, centred = 0;
    for (int i = 0; i < group.m; i++) {
        size_t at = group.first + (size_t)i * group.stride;
        double dxhat = dy[at] * scale_of(norm, at);
        dvar += dxhat * (x[at] - mean) * -0.5 * pow(inside, -1.5);
        dmean += dxhat * -1 / sqrt(inside);
        centred += -2 * (x[at] - mean);
    }
    dmean += dvar * centred / m;
    dvar = rounded_self(noise, dvar);
    dmean = rounded_self(noise, dmean);
    for (int i = 0; i < group.m; i++) {
        size_t at = group.first + (size_t)i * group.stride;
        double dxhat = rounded_self(noise, dy[at] * scale_of(norm, at));
        double first = dxhat / sqrt(inside), second = dvar * 2 * (x[at] - mean) / m;
        double third = dmean / m;
        dx[at] = rounded(noise, first + second + third, fabs(first) + fabs(second) + fabs(third));
    }
}

/* dgamma = sum over rows of dy xhat, dbeta = sum over rows of dy */
static void param_backward(struct oracle_norm *norm, struct oracle_noise *noise, struct group group,
                           const double *x, const double *dy) {
    double mean = group_mean(group, x);
    double deviation = sqrt(group_variance(group, x, mean) + norm->eps);
    mean = rounded_self(noise, mean);
    for (int i = 0; i < group.m; i++) {
        size_t at = group.first + (size_t)i * group.stride;
        size_t j = at % (size_t)norm->D;
        norm->gamma.g[j] += rounded_self(noise, dy[at] * (x[at] - mean) / deviation);
        norm->beta.g[j] += rounded_self(noise, dy[at]);
    }
}

void oracle_norm_backward(struct oracle_norm *norm, struct oracle_noise *noise, int B,
                          const double *x, const double *dy, double *dx) {
    if (norm->kind == ORACLE_NONE) {
        memcpy(dx, dy, (size_t)B * (size_t)norm->D * sizeof *dx);
        return;
    }
    for (size_t j = 0; j < norm->gamma.n; j++)
        norm->gamma.g[j] = norm->beta.g[j] = 0;
    for (int index = 0; index < group_count(norm, B); index++) {
        struct group group = group_get(norm, B, index);
        if (norm->gamma.n)
            param_backward(norm, noise, group, x, dy);
        group_backward(norm, noise, group, x, dy, dx);
    }
}

void oracle_norm_running(struct oracle_norm *norm, int B, const double *x, double update) {
    if (norm->kind != ORACLE_BATCH || update == 0)
        return;
    for (int j = 0; j < norm->D; j++) {
        struct group group = group_get(norm, B, j);
        double mean = group_mean(group, x);
        double variance = group_variance(group, x, mean);
        if (!norm->biased)
            variance *= B / (B - 1.0);
        norm->mean[j] = (1 - update) * norm->mean[j] + update * mean;
        norm->var[j] = (1 - update) * norm->var[j] + update * variance;
    }
}

void oracle_norm_eval(const struct oracle_norm *norm, int B, const double *x, double *y) {
    if (norm->kind != ORACLE_BATCH) {
        oracle_norm_forward(norm, NULL, B, x, y);
        return;
    }
    for (size_t at = 0; at < (size_t)B * (size_t)norm->D; at++) {
        size_t j = at % (size_t)norm->D;
        double xhat = (x[at] - norm->mean[j]) / sqrt(norm->var[j] + norm->eps);
        y[at] = scale_of(norm, at) * xhat + shift_of(norm, at);
    }
}

/* ---- activations and losses ---- */

static double activate(enum oracle_activation f, double z) {
    switch (f) {
    case ORACLE_RELU:
        return z > 0 ? z : 0;
    case ORACLE_SIGMOID:
        return 1 / (1 + exp(-z));
    case ORACLE_TANH:
        return tanh(z);
    default:
        return z;
    }
}

/* f'(z), from the activation's input. */
static double activation_slope(enum oracle_activation f, double z) {
    switch (f) {
    case ORACLE_RELU:
        return z > 0 ? 1 : 0;
    case ORACLE_SIGMOID:
        return exp(-fabs(z)) / pow(1 + exp(-fabs(z)), 2);
    case ORACLE_TANH:
        return 1 / pow(cosh(z), 2);
    default:
        return 1;
    }
}

/* log sum exp z, with the largest taken out */
static double log_sum_exp(const double *z, int K) {
    double largest = z[0], sum = 0;
    for (int k = 1; k < K; k++)
        largest = fmax(largest, z[k]);
    for (int k = 0; k < K; k++)
        sum += exp(z[k] - largest);
    return largest + log(sum);
}

static double row_loss(enum oracle_loss loss, const double *z, int K, int label) {
    if (loss == ORACLE_CROSS_ENTROPY)
        return log_sum_exp(z, K) - z[label];
    double sum = 0;
    for (int k = 0; k < K; k++)
        sum += 0.5 * pow(z[k] - (k == label), 2);
    return sum;
}

static void row_gradient(enum oracle_loss loss, const double *z, int K, int label, double *dz) {
    double normalizer = loss == ORACLE_CROSS_ENTROPY ? log_sum_exp(z, K) : 0;
    for (int k = 0; k < K; k++) {
        double predicted = loss == ORACLE_CROSS_ENTROPY ? exp(z[k] - normalizer) : z[k];
        dz[k] = predicted - (k == label);
    }
}

/* ---- the network ---- */

static void tensor_create(struct oracle *oracle, struct oracle_tensor *tensor, size_t n,
                          bool is_weight, double initial) {
    *tensor = (struct oracle_tensor){n, is_weight, take(n), take(n), take(n), take(n)};
    for (size_t i = 0; i < n; i++)
        tensor->w[i] = initial;
    oracle->tensors[oracle->n_tensors++] = tensor;
}

static void norm_create(struct oracle *oracle, struct oracle_norm *norm, int D) {
    const struct oracle_config *config = &oracle->config;
    norm->kind = config->kind;
    norm->D = D;
    norm->eps = config->norm_eps;
    norm->biased = config->biased;
    if (config->affine && config->kind != ORACLE_NONE) {
        tensor_create(oracle, &norm->gamma, (size_t)D, false, 1);
        tensor_create(oracle, &norm->beta, (size_t)D, false, 0);
    }
    norm->mean = take((size_t)D);
    norm->var = take((size_t)D);
    for (int j = 0; j < D; j++)
        norm->var[j] = 1;
}

/* A bias has no effect where batch norm follows the linear layer with nothing in between. */
static bool wants_bias(const struct oracle_config *config, const struct oracle_layer *layer) {
    if (config->bias != ORACLE_BIAS_AUTO)
        return config->bias == ORACLE_BIAS_ON;
    bool direct = !layer->after || layer->activation == ORACLE_IDENTITY;
    return !(layer->has_norm && direct && config->kind == ORACLE_BATCH);
}

static void layer_create(struct oracle *oracle, int k, int in, int out, bool last) {
    const struct oracle_config *config = &oracle->config;
    struct oracle_layer *layer = &oracle->layers[k];
    layer->in = in;
    layer->out = out;
    layer->activation = last ? ORACLE_IDENTITY : config->activation;
    layer->has_norm = !last || config->on_output;
    layer->after = !last && config->after;
    tensor_create(oracle, &layer->W, (size_t)in * (size_t)out, true, 0);
    if (wants_bias(config, layer))
        tensor_create(oracle, &layer->b, (size_t)out, false, 0);
    layer->norm.D = out;
    if (layer->has_norm)
        norm_create(oracle, &layer->norm, out);
    size_t n = (size_t)oracle->max_rows * (size_t)out;
    layer->z = take(n);
    layer->mid = take(n);
    layer->y = take(n);
}

struct oracle *oracle_create(const struct oracle_config *config, int max_rows) {
    struct oracle *oracle = calloc(1, sizeof *oracle);
    assert(oracle && config->n_hidden < ORACLE_LAYERS);
    oracle->config = *config;
    oracle->max_rows = max_rows;
    oracle->n_layers = config->n_hidden + 1;
    oracle->input_norm.D = config->n_inputs;
    if (config->on_input)
        norm_create(oracle, &oracle->input_norm, config->n_inputs);
    int in = config->n_inputs, widest = in;
    for (int k = 0; k < oracle->n_layers; k++) {
        bool last = k == config->n_hidden;
        int out = last ? config->n_outputs : config->hidden[k];
        layer_create(oracle, k, in, out, last);
        in = out;
        widest = out > widest ? out : widest;
    }
    size_t n = (size_t)max_rows * (size_t)widest;
    oracle->x = take(n);
    oracle->y0 = take(n);
    oracle->dy = take(n);
    oracle->dx = take(n);
    oracle->output = oracle->layers[config->n_hidden].y;
    return oracle;
}

void oracle_free(struct oracle *oracle) {
    if (!oracle)
        return;
    for (int i = 0; i < oracle->n_tensors; i++) {
        struct oracle_tensor *t = oracle->tensors[i];
        double *parts[] = {t->w, t->g, t->m, t->v};
        for (int part = 0; part < 4; part++)
            free(parts[part]);
    }
    for (int k = 0; k < oracle->n_layers; k++) {
        struct oracle_layer *layer = &oracle->layers[k];
        double *parts[] = {layer->z, layer->mid, layer->y, layer->norm.mean, layer->norm.var};
        for (int part = 0; part < 5; part++)
            free(parts[part]);
    }
    double *parts[] = {oracle->x,
                       oracle->y0,
                       oracle->dy,
                       oracle->dx,
                       oracle->input_norm.mean,
                       oracle->input_norm.var};
    for (int part = 0; part < 6; part++)
        free(parts[part]);
    free(oracle);
}

/* z = x W + b, element by element */
static void linear_forward(struct oracle *oracle, struct oracle_layer *layer, int B,
                           const double *x) {
    for (int b = 0; b < B; b++) {
        for (int j = 0; j < layer->out; j++) {
            double sum = layer->b.n ? layer->b.w[j] : 0, size = fabs(sum);
            for (int i = 0; i < layer->in; i++) {
                double term = x[b * layer->in + i] * layer->W.w[i * layer->out + j];
                sum += term;
                size += fabs(term);
            }
            size = fabs(sum) + size / sqrt(layer->in);
            layer->z[b * layer->out + j] = rounded(&oracle->noise, sum, size);
        }
    }
}

static void activation_apply(struct oracle *oracle, enum oracle_activation f, size_t n,
                             const double *z, double *a) {
    for (size_t i = 0; i < n; i++) {
        a[i] = rounded_self(&oracle->noise, activate(f, z[i]));
        if (f == ORACLE_RELU)
            oracle->kink = fmin(oracle->kink, fabs(z[i]));
    }
}

static void norm_apply(struct oracle *oracle, struct oracle_norm *norm, int B, bool train,
                       double update, const double *x, double *y) {
    if (!train) {
        oracle_norm_eval(norm, B, x, y);
        return;
    }
    oracle_norm_forward(norm, &oracle->noise, B, x, y);
    oracle_norm_running(norm, B, x, update);
}

static void forward(struct oracle *oracle, int B, const double *x, bool train, double update) {
    assert(B <= oracle->max_rows);
    oracle->kink = INFINITY;
    memcpy(oracle->x, x, (size_t)B * (size_t)oracle->config.n_inputs * sizeof *x);
    norm_apply(oracle, &oracle->input_norm, B, train, update, oracle->x, oracle->y0);
    const double *input = oracle->y0;
    for (int k = 0; k < oracle->n_layers; k++) {
        struct oracle_layer *layer = &oracle->layers[k];
        size_t n = (size_t)B * (size_t)layer->out;
        linear_forward(oracle, layer, B, input);
        if (layer->after) {
            activation_apply(oracle, layer->activation, n, layer->z, layer->mid);
            norm_apply(oracle, &layer->norm, B, train, update, layer->mid, layer->y);
        } else {
            norm_apply(oracle, &layer->norm, B, train, update, layer->z, layer->mid);
            activation_apply(oracle, layer->activation, n, layer->mid, layer->y);
        }
        input = layer->y;
    }
}

void oracle_forward(struct oracle *oracle, int B, const double *x, double update) {
    forward(oracle, B, x, true, update);
}

void oracle_forward_eval(struct oracle *oracle, int B, const double *x) {
    forward(oracle, B, x, false, 0);
}

double oracle_loss(const struct oracle *oracle, int B, const int *labels) {
    int K = oracle->config.n_outputs;
    double sum = 0;
    for (int b = 0; b < B; b++)
        sum += row_loss(oracle->config.loss, oracle->output + b * K, K, labels[b]);
    return sum / B;
}

double oracle_error(const struct oracle *oracle, int B, const int *labels) {
    int K = oracle->config.n_outputs, wrong = 0;
    for (int b = 0; b < B; b++) {
        const double *z = oracle->output + b * K;
        int best = 0;
        for (int k = 1; k < K; k++)
            if (z[k] > z[best])
                best = k;
        wrong += best != labels[b];
    }
    return (double)wrong / B;
}

/* A program that takes the slope from the activation's float32 output, a (1 - a) or 1 - a^2, has it
 * no better than to the rounding of 1. */
static double slope_magnitude(enum oracle_activation f) {
    return f == ORACLE_SIGMOID ? 1 : f == ORACLE_TANH ? 2 : 0;
}

static void slope_apply(struct oracle *oracle, enum oracle_activation f, size_t n, const double *z,
                        const double *dy, double *dx) {
    for (size_t i = 0; i < n; i++) {
        double slope = activation_slope(f, z[i]);
        slope = rounded(&oracle->noise, slope, slope_magnitude(f));
        dx[i] = rounded_self(&oracle->noise, dy[i] * slope);
    }
}

static void swap_gradients(struct oracle *oracle) {
    double *dy = oracle->dy;
    oracle->dy = oracle->dx;
    oracle->dx = dy;
}

/* dW = x' dz, db = sum over rows of dz */
static void linear_backward_params(struct oracle *oracle, struct oracle_layer *layer, int B,
                                   const double *x, const double *dz) {
    for (int j = 0; j < layer->out; j++) {
        for (int i = 0; i < layer->in; i++) {
            double sum = 0, size = 0;
            for (int b = 0; b < B; b++) {
                double term = x[b * layer->in + i] * dz[b * layer->out + j];
                sum += term;
                size += fabs(term);
            }
            size = fabs(sum) + size / sqrt(B);
            layer->W.g[i * layer->out + j] = rounded(&oracle->noise, sum, size);
        }
        double sum = 0, size = 0;
        for (int b = 0; b < B; b++) {
            sum += dz[b * layer->out + j];
            size += fabs(dz[b * layer->out + j]);
        }
        if (layer->b.n)
            layer->b.g[j] = rounded(&oracle->noise, sum, size / sqrt(B));
    }
}

/* dx = dz W' */
static void linear_backward_input(struct oracle *oracle, struct oracle_layer *layer, int B,
                                  const double *dz, double *dx) {
    for (int b = 0; b < B; b++) {
        for (int i = 0; i < layer->in; i++) {
            double sum = 0, size = 0;
            for (int j = 0; j < layer->out; j++) {
                double term = dz[b * layer->out + j] * layer->W.w[i * layer->out + j];
                sum += term;
                size += fabs(term);
            }
            size = fabs(sum) + size / sqrt(layer->out);
            dx[b * layer->in + i] = rounded(&oracle->noise, sum, size);
        }
    }
}

void oracle_backward(struct oracle *oracle, int B, const int *labels) {
    int K = oracle->config.n_outputs;
    for (int b = 0; b < B; b++)
        row_gradient(oracle->config.loss, oracle->output + b * K, K, labels[b], oracle->dy + b * K);
    for (int i = 0; i < B * K; i++)
        oracle->dy[i] = rounded(&oracle->noise, oracle->dy[i] / B, 1.0 / B);
    for (int k = oracle->n_layers - 1; k >= 0; k--) {
        struct oracle_layer *layer = &oracle->layers[k];
        size_t n = (size_t)B * (size_t)layer->out;
        if (layer->after) {
            oracle_norm_backward(&layer->norm, &oracle->noise, B, layer->mid, oracle->dy,
                                 oracle->dx);
            slope_apply(oracle, layer->activation, n, layer->z, oracle->dx, oracle->dy);
        } else {
            slope_apply(oracle, layer->activation, n, layer->mid, oracle->dy, oracle->dx);
            oracle_norm_backward(&layer->norm, &oracle->noise, B, layer->z, oracle->dx, oracle->dy);
        }
        const double *input = k ? oracle->layers[k - 1].y : oracle->y0;
        linear_backward_params(oracle, layer, B, input, oracle->dy);
        linear_backward_input(oracle, layer, B, oracle->dy, oracle->dx);
        swap_gradients(oracle);
    }
    oracle_norm_backward(&oracle->input_norm, &oracle->noise, B, oracle->x, oracle->dy, oracle->dx);
}

/* ---- the optimizer ---- */

static double decay_of(const struct oracle *oracle, const struct oracle_tensor *tensor) {
    return tensor->is_weight || oracle->config.decay_all ? oracle->config.weight_decay : 0;
}

double oracle_penalty(const struct oracle *oracle) {
    double sum = 0;
    for (int t = 0; t < oracle->n_tensors; t++) {
        const struct oracle_tensor *tensor = oracle->tensors[t];
        for (size_t i = 0; i < tensor->n; i++)
            sum += 0.5 * decay_of(oracle, tensor) * tensor->w[i] * tensor->w[i];
    }
    return sum;
}

/* Pascanu, Mikolov & Bengio 2013, algorithm 1: over all parameters together */
static double clip_factor(const struct oracle *oracle) {
    double sum = 0;
    for (int t = 0; t < oracle->n_tensors; t++)
        for (size_t i = 0; i < oracle->tensors[t]->n; i++)
            sum += pow(oracle->tensors[t]->g[i], 2);
    if (oracle->config.clip == 0 || sum == 0)
        return 1;
    return fmin(1, oracle->config.clip / sqrt(sum));
}

/* v <- mu v + g; w <- w - lr v; Nesterov: w <- w - lr (g + mu v) with the new v */
static double sgd_change(const struct oracle_config *config, double *v, double g) {
    *v = config->momentum * *v + g;
    return config->nesterov ? g + config->momentum * *v : *v;
}

/* m <- b1 m + (1-b1) g; v <- b2 v + (1-b2) g^2; mhat / (sqrt(vhat) + eps) */
static double adam_change(const struct oracle_config *config, double *m, double *v, double g,
                          long step) {
    double t = (double)step + 1;
    *m = config->beta1 * *m + (1 - config->beta1) * g;
    *v = config->beta2 * *v + (1 - config->beta2) * g * g;
    double mhat = *m / (1 - pow(config->beta1, t)), vhat = *v / (1 - pow(config->beta2, t));
    return mhat / (sqrt(vhat) + config->adam_eps);
}

void oracle_update(struct oracle *oracle, double lr, long step) {
    const struct oracle_config *config = &oracle->config;
    double clip = clip_factor(oracle);
    for (int t = 0; t < oracle->n_tensors; t++) {
        struct oracle_tensor *p = oracle->tensors[t];
        for (size_t i = 0; i < p->n; i++) {
            double g = clip * p->g[i] + decay_of(oracle, p) * p->w[i];
            double change = config->adam ? adam_change(config, &p->m[i], &p->v[i], g, step)
                                         : sgd_change(config, &p->v[i], g);
            p->w[i] = rounded_self(&oracle->noise, p->w[i] - lr * change);
        }
    }
}

double oracle_step(struct oracle *oracle, int B, const double *x, const int *labels, double lr,
                   long step) {
    oracle_forward(oracle, B, x, 1 - oracle->config.norm_momentum);
    double loss = oracle_loss(oracle, B, labels);
    oracle_backward(oracle, B, labels);
    oracle_update(oracle, lr, step);
    return loss;
}
