/* Exact facts about normalizers: the invariance table of Ba, Kiros & Hinton 2016, the algebra of
 * small mini-batches, what running statistics converge to, what literal formulas do. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/check/fixture.h"
#include "tests/support.h"

static const double U = 0x1p-24;

static struct norm_config plain_config(const char *name) {
    struct norm_config config = fixture_config(normalizer_find(name));
    config.affine = false;
    config.eps = 0;
    return config;
}

/* ---- invariance (table 1 of the layer norm paper) ---- */

enum change {
    MATRIX_SCALED,  /* W <- 3 W */
    MATRIX_CENTRED, /* every unit's weights shifted by the same vector */
    VECTOR_SCALED,  /* one unit's weights <- 3 w */
    DATA_SCALED,    /* x <- 3 x */
    DATA_CENTRED,   /* the same vector added to every case */
    CASE_SCALED,    /* one case <- 3 x */
    CHANGES
};

enum { CASES = 12, INPUTS = 9, UNITS = 16 };

/* xhat of z = x W with one thing changed. */
static void normalized(const char *name, int change, float *z) {
    float x[CASES * INPUTS], W[INPUTS * UNITS], shift[INPUTS];
    test_normal(200, CASES * INPUTS, 0.5, 1, x);
    test_normal(201, INPUTS * UNITS, 0.2, 1, W);
    test_normal(202, INPUTS, 0, 1, shift);
    for (int i = 0; i < CASES * INPUTS; i++) {
        if (change == DATA_SCALED || (change == CASE_SCALED && i / INPUTS == 4))
            x[i] *= 3;
        if (change == DATA_CENTRED)
            x[i] += shift[i % INPUTS];
    }
    for (int i = 0; i < INPUTS * UNITS; i++) {
        if (change == MATRIX_SCALED || (change == VECTOR_SCALED && i % UNITS == 4))
            W[i] *= 3;
        if (change == MATRIX_CENTRED)
            W[i] += shift[i / UNITS];
    }
    struct norm_config config = plain_config(name);
    struct fixture fixture;
    fixture_create(&fixture, &config, CASES, UNITS, 203);
    for (int b = 0; b < CASES; b++)
        for (int j = 0; j < UNITS; j++) {
            double sum = 0;
            for (int i = 0; i < INPUTS; i++)
                sum += (double)x[b * INPUTS + i] * (double)W[i * UNITS + j];
            fixture.x[b * UNITS + j] = (float)sum;
        }
    fixture_forward_train(&fixture, 0, CUT_NONE);
    memcpy(z, fixture.x, CASES * UNITS * sizeof *z);
    fixture_free(&fixture);
}

static void check_invariance(const char *name, const bool invariant[CHANGES]) {
    static const char *const changes[CHANGES] = {
        "weight matrix re-scaled", "weight matrix re-centred", "one weight vector re-scaled",
        "data re-scaled",          "data re-centred",          "one case re-scaled"};
    float before[CASES * UNITS], after[CASES * UNITS];
    normalized(name, CHANGES, before);
    for (int change = 0; change < CHANGES; change++) {
        normalized(name, change, after);
        double largest = 0;
        for (int i = 0; i < CASES * UNITS; i++)
            largest = fmax(largest, fabs((double)before[i] - (double)after[i]));
        if (invariant[change]) /* x and W are rounded after the change: 2^-24 of sums of 9 terms */
            cr_assert(largest <= 20 * U * INPUTS, "%s, %s: output moved by %g", name,
                      changes[change], largest);
        else
            cr_assert(largest > 0.05, "%s, %s: output moved by no more than %g", name,
                      changes[change], largest);
    }
}

Test(norm_facts, invariance_table) {
    check_invariance("batch", (bool[CHANGES]){true, false, true, true, true, false});
    check_invariance("layer", (bool[CHANGES]){true, true, false, true, false, true});
    check_invariance("group", (bool[CHANGES]){true, true, false, true, false, true});
    check_invariance("rms", (bool[CHANGES]){true, false, false, true, false, true});
    check_invariance("whole", (bool[CHANGES]){true, false, false, true, false, false});
    check_invariance("none", (bool[CHANGES]){false});
}

/* The mistaken formulas keep one half each of what batch norm has, and both together nothing. */
Test(norm_facts, invariance_of_literal_formulas) {
    check_invariance("literal_variance", (bool[CHANGES]){false, false, false, false, true, false});
    check_invariance("literal_square", (bool[CHANGES]){true, false, true, true, false, false});
    check_invariance("literal_both", (bool[CHANGES]){false});
}

/* Output deviation of a column of mean mu and deviation sigma, without eps. */
static void check_literal_deviation(const char *name, double mu, double sigma, double expected) {
    enum { B = 500, D = 3 };
    struct norm_config config = plain_config(name);
    struct fixture fixture;
    fixture_create(&fixture, &config, B, D, 205);
    for (int j = 0; j < D; j++) { /* exactly this mean and deviation */
        double mean = 0, square = 0;
        for (int b = 0; b < B; b++)
            mean += (double)fixture.x[b * D + j] / B;
        for (int b = 0; b < B; b++)
            square += pow((double)fixture.x[b * D + j] - mean, 2) / B;
        for (int b = 0; b < B; b++) {
            float *x = &fixture.x[b * D + j];
            *x = (float)(mu + sigma * ((double)*x - mean) / sqrt(square));
        }
    }
    fixture_forward_train(&fixture, 0, CUT_NONE);
    double sum = 0, square = 0;
    for (int b = 0; b < B; b++) {
        sum += (double)fixture.x[b * D] / B;
        square += pow((double)fixture.x[b * D], 2) / B;
    }
    cr_assert(fabs(sum) <= 1e-5 * expected, "%s: output mean %g", name, sum);
    cr_assert(fabs(sqrt(square) - expected) <= 1e-5 * expected,
              "%s: output deviation %g, not %g, at mean %g and deviation %g", name, sqrt(square),
              expected, mu, sigma);
    fixture_free(&fixture);
}

/* 1/sigma; sigma/sqrt(sigma^2 + mu^2): .316 at mean 3; sigma/(sigma^2 + mu^2): .1 there. */
Test(norm_facts, deviation_of_literal_formulas) {
    static const double sigmas[] = {0.01, 1, 10}, mus[] = {0, 3};
    for (int i = 0; i < 6; i++) {
        double mu = mus[i % 2], sigma = sigmas[i / 2], square = sigma * sigma + mu * mu;
        check_literal_deviation("batch", mu, sigma, 1);
        check_literal_deviation("literal_variance", mu, sigma, 1 / sigma);
        check_literal_deviation("literal_square", mu, sigma, sigma / sqrt(square));
        check_literal_deviation("literal_both", mu, sigma, sigma / square);
    }
}

/* With frozen statistics batch norm has none of these. */
Test(norm_facts, batch_norm_in_evaluation_is_not_invariant) {
    struct norm_config config = plain_config("batch");
    struct fixture one, scaled;
    fixture_create(&one, &config, 8, 5, 210);
    fixture_create(&scaled, &config, 8, 5, 210);
    for (int i = 0; i < 40; i++)
        scaled.x[i] *= 3;
    fixture_forward_eval(&one, one.norm.state, CUT_NONE);
    fixture_forward_eval(&scaled, scaled.norm.state, CUT_NONE);
    double largest = 0;
    for (int i = 0; i < 40; i++)
        largest = fmax(largest, fabs((double)one.x[i] - (double)scaled.x[i]));
    cr_assert(largest > 0.5, "evaluation follows the batch: output moved by only %g", largest);
    fixture_free(&one);
    fixture_free(&scaled);
}

/* ---- small mini-batches ---- */

/* Two values d apart: xhat = +-1 to 2 eps/d^2; dx = (g1 - g2) f'(d), f' = eps/2 (d^2/4 +
 * eps)^(-3/2), which is 4 eps/d^2 of gamma g/d. */
static void check_pair(const struct fixture *fixture, const float *before, const float *g,
                       int first, int second, double gamma) {
    double eps = fixture->config.eps, d = (double)before[first] - (double)before[second];
    if (fabs(d) < 100 * sqrt(eps))
        return;
    double expected = d > 0 ? 1 : -1, y = (double)fixture->x[first],
           other = (double)fixture->x[second];
    double allowed = 2 * eps / (d * d) + 4 * U;
    cr_assert(fabs(y - expected) <= allowed && fabs(other + expected) <= allowed,
              "%s: xhat is %.9g and %.9g for values %g apart, not %g and %g", fixture->name, y,
              other, d, expected, -expected);
    double size = gamma * (fabs((double)g[first]) + fabs((double)g[second])) / fabs(d);
    double zero = size * (4 * eps / (d * d) + 16 * U);
    for (int i = 0; i < 2; i++) {
        double dx = (double)fixture->g[i ? second : first];
        cr_assert(fabs(dx) <= zero, "%s: gradient %g for values %g apart, more than %g",
                  fixture->name, dx, d, zero);
    }
}

static void check_pairs(const char *name, int B, int D, bool by_row, double eps) {
    struct norm_config config = plain_config(name);
    config.eps = eps;
    struct fixture fixture;
    fixture_create(&fixture, &config, B, D, 220);
    float *before = test_memory((size_t)(B * D), sizeof *before);
    float *g = test_memory((size_t)(B * D), sizeof *g);
    memcpy(before, fixture.x, (size_t)(B * D) * sizeof *before);
    memcpy(g, fixture.g, (size_t)(B * D) * sizeof *g);
    fixture_forward_train(&fixture, 0, CUT_NONE);
    fixture_backward(&fixture, CUT_NONE);
    for (int i = 0; i < (by_row ? B : D); i++)
        check_pair(&fixture, before, g, by_row ? 2 * i : i, by_row ? 2 * i + 1 : D + i, 1);
    free(before);
    free(g);
    fixture_free(&fixture);
}

Test(norm_facts, two_values_become_plus_and_minus_one_without_gradient) {
    static const double eps[] = {1e-5, 1e-7, 1e-3 * 1e-3};
    for (int i = 0; i < 3; i++) {
        check_pairs("batch", 2, 500, false, eps[i]);
        check_pairs("layer", 500, 2, true, eps[i]);
    }
}

/* The derivative of the smoothed sign function at d = 0 is 1/(2 sqrt(eps)): rare kicks, not
 * silence. */
Test(norm_facts, two_rows_close_together_get_a_huge_gradient) {
    struct norm_config config = plain_config("batch");
    config.eps = 1e-5;
    struct fixture fixture;
    fixture_create(&fixture, &config, 2, 1, 230);
    fixture.x[0] = 1.0f;
    fixture.x[1] = 1.0f;
    fixture.g[0] = 1.0f;
    fixture.g[1] = -1.0f;
    fixture_forward_train(&fixture, 0, CUT_NONE);
    fixture_backward(&fixture, CUT_NONE);
    double expected = 1 / sqrt(1e-5);
    cr_assert(fabs((double)fixture.g[0] - expected) <= 8 * U * expected, "dx is %g instead of %g",
              (double)fixture.g[0], expected);
    fixture_free(&fixture);
}

/* ... and yet a kick on average that hardly depends on eps: for values of deviation 1, d ~ N(0, 2)
 * and E[f'(d)] goes, for eps -> 0, to (f(inf) - f(-inf)) times the density of d at 0 = 1/sqrt(pi) =
 * .5642; off by O(eps log eps): .5516 at 1e-2. Here the mean over d, by the trapezoid rule on a
 * grid that is dense near 0. */
static double mean_kick(double eps) {
    enum { D = 4001 };
    struct norm_config config = plain_config("batch");
    config.eps = eps;
    struct fixture fixture;
    fixture_create(&fixture, &config, 2, D, 231);
    double d[D], mean = 0;
    for (int j = 0; j < D; j++) {
        fixture.x[j] = (float)(0.5 * sqrt(eps) * sinh((j - D / 2) / 200.0));
        fixture.x[D + j] = -fixture.x[j];
        d[j] = 2 * (double)fixture.x[j];
        fixture.g[j] = 1;
        fixture.g[D + j] = 0;
    }
    fixture_forward_train(&fixture, 0, CUT_NONE);
    fixture_backward(&fixture, CUT_NONE);
    for (int j = 0; j < D; j++) {
        double width = (d[j < D - 1 ? j + 1 : j] - d[j > 0 ? j - 1 : j]) / 2;
        double density = exp(-d[j] * d[j] / 4) / sqrt(4 * M_PI);
        mean += (double)fixture.g[j] * density * width;
    }
    fixture_free(&fixture);
    return mean;
}

Test(norm_facts, the_mean_gradient_of_two_rows_has_a_limit_as_eps_vanishes) {
    static const struct {
        double eps, expected, tolerance;
    } cases[] = {
        {1e-2, 0.5516, 2e-4},
        {1e-5, 0.56419, 1e-3},
        {1e-7, 0.56419, 1e-3},
        {1e-9, 0.56419, 1e-3},
    };
    for (int i = 0; i < 4; i++) {
        double mean = mean_kick(cases[i].eps);
        cr_assert(fabs(mean - cases[i].expected) <= cases[i].tolerance,
                  "eps %g: mean of dxhat/dx is %.5f, not %.5f", cases[i].eps, mean,
                  cases[i].expected);
    }
}

/* Ba et al. 2016 divide by the unbiased deviation: what batch norm gives, times sqrt((m - 1)/m), a
 * constant, so that the gradient of two rows stays 0 and their values are +-1/sqrt(2). */
static double unbiased_output(int m, int stride, const float *x, int row) {
    double mean = 0, square = 0;
    for (int b = 0; b < m; b++)
        mean += (double)x[b * stride] / m;
    for (int b = 0; b < m; b++)
        square += pow((double)x[b * stride] - mean, 2) / (m - 1);
    return ((double)x[row * stride] - mean) / sqrt(square);
}

Test(norm_facts, the_unbiased_deviation_does_not_repair_two_rows) {
    static const int sizes[] = {2, 3, 8};
    enum { D = 50 };
    for (int i = 0; i < 3; i++) {
        int m = sizes[i];
        struct norm_config config = plain_config("batch");
        struct fixture fixture;
        fixture_create(&fixture, &config, m, D, 232);
        float x[8 * D];
        memcpy(x, fixture.x, (size_t)(m * D) * sizeof *x);
        fixture_forward_train(&fixture, 0, CUT_NONE);
        for (int at = 0; at < m * D; at++) {
            double unbiased = unbiased_output(m, D, x + at % D, at / D);
            double y = sqrt((m - 1.0) / m) * (double)fixture.x[at];
            cr_assert(fabs(unbiased - y) <= 1e-4, "m = %d: %.7g, not %.7g", m, unbiased, y);
            cr_assert(m > 2 || fabs(fabs(y) - sqrt(0.5)) <= 1e-4, "two rows give %.9g", y);
        }
        fixture_free(&fixture);
    }
}

/* max |xhat| <= sqrt(m - 1), reached by one outlier among equals. */
Test(norm_facts, normalized_values_are_bounded_by_the_root_of_m_minus_1) {
    static const int sizes[] = {2, 3, 5, 8, 64, 300};
    for (int i = 0; i < 6; i++) {
        int m = sizes[i];
        double bound = sqrt(m - 1);
        struct norm_config config = plain_config("batch");
        struct fixture fixture;
        fixture_create(&fixture, &config, m, 101, 240);
        for (int at = 0; at < m * 101; at++) /* heavy tails */
            fixture.x[at] = (float)pow((double)fixture.x[at], 9);
        for (int b = 0; b < m; b++)
            fixture.x[b * 101] = b == m / 2 ? 7.0f : 1.0f;
        fixture_forward_train(&fixture, 0, CUT_NONE);
        double largest = 0;
        for (int at = 0; at < m * 101; at++)
            largest = fmax(largest, fabs((double)fixture.x[at]));
        cr_assert(largest <= bound * (1 + 4 * U), "m = %d: |xhat| = %.9g > %.9g", m, largest,
                  bound);
        double outlier = (double)fixture.x[m / 2 * 101];
        cr_assert(fabs(outlier - bound) <= 4 * U * bound,
                  "m = %d: the outlier is at %.9g, not %.9g", m, outlier, bound);
        fixture_free(&fixture);
    }
}

static void check_projection(const char *name, int groups, int m, bool by_row) {
    struct norm_config config = plain_config(name);
    struct fixture fixture;
    fixture_create(&fixture, &config, by_row ? groups : m, by_row ? m : groups, 250);
    fixture_forward_train(&fixture, 0, CUT_NONE);
    fixture_backward(&fixture, CUT_NONE);
    for (int k = 0; k < groups; k++) {
        double sum = 0, along = 0, size = 0;
        for (int i = 0; i < m; i++) {
            int at = by_row ? k * m + i : i * groups + k;
            double dx = (double)fixture.g[at], xhat = (double)fixture.x[at];
            sum += dx;
            along += dx * xhat;
            size += (1 + fabs(xhat)) * (fabs(dx) + 1);
        }
        cr_assert(fabs(sum) <= 8 * U * size, "%s: sum dx = %g", fixture.name, sum);
        cr_assert(fabs(along) <= 16 * U * size * sqrt(m), "%s: sum xhat dx = %g", fixture.name,
                  along);
    }
    fixture_free(&fixture);
}

/* The gradient has lost its mean and its part along xhat. */
Test(norm_facts, gradient_is_projected) {
    static const int sizes[] = {8, 17, 64, 300};
    for (int i = 0; i < 4; i++) {
        check_projection("batch", 50, sizes[i], false);
        check_projection("layer", 50, sizes[i], true);
    }
}

/* |P g|^2 of an isotropic g is chi-squared with m - 2 degrees of freedom, where P g = deviation dx.
 * Mean m - 2, variance 2 (m - 2): four standard errors of N columns. */
static void check_kept_energy(int m) {
    enum { D = 1000, REPEATS = 20 };
    double kept = 0;
    for (uint32_t repeat = 0; repeat < REPEATS; repeat++) {
        struct norm_config config = plain_config("batch");
        struct fixture fixture;
        fixture_create(&fixture, &config, m, D, 1000 + 10 * repeat);
        double var[D] = {0};
        for (int j = 0; j < D; j++) {
            double mean = 0;
            for (int b = 0; b < m; b++)
                mean += (double)fixture.x[b * D + j] / m;
            for (int b = 0; b < m; b++)
                var[j] += pow((double)fixture.x[b * D + j] - mean, 2) / m;
        }
        fixture_forward_train(&fixture, 0, CUT_NONE);
        fixture_backward(&fixture, CUT_NONE);
        for (int at = 0; at < m * D; at++)
            kept += pow((double)fixture.g[at], 2) * var[at % D];
        fixture_free(&fixture);
    }
    double n = (double)D * REPEATS, share = kept / n / m, expected = (m - 2.0) / m;
    double error = sqrt(2 * (m - 2.0) / n) / m;
    cr_assert(fabs(share - expected) <= 4 * error + 1e-9,
              "m = %d: share of kept gradient energy is %.5f, not %.5f +- %.5f", m, share, expected,
              error);
}

Test(norm_facts, kept_gradient_energy_is_one_minus_2_over_m) {
    static const int sizes[] = {2, 3, 4, 8, 32};
    for (int i = 0; i < 5; i++)
        check_kept_energy(sizes[i]);
}

/* E[1/var] = m/(m-3) / sigma^2, of second moment m^2/((m-3)(m-5)), which is infinite below m = 6:
 * there a mean over columns says little. */
static void check_inverse_variance(int m) {
    enum { D = 1000, REPEATS = 40 };
    double total = 0, rate = 0, n = (double)D * REPEATS;
    for (uint32_t repeat = 0; repeat < REPEATS; repeat++) {
        struct norm_config config = plain_config("batch");
        struct fixture fixture;
        fixture_create(&fixture, &config, m, D, 5000 + 10 * repeat);
        fixture_forward_train(&fixture, 0, CUT_NONE);
        for (int j = 0; j < D; j++) /* saved: xhat [m, D], inv_std [D] */
            total += pow((double)fixture.norm.saved[m * D + j], 2) / n;
        fixture_backward(&fixture, CUT_NONE);
        for (int at = 0; at < m * D; at++)
            rate += pow((double)fixture.g[at], 2) / (n * m);
        fixture_free(&fixture);
    }
    double expected = m / (m - 3.0), square = (double)m * m / ((m - 3.0) * (m - 5.0));
    double error = sqrt((square - expected * expected) / n);
    cr_assert(fabs(total - expected) <= 4 * error, "m = %d: E[1/var] is %.4f, not %.4f +- %.4f", m,
              total, expected, error);
    /* |dx|^2 = |P g|^2/var, independent: E[|P g|^4] = (m-2) m */
    double linear = (m - 2.0) / (m - 3.0), fourth = (m - 2.0) * m * square;
    error = sqrt((fourth - pow(linear * m, 2)) / n) / m;
    cr_assert(fabs(rate - linear) <= 4 * error,
              "m = %d: a gradient's energy grows by %.4f, not %.4f +- %.4f", m, rate, linear,
              error);
}

/* The linear rate of Yang et al. 2019 (theorem 8), as (m-2)/m of the projection times m/(m-3). */
Test(norm_facts, inverse_variance_and_gradient_energy) {
    static const int sizes[] = {8, 12, 32};
    for (int i = 0; i < 3; i++)
        check_inverse_variance(sizes[i]);
}

/* ---- running statistics ---- */

/* Running mean of D independent columns of deviation 1 after `steps` updates. */
static double mean_square_of_running_mean(int m, double momentum, int steps) {
    enum { D = 5000 };
    struct norm_config config = plain_config("batch");
    struct fixture fixture;
    fixture_create(&fixture, &config, m, D, 270);
    for (int j = 0; j < D; j++)
        fixture.norm.state[0][j] = 0;
    for (int t = 0; t < steps; t++) {
        test_normal(271 + (uint32_t)t, (size_t)m * D, 0, 1, fixture.x);
        fixture_forward_train(&fixture, 1 - momentum, CUT_NONE);
    }
    double square = 0;
    for (int j = 0; j < D; j++)
        square += pow((double)fixture.norm.state[0][j], 2) / D;
    fixture_free(&fixture);
    return square;
}

/* A running mean is worth m (1 + momentum)/(1 - momentum) examples: 38, 76 and 608 at momentum 0.9
 * and m = 2, 4, 32; four standard errors of a variance over 5,000 columns. */
Test(norm_facts, effective_examples_of_a_running_mean) {
    static const struct {
        int m;
        double momentum, examples;
    } cases[] = {{2, 0.9, 38}, {4, 0.9, 76}, {32, 0.9, 608}, {4, 0.5, 12}};
    for (int i = 0; i < 4; i++) {
        double square = mean_square_of_running_mean(cases[i].m, cases[i].momentum, 60);
        cr_assert(fabs(square * cases[i].examples - 1) <= 4 * sqrt(2 / 5000.0),
                  "m = %d, momentum %g: worth %g examples, not %g", cases[i].m, cases[i].momentum,
                  1 / square, cases[i].examples);
    }
}

/* momentum^t of the initial state is left: .37 after 1,000 steps at .999, half after 6.6 at 0.9. */
Test(norm_facts, what_is_left_of_the_initial_state) {
    static const struct {
        double momentum;
        int steps;
        double left;
    } cases[] = {{0.999, 1000, 0.3677}, {0.9, 7, 0.4783}, {0.9, 6, 0.5314}, {0.99, 69, 0.4998}};
    for (int i = 0; i < 4; i++) {
        struct norm_config config = plain_config("batch");
        struct fixture fixture;
        fixture_create(&fixture, &config, 4, 1, 280);
        fixture.norm.state[0][0] = 1;
        for (int t = 0; t < cases[i].steps; t++) {
            memset(fixture.x, 0, 4 * sizeof *fixture.x);
            fixture_forward_train(&fixture, 1 - cases[i].momentum, CUT_NONE);
        }
        double left = (double)fixture.norm.state[0][0];
        cr_assert(fabs(left - cases[i].left) <= 1e-4, "momentum %g: %g left after %d steps, not %g",
                  cases[i].momentum, left, cases[i].steps, cases[i].left);
        fixture_free(&fixture);
    }
}

/* The biased running variance is (m - 1)/m of the population's: outputs of evaluation are too large
 * by sqrt(m/(m - 1)), in each of the layers. */
Test(norm_facts, biased_running_variance_inflates_evaluation) {
    static const int sizes[] = {2, 4, 16};
    enum { D = 100, ROWS = 2000, STEPS = 1000 };
    for (int i = 0; i < 3; i++) {
        int m = sizes[i];
        struct norm_config config = plain_config("batch");
        config.running_var = RUNNING_VAR_BIASED;
        struct fixture fixture, eval;
        fixture_create(&fixture, &config, m, D, 285);
        fixture_create(&eval, &config, ROWS, D, 286);
        for (uint32_t t = 0; t < STEPS; t++) { /* the plain average of all */
            test_normal(3000 + t, (size_t)m * D, 0, 1, fixture.x);
            fixture_forward_train(&fixture, 1 / (t + 1.0), CUT_NONE);
        }
        test_normal(287, ROWS * D, 0, 1, eval.x);
        fixture_forward_eval(&eval, fixture.norm.state, CUT_NONE);
        double square = 0, expected = m / (m - 1.0);
        for (int at = 0; at < ROWS * D; at++)
            square += pow((double)eval.x[at], 2) / (ROWS * D);
        cr_assert(fabs(square / expected - 1) <= 0.02,
                  "m = %d: evaluation has variance %.4f, not %.4f", m, square, expected);
        fixture_free(&fixture);
        fixture_free(&eval);
    }
}

/* r_T = m^T r_0 + (1 - m) sum_t m^(T-1-t) batch_t, against the list of what each mini-batch had. */
Test(norm_facts, running_statistics_are_the_average_of_the_stored_list) {
    enum { B = 6, D = 11, STEPS = 40 };
    static const double momenta[] = {0, 0.5, 0.9, 0.99};
    for (int i = 0; i < 4; i++) {
        double momentum = momenta[i], mean[D], var[D];
        struct norm_config config = fixture_config(normalizer_find("batch"));
        struct fixture fixture;
        fixture_create(&fixture, &config, B, D, 300);
        float *running_mean = fixture.norm.state[0], *running_var = fixture.norm.state[1];
        for (int j = 0; j < D; j++) {
            mean[j] = pow(momentum, STEPS) * (double)running_mean[j];
            var[j] = pow(momentum, STEPS) * (double)running_var[j];
        }
        for (int t = 0; t < STEPS; t++) {
            test_normal(310 + (uint32_t)t, B * D, 0.1 * t, 1 + 0.05 * t, fixture.x);
            double weight = (1 - momentum) * pow(momentum, STEPS - 1 - t);
            for (int j = 0; j < D; j++) {
                double batch_mean = 0, batch_var = 0;
                for (int b = 0; b < B; b++)
                    batch_mean += (double)fixture.x[b * D + j] / B;
                for (int b = 0; b < B; b++)
                    batch_var += pow((double)fixture.x[b * D + j] - batch_mean, 2) / (B - 1);
                mean[j] += weight * batch_mean;
                var[j] += weight * batch_var;
            }
            fixture_forward_train(&fixture, 1 - momentum, CUT_NONE);
        }
        /* one rounding a step, forgotten at the rate of the momentum; 8 for the variance's values
         */
        double roundings = fmin(STEPS, 1 / (1 - momentum)) + 8;
        for (int j = 0; j < D; j++) {
            cr_assert(fabs((double)running_mean[j] - mean[j]) <= roundings * U * 4,
                      "momentum %g: running mean %.9g, list %.9g", momentum,
                      (double)running_mean[j], mean[j]);
            cr_assert(fabs((double)running_var[j] - var[j]) <= roundings * U * 2 * var[j],
                      "momentum %g: running variance %.9g, list %.9g", momentum,
                      (double)running_var[j], var[j]);
        }
        fixture_free(&fixture);
    }
}

/* E[unbiased] = sigma^2, E[biased] = (m - 1)/m sigma^2; the variance of s^2 is 2 sigma^4/(m - 1).
 */
static void check_expectation(int m, bool biased) {
    enum { D = 1000, REPEATS = 20 };
    const double sigma = 1.7;
    double total = 0;
    for (uint32_t repeat = 0; repeat < REPEATS; repeat++) {
        struct norm_config config = fixture_config(normalizer_find("batch"));
        config.running_var = biased ? RUNNING_VAR_BIASED : RUNNING_VAR_UNBIASED;
        struct fixture fixture;
        fixture_create(&fixture, &config, m, D, 2000 + 10 * repeat);
        test_normal(2005 + 10 * repeat, (size_t)m * D, 5, sigma, fixture.x);
        fixture_forward_train(&fixture, 1, CUT_NONE);
        for (int j = 0; j < D; j++)
            total += (double)fixture.norm.state[1][j] / (D * REPEATS);
        fixture_free(&fixture);
    }
    double expected = sigma * sigma * (biased ? (m - 1.0) / m : 1);
    double error = expected * sqrt(2 / (m - 1.0) / (D * REPEATS));
    cr_assert(fabs(total - expected) <= 4 * error,
              "m = %d, %s: mean running variance %.4f, expected %.4f +- %.4f", m,
              biased ? "biased" : "unbiased", total, expected, error);
}

Test(norm_facts, running_variance_is_unbiased_unless_asked) {
    static const int sizes[] = {2, 4, 16};
    for (int i = 0; i < 3; i++) {
        check_expectation(sizes[i], false);
        check_expectation(sizes[i], true);
    }
}
