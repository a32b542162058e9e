/* Condition numbers: of the input's second moments, and, for a network of one linear layer under
 * the squared loss, of the Hessian itself, which then is ([X 1]'[X 1] / rows) (x) I, whatever the
 * weights (LeCun et al. 1998, "Efficient BackProp", section 5). */
#include "probe/condition.h"

#include <math.h>

#include "kernel/eigen.h"
#include "probe/rows.h"

/* Eigenvalues of at most this share of the largest count as 0: a feature that never varies. The
 * solver is good to about 1e-13. */
static const double CUT = 1e-10;

void condition_layout(struct input_moments *input, struct arena *arena, const struct mlp *mlp) {
    size_t n = (size_t)mlp->n_inputs + 1;
    input->moments = arena_doubles(arena, n * n);
    input->diagonal = arena_doubles(arena, n);
    input->beside = arena_doubles(arena, n);
}

/* A = X'X / rows, for X with a column of ones at its end where n is one more than D. */
static void find_moments(int n, int rows, int D, const float *x, double *A) {
    for (long i = 0; i < (long)n * n; i++)
        A[i] = 0;
    for (int b = 0; b < rows; b++) {
        const float *row = x + (long)b * D;
        for (int i = 0; i < n; i++) {
            double left = (i < D ? (double)row[i] : 1) / rows;
            for (int j = 0; j < D && j <= i; j++)
                A[(long)i * n + j] += left * (double)row[j];
        }
        if (n > D)
            A[(long)n * n - 1] += 1.0 / rows;
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            A[(long)j * n + i] = A[(long)i * n + j];
}

/* Largest over the smallest eigenvalue that is not 0; how many are 0. */
static double condition_of(struct input_moments *input, int n, int rows, int D, const float *x,
                           int *null) {
    const double *a = input->diagonal, *b = input->beside;
    find_moments(n, rows, D, x, input->moments);
    eigen_reduce(n, input->moments, input->diagonal, input->beside);
    double largest = eigen_find(n, a, b, n - 1);
    *null = eigen_below(n, a, b, CUT * largest);
    return *null < n ? largest / eigen_find(n, a, b, *null) : NAN;
}

static bool is_regression(const struct mlp *mlp) {
    return mlp->n_layers == 1 && !mlp->layers[0].has_norm;
}

void condition_look(struct input_moments *input, const struct mlp *mlp, int rows, const float *x) {
    int D = mlp->n_inputs, n = D + mlp->layers[0].has_bias, null;
    if (input->known && !mlp->has_input_norm)
        return; /* the rows stay what they are */
    input->known = true;
    input->inputs = condition_of(input, D, rows, D, x, &input->null);
    if (is_regression(mlp))
        input->hessian = n == D ? input->inputs : condition_of(input, n, rows, D, x, &null);
}

/* ---- rows ---- */

static bool has_constant_hessian(const struct probe *probe, const struct trainer *trainer,
                                 int layer) {
    (void)probe, (void)layer;
    return is_regression(&trainer->mlp) && trainer->config.train.loss == LOSS_SQUARED;
}

static void input_condition(const struct probe *probe, const struct probe_view *view, int layer,
                            double *out) {
    (void)probe, (void)layer;
    out[0] = view->input->inputs;
}

static void input_null(const struct probe *probe, const struct probe_view *view, int layer,
                       double *out) {
    (void)probe, (void)layer;
    out[0] = view->input->null;
}

static void hessian_condition(const struct probe *probe, const struct probe_view *view, int layer,
                              double *out) {
    (void)probe, (void)layer;
    out[0] = view->input->hessian;
}

#define SAMPLE " the first layer's input on 1,000 training rows"
#define COST "some (features)^3 operations, once; about 10 times a run with norm.on_input"
enum { NEEDS = PROBE_NEEDS_SAMPLE | PROBE_NEEDS_CONDITION };

const struct probe probe_condition_rows[] = {
    {"input_condition", "1",
     "largest over smallest eigenvalue of the second moments X'X / rows of" SAMPLE
     "; those up to 1e-10 of the largest are left out",
     COST, PROBE_MILESTONE, LOG_ASKED, NEEDS, NULL, input_condition},
    {"input_null", "1",
     "eigenvalues of the second moments of" SAMPLE " that are at most 1e-10 of the largest", COST,
     PROBE_MILESTONE, LOG_ASKED, NEEDS, NULL, input_null},
    {"hessian_condition", "1",
     "exact condition number of the Hessian of one linear layer under the squared loss, for" SAMPLE
     "; eigenvalues up to 1e-10 of the largest are left out",
     COST, PROBE_MILESTONE, LOG_ASKED, NEEDS, has_constant_hessian, hessian_condition},
    {0},
};
