#include "norm/average.h"

#include <math.h>

/* state <- (1 - update) state + update value */
static void update_linear(double update, int n, const double *value, double factor,
                          float *restrict state) {
    for (int j = 0; j < n; j++)
        state[j] = (float)((1 - update) * (double)state[j] + update * (value[j] * factor));
}

/* sqrt(var) <- (1 - update) sqrt(var) + update sqrt(batch var) */
static void update_deviation(double update, int n, const double *value, double factor,
                             float *restrict var) {
    for (int j = 0; j < n; j++) {
        double deviation = (1 - update) * sqrt((double)var[j]) + update * sqrt(value[j] * factor);
        var[j] = (float)(deviation * deviation);
    }
}

/* With q = var + mean^2 averaged as q <- (1 - update) q + update (batch var + batch mean^2), and
 * mean alike, q - mean^2 is
 *     var <- (1 - update) var + update batch var + update (1 - update) (batch mean - mean)^2
 * with the mean of before: no difference of large numbers, and never below 0. */
static void update_second_moment(double update, int n, const double *batch_mean,
                                 const double *batch_var, const float *mean, float *restrict var) {
    for (int j = 0; j < n; j++) {
        double distance = batch_mean[j] - (double)mean[j];
        var[j] = (float)((1 - update) * (double)var[j] +
                         update * (batch_var[j] + (1 - update) * distance * distance));
    }
}

/* A second moment has the divisor B: it is unbiased as it is. */
static void update_one(long average, double update, int n, const double *batch_mean,
                       const double *batch_var, double correction, float *mean, float *var) {
    if (update == 0)
        return;
    switch ((enum norm_average)average) {
    case AVERAGE_VARIANCE:
        update_linear(update, n, batch_var, correction, var);
        break;
    case AVERAGE_DEVIATION:
        update_deviation(update, n, batch_var, correction, var);
        break;
    case AVERAGE_SECOND_MOMENT:
        update_second_moment(update, n, batch_mean, batch_var, mean, var);
        break;
    }
    update_linear(update, n, batch_mean, 1, mean);
}

void average_update(const struct norm *norm, const struct norm_step *step, struct span columns,
                    int rows, const double *mean, const double *var) {
    int n = span_size(columns);
    bool unbiased = norm->config->running_var == RUNNING_VAR_UNBIASED && rows > 1;
    double correction = unbiased ? (double)rows / (rows - 1) : 1;
    float *running_mean = norm->state[RUNNING_MEAN] + columns.begin;
    float *running_var = norm->state[RUNNING_VAR] + columns.begin;
    update_one(norm->config->average, step->update, n, mean, var, correction, running_mean,
               running_var);
    for (int i = 0; i < step->n_followers; i++) {
        const struct norm_follower *follower = &step->followers[i];
        update_one(follower->average, follower->update, n, mean, var, correction,
                   running_mean + follower->offset, running_var + follower->offset);
    }
}

/* (value - left initial) / (1 - left); what starts above 0 is a variance or a deviation, and
 * roundings must not carry it below. */
static double without(double left, double initial, double value) {
    double rest = (value - left * initial) / (1 - left);
    return initial > 0 ? fmax(rest, 0) : rest;
}

/* From the mean that is left of it, and what it was together with the initial value: the variance
 * of a mixture is the mixed variances and left (1 - left) times the squared distance of the means.
 */
static double without_second_moment(double left, double distance, double initial, double var) {
    return without(left, initial, var - left * (1 - left) * distance * distance);
}

static double debias_var(long average, double left, double distance, double initial, double var) {
    switch ((enum norm_average)average) {
    case AVERAGE_VARIANCE:
        break;
    case AVERAGE_DEVIATION:
        return pow(without(left, sqrt(initial), sqrt(var)), 2);
    case AVERAGE_SECOND_MOMENT:
        return without_second_moment(left, distance, initial, var);
    }
    return without(left, initial, var);
}

void average_debias(const struct norm *norm, long average, double left, float *const state[],
                    float *const result[]) {
    const struct norm_field *fields = norm->kind->state;
    for (int i = 0; i < norm_fields(fields); i++)
        for (int j = 0; j < norm->D; j++)
            result[i][j] = (float)without(left, (double)fields[i].initial, (double)state[i][j]);
    if (!norm->kind->averages)
        return;
    double mean = (double)fields[RUNNING_MEAN].initial, var = (double)fields[RUNNING_VAR].initial;
    for (int j = 0; j < norm->D; j++)
        result[RUNNING_VAR][j] =
            (float)debias_var(average, left, (double)result[RUNNING_MEAN][j] - mean, var,
                              (double)state[RUNNING_VAR][j]);
}
