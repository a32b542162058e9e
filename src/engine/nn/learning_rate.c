/* The tables of scalings and schedules, and what they make of the learning rate. */
#include "engine/nn/learning_rate.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* ---- scaling, by the batch size over lr_reference_batch ---- */

static double unscaled(double lr, double ratio) {
    (void)ratio;
    return lr;
}

static double linear(double lr, double ratio) {
    return lr * ratio;
}

static double square_root(double lr, double ratio) {
    return lr * sqrt(ratio);
}

static const struct {
    const char *name;
    double (*rate)(double lr, double ratio);
} scalings[] = {{"none", unscaled}, {"linear", linear}, {"sqrt", square_root}};

const char *lr_scaling_name(int index) {
    return (size_t)index < sizeof scalings / sizeof *scalings ? scalings[index].name : NULL;
}

double learning_rate_effective(const struct optimizer_config *config, long batch_size) {
    double ratio = (double)batch_size / (double)config->lr_reference_batch;
    return scalings[config->lr_scaling].rate(config->lr, ratio);
}

/* ---- schedules: the rate of a step after the warm-up ---- */

/* The first step at or after a share of the run. In binary .07 * 100 is a little more than 7, and
 * the share is meant in decimals: what is off an integer by rounding alone is that integer. */
static long step_of_share(double share, long total_steps) {
    double product = share * (double)total_steps, whole = round(product);
    bool is_whole = fabs(product - whole) <= 2 * DBL_EPSILON * product;
    return (long)(is_whole ? whole : ceil(product));
}

static long warmup_steps(const struct optimizer_config *config, long total_steps) {
    return step_of_share(config->warmup, total_steps);
}

static double constant(const struct optimizer_config *config, double lr, long step,
                       long total_steps) {
    (void)config, (void)step, (void)total_steps;
    return lr;
}

static double in_steps(const struct optimizer_config *config, double lr, long step,
                       long total_steps) {
    for (int i = 0; i < config->n_step_at; i++)
        if (step >= step_of_share(config->step_at[i], total_steps))
            lr *= config->step_factor;
    return lr;
}

/* Of what the warm-up leaves: 0 at its first step, below 1 at the last. */
static double share_done(const struct optimizer_config *config, long step, long total_steps) {
    long warmup = warmup_steps(config, total_steps);
    return (double)(step - warmup) / (double)(total_steps - warmup);
}

static double cosine(const struct optimizer_config *config, double lr, long step,
                     long total_steps) {
    const double pi = 3.141592653589793;
    return lr * (1 + cos(pi * share_done(config, step, total_steps))) / 2;
}

static double exponential(const struct optimizer_config *config, double lr, long step,
                          long total_steps) {
    return lr * pow(config->end_factor, share_done(config, step, total_steps));
}

static const struct {
    const char *name;
    double (*rate)(const struct optimizer_config *config, double lr, long step, long total_steps);
} schedules[] = {
    {"constant", constant}, {"step", in_steps}, {"cosine", cosine}, {"exponential", exponential}};

const char *schedule_name(int index) {
    return (size_t)index < sizeof schedules / sizeof *schedules ? schedules[index].name : NULL;
}

static long find(const char *(*name)(int index), const char *word) {
    const char *other;
    for (int i = 0; (other = name(i)); i++)
        if (!strcmp(other, word))
            return i;
    return -1;
}

long lr_scaling_find(const char *name) {
    return find(lr_scaling_name, name);
}

long schedule_find(const char *name) {
    return find(schedule_name, name);
}

double learning_rate_at(const struct optimizer_config *config, long batch_size, long step,
                        long total_steps) {
    double lr = learning_rate_effective(config, batch_size);
    long warmup = warmup_steps(config, total_steps);
    if (step < warmup)
        return lr * (double)(step + 1) / (double)warmup;
    return schedules[config->schedule].rate(config, lr, step, total_steps);
}
