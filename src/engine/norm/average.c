/* Running averages: what a mini-batch adds, and the weight of the start taken out. */
#include "engine/norm/average.h"

#include <math.h>

static bool takes_variances_alone(const struct norm *norm, const struct norm_step *step) {
    return norm->config->average == AVERAGE_VARIANCE && step->n_followers == 0;
}

void average_add(const struct norm *norm, const struct norm_step *step, int n, bool first,
                 const double *mean, const double *var, struct average_sums *sums) {
    for (int j = 0; j < n; j++) {
        sums->mean[j] = first ? mean[j] : sums->mean[j] + mean[j];
        sums->var[j] = first ? var[j] : sums->var[j] + var[j];
    }
    if (takes_variances_alone(norm, step))
        return;
    for (int j = 0; j < n; j++) {
        sums->deviation[j] = (first ? 0 : sums->deviation[j]) + sqrt(var[j]);
        sums->square[j] = (first ? 0 : sums->square[j]) + mean[j] * mean[j];
    }
}

/* What a mini-batch adds to running states. */
struct taken {
    const struct average_sums *sums;
    int n;
    double share;      /* 1 / sub-batches */
    double correction; /* from the biased variance to the one that is averaged */
};

/* state <- (1 - update) state + update value */
static void update_linear(double update, int n, const double *value, double factor,
                          float *restrict state) {
    for (int j = 0; j < n; j++)
        state[j] = (float)((1 - update) * (double)state[j] + update * (value[j] * factor));
}

/* sqrt(var) <- (1 - update) sqrt(var) + update deviation */
static void update_deviation(double update, const struct taken *taken, float *restrict var) {
    double factor = taken->share * sqrt(taken->correction);
    for (int j = 0; j < taken->n; j++) {
        double deviation =
            (1 - update) * sqrt((double)var[j]) + update * (taken->sums->deviation[j] * factor);
        var[j] = (float)(deviation * deviation);
    }
}

/* With q = var + mean^2 averaged as q <- (1 - update) q + update (batch var + batch mean^2), and
 * mean alike, q - mean^2 is
 *     var <- (1 - update) var + update batch var + update (1 - update) (batch mean - mean)^2
 * with the mean of before: no difference of large numbers in float32, and never below 0. The
 * mini-batch's variance is that of all its rows: what the sub-batches have within and between them.
 * A second moment has the divisor B: it is unbiased as it is. */
static void update_second_moment(double update, const struct taken *taken, const float *mean,
                                 float *restrict var) {
    const struct average_sums *sums = taken->sums;
    for (int j = 0; j < taken->n; j++) {
        double batch_mean = sums->mean[j] * taken->share;
        double between = fmax(sums->square[j] * taken->share - batch_mean * batch_mean, 0);
        double distance = batch_mean - (double)mean[j];
        var[j] = (float)((1 - update) * (double)var[j] +
                         update * (sums->var[j] * taken->share + between +
                                   (1 - update) * distance * distance));
    }
}

static void update_one(long average, double update, const struct taken *taken, float *mean,
                       float *var) {
    if (update == 0)
        return;
    switch ((enum norm_average)average) {
    case AVERAGE_VARIANCE:
        update_linear(update, taken->n, taken->sums->var, taken->correction * taken->share, var);
        break;
    case AVERAGE_DEVIATION:
        update_deviation(update, taken, var);
        break;
    case AVERAGE_SECOND_MOMENT:
        update_second_moment(update, taken, mean, var);
        break;
    }
    update_linear(update, taken->n, taken->sums->mean, taken->share, mean);
}

void average_update(const struct norm *norm, const struct norm_step *step, struct span tile,
                    int parts, int rows, const struct average_sums *sums) {
    bool unbiased = norm->config->running_var == RUNNING_VAR_UNBIASED && rows > 1;
    struct taken taken = {sums, span_size(tile), 1.0 / parts,
                          unbiased ? (double)rows / (rows - 1) : 1};
    float *mean = norm->state[RUNNING_MEAN] + tile.begin;
    float *var = norm->state[RUNNING_VAR] + tile.begin;
    update_one(norm->config->average, step->update, &taken, mean, var);
    for (int i = 0; i < step->n_followers; i++) {
        const struct norm_follower *follower = &step->followers[i];
        update_one(follower->average, follower->update, &taken, mean + follower->offset,
                   var + follower->offset);
    }
}

/* (value - left initial) / (1 - left); what starts above 0 is a variance or a deviation, and
 * roundings must not carry it below. What is no number stays none. */
static double without(double left, double initial, double value) {
    double rest = (value - left * initial) / (1 - left);
    return initial > 0 && rest < 0 ? 0 : rest;
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
