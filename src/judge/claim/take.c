/* The takes: a function each, and their table. */
#include "judge/claim/take.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "judge/stats/statistics.h"

void curve_add(struct curve *curve, double at, double value) {
    if (isnan(value))
        return;
    curve->at[curve->n] = at;
    curve->value[curve->n++] = value;
}

static double last(const struct curve *curve, double at) {
    (void)at;
    return curve->value[curve->n - 1];
}

static double first(const struct curve *curve, double at) {
    (void)at;
    return curve->value[0];
}

static double sum(const struct curve *curve, double at) {
    (void)at;
    double total = 0;
    for (int i = 0; i < curve->n; i++)
        total += curve->value[i];
    return total;
}

static double mean(const struct curve *curve, double at) {
    return sum(curve, at) / curve->n;
}

static double smallest(const struct curve *curve, double at) {
    (void)at;
    double least = curve->value[0];
    for (int i = 1; i < curve->n; i++)
        least = fmin(least, curve->value[i]);
    return least;
}

static double largest(const struct curve *curve, double at) {
    (void)at;
    double most = curve->value[0];
    for (int i = 1; i < curve->n; i++)
        most = fmax(most, curve->value[i]);
    return most;
}

static double middle(const struct curve *curve, double at) {
    (void)at;
    return median(curve->value, curve->n);
}

static double spike(const struct curve *curve, double at) {
    return largest(curve, at) / middle(curve, at);
}

/* sqrt(sum_i (d_i - mean d)^2 / (n-2)),   d_i = value_(i+1) - value_i, n-1 of them */
static double roughness(const struct curve *curve, double at) {
    (void)at;
    int n = curve->n;
    const double *value = curve->value;
    double drift = (value[n - 1] - value[0]) / (n - 1), square = 0;
    for (int i = 1; i < n; i++)
        square += pow(value[i] - value[i - 1] - drift, 2);
    return sqrt(square / (n - 2));
}

static double variation(const struct curve *curve, double at) {
    (void)at;
    double total = 0;
    for (int i = 1; i < curve->n; i++)
        total += fabs(curve->value[i] - curve->value[i - 1]);
    return total;
}

/* s_i = (v_(i-4) + ... + v_i) / 5, at the place of i */
static double smoothed(const struct curve *curve, int i) {
    double total = 0;
    for (int k = 0; k < TAKE_SMOOTHED; k++)
        total += curve->value[i - k];
    return total / TAKE_SMOOTHED;
}

/* Where the straight line between s_(i-1) and s_i first falls to the target. Shares of rows meet a
 * target exactly: what is above it by rounding alone is at it. */
static double first_below(const struct curve *curve, double target) {
    const int begin = TAKE_SMOOTHED - 1;
    double reached = target + 1e-12 * fabs(target), before = NAN;
    for (int i = begin; i < curve->n; i++) {
        double now = smoothed(curve, i);
        if (now <= reached) {
            double part = i > begin && isfinite(before) ? (before - target) / (before - now) : 1;
            int from = i > begin ? i - 1 : i;
            return curve->at[from] + fmin(part, 1) * (curve->at[i] - curve->at[from]);
        }
        before = now;
    }
    return NAN;
}

struct curve take_example(void) {
    static double at[] = {0, 10, 20, 40, 50}, value[] = {4, 1, 3, 3, 9};
    return (struct curve){5, at, value};
}

static const struct take takes[] = {
    {.name = "last", .sentence = "the last value", .in_order = true, .example = 9, .number = last},
    {.name = "first",
     .sentence = "the first value",
     .in_order = true,
     .example = 4,
     .number = first},
    {.name = "mean", .sentence = "the mean", .example = 4, .number = mean},
    {.name = "sum", .sentence = "the sum", .example = 20, .number = sum},
    {.name = "min", .sentence = "the smallest value", .example = 1, .number = smallest},
    {.name = "max", .sentence = "the largest value", .example = 9, .number = largest},
    {.name = "median", .sentence = "the median", .example = 3, .number = middle},
    {.name = "spike",
     .sentence = "the largest value over the median",
     .example = 3,
     .number = spike},
    {.name = "roughness",
     .sentence = "the standard deviation of the steps from one value to the next",
     .in_order = true,
     .points = 3,
     .example = 3.774917217635375,
     .number = roughness},
    {.name = "variation",
     .sentence = "the sum of the absolute steps from one value to the next: how far it wandered",
     .in_order = true,
     .example = 11,
     .number = variation},
    {.name = "first_below",
     .sentence = "the step at which the series, smoothed, first falls to `at`: the mean of five "
                 "points, at the place of the last, and between two of these by interpolation; a "
                 "run that never gets there is tested as its planned steps and as twice these",
     .in_order = true,
     .needs_at = true,
     .is_place = true,
     .points = TAKE_SMOOTHED,
     .example = 50,
     .number = first_below},
};

int take_count(void) {
    return (int)(sizeof takes / sizeof *takes);
}

const struct take *take_get(int index) {
    return &takes[index];
}

const struct take *take_find(const char *name) {
    for (int i = 0; i < take_count(); i++)
        if (!strcmp(takes[i].name, name))
            return &takes[i];
    return NULL;
}

const char *take_name(int index) {
    return index < take_count() ? takes[index].name : NULL;
}

double take_number(const struct take *take, const struct curve *curve, double at) {
    return curve->n > 0 && curve->n >= take->points ? take->number(curve, at) : NAN;
}
