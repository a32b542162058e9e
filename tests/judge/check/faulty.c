/* Batch norm in its plainest form, and twenty ways to get it wrong. */
#include "tests/judge/check/faulty.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum mistake {
    SOUND,
    WRONG_DIVISOR,        /* backward divides by B - 1 */
    EPS_OUTSIDE,          /* of the root, in backward alone */
    WRONG_SIGN,           /* of backward's last term */
    WRONG_GAMMA,          /* its gradient takes x instead of xhat: here, xhat + 0.01 */
    NO_TEXT,              /* a state without a sentence */
    SILENT_REFUSAL,       /* refuses without a message */
    NO_EPS,               /* where the variance is 0 */
    WRITES_GAMMA,         /* in training */
    EVALUATION_UPDATES,   /* the running statistics */
    OTHER_ORDER,          /* of the sum, where the span is one column or does not begin at 0 */
    WRITES_OUTSIDE,       /* the column behind the span */
    REMEMBERS,            /* a factor, in a static variable */
    DENIES_MIXING,        /* does not declare mixes_rows */
    HIDES_NOISE,          /* does not declare draws_noise */
    DENIES_CANCELLING,    /* does not declare cancels_bias */
    DENIES_EPS,           /* does not declare uses_eps */
    ALWAYS_UPDATES,       /* also where update is 0 */
    EVALUATES_BATCH,      /* evaluation looks at the mini-batch */
    EVALUATES_OTHER_ROOT, /* eps outside the root, in evaluation alone */
    HOLDS_BADLY,          /* declares stops_gradient, and step->hold changes the output */
    IGNORES_POPULATION,   /* declares needs_population, and trains by the mini-batch */
    INDEXES_BY_VALUE,     /* and so writes beyond an array at NaN */
    MISTAKES
};

static const struct normalizer *row_of(enum mistake mistake);

static bool has(const struct norm *norm, enum mistake mistake) {
    return norm->kind == row_of(mistake);
}

enum { GAMMA, BETA };
enum { MEAN, VAR };
static float remembered = 1;

static enum status check(const struct norm_config *config, int B, int D) {
    (void)D;
    return B < 2 ? fail(ERROR_USAGE, "%s needs at least 2 rows in a mini-batch, not %d",
                        normalizer_get(config->kind)->name, B)
                 : OK;
}

static enum status check_silently(const struct norm_config *config, int B, int D) {
    (void)config, (void)D;
    return B < 2 ? fail(ERROR_USAGE, "no") : OK;
}

/* saved: xhat [B, D], inv_std [D]. */
static size_t saved_size(const struct norm_config *config, int B, int D) {
    (void)config;
    return (size_t)(B + 1) * (size_t)D;
}

static void statistics(const struct norm *norm, struct span span, int j, int B, const float *x,
                       double *mean, double *var) {
    int D = norm->D;
    bool backwards = has(norm, OTHER_ORDER) && (span.begin > 0 || span_size(span) == 1);
    float sum = 0;
    for (int b = 0; b < B; b++)
        sum += x[(backwards ? B - 1 - b : b) * D + j];
    *mean = (double)sum / B;
    *var = 0;
    for (int b = 0; b < B; b++)
        *var += pow((double)x[b * D + j] - *mean, 2) / B;
}

static void update_state(const struct norm *norm, const struct norm_step *step, int j, int B,
                         double mean, double var) {
    double update = has(norm, ALWAYS_UPDATES) ? 0.1 : step->update;
    double factor = norm->config->running_var == RUNNING_VAR_BIASED ? 1 : B / (B - 1.0);
    if (update == 0)
        return;
    norm->state[MEAN][j] = (float)((1 - update) * (double)norm->state[MEAN][j] + update * mean);
    norm->state[VAR][j] =
        (float)((1 - update) * (double)norm->state[VAR][j] + update * var * factor);
}

static void forward_train(const struct norm *norm, const struct norm_step *step, struct span span,
                          int B, float *x) {
    int D = norm->D;
    for (int j = span.begin; j < span.end; j++) {
        double mean, var, eps = norm->config->eps;
        statistics(norm, span, j, B, x, &mean, &var);
        if (has(norm, NO_EPS) && var == 0)
            eps = 0;
        if (has(norm, HOLDS_BADLY) && step->hold)
            eps += 0.01;
        if (has(norm, HIDES_NOISE))
            mean += 0.01 * random_normal(step->key, (uint64_t)j);
        if (has(norm, WRITES_GAMMA) && norm->param[GAMMA])
            norm->param[GAMMA][j] += 1;
        float inv_std = (float)(1 / sqrt(var + eps));
        norm->saved[B * D + j] = remembered = inv_std;
        for (int b = 0; b < B; b++) {
            float xhat = (x[b * D + j] - (float)mean) * inv_std;
            norm->saved[b * D + j] = xhat;
            x[b * D + j] =
                norm->param[GAMMA] ? norm->param[GAMMA][j] * xhat + norm->param[BETA][j] : xhat;
        }
        if (has(norm, INDEXES_BY_VALUE) && !isfinite(inv_std))
            norm->saved[B * D + D] = 0;
        update_state(norm, step, j, B, mean, var);
    }
    if (has(norm, WRITES_OUTSIDE) && span.end < D)
        x[span.end] = 0;
}

static void forward_eval(const struct norm *norm, float *const state[], struct span span, int B,
                         float *x) {
    int D = norm->D;
    for (int j = span.begin; j < span.end; j++) {
        double mean = (double)state[MEAN][j], var = (double)state[VAR][j], eps = norm->config->eps;
        if (has(norm, EVALUATES_BATCH) && B > 1)
            statistics(norm, span, j, B, x, &mean, &var);
        if (has(norm, EVALUATION_UPDATES))
            state[MEAN][j] *= 0.9f;
        float inv_std =
            (float)(has(norm, EVALUATES_OTHER_ROOT) ? 1 / (sqrt(var) + eps) : 1 / sqrt(var + eps));
        for (int b = 0; b < B; b++) {
            float xhat = (x[b * D + j] - (float)mean) * inv_std;
            x[b * D + j] =
                norm->param[GAMMA] ? norm->param[GAMMA][j] * xhat + norm->param[BETA][j] : xhat;
        }
    }
}

/* inv_std as backward takes it. */
static double slope_of(const struct norm *norm, int j, int B) {
    double inv_std = (double)norm->saved[B * norm->D + j], eps = norm->config->eps;
    if (has(norm, EPS_OUTSIDE))
        return 1 / (sqrt(fmax(1 / (inv_std * inv_std) - eps, 0)) + eps);
    return has(norm, REMEMBERS) ? (double)remembered : inv_std;
}

static void backward(const struct norm *norm, struct span span, int B, float *g) {
    int D = norm->D;
    for (int j = span.begin; j < span.end; j++) {
        double sum_g = 0, sum_gx = 0, n = has(norm, WRONG_DIVISOR) ? B - 1 : B;
        double sign = has(norm, WRONG_SIGN) ? -1 : 1, dgamma = 0;
        for (int b = 0; b < B; b++) {
            double xhat = (double)norm->saved[b * D + j], gb = (double)g[b * D + j];
            sum_g += gb;
            sum_gx += gb * xhat;
            dgamma += gb * (has(norm, WRONG_GAMMA) ? xhat + 0.01 : xhat);
        }
        double slope = slope_of(norm, j, B);
        if (norm->param[GAMMA]) {
            norm->grad[GAMMA][j] = (float)dgamma;
            norm->grad[BETA][j] = (float)sum_g;
            slope *= (double)norm->param[GAMMA][j];
        }
        for (int b = 0; b < B; b++)
            g[b * D + j] = (float)(slope * ((double)g[b * D + j] - sum_g / n -
                                            sign * (double)norm->saved[b * D + j] * sum_gx / n));
    }
}

/* ---- y = x, but for training ---- */

static void twice(const struct norm *norm, const struct norm_step *step, struct span span, int B,
                  float *x) {
    (void)step;
    for (int b = 0; b < B; b++)
        for (int j = span.begin; j < span.end; j++)
            x[b * norm->D + j] *= 2;
}

static void once(const struct norm *norm, float *const state[], struct span span, int B, float *x) {
    (void)norm, (void)state, (void)span, (void)B, (void)x;
}

static void twice_backward(const struct norm *norm, struct span span, int B, float *g) {
    twice(norm, NULL, span, B, g);
}

static const struct normalizer doubling = {
    .name = "faulty_doubling",
    .summary = "doubles in training alone",
    .source = "a test",
    .forward_train = twice,
    .forward_eval = once,
    .backward = twice_backward,
};

/* ---- y = tanh(alpha x), with one alpha for the layer ---- */

static const struct normalizer forgetful, hasty;

static size_t saved_input(const struct norm_config *config, int B, int D) {
    (void)config;
    return (size_t)B * (size_t)D;
}

static float alpha_of(const struct norm *norm) {
    return norm->param[0] ? *norm->param[0] : 0.5f;
}

static void squash(const struct norm *norm, float *const state[], struct span span, int B,
                   float *x) {
    (void)state;
    for (int b = 0; b < B; b++)
        for (int j = span.begin; j < span.end; j++)
            x[b * norm->D + j] = tanhf(alpha_of(norm) * x[b * norm->D + j]);
}

static void squash_in_training(const struct norm *norm, const struct norm_step *step,
                               struct span span, int B, float *x) {
    (void)step;
    for (int b = 0; b < B; b++)
        for (int j = span.begin; j < span.end; j++)
            norm->saved[b * norm->D + j] = x[b * norm->D + j];
    squash(norm, NULL, span, B, x);
}

/* `hasty` adds up what a span has by itself, in float; `forgetful` takes the slope for 1. */
static void squash_backward(const struct norm *norm, struct span span, int B, float *g) {
    float sum = 0;
    for (int j = span.begin; j < span.end; j++) {
        double share = 0;
        for (int b = 0; b < B; b++) {
            float x = norm->saved[b * norm->D + j], t = tanhf(alpha_of(norm) * x);
            float *at = g + b * norm->D + j, h = *at * (1 - t * t);
            share += (double)(norm->kind == &forgetful ? *at : h) * (double)x;
            *at = alpha_of(norm) * h;
        }
        sum += (float)share;
        if (norm->shares[0])
            norm->shares[0][j] = norm->kind == &hasty ? 0 : share;
    }
    if (norm->shares[0] && norm->kind == &hasty)
        norm->shares[0][span.begin] = (double)sum;
}

#define SQUASHING                                                                                  \
    .source = "a test", .saved_size = saved_input, .forward_train = squash_in_training,            \
    .forward_eval = squash, .backward = squash_backward
#define ALPHA_FIELD                                                                                \
    { .name = "alpha", .unit = "1", .doc = "factor", .initial = 0.5f, .length = NORM_OF_LAYER }

static const struct normalizer squashing = {.name = "faulty_squashing",
                                            .summary = "squashes as it should",
                                            .param = {ALPHA_FIELD},
                                            SQUASHING},
                               forgetful = {.name = "faulty_forgetful",
                                            .summary = "forgets the slope in alpha's gradient",
                                            .param = {ALPHA_FIELD},
                                            SQUASHING},
                               hasty = {.name = "faulty_hasty",
                                        .summary = "adds alpha's gradient up in each span",
                                        .param = {ALPHA_FIELD},
                                        SQUASHING},
                               stately = {.name = "faulty_stately",
                                          .summary = "has a state of the layer",
                                          .state = {ALPHA_FIELD},
                                          SQUASHING},
                               keyless = {.name = "faulty_keyless",
                                          .summary = "starts at a key that it has not",
                                          .param = {{.name = "alpha",
                                                     .unit = "1",
                                                     .doc = "factor",
                                                     .length = NORM_OF_LAYER,
                                                     .initial_key = "norm.nobody"}},
                                          SQUASHING};

/* ---- the rows ---- */

static struct normalizer rows[MISTAKES];

static const struct normalizer *row_of(enum mistake mistake) {
    return &rows[mistake];
}

static const struct faulty faults[] = {
    {&rows[WRONG_DIVISOR], "gradient_input"},
    {&rows[EPS_OUTSIDE], "gradient_input"},
    {&rows[WRONG_SIGN], "gradient_input"},
    {&rows[WRONG_GAMMA], "gradient_param"},
    {&rows[NO_TEXT], "declared"},
    {&rows[SILENT_REFUSAL], "refusals"},
    {&rows[NO_EPS], "finite"},
    {&rows[WRITES_GAMMA], "writes"},
    {&rows[EVALUATION_UPDATES], "evaluation_writes"},
    {&rows[OTHER_ORDER], "cuts"},
    {&rows[OTHER_ORDER], "threads"},
    {&rows[WRITES_OUTSIDE], "outside"},
    {&rows[REMEMBERS], "pure"},
    {&rows[DENIES_MIXING], "mixes_rows"},
    {&rows[HIDES_NOISE], "draws_noise"},
    {&rows[DENIES_CANCELLING], "cancels_bias"},
    {&rows[DENIES_EPS], "uses_eps"},
    {&rows[ALWAYS_UPDATES], "update"},
    {&rows[EVALUATES_BATCH], "evaluation_rows"},
    {&doubling, "evaluation_plain"},
    {&forgetful, "gradient_param"},
    {&hasty, "cuts"},
    {&stately, "declared"},
    {&keyless, "declared"},
    {&rows[EVALUATES_OTHER_ROOT], "evaluation_frozen"},
    {&rows[IGNORES_POPULATION], "needs_population"},
    {&rows[HOLDS_BADLY], "held"},
    {&rows[INDEXES_BY_VALUE], "nan"},
};

int faulty_count(void) {
    return (int)(sizeof faults / sizeof *faults);
}

const struct faulty *faulty_get(int index) {
    return &faults[index];
}

static const struct normalizer sound = {
    .name = "sound",
    .summary = "batch norm in its plainest form",
    .source = "a test",
    .axis = NORM_COLUMNS,
    .mixes_rows = true,
    .cancels_bias = true,
    .uses_eps = true,
    .param = {{.name = "gamma", .unit = "1", .doc = "scale", .initial = 1},
              {.name = "beta", .unit = "1", .doc = "shift"}},
    .state = {{.name = "running_mean", .unit = "1", .doc = "running mean"},
              {.name = "running_var", .unit = "1", .doc = "variance", .initial = 1}},
    .check = check,
    .saved_size = saved_size,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward = backward,
};

static void add(const struct normalizer *row) {
    enum status status = normalizer_add(row, (struct norm_object){"a test", "none"});
    cr_assert(!status, "%s", status_message());
}

void faulty_register(void) {
    static char names[MISTAKES][16];
    for (int i = 0; i < MISTAKES; i++) {
        rows[i] = sound;
        snprintf(names[i], sizeof names[i], "faulty_%d", i);
        rows[i].name = i == SOUND ? "sound" : names[i];
    }
    rows[NO_TEXT].state[MEAN].doc = NULL;
    rows[SILENT_REFUSAL].check = check_silently;
    rows[DENIES_MIXING].mixes_rows = false;
    rows[DENIES_CANCELLING].cancels_bias = false;
    rows[DENIES_EPS].uses_eps = false;
    rows[HOLDS_BADLY].stops_gradient = true;
    rows[IGNORES_POPULATION].needs_population = true;
    for (int i = 0; i < MISTAKES; i++)
        add(&rows[i]);
    static const struct normalizer *const others[] = {&doubling, &squashing, &forgetful,
                                                      &hasty,    &stately,   &keyless};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        add(others[i]);
}
