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
    static const char *const names[ORACLE_KINDS] = {"none",
                                                    "batch",
                                                    "layer",
                                                    "group",
                                                    "rms",
                                                    "batch_renorm",
                                                    "literal_variance",
                                                    "literal_square",
                                                    "literal_both",
                                                    "whole",
                                                    "batch_noisy",
                                                    "dropout",
                                                    "population",
                                                    "dyt",
                                                    "derf"};
    for (int i = 0; i < ORACLE_KINDS; i++)
        if (!strcmp(names[i], name))
            return (enum oracle_kind)i;
    return ORACLE_UNKNOWN;
}

/* xhat = (x - mean) / (inside + eps)^power, where inside is the mean of (x - mean)^2 or of x^2. */
struct form {
    bool maps;     /* it is a normalizer at all */
    bool centred;  /* the mean is taken off x */
    bool variance; /* and off x in the square */
    double power;
};

static struct form form_of(enum oracle_kind kind) {
    switch (kind) {
    case ORACLE_NONE:
    case ORACLE_DROPOUT:
    case ORACLE_DYT:
    case ORACLE_DERF:
        return (struct form){0};
    case ORACLE_RMS:
        return (struct form){true, false, false, 0.5};
    case ORACLE_LITERAL_VARIANCE:
        return (struct form){true, true, true, 1};
    case ORACLE_LITERAL_SQUARE:
        return (struct form){true, true, false, 0.5};
    case ORACLE_LITERAL_BOTH:
        return (struct form){true, true, false, 1};
    default:
        return (struct form){true, true, true, 0.5};
    }
}

static bool by_columns(enum oracle_kind kind) {
    return kind == ORACLE_BATCH || kind == ORACLE_BATCH_RENORM || kind == ORACLE_BATCH_NOISY ||
           kind == ORACLE_POPULATION || kind == ORACLE_LITERAL_VARIANCE ||
           kind == ORACLE_LITERAL_SQUARE || kind == ORACLE_LITERAL_BOTH;
}

static bool has_running(enum oracle_kind kind) {
    return by_columns(kind) || kind == ORACLE_WHOLE;
}

/* Its statistics are none of the mini-batch's. */
static bool is_given(enum oracle_kind kind) {
    return kind == ORACLE_POPULATION;
}

/* ---- functions of each value by itself: y = gamma f(u) + beta, u = alpha x + s ---- */

bool oracle_kind_is_element_wise(enum oracle_kind kind) {
    return kind == ORACLE_DYT || kind == ORACLE_DERF;
}

static double alpha_of(const struct oracle_norm *norm) {
    return norm->alpha.n ? norm->alpha.w[0] : norm->fixed_alpha;
}

static double s_of(const struct oracle_norm *norm) {
    return norm->s.n ? norm->s.w[0] : 0;
}

static double squashed(enum oracle_kind kind, double u) {
    return kind == ORACLE_DYT ? tanh(u) : erf(u);
}

static double squashed_slope(enum oracle_kind kind, double u) {
    return kind == ORACLE_DYT ? 1 / (cosh(u) * cosh(u)) : 2 / sqrt(acos(-1)) * exp(-u * u);
}

/* ---- normalizers proper ---- */

/* The values that are normalized together: m of them, `stride` apart. */
struct group {
    int m, index;
    size_t first, stride;
};

static int rows_of(const struct oracle_norm *norm, int B) {
    return norm->rows ? norm->rows : B;
}

static int group_count(const struct oracle_norm *norm, int B) {
    if (norm->kind == ORACLE_WHOLE)
        return 1;
    if (by_columns(norm->kind))
        return norm->D * (B / rows_of(norm, B));
    return norm->kind == ORACLE_GROUP ? B * norm->groups : B;
}

/* By columns: a column of some rows. By rows: a row, or a part of it. */
static struct group group_get(const struct oracle_norm *norm, int B, int index) {
    if (norm->kind == ORACLE_WHOLE)
        return (struct group){B * norm->D, 0, 0, 1};
    if (by_columns(norm->kind)) {
        int rows = rows_of(norm, B), part = index / norm->D;
        size_t first = (size_t)(part * rows * norm->D + index % norm->D);
        return (struct group){rows, index, first, (size_t)norm->D};
    }
    int width = norm->kind == ORACLE_GROUP ? norm->D / norm->groups : norm->D;
    return (struct group){width, index, (size_t)index * (size_t)width, 1};
}

static double group_mean(struct group group, const double *x) {
    double sum = 0;
    for (int i = 0; i < group.m; i++)
        sum += x[group.first + (size_t)i * group.stride];
    return sum / group.m;
}

/* The mean of (x - origin)^2: about the mean it is the biased variance. */
static double group_square(struct group group, const double *x, double origin) {
    double sum = 0;
    for (int i = 0; i < group.m; i++) {
        double d = x[group.first + (size_t)i * group.stride] - origin;
        sum += d * d;
    }
    return sum / group.m;
}

/* What a group's values have in common. */
struct common {
    double mean;   /* that is taken off, or 0 */
    double origin; /* of the square */
    double inside; /* the mean square about the origin, and eps */
    double power;
    double r, d; /* batch renorm's */
};

static struct common common_of(const struct oracle_norm *norm, struct group group,
                               const double *x) {
    struct form form = form_of(norm->kind);
    double mean = group_mean(group, x);
    struct common common = {.mean = form.centred ? mean : 0,
                            .origin = form.variance ? mean : 0,
                            .power = form.power,
                            .r = norm->r ? norm->r[group.index] : 1,
                            .d = norm->d ? norm->d[group.index] : 0};
    if (is_given(norm->kind)) {
        common.mean = norm->mean[group.index % norm->D];
        common.inside = norm->var[group.index % norm->D] + norm->eps;
    } else {
        common.inside = group_square(group, x, common.origin) + norm->eps;
    }
    return common;
}

static double scale_of(const struct oracle_norm *norm, size_t element) {
    return norm->gamma.n ? norm->gamma.w[element % (size_t)norm->D] : 1;
}

static double shift_of(const struct oracle_norm *norm, size_t element) {
    return norm->beta.n ? norm->beta.w[element % (size_t)norm->D] : 0;
}

static double factor_of(const struct oracle_norm *norm, size_t element) {
    return norm->factor ? norm->factor[element] : 1;
}

static double addend_of(const struct oracle_norm *norm, size_t element) {
    return norm->addend ? norm->addend[element] : 0;
}

void oracle_norm_correct(const struct oracle_norm *norm, int B, const double *x, double r_max,
                         double d_max, double *r, double *d) {
    for (int index = 0; index < group_count(norm, B); index++) {
        struct group group = group_get(norm, B, index);
        struct common common = common_of(norm, group, x);
        int j = index % norm->D;
        double sigma = sqrt(common.inside);
        r[index] = fmax(1 / r_max, fmin(r_max, sigma / norm->var[j]));
        d[index] = fmax(-d_max, fmin(d_max, (common.mean - norm->mean[j]) / norm->var[j]));
    }
}

static double inner(const struct oracle_norm *norm, struct oracle_noise *noise, double x) {
    double first = alpha_of(norm) * x;
    return rounded(noise, first + s_of(norm), fabs(first) + fabs(s_of(norm)));
}

static void elements_forward(const struct oracle_norm *norm, struct oracle_noise *noise, int B,
                             const double *x, double *y) {
    for (size_t at = 0; at < (size_t)B * (size_t)norm->D; at++) {
        double t = rounded_self(noise, squashed(norm->kind, inner(norm, noise, x[at])));
        y[at] = rounded_self(noise, scale_of(norm, at) * t + shift_of(norm, at));
    }
}

/* With h = dy gamma f'(u): dx = alpha h, dalpha = sum h x, ds = sum h over rows and units;
 * dgamma = sum dy f(u), dbeta = sum dy over rows. A float's slope is known to the rounding of 1. */
static void elements_backward(struct oracle_norm *norm, struct oracle_noise *noise, int B,
                              const double *x, const double *dy, double *dx) {
    double dalpha = 0, ds = 0;
    for (size_t at = 0; at < (size_t)B * (size_t)norm->D; at++) {
        size_t j = at % (size_t)norm->D;
        double u = inner(norm, noise, x[at]);
        double t = rounded_self(noise, squashed(norm->kind, u));
        double slope = rounded(noise, squashed_slope(norm->kind, u), 1);
        double h = rounded_self(noise, dy[at] * scale_of(norm, at) * slope);
        dx[at] = rounded_self(noise, alpha_of(norm) * h);
        dalpha += h * x[at];
        ds += h;
        if (norm->gamma.n) {
            norm->gamma.g[j] += rounded_self(noise, dy[at] * t);
            norm->beta.g[j] += rounded_self(noise, dy[at]);
        }
    }
    if (norm->alpha.n)
        norm->alpha.g[0] = dalpha;
    if (norm->s.n)
        norm->s.g[0] = ds;
}

/* f(u) moves by |u| f'(u) for an error of u by a share; f'(u) is known to the rounding of 1. */
static void elements_sizes(const struct oracle_norm *norm, int B, const double *x, const double *dy,
                           double *y_size, double *dx_size) {
    for (size_t at = 0; at < (size_t)B * (size_t)norm->D; at++) {
        double first = alpha_of(norm) * x[at], u = first + s_of(norm);
        double moved = (fabs(first) + fabs(s_of(norm))) * squashed_slope(norm->kind, u);
        double scale = fabs(scale_of(norm, at));
        y_size[at] = scale * (fabs(squashed(norm->kind, u)) + moved) + fabs(shift_of(norm, at));
        dx_size[at] = fabs(alpha_of(norm) * dy[at]) * scale;
    }
}

/* xhat = (x - mean) / (inside + eps)^power; y = gamma (r xhat + d) + beta; then the noise */
void oracle_norm_forward(const struct oracle_norm *norm, struct oracle_noise *noise, int B,
                         const double *x, double *y) {
    size_t n = (size_t)B * (size_t)norm->D;
    if (oracle_kind_is_element_wise(norm->kind)) {
        elements_forward(norm, noise, B, x, y);
        return;
    }
    memcpy(y, x, n * sizeof *y);
    for (int index = 0; form_of(norm->kind).maps && index < group_count(norm, B); index++) {
        struct group group = group_get(norm, B, index);
        struct common common = common_of(norm, group, x);
        double deviation = rounded_self(noise, pow(common.inside, common.power));
        double mean = rounded_self(noise, common.mean);
        for (int i = 0; i < group.m; i++) {
            size_t at = group.first + (size_t)i * group.stride;
            double xhat = rounded_self(noise, (x[at] - mean) / deviation);
            xhat = common.r * xhat + common.d;
            y[at] = rounded_self(noise, scale_of(norm, at) * xhat + shift_of(norm, at));
        }
    }
    for (size_t at = 0; norm->factor && at < n; at++)
        y[at] = rounded_self(noise, factor_of(norm, at) * y[at] + addend_of(norm, at));
}

/* The chain rule of Ioffe & Szegedy 2015, section 3, for the values of one group, with p for their
 * 1/2 and s for what is under the root (inside, the mean square about `origin`, and eps):
 *   dxhat   = dy gamma r
 *   dinside = sum dxhat (x - mean) (-p) s^(-p-1)
 *   dmean   = sum dxhat (-1/s^p) + dinside mean(-2 (x - mean)), the latter if it is the origin
 *   dx      = dxhat / s^p + dinside 2 (x - origin) / m + dmean / m, the latter if it is taken off
 * `size`: what the terms sum up to, where it is wanted. */
static void group_backward(const struct oracle_norm *norm, struct oracle_noise *noise,
                           struct group group, const double *x, const double *dy, double *dx,
                           double *size) {
    struct form form = form_of(norm->kind);
    struct common common = common_of(norm, group, x);
    double m = group.m, p = common.power, inside = common.inside;
    double mean = rounded_self(noise, common.mean), origin = form.variance ? mean : 0;
    double dinside = 0, dmean = 0, centred = 0, sizes[2] = {0};
    for (int i = 0; i < group.m; i++) {
        size_t at = group.first + (size_t)i * group.stride;
        double dxhat = dy[at] * factor_of(norm, at) * scale_of(norm, at) * common.r;
        double term = dxhat * (x[at] - mean) * -p * pow(inside, -p - 1);
        dinside += term;
        dmean += dxhat * -1 / pow(inside, p);
        centred += form.variance ? -2 * (x[at] - mean) : 0;
        sizes[0] += fabs(term);
        sizes[1] += fabs(dxhat) / pow(inside, p);
    }
    dmean = form.centred ? dmean + dinside * centred / m : 0;
    if (is_given(norm->kind)) {
        dinside = dmean = 0;
        sizes[0] = sizes[1] = 0;
    }
    dinside = rounded_self(noise, dinside);
    dmean = rounded_self(noise, dmean);
    for (int i = 0; i < group.m; i++) {
        size_t at = group.first + (size_t)i * group.stride;
        double dxhat = dy[at] * factor_of(norm, at) * scale_of(norm, at) * common.r;
        double first = rounded_self(noise, dxhat) / pow(inside, p);
        double second = dinside * 2 * (x[at] - origin) / m, third = dmean / m;
        dx[at] = rounded(noise, first + second + third, fabs(first) + fabs(second) + fabs(third));
        if (size)
            size[at] = fabs(first) + 2 * sizes[0] * 2 * fabs(x[at] - origin) / m + sizes[1] / m;
    }
}

/* dgamma = sum over rows of dy (r xhat + d), dbeta = sum over rows of dy */
static void param_backward(struct oracle_norm *norm, struct oracle_noise *noise, struct group group,
                           const double *x, const double *dy) {
    struct common common = common_of(norm, group, x);
    double deviation = pow(common.inside, common.power), mean = rounded_self(noise, common.mean);
    for (int i = 0; i < group.m; i++) {
        size_t at = group.first + (size_t)i * group.stride;
        size_t j = at % (size_t)norm->D;
        double g = dy[at] * factor_of(norm, at);
        double xhat = common.r * (x[at] - mean) / deviation + common.d;
        norm->gamma.g[j] += rounded_self(noise, g * xhat);
        if (norm->beta.n)
            norm->beta.g[j] += rounded_self(noise, g);
    }
}

void oracle_norm_backward(struct oracle_norm *norm, struct oracle_noise *noise, int B,
                          const double *x, const double *dy, double *dx) {
    for (size_t at = 0; at < (size_t)B * (size_t)norm->D; at++)
        dx[at] = dy[at] * factor_of(norm, at);
    for (size_t j = 0; j < norm->gamma.n; j++)
        norm->gamma.g[j] = 0;
    for (size_t j = 0; j < norm->beta.n; j++)
        norm->beta.g[j] = 0;
    if (oracle_kind_is_element_wise(norm->kind)) {
        elements_backward(norm, noise, B, x, dy, dx);
        return;
    }
    for (int index = 0; form_of(norm->kind).maps && index < group_count(norm, B); index++) {
        struct group group = group_get(norm, B, index);
        if (norm->gamma.n)
            param_backward(norm, noise, group, x, dy);
        group_backward(norm, noise, group, x, dy, dx, NULL);
    }
}

void oracle_norm_sizes(const struct oracle_norm *norm, int B, const double *x, const double *dy,
                       double *y_size, double *dx_size) {
    if (oracle_kind_is_element_wise(norm->kind)) {
        elements_sizes(norm, B, x, dy, y_size, dx_size);
        return;
    }
    double *dx = take((size_t)B * (size_t)norm->D);
    for (size_t at = 0; at < (size_t)B * (size_t)norm->D; at++) {
        y_size[at] = fabs(x[at] * factor_of(norm, at));
        dx_size[at] = fabs(dy[at] * factor_of(norm, at));
    }
    for (int index = 0; form_of(norm->kind).maps && index < group_count(norm, B); index++) {
        struct group group = group_get(norm, B, index);
        struct common common = common_of(norm, group, x);
        group_backward(norm, NULL, group, x, dy, dx, dx_size);
        for (int i = 0; i < group.m; i++) {
            size_t at = group.first + (size_t)i * group.stride;
            double xhat = fabs(x[at] - common.mean) / pow(common.inside, common.power);
            double y = fabs(scale_of(norm, at)) * (common.r * xhat + fabs(common.d));
            y_size[at] = fabs(factor_of(norm, at)) * (y + fabs(shift_of(norm, at))) +
                         fabs(addend_of(norm, at));
        }
    }
    free(dx);
}

/* What is averaged beside the mean: variance, deviation (batch renorm) or mean square. */
static double group_spread(const struct oracle_norm *norm, struct group group, const double *x) {
    double spread = group_square(group, x, form_of(norm->kind).variance ? group_mean(group, x) : 0);
    if (norm->kind == ORACLE_BATCH_RENORM)
        return sqrt(spread + norm->eps);
    bool corrected = form_of(norm->kind).variance && !norm->biased && !is_given(norm->kind);
    return corrected ? spread * group.m / (group.m - 1.0) : spread;
}

void oracle_norm_running(struct oracle_norm *norm, int B, const double *x, double update) {
    if (!has_running(norm->kind) || update == 0 || (is_given(norm->kind) && update < 1))
        return;
    int parts = norm->kind == ORACLE_WHOLE ? 1 : B / rows_of(norm, B);
    for (int j = 0; j < norm->D; j++) {
        double mean = 0, spread = 0;
        for (int part = 0; part < parts; part++) {
            struct group group =
                group_get(norm, B, norm->kind == ORACLE_WHOLE ? 0 : part * norm->D + j);
            mean += group_mean(group, x) / parts;
            spread += group_spread(norm, group, x) / parts;
        }
        norm->mean[j] = (1 - update) * norm->mean[j] + update * mean;
        norm->var[j] = (1 - update) * norm->var[j] + update * spread;
    }
}

void oracle_norm_eval(const struct oracle_norm *norm, int B, const double *x, double *y) {
    if (oracle_kind_is_element_wise(norm->kind)) {
        elements_forward(norm, NULL, B, x, y);
        return;
    }
    if (!form_of(norm->kind).maps) {
        memcpy(y, x, (size_t)B * (size_t)norm->D * sizeof *y);
        return;
    }
    if (!has_running(norm->kind)) {
        oracle_norm_forward(norm, NULL, B, x, y);
        return;
    }
    for (size_t at = 0; at < (size_t)B * (size_t)norm->D; at++) {
        size_t j = at % (size_t)norm->D;
        double deviation = norm->kind == ORACLE_BATCH_RENORM
                               ? norm->var[j]
                               : pow(norm->var[j] + norm->eps, form_of(norm->kind).power);
        double xhat = (x[at] - norm->mean[j]) / deviation;
        y[at] = scale_of(norm, at) * xhat + shift_of(norm, at);
    }
}

/* ---- losses ---- */

/* log sum exp z, with the largest taken out */
static double log_sum_exp(const double *z, int K) {
    double largest = z[0], sum = 0;
    for (int k = 1; k < K; k++)
        largest = fmax(largest, z[k]);
    for (int k = 0; k < K; k++)
        sum += exp(z[k] - largest);
    return largest + log(sum);
}

static double target_of(const struct oracle *oracle, int b, const int *labels, int k) {
    int K = oracle->config.n_outputs;
    return oracle->targets ? oracle->targets[b * K + k] : k == labels[b];
}

static double row_loss(const struct oracle *oracle, int b, const int *labels) {
    int K = oracle->config.n_outputs;
    const double *z = oracle->output + b * K;
    if (oracle->config.loss == ORACLE_CROSS_ENTROPY)
        return log_sum_exp(z, K) - z[labels[b]];
    double sum = 0;
    for (int k = 0; k < K; k++)
        sum += 0.5 * pow(z[k] - target_of(oracle, b, labels, k), 2);
    return sum;
}

static void row_gradient(const struct oracle *oracle, int b, const int *labels, double *dz) {
    enum oracle_loss loss = oracle->config.loss;
    int K = oracle->config.n_outputs;
    const double *z = oracle->output + b * K;
    double normalizer = loss == ORACLE_CROSS_ENTROPY ? log_sum_exp(z, K) : 0;
    for (int k = 0; k < K; k++) {
        double predicted = loss == ORACLE_CROSS_ENTROPY ? exp(z[k] - normalizer) : z[k];
        dz[k] = predicted - target_of(oracle, b, labels, k);
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
    norm->rows = config->rows;
    norm->groups = config->groups;
    norm->fixed_alpha = config->alpha;
    bool squashes = oracle_kind_is_element_wise(config->kind);
    if (config->affine && (form_of(config->kind).maps || squashes)) {
        tensor_create(oracle, &norm->gamma, (size_t)D, false, 1);
        if (config->kind != ORACLE_RMS)
            tensor_create(oracle, &norm->beta, (size_t)D, false, 0);
        if (squashes)
            tensor_create(oracle, &norm->alpha, 1, false, config->alpha);
        if (config->kind == ORACLE_DERF)
            tensor_create(oracle, &norm->s, 1, false, 0);
    }
    norm->mean = take((size_t)D);
    norm->var = take((size_t)D);
    for (int j = 0; j < D; j++)
        norm->var[j] = 1;
    if (config->kind != ORACLE_BATCH_RENORM)
        return;
    norm->r = take((size_t)oracle->max_rows * (size_t)D);
    norm->d = take((size_t)oracle->max_rows * (size_t)D);
}

static void norm_free(struct oracle_norm *norm) {
    double *parts[] = {norm->mean, norm->var, norm->r, norm->d};
    for (int part = 0; part < 4; part++)
        free(parts[part]);
}

/* A bias has no effect where batch norm follows the linear layer with nothing in between. */
static bool wants_bias(const struct oracle_config *config, const struct oracle_layer *layer) {
    if (config->bias != ORACLE_BIAS_AUTO)
        return config->bias == ORACLE_BIAS_ON;
    bool direct = !layer->after || layer->activation == oracle_activation_find("identity");
    bool cancels = config->kind == ORACLE_BATCH || config->kind == ORACLE_BATCH_NOISY ||
                   config->kind == ORACLE_POPULATION || config->kind == ORACLE_LITERAL_VARIANCE;
    return !(layer->has_norm && direct && cancels);
}

static void layer_create(struct oracle *oracle, int k, int in, int out, bool last) {
    const struct oracle_config *config = &oracle->config;
    struct oracle_layer *layer = &oracle->layers[k];
    layer->in = in;
    layer->out = out;
    layer->activation = last ? oracle_activation_find("identity") : config->activation;
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
    oracle->r_max = 1;
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
        double *parts[] = {layer->z, layer->mid, layer->y};
        for (int part = 0; part < 3; part++)
            free(parts[part]);
        norm_free(&layer->norm);
    }
    double *parts[] = {oracle->x, oracle->y0, oracle->dy, oracle->dx};
    for (int part = 0; part < 4; part++)
        free(parts[part]);
    norm_free(&oracle->input_norm);
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

static void activation_apply(struct oracle *oracle, const struct oracle_activation *f, size_t n,
                             const double *z, double *a) {
    for (size_t i = 0; i < n; i++) {
        a[i] = rounded_self(&oracle->noise, f->value(z[i]));
        if (f->kinked && z[i] != 0)
            oracle->kink = fmin(oracle->kink, fabs(z[i]));
    }
}

/* By the running statistics as they are before this mini-batch. */
static void norm_correct(struct oracle *oracle, struct oracle_norm *norm, int B, const double *x) {
    oracle_norm_correct(norm, B, x, oracle->r_max, oracle->d_max, norm->r, norm->d);
    for (int i = 0; i < group_count(norm, B); i++) {
        norm->r[i] = rounded_self(&oracle->noise, norm->r[i]);
        norm->d[i] = rounded_self(&oracle->noise, norm->d[i]);
    }
}

static void norm_apply(struct oracle *oracle, struct oracle_norm *norm, int B, bool train,
                       double update, const double *x, double *y) {
    if (!train) {
        oracle_norm_eval(norm, B, x, y);
        return;
    }
    if (is_given(norm->kind))
        oracle_norm_running(norm, B, x, update);
    if (norm->kind == ORACLE_BATCH_RENORM)
        norm_correct(oracle, norm, B, x);
    oracle_norm_forward(norm, &oracle->noise, B, x, y);
    if (!is_given(norm->kind))
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
    double sum = 0;
    for (int b = 0; b < B; b++)
        sum += row_loss(oracle, b, labels);
    return sum / B;
}

bool oracle_wrong(const struct oracle *oracle, int b, int label) {
    int K = oracle->config.n_outputs, best = 0;
    const double *z = oracle->output + b * K;
    for (int k = 1; k < K; k++)
        if (z[k] > z[best])
            best = k;
    return best != label;
}

double oracle_error(const struct oracle *oracle, int B, const int *labels) {
    int wrong = 0;
    for (int b = 0; b < B; b++)
        wrong += oracle_wrong(oracle, b, labels[b]);
    return (double)wrong / B;
}

static void slope_apply(struct oracle *oracle, const struct oracle_activation *f, size_t n,
                        const double *z, const double *dy, double *dx) {
    for (size_t i = 0; i < n; i++) {
        double slope = f->slope(z[i]);
        slope = rounded(&oracle->noise, slope, f->slope_magnitude);
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
        row_gradient(oracle, b, labels, oracle->dy + b * K);
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
