/* Backward against finite differences of forward_train.
 *
 * The objective is L = sum_bj w_bj y_bj, so that dL/dy = w and backward gives dL/dx. Its derivative
 * along a direction v comes from central differences at falling steps h, extrapolated to h = 0 by
 * Ridders' scheme (1982, "Accurate computation of F'(x) and F'(x) F''(x)"): each column of the
 * tableau removes the next even power of h, and the entry with the smallest estimate of its own
 * error is taken. Steps that are too large leave curvature, those that are too small leave the
 * rounding of float32 outputs (2^-24 / h), and a kink spoils the steps that cross it; the scheme
 * avoids all three without knowing which it was.
 *
 * What is compared is relative to the largest derivative of its array, and correct kernels come
 * within 1e-5 or so. Wrong divisors (1/B against 1/(B-1)) are tens of per cent at the small shapes;
 * eps outside the root in one direction is some per cent, because eps is made large or the input
 * small. */
#include <math.h>
#include <string.h>

#include "judge/check/laws_rows.h"

enum { COLUMNS = 6, INPUT = -1 };

struct probe_point {
    struct fixture fixture;
    struct pool pool;
    size_t n;             /* numbers in what is differentiated */
    float *place;         /* x, or a parameter */
    const float *start;   /* [n]: its values */
    const float *x_start; /* [B, D] */
    const float *saved;   /* by forward_train at the start */
    size_t n_saved;
    const float *weights;  /* [B, D] */
    const float *computed; /* [n]: by the backward kernels */
    double scale;          /* of the steps */
    double resolution;     /* derivatives below it cannot be seen */
};

static float *copy(struct pool *pool, const float *x, size_t n) {
    return memcpy(pool_alloc(pool, n * sizeof *x), x, n * sizeof *x);
}

static double length_of(const float *x, size_t n) {
    double squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += (double)x[i] * (double)x[i];
    return sqrt(squares);
}

/* Outputs round by 2^-24 of their size, over steps of a tenth of the input's: that is 1e-6 of
 * output / input, and must be far less than the bound of what is compared.
 *
 * At x = scale * N(0.3, 1); `param` is INPUT, or which parameter. */
static void point_create(struct probe_point *point, const struct norm_config *config, int B, int D,
                         int param, double scale) {
    *point = (struct probe_point){.scale = param == INPUT ? scale : 1};
    struct fixture *fixture = &point->fixture;
    fixture_create(fixture, config, B, D, 100);
    size_t elements = law_elements(fixture);
    for (size_t i = 0; i < elements; i++)
        fixture->x[i] *= (float)scale;
    const struct norm_field *field = param == INPUT ? NULL : &fixture->norm.kind->param[param];
    point->n = field ? (size_t)norm_field_size(field, D) : elements;
    point->place = param == INPUT ? fixture->x : fixture->norm.param[param];
    point->x_start = copy(&point->pool, fixture->x, elements);
    point->start = copy(&point->pool, point->place, point->n);
    point->weights = copy(&point->pool, fixture->g, elements);
    point->n_saved = norm_saved_size(fixture->norm.kind, config, B, D);
    fixture_forward_train(fixture, 0, CUT_NONE);
    point->saved = copy(&point->pool, fixture->norm.saved, point->n_saved);
    point->resolution =
        0.1 * length_of(fixture->x, elements) / sqrt((double)elements) / point->scale;
    point->resolution = fmax(point->resolution, 1e-30); /* where all outputs are 0 */
    fixture_backward_param(fixture, CUT_NONE);
    fixture_backward(fixture, CUT_NONE);
    point->computed =
        copy(&point->pool, param == INPUT ? fixture->g : fixture->norm.grad[param], point->n);
}

static void point_free(struct probe_point *point) {
    fixture_free(&point->fixture);
    pool_free(&point->pool);
}

/* What stops the gradient is held where it was: backward takes it for constant, and so must the
 * differences. */
static void forward(struct probe_point *point) {
    struct fixture *fixture = &point->fixture;
    if (!fixture->norm.kind->stops_gradient) {
        fixture_forward_train(fixture, 0, CUT_NONE);
        return;
    }
    memcpy(fixture->norm.saved, point->saved, point->n_saved * sizeof *point->saved);
    fixture_forward_held(fixture);
}

/* L after a step of h along v. Where a step is rounded to float32, the slope is that of what was
 * really taken: `taken` is its length along v. */
static double objective(struct probe_point *point, const float *v, double h, double *taken) {
    struct fixture *fixture = &point->fixture;
    double sum = 0, along = 0, length = 0;
    memcpy(fixture->x, point->x_start, law_elements(fixture) * sizeof *fixture->x);
    for (size_t i = 0; i < point->n; i++) {
        point->place[i] = (float)((double)point->start[i] + h * (double)v[i]);
        along += ((double)point->place[i] - (double)point->start[i]) * (double)v[i];
        length += (double)v[i] * (double)v[i];
    }
    forward(point);
    for (size_t i = 0; i < law_elements(fixture); i++)
        sum += (double)point->weights[i] * (double)fixture->x[i];
    memcpy(point->place, point->start, point->n * sizeof *point->place);
    *taken = along / length;
    return sum;
}

static double central(struct probe_point *point, const float *v, double h) {
    double up, down;
    double high = objective(point, v, h, &up), low = objective(point, v, -h, &down);
    return (high - low) / (up - down);
}

static double slope(struct probe_point *point, const float *v) {
    static const double shrink = 1.6;
    double table[COLUMNS][COLUMNS], h = point->scale / 8, best = NAN, least = INFINITY;
    for (int i = 0; i < COLUMNS; i++, h /= shrink) {
        double factor = 1;
        table[i][0] = central(point, v, h);
        for (int k = 1; k <= i; k++) {
            factor *= shrink * shrink;
            table[i][k] = (factor * table[i][k - 1] - table[i - 1][k - 1]) / (factor - 1);
            double error =
                fmax(fabs(table[i][k] - table[i][k - 1]), fabs(table[i][k] - table[i - 1][k - 1]));
            if (error < least) {
                least = error;
                best = table[i][k];
            }
        }
    }
    return best;
}

static double largest_of(const float *x, size_t n) {
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs((double)x[i]));
    return largest;
}

/* One number at a time. */
static void each_number(struct probe_point *point, const char *of, struct law_result *result) {
    float *v = pool_alloc(&point->pool, point->n * sizeof *v);
    double *expected = pool_alloc(&point->pool, point->n * sizeof *expected);
    double largest = fmax(largest_of(point->computed, point->n), point->resolution);
    for (size_t i = 0; i < point->n; i++) {
        v[i] = 1;
        expected[i] = slope(point, v);
        v[i] = 0;
        largest = fmax(largest, fabs(expected[i]));
    }
    for (size_t i = 0; i < point->n; i++)
        law_measure(result, fabs(expected[i] - (double)point->computed[i]) / largest,
                    "%s, values of %.2g, eps %.3g, %s[%zu]: %.6g instead of %.6g",
                    point->fixture.name, point->scale, point->fixture.config.eps, of, i,
                    (double)point->computed[i], expected[i]);
}

/* All at once, along random directions: for shapes that are too large for the other. A direction
 * of length sqrt(n) meets n derivatives, so the size to compare with is their length. */
static void projections(struct probe_point *point, const char *of, struct law_result *result) {
    enum { DIRECTIONS = 6 };
    float *v = pool_alloc(&point->pool, point->n * sizeof *v);
    double size = fmax(length_of(point->computed, point->n), point->resolution);
    for (uint32_t d = 0; d < DIRECTIONS; d++) {
        double computed = 0;
        fixture_normal(110 + d, point->n, 0, 1, v);
        for (size_t i = 0; i < point->n; i++)
            computed += (double)v[i] * (double)point->computed[i];
        double expected = slope(point, v);
        law_measure(result, fabs(expected - computed) / size,
                    "%s, eps %.3g, along a random direction of %s: %.6g instead of %.6g",
                    point->fixture.name, point->fixture.config.eps, of, computed, expected);
    }
}

/* ---- where it is asked ---- */

static void at_point(const struct norm_config *config, int B, int D, int param, double scale,
                     struct law_result *result) {
    enum { SMALL = 64 };
    const struct normalizer *kind = normalizer_get(config->kind);
    if (!fixture_allowed(config, B, D) || (param >= norm_fields(kind->param)) ||
        (param != INPUT && !config->affine))
        return;
    struct probe_point point;
    const char *of = param == INPUT ? "x" : kind->param[param].name;
    point_create(&point, config, B, D, param, scale);
    if (B * D <= SMALL)
        each_number(&point, of, result);
    else
        projections(&point, of, result);
    point_free(&point);
}

/* eps a tenth of the input's variance: so large that its place in the formulas matters, and that
 * two numbers that happen to be close make no step that differences cannot resolve. Values of 0.02
 * do the first for an eps that is the row's own. */
static void at_shape(const struct norm_config *config, int B, int D, int param,
                     struct law_result *result) {
    static const double scales[] = {1, 0.02};
    for (int i = 0; i < 2; i++) {
        struct norm_config large = *config;
        large.eps = 0.1 * scales[i] * scales[i];
        at_point(&large, B, D, param, scales[i], result);
    }
}

static void everywhere(const struct norm_config *config, int param, struct law_result *result) {
    static const int shapes[][2] = {{1, 6},  {2, 5},  {4, 6},   {7, 8},
                                    {4, 16}, {8, 12}, {16, 32}, {64, 48}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int affine = 0; affine <= (int)config->affine; affine++) {
            struct norm_config variant = *config;
            variant.affine = affine;
            at_shape(&variant, shapes[i][0], shapes[i][1], param, result);
        }
}

void law_gradient_input(const struct norm_config *config, struct law_result *result) {
    everywhere(config, INPUT, result);
}

void law_gradient_param(const struct norm_config *config, struct law_result *result) {
    int n = norm_fields(normalizer_get(config->kind)->param);
    for (int param = 0; param < n && config->affine; param++)
        everywhere(config, param, result);
    if (n == 0 || !config->affine)
        law_say(result, LAW_HOLDS, "it has no parameters here");
}
