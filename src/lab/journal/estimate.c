/* Estimates durations from the runs that are finished, by class of batch size. */
#include "lab/journal/estimate.h"

#include <math.h>
#include <stdio.h>

/* A plan's cost is about seconds on one core (lab/plan/cost.h), until a run was timed. */
static const double DEFAULT_RATE = 1;

int estimate_class(long batch_size) {
    int class = 0;
    while (batch_size > 1 && class < ESTIMATE_CLASSES - 1) {
        batch_size /= 2;
        class ++;
    }
    return class;
}

void estimate_learn(struct estimate *estimate, long batch_size, double cost, double seconds,
                    bool fresh) {
    int class = estimate_class(batch_size);
    if (!(seconds > 0) || !(cost > 0)) /* NaN: unknown */
        return;
    if (fresh) {
        estimate->seconds[class] /= 2;
        estimate->cost[class] /= 2;
    }
    estimate->seconds[class] += seconds;
    estimate->cost[class] += cost;
}

bool estimate_is_learned(const struct estimate *estimate) {
    for (int i = 0; i < ESTIMATE_CLASSES; i++)
        if (estimate->cost[i] > 0)
            return true;
    return false;
}

/* Seconds for a unit of cost. */
static double rate(const struct estimate *estimate, int class) {
    double seconds = 0, learned = 0;
    if (estimate->cost[class] > 0)
        return estimate->seconds[class] / estimate->cost[class];
    for (int i = 0; i < ESTIMATE_CLASSES; i++) {
        seconds += estimate->seconds[i];
        learned += estimate->cost[i];
    }
    return learned > 0 ? seconds / learned : DEFAULT_RATE;
}

double estimate_seconds(const struct estimate *estimate, long batch_size, double cost) {
    return cost * rate(estimate, estimate_class(batch_size));
}

double estimate_sum(const struct estimate *estimate, const double cost[ESTIMATE_CLASSES]) {
    double seconds = 0;
    for (int i = 0; i < ESTIMATE_CLASSES; i++)
        seconds += cost[i] * rate(estimate, i);
    return seconds;
}

double estimate_finish(const double *seconds, int n, int jobs) {
    double total = 0, longest = 0;
    for (int i = 0; i < n; i++) {
        total += seconds[i];
        longest = fmax(longest, seconds[i]);
    }
    return fmax(total / (jobs > 0 ? jobs : 1), longest);
}

const char *duration_text(double seconds, char text[DURATION_SIZE]) {
    long s = seconds < 1e9 ? lround(fmax(seconds, 0)) : 1000000000;
    if (seconds < 9.95)
        snprintf(text, DURATION_SIZE, "%.1f s", fmax(seconds, 0));
    else if (s < 120)
        snprintf(text, DURATION_SIZE, "%ld s", s);
    else if (s < 7200)
        snprintf(text, DURATION_SIZE, "%ld min %ld s", s / 60, s % 60);
    else
        snprintf(text, DURATION_SIZE, "%ld h %ld min", s / 3600, s % 3600 / 60);
    return text;
}
