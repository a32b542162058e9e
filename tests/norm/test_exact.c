/* Every row that the oracle knows against it: forward, backward, running statistics, evaluation.
 *
 * The oracle gets the same float32 numbers, so nothing is lost in the input, and the tolerances
 * count roundings: u = 2^-24 is the error of one. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/norm/fixture.h"
#include "tests/support.h"

static const double U = 0x1p-24;

/* The same normalizer on both sides. */
struct twin {
    struct fixture fixture;
    struct oracle_norm oracle;
    double *x, *g, *y, *dx; /* [B, D] of the oracle */
    double gamma[2000], dgamma[2000], beta[2000], dbeta[2000], mean[2000], var[2000];
};

static void twin_create(struct twin *twin, const struct norm_config *config, int B, int D,
                        double offset, double scale, uint32_t stream) {
    struct fixture *fixture = &twin->fixture;
    fixture_create(fixture, config, B, D, stream);
    size_t n = (size_t)B * (size_t)D;
    test_normal(stream + 9, n, offset * scale, scale, fixture->x);
    twin->x = test_memory(n, sizeof(double));
    twin->g = test_memory(n, sizeof(double));
    twin->y = test_memory(n, sizeof(double));
    twin->dx = test_memory(n, sizeof(double));
    test_widen(n, fixture->x, twin->x);
    test_widen(n, fixture->g, twin->g);
    size_t width = (size_t)D, owned = fixture->norm.param[0] ? width : 0;
    if (owned) {
        test_widen(owned, fixture->norm.param[0], twin->gamma);
        test_widen(owned, fixture->norm.param[1], twin->beta);
    }
    if (fixture->norm.state[0]) {
        test_normal(stream + 5, width, offset * scale, scale, fixture->norm.state[0]);
        for (size_t j = 0; j < width; j++)
            fixture->norm.state[1][j] *= (float)(scale * scale);
        test_widen(width, fixture->norm.state[0], twin->mean);
        test_widen(width, fixture->norm.state[1], twin->var);
    }
    twin->oracle = (struct oracle_norm){
        .kind = oracle_kind_find(fixture->norm.kind->name),
        .D = D,
        .eps = config->eps,
        .biased = config->running_var == RUNNING_VAR_BIASED,
        .gamma = {.n = owned, .w = twin->gamma, .g = twin->dgamma},
        .beta = {.n = owned, .w = twin->beta, .g = twin->dbeta},
        .mean = twin->mean,
        .var = twin->var,
    };
}

static void twin_free(struct twin *twin) {
    fixture_free(&twin->fixture);
    double *parts[] = {twin->x, twin->g, twin->y, twin->dx};
    for (int i = 0; i < 4; i++)
        free(parts[i]);
}

static void near(const struct twin *twin, const char *what, size_t at, double actual,
                 double expected, double tolerance) {
    double error = fabs(actual - expected);
    cr_assert(error <= tolerance, "%s, %s[%zu]: %.9g instead of %.9g (off by %.2g, allowed %.2g)",
              twin->fixture.name, what, at, actual, expected, error, tolerance);
}

/* y = gamma xhat + beta: centring (2 roundings), 1/deviation (1 of its own, 2 from the centred
 * values), two products, a sum. */
static void compare_outputs(const struct twin *twin, const char *what) {
    size_t n = (size_t)twin->fixture.B * (size_t)twin->fixture.D, D = (size_t)twin->fixture.D;
    for (size_t i = 0; i < n; i++) {
        double beta = twin->oracle.beta.n ? fabs(twin->beta[i % D]) : 0;
        double size = fabs(twin->y[i]) + beta;
        near(twin, what, i, (double)twin->fixture.x[i], twin->y[i], 8 * U * size);
    }
}

/* What the terms of dx = gamma/deviation (g - mean(g) - xhat mean(g xhat)) sum up to, in absolute
 * value. */
static double *gradient_sizes(const struct twin *twin) {
    int B = twin->fixture.B, D = twin->fixture.D;
    bool batch = twin->oracle.kind == ORACLE_BATCH;
    int groups = batch ? D : B, m = batch ? B : D;
    double *sizes = test_memory((size_t)B * (size_t)D, sizeof *sizes);
    for (int k = 0; k < groups; k++) {
        double mean = 0, var = 0, mean_h = 0, mean_hx = 0;
        for (int i = 0; i < m; i++)
            mean += twin->x[batch ? i * D + k : k * D + i] / m;
        for (int i = 0; i < m; i++)
            var += pow(twin->x[batch ? i * D + k : k * D + i] - mean, 2) / m;
        double deviation = sqrt(var + twin->oracle.eps);
        for (int i = 0; i < m; i++) {
            int at = batch ? i * D + k : k * D + i;
            double h = twin->g[at] * (twin->oracle.gamma.n ? twin->gamma[at % D] : 1);
            mean_h += fabs(h) / m;
            mean_hx += fabs(h * (twin->x[at] - mean) / deviation) / m;
        }
        for (int i = 0; i < m; i++) {
            int at = batch ? i * D + k : k * D + i;
            double h = twin->g[at] * (twin->oracle.gamma.n ? twin->gamma[at % D] : 1);
            double xhat = (twin->x[at] - mean) / deviation;
            sizes[at] = (fabs(h) + mean_h + 2 * fabs(xhat) * mean_hx) / deviation;
        }
    }
    return sizes;
}

/* Each term: its factors (xhat carries 6 roundings, and stands twice in the last term), products,
 * sums. */
static void compare_gradients(const struct twin *twin) {
    size_t n = (size_t)twin->fixture.B * (size_t)twin->fixture.D, D = (size_t)twin->fixture.D;
    if (twin->oracle.kind == ORACLE_NONE) {
        for (size_t i = 0; i < n; i++)
            near(twin, "dx", i, (double)twin->fixture.g[i], twin->dx[i], 0);
        return;
    }
    double *sizes = gradient_sizes(twin);
    for (size_t i = 0; i < n; i++)
        near(twin, "dx", i, (double)twin->fixture.g[i], twin->dx[i], 10 * U * sizes[i]);
    free(sizes);
    for (size_t j = 0; j < twin->oracle.gamma.n; j++) {
        double terms = 0;
        for (size_t i = j; i < n; i += D) {
            double xhat = (twin->y[i] - twin->beta[j]) / twin->gamma[j];
            terms += fabs(twin->g[i] * xhat);
        }
        near(twin, "dgamma", j, (double)twin->fixture.norm.grad[0][j], twin->dgamma[j],
             8 * U * terms);
        near(twin, "dbeta", j, (double)twin->fixture.norm.grad[1][j], twin->dbeta[j],
             2 * U * fabs(twin->dbeta[j]) + 1e-14);
    }
}

/* Running mean: double sums, one rounding into the float; variance: two more of the centred values.
 */
static void compare_states(const struct twin *twin, double offset, double scale) {
    for (int j = 0; twin->fixture.norm.state[0] && j < twin->fixture.D; j++) {
        size_t at = (size_t)j;
        near(twin, "running_mean", at, (double)twin->fixture.norm.state[0][j], twin->mean[j],
             2 * U * (fabs(twin->mean[j]) + fabs(offset) * scale * 1e-6));
        near(twin, "running_var", at, (double)twin->fixture.norm.state[1][j], twin->var[j],
             8 * U * twin->var[j]);
    }
}

static void compare_training(const struct norm_config *config, int B, int D, double offset,
                             double scale) {
    struct twin *twin = test_memory(1, sizeof *twin);
    twin_create(twin, config, B, D, offset, scale, (uint32_t)(B * 1000 + D));
    oracle_norm_forward(&twin->oracle, NULL, B, twin->x, twin->y);
    oracle_norm_running(&twin->oracle, B, twin->x, 0.1);
    oracle_norm_backward(&twin->oracle, NULL, B, twin->x, twin->g, twin->dx);
    fixture_forward_train(&twin->fixture, 0.1, CUT_RANDOM);
    compare_outputs(twin, "y");
    compare_states(twin, offset, scale);
    fixture_backward_param(&twin->fixture, CUT_RANDOM);
    fixture_backward(&twin->fixture, CUT_RANDOM);
    compare_gradients(twin);
    twin_free(twin);
    free(twin);
}

static void compare_evaluation(const struct norm_config *config, int B, int D, double offset,
                               double scale) {
    struct twin *twin = test_memory(1, sizeof *twin);
    twin_create(twin, config, B, D, offset, scale, (uint32_t)(B * 1000 + D));
    oracle_norm_eval(&twin->oracle, B, twin->x, twin->y);
    fixture_forward_eval(&twin->fixture, twin->fixture.norm.state, CUT_RANDOM);
    compare_outputs(twin, "evaluation");
    twin_free(twin);
    free(twin);
}

static const int row_counts[] = {2, 3, 4, 7, 16, 31, 64, 127, 300};
static const int widths[] = {1, 2, 3, 10, 17, 100, 129, 300, 1000};
enum { N_ROWS = sizeof row_counts / sizeof *row_counts, N_WIDTHS = sizeof widths / sizeof *widths };

/* All rows of the registry that have a formula in the oracle. */
static void for_known_rows(void (*compare)(const struct norm_config *, int, int, double, double),
                           double offset, double scale, bool large) {
    int known = 0;
    for (int kind = 0; kind < normalizer_count(); kind++) {
        if (oracle_kind_find(normalizer_get(kind)->name) == ORACLE_UNKNOWN)
            continue;
        known++;
        for (int i = 0; i < N_ROWS * N_WIDTHS; i++) {
            struct norm_config config = fixture_config(kind);
            int B = row_counts[i / N_WIDTHS], D = widths[i % N_WIDTHS];
            config.affine = i % 3 != 0;
            config.running_var = i % 2 ? RUNNING_VAR_BIASED : RUNNING_VAR_UNBIASED;
            if (fixture_allowed(&config, B, D) && (large || B * D < 5000))
                compare(&config, B, D, offset, scale);
        }
    }
    cr_assert(known >= 3, "the oracle knows only %d rows of the registry", known);
}

Test(norm_exact, training_over_all_shapes) {
    for_known_rows(compare_training, 0.3, 1, true);
}

Test(norm_exact, training_over_scales_and_offsets) {
    static const double scales[] = {1e-4, 1e-2, 1, 1e2, 1e4};
    static const double offsets[] = {0, 1, -30, 1000};
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 4; j++)
            for_known_rows(compare_training, offsets[j], scales[i], false);
}

Test(norm_exact, evaluation_over_shapes_scales_and_offsets) {
    for_known_rows(compare_evaluation, 0.3, 1, true);
    for_known_rows(compare_evaluation, 1000, 1e-4, false);
    for_known_rows(compare_evaluation, -1000, 1e4, false);
}

Test(norm_exact, eps_counts_inside_the_root) {
    for (int kind = 0; kind < normalizer_count(); kind++) {
        if (oracle_kind_find(normalizer_get(kind)->name) == ORACLE_UNKNOWN)
            continue;
        struct norm_config config = fixture_config(kind);
        static const double eps[] = {1e-12, 1e-3, 0.1, 1};
        for (int i = 0; i < 4; i++) {
            config.eps = eps[i];
            compare_training(&config, 9, 21, 0.5, 0.3);
            compare_evaluation(&config, 9, 21, 0.5, 0.3);
        }
    }
}
