/* The loss and its gradient along the gradient: loss variation, gradient predictiveness and
 * effective beta-smoothness (Santurkar et al. 2018, section 3.1, figure 4). */
#include "engine/diagnostics/landscape_scan.h"

#include <math.h>

/* s in [from, to] times the step's rate, in `n` values a constant factor apart. */
struct scan_range {
    double from, to;
    int n;
};

static const struct scan_range near_range = {0.5, 4, 7}, wide_range = {0.01, 30, 8};
static const double LARGEST_STEP = 0.4; /* the paper's cap of s */

/* What overflows is infinitely far away. */
static double or_infinite(double x) {
    return isnan(x) ? INFINITY : x;
}

/* Where nothing changes there is no slope to divide by: a gradient of 0 has none. */
static double over_distance(double change, double distance) {
    return change > 0 ? or_infinite(change / distance) : 0;
}

static void scan_at(struct landscape *landscape, double s, struct landscape_scan *scan) {
    const struct mlp *mlp = &landscape->copy.mlp;
    landscape_go(landscape, landscape->params, -s, landscape->gradient);
    double loss = or_infinite(landscape_gradient(landscape));
    double change = or_infinite(landscape_distance(mlp->n_params, mlp->grads, landscape->gradient));
    scan->loss_low = fmin(scan->loss_low, loss);
    scan->loss_high = fmax(scan->loss_high, loss);
    scan->predictiveness = fmax(scan->predictiveness, change);
    scan->smoothness = fmax(scan->smoothness, over_distance(change, s * landscape->gradient_norm));
}

/* Values of s that the cap makes equal are one. */
static struct landscape_scan scan(struct landscape *landscape, struct scan_range range) {
    const struct trainer *copy = &landscape->copy;
    double lr = learning_rate_at(&landscape->trainer->config.optimizer, copy->B, copy->step,
                                 copy->total_steps);
    struct landscape_scan found = {INFINITY, -INFINITY, 0, 0};
    double s = 0;
    for (int i = 0; i < range.n && s < LARGEST_STEP; i++) {
        s = lr * range.from * pow(range.to / range.from, (double)i / (range.n - 1));
        s = fmin(s, LARGEST_STEP);
        scan_at(landscape, s, &found);
    }
    return found;
}

static enum status measure_near(void *state, const struct diagnostics *all) {
    *(struct landscape_scan *)state =
        scan(diagnostics_state(all, &diagnostic_landscape), near_range);
    return OK;
}

static enum status measure_wide(void *state, const struct diagnostics *all) {
    *(struct landscape_scan *)state =
        scan(diagnostics_state(all, &diagnostic_landscape), wide_range);
    return OK;
}

const struct diagnostic diagnostic_scan_near = {.name = "scan_near",
                                                .reads = {&diagnostic_landscape},
                                                .size = sizeof(struct landscape_scan),
                                                .measure = measure_near};

const struct diagnostic diagnostic_scan_wide = {.name = "scan_wide",
                                                .reads = {&diagnostic_landscape},
                                                .size = sizeof(struct landscape_scan),
                                                .measure = measure_wide};
