/* The second network, what is common to its users, and the scan along the gradient: loss variation,
 * gradient predictiveness and effective beta-smoothness (Santurkar et al. 2018, section 3.1, figure
 * 4). */
#include "engine/diagnostics/landscape.h"

#include <math.h>
#include <string.h>

#include "engine/kernel/reduce.h"
#include "engine/probe/rows.h"

/* s in [from, to] times the step's rate, in `n` values a constant factor apart. */
struct scan_range {
    double from, to;
    int n;
};

static const struct scan_range near_range = {0.5, 4, 7}, wide_range = {0.01, 30, 8};
static const double LARGEST_STEP = 0.4; /* the paper's cap of s */

/* ---- the second network ---- */

void landscape_layout(struct landscape *landscape, struct arena *arena,
                      const struct trainer *trainer, unsigned needs) {
    const struct mlp *mlp = &trainer->mlp;
    size_t n_layers = (size_t)mlp->n_layers;
    landscape->trainer = trainer;
    landscape->seen_step = -1;
    trainer_layout_shadow(&landscape->shadow, arena, trainer);
    landscape->params = arena_floats(arena, mlp->n_params);
    landscape->states = arena_floats(arena, mlp->n_states);
    landscape->gradient = arena_floats(arena, mlp->n_params);
    landscape->growth = arena_doubles(arena, n_layers);
    landscape->shift = arena_doubles(arena, n_layers);
    landscape->shift_cosine = arena_doubles(arena, n_layers);
    landscape->decrease_alone = arena_doubles(arena, n_layers);
    landscape->decrease_frozen = arena_doubles(arena, n_layers);
    if (needs & PROBE_NEEDS_HESSIAN) {
        landscape->vector = arena_floats(arena, mlp->n_params);
        landscape->last_vector = arena_floats(arena, mlp->n_params);
        landscape->product = arena_floats(arena, mlp->n_params);
    }
}

void landscape_free(struct landscape *landscape) {
    trainer_release(&landscape->shadow);
    *landscape = (struct landscape){0};
}

static void keep(struct landscape *landscape) {
    const struct mlp *mlp = &landscape->trainer->mlp;
    memcpy(landscape->params, mlp->params, mlp->n_params * sizeof(float));
    if (mlp->n_states)
        memcpy(landscape->states, mlp->states, mlp->n_states * sizeof(float));
}

void landscape_before_step(struct landscape *landscape) {
    keep(landscape);
    landscape->seen_step = landscape->trainer->step;
}

void landscape_go(struct landscape *landscape, const float *from, double length,
                  const float *direction) {
    const struct mlp *mlp = &landscape->shadow.mlp;
    for (size_t i = 0; i < mlp->n_params; i++)
        mlp->params[i] = (float)((double)from[i] + length * (double)direction[i]);
}

static void put_vector(const struct mlp *mlp, const float *vector, int n, const float *from) {
    size_t at = (size_t)(vector - mlp->params);
    memcpy(mlp->params + at, from + at, (size_t)n * sizeof(float));
}

static void put_norm(const struct mlp *mlp, const struct norm *norm, const float *from) {
    for (int i = 0; i < NORM_FIELDS; i++)
        if (norm->param[i])
            put_vector(mlp, norm->param[i], norm->D, from);
}

void landscape_put_layer(struct landscape *landscape, int k, const float *from) {
    const struct mlp *mlp = &landscape->shadow.mlp;
    const struct layer *layer = &mlp->layers[k];
    if (k == 0 && mlp->has_input_norm)
        put_norm(mlp, &mlp->input_norm, from);
    put_vector(mlp, layer->W, layer->in * layer->out, from);
    if (layer->b)
        put_vector(mlp, layer->b, layer->out, from);
    if (layer->has_norm)
        put_norm(mlp, &layer->norm, from);
}

static double measure(struct landscape *landscape, bool gradient) {
    const struct mlp *mlp = &landscape->shadow.mlp;
    if (mlp->n_states)
        memcpy(mlp->states, landscape->states, mlp->n_states * sizeof(float));
    return trainer_measure(&landscape->shadow, gradient);
}

double landscape_gradient(struct landscape *landscape) {
    return measure(landscape, true);
}

double landscape_loss(struct landscape *landscape) {
    return measure(landscape, false);
}

double landscape_distance(size_t n, const float *x, const float *y) {
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += ((double)x[i] - (double)y[i]) * ((double)x[i] - (double)y[i]);
    return sqrt(square);
}

/* ---- at the step's weights ---- */

/* Yang et al. 2019, section 3.3: how the squared length of the gradient grows from layer to layer
 * on its way down. */
static void find_growth(struct landscape *landscape) {
    const struct trainer *shadow = &landscape->shadow;
    double above = NAN;
    for (int k = shadow->mlp.n_layers - 1; k >= 0; k--) {
        size_t n = (size_t)shadow->B * (size_t)shadow->mlp.layers[k].out;
        double square = reduce_dot(n, shadow->batch.g[k], shadow->batch.g[k]);
        landscape->growth[k] = square / above;
        above = square;
    }
}

static void look_here(struct landscape *landscape) {
    const struct trainer *trainer = landscape->trainer;
    const struct mlp *mlp = &landscape->shadow.mlp;
    landscape->made = landscape->seen_step >= 0 && landscape->seen_step == trainer->step - 1;
    landscape->shadow.step = landscape->made ? trainer->step - 1 : trainer->step;
    if (!landscape->made)
        keep(landscape);
    memcpy(mlp->params, landscape->params, mlp->n_params * sizeof(float));
    landscape->loss = landscape_gradient(landscape);
    memcpy(landscape->gradient, mlp->grads, mlp->n_params * sizeof(float));
    landscape->gradient_norm =
        sqrt(reduce_dot(mlp->n_params, landscape->gradient, landscape->gradient));
    find_growth(landscape);
}

/* ---- along the gradient ---- */

/* What overflows is infinitely far away. */
static double or_infinite(double x) {
    return isnan(x) ? INFINITY : x;
}

/* Where nothing changes there is no slope to divide by: a gradient of 0 has none. */
static double over_distance(double change, double distance) {
    return change > 0 ? or_infinite(change / distance) : 0;
}

static void scan_at(struct landscape *landscape, double s, struct landscape_scan *scan) {
    const struct mlp *mlp = &landscape->shadow.mlp;
    landscape_go(landscape, landscape->params, -s, landscape->gradient);
    double loss = or_infinite(landscape_gradient(landscape));
    double change = or_infinite(landscape_distance(mlp->n_params, mlp->grads, landscape->gradient));
    scan->loss_low = fmin(scan->loss_low, loss);
    scan->loss_high = fmax(scan->loss_high, loss);
    scan->predictiveness = fmax(scan->predictiveness, change);
    scan->smoothness = fmax(scan->smoothness, over_distance(change, s * landscape->gradient_norm));
}

/* Values of s that the cap makes equal are one. */
static struct landscape_scan scan_range(struct landscape *landscape, struct scan_range range) {
    const struct trainer *shadow = &landscape->shadow;
    double lr = optimizer_lr_at(&landscape->trainer->config.optimizer, shadow->B, shadow->step,
                                shadow->total_steps);
    struct landscape_scan scan = {INFINITY, -INFINITY, 0, 0};
    double s = 0;
    for (int i = 0; i < range.n && s < LARGEST_STEP; i++) {
        s = lr * range.from * pow(range.to / range.from, (double)i / (range.n - 1));
        s = fmin(s, LARGEST_STEP);
        scan_at(landscape, s, &scan);
    }
    return scan;
}

void landscape_look(struct landscape *landscape, unsigned needs) {
    look_here(landscape);
    if (needs & PROBE_NEEDS_SCAN)
        landscape->near = scan_range(landscape, near_range);
    if (needs & PROBE_NEEDS_WIDE_SCAN)
        landscape->wide = scan_range(landscape, wide_range);
    if (needs & PROBE_NEEDS_SHIFT)
        landscape_find_shift(landscape);
    if (needs & PROBE_NEEDS_DECREASE)
        landscape_find_decrease(landscape);
    if (needs & PROBE_NEEDS_HESSIAN)
        landscape_find_hessian(landscape);
}

/* ---- rows ---- */

static void gradient_norm(const struct probe *probe, const struct probe_view *view, int layer,
                          double *out) {
    (void)probe, (void)layer;
    out[0] = view->landscape->gradient_norm;
}

static void gradient_growth(const struct probe *probe, const struct probe_view *view, int layer,
                            double *out) {
    (void)probe;
    out[0] = view->landscape->growth[layer];
}

static bool has_next(const struct probe *probe, const struct trainer *trainer, int layer) {
    (void)probe;
    return layer < trainer->mlp.n_layers - 1;
}

static const struct landscape_scan *scan_of(const struct probe *probe,
                                            const struct probe_view *view) {
    return probe->needs & PROBE_NEEDS_SCAN ? &view->landscape->near : &view->landscape->wide;
}

static void loss_low(const struct probe *probe, const struct probe_view *view, int layer,
                     double *out) {
    (void)layer;
    out[0] = scan_of(probe, view)->loss_low;
}

static void loss_high(const struct probe *probe, const struct probe_view *view, int layer,
                      double *out) {
    (void)layer;
    out[0] = scan_of(probe, view)->loss_high;
}

static void predictiveness(const struct probe *probe, const struct probe_view *view, int layer,
                           double *out) {
    (void)layer;
    out[0] = scan_of(probe, view)->predictiveness;
}

static void smoothness(const struct probe *probe, const struct probe_view *view, int layer,
                       double *out) {
    (void)layer;
    out[0] = scan_of(probe, view)->smoothness;
}

#define STEP                                                                                       \
    ", on the mini-batch of the last step (at step 0: of the next), at the weights before it"
#define NEAR "7 values of s from 1/2 to 4 times the rate, at most 0.4"
#define WIDE "8 values of s from 1/100 to 30 times the rate, at most 0.4"
#define LOW(range) "smallest loss at w - s g, g the gradient; " range STEP
#define HIGH(range) "largest loss at w - s g, g the gradient; " range STEP
#define PREDICTIVENESS(range)                                                                      \
    "gradient predictiveness: largest distance of the gradient at w - s g from g; " range STEP
#define SMOOTHNESS(range)                                                                          \
    "effective beta-smoothness: largest distance of the gradient at w - s g from g over |s "       \
    "g|; " range STEP
#define TIMES(gradients) gradients ", about 100 times a run"
enum {
    HERE = PROBE_NEEDS_SLOPE,
    SCAN = HERE | PROBE_NEEDS_SCAN,
    FAR = HERE | PROBE_NEEDS_WIDE_SCAN
};

const struct probe probe_landscape_rows[] = {
    {"gradient_norm", UNIT_OF_LOSS, "Euclidean norm of the gradient of all parameters" STEP,
     TIMES("a gradient"), PROBE_TRACE, LOG_ASKED, HERE, NULL, gradient_norm},
    {"gradient_growth", "1",
     "squared length of the gradient of a linear layer's output over that of the next layer's" STEP,
     TIMES("a gradient"), PROBE_TRACE_LAYER, LOG_ASKED, HERE, has_next, gradient_growth},
    {"loss_low", UNIT_OF_LOSS, LOW(NEAR), TIMES("8 gradients"), PROBE_TRACE, LOG_ASKED, SCAN, NULL,
     loss_low},
    {"loss_high", UNIT_OF_LOSS, HIGH(NEAR), TIMES("8 gradients"), PROBE_TRACE, LOG_ASKED, SCAN,
     NULL, loss_high},
    {"predictiveness", UNIT_OF_LOSS, PREDICTIVENESS(NEAR), TIMES("8 gradients"), PROBE_TRACE,
     LOG_ASKED, SCAN, NULL, predictiveness},
    {"smoothness", UNIT_OF_LOSS, SMOOTHNESS(NEAR), TIMES("8 gradients"), PROBE_TRACE, LOG_ASKED,
     SCAN, NULL, smoothness},
    {"wide_loss_low", UNIT_OF_LOSS, LOW(WIDE), TIMES("9 gradients"), PROBE_TRACE, LOG_ASKED, FAR,
     NULL, loss_low},
    {"wide_loss_high", UNIT_OF_LOSS, HIGH(WIDE), TIMES("9 gradients"), PROBE_TRACE, LOG_ASKED, FAR,
     NULL, loss_high},
    {"wide_predictiveness", UNIT_OF_LOSS, PREDICTIVENESS(WIDE), TIMES("9 gradients"), PROBE_TRACE,
     LOG_ASKED, FAR, NULL, predictiveness},
    {"wide_smoothness", UNIT_OF_LOSS, SMOOTHNESS(WIDE), TIMES("9 gradients"), PROBE_TRACE,
     LOG_ASKED, FAR, NULL, smoothness},
    {0},
};
