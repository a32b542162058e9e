/* Every row that the oracle knows against it: forward, backward, running statistics, evaluation.
 *
 * The oracle gets the same float32 numbers, so nothing is lost in the input, and the tolerances
 * count roundings: u = 2^-24 is the error of one. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/check/fixture.h"
#include "tests/engine/norm/step_inputs.h"
#include "tests/engine/norm/variants.h"
#include "tests/support.h"

static const double U = 0x1p-24;

/* The same normalizer on both sides. */
struct twin {
    struct fixture fixture;
    struct oracle_norm oracle;
    double *x, *g, *y, *dx;   /* [B, D] of the oracle */
    double *y_size, *dx_size; /* [B, D]: what their terms sum up to */
    double *r, *d;            /* [B, D] at most: batch renorm's correction */
    double *factor, *addend;  /* [B, D]: noise */
    double gamma[2000], dgamma[2000], beta[2000], dbeta[2000], mean[2000], var[2000];
    double inner[2], dinner[2]; /* alpha and s */
};

/* The fixture's step is 3 of 10. */
static void renorm_correct(struct twin *twin) {
    double r_max, d_max;
    renorm_bounds(&twin->fixture.config, 0.3, &r_max, &d_max);
    oracle_norm_correct(&twin->oracle, twin->fixture.B, twin->x, r_max, d_max, twin->r, twin->d);
    twin->oracle.r = twin->r;
    twin->oracle.d = twin->d;
}

static void find_noise(struct twin *twin) {
    struct norm_step step = fixture_step(0, 1);
    drawn_noise(&twin->fixture.config, &step, twin->fixture.B, twin->fixture.D, twin->factor,
                twin->addend);
    twin->oracle.factor = twin->factor;
    twin->oracle.addend = twin->addend;
}

/* Own keys of the rows, in the oracle's words. */
static void twin_configure(struct twin *twin) {
    const struct norm_config *config = &twin->fixture.config;
    enum oracle_kind kind = twin->oracle.kind;
    double first = config->own[0];
    if (kind == ORACLE_BATCH || kind == ORACLE_BATCH_RENORM || kind == ORACLE_BATCH_NOISY)
        twin->oracle.rows = first > 0 ? (int)first : 0;
    if (kind == ORACLE_GROUP)
        twin->oracle.groups = (int)first;
    if (kind == ORACLE_LITERAL_VARIANCE || kind == ORACLE_LITERAL_SQUARE ||
        kind == ORACLE_LITERAL_BOTH)
        twin->oracle.eps = first != 0 ? config->eps : 0;
    if (oracle_kind_is_element_wise(kind))
        twin->oracle.fixed_alpha = first;
    if (kind == ORACLE_BATCH_RENORM)
        renorm_correct(twin);
    if (twin->fixture.norm.kind->draws_noise)
        find_noise(twin);
}

static void create_states(struct twin *twin, double offset, double scale, uint32_t stream) {
    const struct norm *norm = &twin->fixture.norm;
    size_t width = (size_t)norm->D;
    bool deviation = norm->state[1] && !strcmp(norm->kind->state[1].name, "running_deviation");
    if (!norm->state[0])
        return;
    test_normal(stream + 5, width, offset * scale, scale, norm->state[0]);
    for (size_t j = 0; j < width; j++)
        norm->state[1][j] *= (float)(deviation ? scale : scale * scale);
    test_widen(width, norm->state[0], twin->mean);
    test_widen(width, norm->state[1], twin->var);
}

static void twin_create(struct twin *twin, const struct norm_config *config, int B, int D,
                        double offset, double scale, uint32_t stream) {
    struct fixture *fixture = &twin->fixture;
    fixture_create(fixture, config, B, D, stream);
    size_t n = (size_t)B * (size_t)D;
    test_normal(stream + 9, n, offset * scale, scale, fixture->x);
    double **parts[] = {&twin->x,       &twin->g, &twin->y, &twin->dx,     &twin->y_size,
                        &twin->dx_size, &twin->r, &twin->d, &twin->factor, &twin->addend};
    for (int i = 0; i < 10; i++)
        *parts[i] = test_memory(n, sizeof(double));
    test_widen(n, fixture->x, twin->x);
    test_widen(n, fixture->g, twin->g);
    size_t width = (size_t)D;
    size_t gammas = fixture->norm.param[0] ? width : 0, betas = fixture->norm.param[1] ? width : 0;
    if (gammas)
        test_widen(gammas, fixture->norm.param[0], twin->gamma);
    if (betas)
        test_widen(betas, fixture->norm.param[1], twin->beta);
    create_states(twin, offset, scale, stream);
    for (int i = 0; i < 2; i++)
        twin->inner[i] = fixture->norm.param[2 + i] ? (double)*fixture->norm.param[2 + i] : 0;
    twin->oracle = (struct oracle_norm){
        .kind = oracle_kind_find(fixture->norm.kind->name),
        .D = D,
        .eps = config->eps,
        .biased = config->running_var == RUNNING_VAR_BIASED,
        .gamma = {.n = gammas, .w = twin->gamma, .g = twin->dgamma},
        .beta = {.n = betas, .w = twin->beta, .g = twin->dbeta},
        .alpha = {.n = !!fixture->norm.param[2], .w = &twin->inner[0], .g = &twin->dinner[0]},
        .s = {.n = !!fixture->norm.param[3], .w = &twin->inner[1], .g = &twin->dinner[1]},
        .mean = twin->mean,
        .var = twin->var,
    };
    twin_configure(twin);
}

static void twin_free(struct twin *twin) {
    fixture_free(&twin->fixture);
    double *parts[] = {twin->x,       twin->g, twin->y, twin->dx,     twin->y_size,
                       twin->dx_size, twin->r, twin->d, twin->factor, twin->addend};
    for (int i = 0; i < 10; i++)
        free(parts[i]);
}

static void near(const struct twin *twin, const char *what, size_t at, double actual,
                 double expected, double tolerance) {
    double error = fabs(actual - expected);
    cr_assert(error <= tolerance, "%s, %s[%zu]: %.9g instead of %.9g (off by %.2g, allowed %.2g)",
              twin->fixture.name, what, at, actual, expected, error, tolerance);
}

/* y = gamma xhat + beta: centring (2 roundings), 1/deviation (1 of its own, 2 from the centred
 * values), two products, a sum. Batch renorm: r has three more of its own. */
static void compare_outputs(const struct twin *twin, const char *what) {
    size_t n = (size_t)twin->fixture.B * (size_t)twin->fixture.D;
    for (size_t i = 0; i < n; i++)
        near(twin, what, i, (double)twin->fixture.x[i], twin->y[i], 8 * U * twin->y_size[i]);
}

/* Evaluation is one product and one sum, or as in training. */
static void set_evaluation_sizes(struct twin *twin) {
    if (oracle_kind_is_element_wise(twin->oracle.kind)) {
        oracle_norm_sizes(&twin->oracle, twin->fixture.B, twin->x, twin->g, twin->y_size,
                          twin->dx_size);
        return;
    }
    size_t n = (size_t)twin->fixture.B * (size_t)twin->fixture.D, D = (size_t)twin->fixture.D;
    for (size_t i = 0; i < n; i++)
        twin->y_size[i] = fabs(twin->y[i]) + (twin->oracle.beta.n ? fabs(twin->beta[i % D]) : 0);
}

/* Each term: its factors (xhat carries 6 roundings, and stands twice in the last term), products,
 * sums. */
static void compare_gradients(const struct twin *twin) {
    size_t n = (size_t)twin->fixture.B * (size_t)twin->fixture.D, D = (size_t)twin->fixture.D;
    double allowed = twin->oracle.kind == ORACLE_NONE ? 0 : 10 * U;
    for (size_t i = 0; i < n; i++)
        near(twin, "dx", i, (double)twin->fixture.g[i], twin->dx[i], allowed * twin->dx_size[i]);
    for (size_t j = 0; j < twin->oracle.gamma.n; j++) {
        double terms = 0, size = 0;
        for (size_t i = j; i < n; i += D) {
            double factor = twin->oracle.factor ? fabs(twin->oracle.factor[i]) : 1;
            double g = fabs(twin->g[i]) * factor;
            terms += g * twin->y_size[i] / (factor * fabs(twin->gamma[j]));
            size += g;
        }
        near(twin, "dgamma", j, (double)twin->fixture.norm.grad[0][j], twin->dgamma[j],
             8 * U * terms);
        if (twin->oracle.beta.n)
            near(twin, "dbeta", j, (double)twin->fixture.norm.grad[1][j], twin->dbeta[j],
                 (twin->oracle.factor ? 4 * U * size : 2 * U * fabs(twin->dbeta[j])) + 1e-14);
    }
}

/* A slope is off by 5 roundings of 1 (2 units of the last place of what it is made from), products
 * by one each. */
static void compare_inner_gradients(const struct twin *twin) {
    size_t n = (size_t)twin->fixture.B * (size_t)twin->fixture.D, D = (size_t)twin->fixture.D;
    double sizes[2] = {0, 0};
    for (size_t i = 0; i < n; i++) {
        double h = fabs(twin->g[i] * twin->gamma[i % D]);
        sizes[0] += h * fabs(twin->x[i]);
        sizes[1] += h;
    }
    for (int i = 0; i < 2; i++)
        if (twin->fixture.norm.grad[2 + i])
            near(twin, i ? "ds" : "dalpha", 0, (double)*twin->fixture.norm.grad[2 + i],
                 twin->dinner[i], 8 * U * sizes[i]);
}

/* Running mean: double sums, one rounding into the float; variance: two more of the centred values.
 */
static void compare_states(const struct twin *twin, double offset, double scale) {
    for (int j = 0; twin->fixture.norm.state[0] && j < twin->fixture.D; j++) {
        size_t at = (size_t)j;
        near(twin, "running_mean", at, (double)twin->fixture.norm.state[0][j], twin->mean[j],
             2 * U * (fabs(twin->mean[j]) + fabs(offset) * scale * 1e-6));
        near(twin, twin->fixture.norm.kind->state[1].name, at,
             (double)twin->fixture.norm.state[1][j], twin->var[j], 8 * U * twin->var[j]);
    }
}

static void compare_training(const struct norm_config *config, int B, int D, double offset,
                             double scale) {
    struct twin *twin = test_memory(1, sizeof *twin);
    twin_create(twin, config, B, D, offset, scale, (uint32_t)(B * 1000 + D));
    oracle_norm_forward(&twin->oracle, NULL, B, twin->x, twin->y);
    oracle_norm_sizes(&twin->oracle, B, twin->x, twin->g, twin->y_size, twin->dx_size);
    oracle_norm_running(&twin->oracle, B, twin->x, 0.1);
    oracle_norm_backward(&twin->oracle, NULL, B, twin->x, twin->g, twin->dx);
    fixture_forward_train(&twin->fixture, 0.1, CUT_RANDOM);
    compare_outputs(twin, "y");
    compare_states(twin, offset, scale);
    fixture_backward_param(&twin->fixture, CUT_RANDOM);
    fixture_backward(&twin->fixture, CUT_RANDOM);
    compare_gradients(twin);
    compare_inner_gradients(twin);
    twin_free(twin);
    free(twin);
}

static void compare_evaluation(const struct norm_config *config, int B, int D, double offset,
                               double scale) {
    struct twin *twin = test_memory(1, sizeof *twin);
    twin_create(twin, config, B, D, offset, scale, (uint32_t)(B * 1000 + D));
    oracle_norm_eval(&twin->oracle, B, twin->x, twin->y);
    set_evaluation_sizes(twin);
    fixture_forward_eval(&twin->fixture, twin->fixture.norm.state, CUT_RANDOM);
    compare_outputs(twin, "evaluation");
    twin_free(twin);
    free(twin);
}

static const int row_counts[] = {2, 3, 4, 7, 16, 31, 64, 127, 300};
static const int widths[] = {1, 2, 3, 12, 17, 100, 129, 300, 1000};
enum { N_ROWS = sizeof row_counts / sizeof *row_counts, N_WIDTHS = sizeof widths / sizeof *widths };

/* All rows of the registry that have a formula in the oracle, with other values of their own keys
 * as well. */
static void for_known_rows(void (*compare)(const struct norm_config *, int, int, double, double),
                           double offset, double scale, bool large) {
    int known = 0, compared = 0;
    for (int c = 0; c < fixture_config_count(); c++) {
        struct norm_config config = fixture_config_get(c);
        if (oracle_kind_find(normalizer_get(config.kind)->name) == ORACLE_UNKNOWN)
            continue;
        known++;
        for (int i = 0; i < N_ROWS * N_WIDTHS; i++) {
            int B = row_counts[i / N_WIDTHS], D = widths[i % N_WIDTHS];
            config.affine = i % 3 != 0;
            config.running_var = i % 2 ? RUNNING_VAR_BIASED : RUNNING_VAR_UNBIASED;
            if (!fixture_allowed(&config, B, D) || !(large || B * D < 5000))
                continue;
            compare(&config, B, D, offset, scale);
            compared++;
        }
    }
    cr_assert(known >= 15, "the oracle knows only %d rows of the registry", known);
    cr_assert(compared >= 20 * known, "only %d shapes for %d rows", compared, known);
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
    for (int c = 0; c < fixture_config_count(); c++) {
        struct norm_config config = fixture_config_get(c);
        if (oracle_kind_find(normalizer_get(config.kind)->name) == ORACLE_UNKNOWN)
            continue;
        static const double eps[] = {1e-12, 1e-3, 0.1, 1};
        for (int i = 0; i < 4; i++) {
            config.eps = eps[i];
            compare_training(&config, 8, 24, 0.5, 0.3);
            compare_evaluation(&config, 8, 24, 0.5, 0.3);
        }
    }
}

/* The notes' formulas as they stand there. */
Test(norm_exact, literal_formulas_without_eps) {
    static const char *const names[] = {"literal_variance", "literal_square", "literal_both"};
    for (int i = 0; i < 3; i++) {
        struct norm_config config = fixture_config(normalizer_find(names[i]));
        fixture_set(&config, "norm.literal_eps", 0);
        config.eps = 0.5; /* must have no effect */
        for (int B = 3; B < 40; B += 7) {
            compare_training(&config, B, 150, 0.3, 1);
            compare_training(&config, B, 150, 3, 0.1);
            compare_evaluation(&config, B, 150, 0.3, 1);
        }
    }
}
