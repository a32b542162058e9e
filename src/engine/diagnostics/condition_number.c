/* Condition numbers: of the input's second moments, and, for a network of one linear layer, of the
 * Hessian itself. With x the input of a row and a 1 for the bias:
 *
 *     squared loss     mean over rows of x x' (x) I, whatever the weights (LeCun et al. 1998,
 *                      "Efficient BackProp", section 5)
 *     cross-entropy    mean over rows of (diag p - p p') (x) x x', with p the softmax of the
 * outputs
 */
#include "engine/diagnostics/condition_number.h"

#include <math.h>

#include "engine/diagnostics/snapshot.h"
#include "engine/kernel/eigen.h"

/* Eigenvalues of at most this share of the largest count as 0: a feature that never varies, or what
 * moves all outputs alike. The solver is good to about 1e-13. */
static const double CUT = 1e-10;

enum { MOST_WEIGHTS = 2000 }; /* of a Hessian that is written out */

static bool is_regression(const struct mlp *mlp) {
    return mlp->n_layers == 1 && !mlp->layers[0].norm;
}

/* Inputs of the first layer, the constant of the bias among them. */
static int inputs_of(const struct mlp *mlp) {
    return mlp->n_inputs + mlp->layers[0].has_bias;
}

static bool is_softmax(const struct trainer *trainer) {
    return is_regression(&trainer->mlp) && trainer->config.train.loss == LOSS_CROSS_ENTROPY &&
           (long)inputs_of(&trainer->mlp) * trainer->mlp.n_outputs <= MOST_WEIGHTS;
}

static bool is_least_squares(const struct trainer *trainer) {
    return is_regression(&trainer->mlp) && trainer->config.train.loss == LOSS_SQUARED;
}

bool condition_has_hessian(const struct trainer *trainer) {
    return is_least_squares(trainer) || is_softmax(trainer);
}

static void layout(void *state, struct arena *arena, const struct trainer *trainer) {
    struct condition_number *condition = state;
    size_t K = is_softmax(trainer) ? (size_t)trainer->mlp.n_outputs : 0;
    size_t n = (size_t)(trainer->mlp.n_inputs + 1) * (K ? K : 1);
    condition->matrix = arena_doubles(arena, n * n);
    condition->diagonal = arena_doubles(arena, n);
    condition->beside = arena_doubles(arena, n);
    condition->probability =
        arena_doubles(arena, (size_t)sample_rows(trainer->dataset->n[PART_TRAIN]) * K);
}

/* n inputs of each of so many rows x [rows, D]; n is D, or one more with a 1 at the end. */
struct design {
    int rows, D, n;
    const float *x;
};

/* Input i of row b. */
static double input_at(const struct design *design, int b, int i) {
    return i < design->D ? (double)design->x[(long)b * design->D + i] : 1;
}

/* block [n, n], of which rows are `stride` apart, += weight x x' / rows, below and on the diagonal
 */
static void add_square(const struct design *design, int b, double weight, long stride,
                       double *block) {
    const float *row = design->x + (long)b * design->D;
    for (int i = 0; i < design->n; i++) {
        double left = weight * input_at(design, b, i) / design->rows, *to = block + i * stride;
        for (int j = 0; j < design->D && j <= i; j++)
            to[j] += left * (double)row[j];
        if (i == design->D)
            to[i] += left;
    }
}

/* What stands above the diagonal of A [n, n] from what stands below. */
static void mirror(int n, double *A) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            A[(long)j * n + i] = A[(long)i * n + j];
}

/* A = X'X / rows */
static int find_moments(const struct design *design, double *A) {
    int n = design->n;
    for (long i = 0; i < (long)n * n; i++)
        A[i] = 0;
    for (int b = 0; b < design->rows; b++)
        add_square(design, b, 1, n, A);
    mirror(n, A);
    return n;
}

/* p [rows, K] = softmax of z, in double. */
static void find_probability(int rows, int K, const float *z, double *p) {
    for (int b = 0; b < rows; b++, z += K, p += K) {
        double largest = (double)z[0], sum = 0;
        for (int k = 1; k < K; k++)
            largest = fmax(largest, (double)z[k]);
        for (int k = 0; k < K; k++)
            sum += p[k] = exp((double)z[k] - largest);
        for (int k = 0; k < K; k++)
            p[k] /= sum;
    }
}

/* Block k, l of A: mean over rows of p_k ([k = l] - p_l) x x' */
static int find_softmax_hessian(const struct design *design, int K, const double *p, double *A) {
    int n = design->n;
    long stride = (long)n * K;
    for (long i = 0; i < stride * stride; i++)
        A[i] = 0;
    for (int k = 0; k < K; k++)
        for (int l = 0; l <= k; l++) {
            double *block = A + k * n * stride + l * n;
            for (int b = 0; b < design->rows; b++) {
                double weight = p[b * K + k] * ((k == l) - p[b * K + l]);
                add_square(design, b, weight, stride, block);
            }
            for (int i = 0; i < n; i++) /* a block is symmetric in itself */
                for (int j = 0; j < i; j++)
                    block[j * stride + i] = block[i * stride + j];
        }
    mirror((int)stride, A);
    return (int)stride;
}

/* Largest over the smallest eigenvalue of the matrix [n, n] that is not 0; how many are 0. */
static double condition_of(struct condition_number *condition, int n, int *null) {
    const double *a = condition->diagonal, *b = condition->beside;
    eigen_reduce(n, condition->matrix, condition->diagonal, condition->beside);
    double largest = eigen_find(n, a, b, n - 1);
    *null = eigen_below(n, a, b, CUT * largest);
    return *null < n ? largest / eigen_find(n, a, b, *null) : NAN;
}

/* Its moments stay what they are where the rows do. */
static void measure_input(struct condition_number *condition, const struct trainer *trainer,
                          struct design design) {
    int null;
    condition->known = true;
    condition->input =
        condition_of(condition, find_moments(&design, condition->matrix), &condition->null);
    condition->hessian = NAN;
    design.n = inputs_of(&trainer->mlp);
    if (is_least_squares(trainer))
        condition->hessian =
            condition_of(condition, find_moments(&design, condition->matrix), &null);
}

static enum status measure(void *state, const struct diagnostics *all) {
    struct condition_number *condition = state;
    const struct sample *sample = diagnostics_state(all, &diagnostic_sample);
    const struct trainer *trainer = all->trainer;
    const struct mlp *mlp = &trainer->mlp;
    int D = mlp->n_inputs, K = mlp->n_outputs, null;
    struct design design = {sample->rows, D, D, sample->workspace.x};
    if (!condition->known || mlp->input_norm)
        measure_input(condition, trainer, design);
    if (!is_softmax(trainer))
        return OK;
    design.n = inputs_of(mlp);
    find_probability(sample->rows, K, sample->workspace.y[0], condition->probability);
    int n = find_softmax_hessian(&design, K, condition->probability, condition->matrix);
    condition->hessian = condition_of(condition, n, &null);
    return OK;
}

const struct diagnostic diagnostic_condition_number = {.name = "condition_number",
                                                       .reads = {&diagnostic_sample},
                                                       .size = sizeof(struct condition_number),
                                                       .layout = layout,
                                                       .measure = measure};
