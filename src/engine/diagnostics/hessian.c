/* Curvature: the Hessian's largest eigenvalue, by Lanczos' iteration (Golub & Van Loan 2013,
 * section 10.1), and its mean one, the trace over the number of parameters (Hutchinson 1990).
 *
 * Products with the Hessian are central differences of gradients, over a distance of 3e-4 of the
 * weights' length: gradients are float32, good to about 1e-6 of their length, and what the
 * difference leaves out grows with the square of the distance. Against second derivatives in double
 * the largest eigenvalue is right to about a percent (tests/engine/diagnostics/test_hessian.c). It
 * is not where so small a step changes the outputs by 1 and more, because inputs are large (bytes)
 * and weights not small: then it is the change of gradients over that distance, and no derivative.
 * Nor is there one between two linear pieces of a relu network; differences count its jumps in. */
#include "engine/diagnostics/hessian.h"

#include <math.h>
#include <string.h>

#include "engine/kernel/eigen.h"
#include "engine/kernel/reduce.h"

enum {
    LANCZOS_STEPS = 32,
    TRACE_VECTORS = 32, /* random directions of the estimate of the trace */
    EXACT = 256,        /* up to so many parameters, each is a direction */
};

static const double DISTANCE = 3e-4; /* of |w| */

static void layout(void *state, struct arena *arena, const struct trainer *trainer) {
    struct hessian *hessian = state;
    hessian->vector = arena_floats(arena, trainer->mlp.n_params);
    hessian->last_vector = arena_floats(arena, trainer->mlp.n_params);
    hessian->product = arena_floats(arena, trainer->mlp.n_params);
}

static double length_of(size_t n, const float *x) {
    return sqrt(reduce_dot(n, x, x));
}

/* product = H vector, for a vector of length 1. */
static void multiply(struct landscape *landscape, const float *vector, float *product) {
    const struct mlp *mlp = &landscape->copy.mlp;
    double h = DISTANCE * length_of(mlp->n_params, landscape->params);
    landscape_go(landscape, landscape->params, h, vector);
    landscape_gradient(landscape);
    memcpy(product, mlp->grads, mlp->n_params * sizeof(float));
    landscape_go(landscape, landscape->params, -h, vector);
    landscape_gradient(landscape);
    for (size_t i = 0; i < mlp->n_params; i++)
        product[i] = (float)(((double)product[i] - (double)mlp->grads[i]) / (2 * h));
}

/* Random signs over sqrt(n): length 1. Those of padding between vectors of parameters have no
 * effect. */
static void draw_signs(const struct landscape *landscape, uint32_t stream, float *vector) {
    const struct trainer *trainer = landscape->trainer;
    struct random_key key = {(uint64_t)trainer->config.seeds.seed, RANDOM_PROBE, stream};
    size_t n = trainer->mlp.n_params;
    float size = (float)(1 / sqrt((double)n));
    for (size_t i = 0; i < n; i++)
        vector[i] = random_bits(key, i) & 1 ? size : -size;
}

/* ---- the largest eigenvalue ---- */

/* w = H v_j - b_j-1 v_j-1;  a_j = <w, v_j>;  w -= a_j v_j;  b_j = |w|;  v_j+1 = w / b_j
 * Vectors are not kept orthogonal: eigenvalues are then found several times, and the largest stays
 * what it is. */
static double lanczos(struct hessian *hessian, struct landscape *landscape) {
    size_t n = landscape->copy.mlp.n_params;
    float *v = hessian->vector, *last = hessian->last_vector, *w = hessian->product;
    double a[LANCZOS_STEPS], b[LANCZOS_STEPS];
    int steps = 0;
    draw_signs(landscape, 0, v);
    memset(last, 0, n * sizeof *last);
    for (bool more = true; more && steps < LANCZOS_STEPS; steps++) {
        double before = steps ? b[steps - 1] : 0;
        multiply(landscape, v, w);
        a[steps] = reduce_dot(n, w, v);
        for (size_t i = 0; i < n; i++)
            w[i] = (float)((double)w[i] - a[steps] * (double)v[i] - before * (double)last[i]);
        b[steps] = length_of(n, w);
        more = b[steps] > 1e-5 * fabs(a[0]); /* else only rounding errors are left */
        memcpy(last, v, n * sizeof *v);
        for (size_t i = 0; more && i < n; i++)
            v[i] = (float)((double)w[i] / b[steps]);
    }
    return eigen_find(steps, a, b, steps - 1);
}

/* ---- the mean and the mean squared eigenvalue ---- */

/* Sums over directions z of <z, H z> and |H z|^2. */
struct moments {
    double trace, square;
};

static void add_moments_along(struct hessian *hessian, struct landscape *landscape,
                              struct moments *sums) {
    size_t n = landscape->copy.mlp.n_params;
    multiply(landscape, hessian->vector, hessian->product);
    sums->trace += reduce_dot(n, hessian->vector, hessian->product);
    sums->square += reduce_dot(n, hessian->product, hessian->product);
}

static struct moments exact_moments(struct hessian *hessian, struct landscape *landscape) {
    size_t n = landscape->copy.mlp.n_params;
    struct moments sums = {0, 0};
    memset(hessian->vector, 0, n * sizeof(float));
    for (size_t i = 0; i < n; i++) {
        hessian->vector[i] = 1;
        add_moments_along(hessian, landscape, &sums);
        hessian->vector[i] = 0;
    }
    return sums;
}

/* E <z, H z> = trace H, E |H z|^2 = trace H^2 for independent signs z. */
static struct moments estimated_moments(struct hessian *hessian, struct landscape *landscape) {
    double n = (double)landscape->copy.mlp.n_params;
    struct moments sums = {0, 0};
    for (uint32_t i = 0; i < TRACE_VECTORS; i++) {
        draw_signs(landscape, 1 + i, hessian->vector);
        add_moments_along(hessian, landscape, &sums);
    }
    return (struct moments){sums.trace * n / TRACE_VECTORS, sums.square * n / TRACE_VECTORS};
}

static size_t norm_numbers(const struct norm *norm) {
    size_t n = 0;
    for (int i = 0; i < NORM_FIELDS; i++)
        n += norm->param[i] ? (size_t)norm_field_size(&norm->kind->param[i], norm->D) : 0;
    return n;
}

/* Without the padding. */
static size_t parameters(const struct mlp *mlp) {
    size_t n = 0;
    for (int i = 0; i < mlp->n_norms; i++)
        n += norm_numbers(&mlp->norms[i]);
    for (int k = 0; k < mlp->n_layers; k++) {
        const struct layer *layer = &mlp->layers[k];
        n += (size_t)layer->in * (size_t)layer->out + (layer->b ? (size_t)layer->out : 0);
    }
    return n;
}

static enum status measure(void *state, const struct diagnostics *all) {
    struct hessian *hessian = state;
    struct landscape *landscape = diagnostics_state(all, &diagnostic_landscape);
    size_t n = parameters(&landscape->copy.mlp);
    struct moments sums =
        n <= EXACT ? exact_moments(hessian, landscape) : estimated_moments(hessian, landscape);
    hessian->mean = sums.trace / (double)n;
    hessian->rms = sqrt(sums.square / (double)n);
    hessian->largest = lanczos(hessian, landscape);
    return OK;
}

const struct diagnostic diagnostic_hessian = {.name = "hessian",
                                              .reads = {&diagnostic_landscape},
                                              .size = sizeof(struct hessian),
                                              .layout = layout,
                                              .measure = measure};
