/* The noise that normalizers draw: its distribution, and what it depends on. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/check/fixture.h"
#include "tests/engine/norm/variants.h"
#include "tests/support.h"

enum { B = 65, D = 400, N = B * D };

static struct norm_step step_of(long step, uint64_t seed, uint32_t stream) {
    return (struct norm_step){
        .step = step, .total_steps = 1000, .key = {seed, RANDOM_NOISE, stream}};
}

/* Output of training where every value would be `value`. */
static void draw(const char *kind, struct norm_step step, float value, float *y) {
    struct norm_config config = fixture_config(normalizer_find(kind));
    struct fixture fixture;
    fixture_create(&fixture, &config, B, D, 600);
    for (int j = 0; j < D && fixture.norm.param[0]; j++) {
        fixture.norm.param[0][j] = 0;
        fixture.norm.param[1][j] = value;
    }
    for (int i = 0; i < N && !fixture.norm.param[0]; i++)
        fixture.x[i] = value;
    fixture.norm.kind->forward_train(&fixture.norm, &step, (struct span){0, D}, B, fixture.x);
    memcpy(y, fixture.x, N * sizeof *y);
    fixture_free(&fixture);
}

static double correlation(const float *a, const float *b, int n) {
    double mean[2] = {0}, square[2] = {0}, product = 0;
    for (int i = 0; i < n; i++) {
        mean[0] += (double)a[i] / n;
        mean[1] += (double)b[i] / n;
    }
    for (int i = 0; i < n; i++) {
        square[0] += pow((double)a[i] - mean[0], 2);
        square[1] += pow((double)b[i] - mean[1], 2);
        product += ((double)a[i] - mean[0]) * ((double)b[i] - mean[1]);
    }
    return product / sqrt(square[0] * square[1]);
}

/* Independent numbers correlate by 1/sqrt(n) or so; of batch_noisy the D units count, not the N
 * values. */
static void expect_other_noise(const char *kind, struct norm_step one, struct norm_step other) {
    float *a = test_memory(N, sizeof *a), *b = test_memory(N, sizeof *b);
    draw(kind, one, 1, a);
    draw(kind, other, 1, b);
    double found = correlation(a, b, N);
    cr_assert(fabs(found) <= 4 / sqrt(D), "%s: correlation %g of noise that should be independent",
              kind, found);
    free(a);
    free(b);
}

Test(norm_drawn, steps_layers_and_seeds_have_noise_of_their_own) {
    static const char *const kinds[] = {"dropout", "batch_noisy"};
    for (int i = 0; i < 2; i++) {
        expect_other_noise(kinds[i], step_of(5, 1, 1), step_of(6, 1, 1));
        expect_other_noise(kinds[i], step_of(5, 1, 1), step_of(5, 1, 2));
        expect_other_noise(kinds[i], step_of(5, 1, 1), step_of(5, 2, 1));
        expect_other_noise(kinds[i], step_of(0, 1, 1), step_of(1, 1, 1));
    }
}

Test(norm_drawn, dropout_drops_its_rate_and_scales_the_rest) {
    float *y = test_memory(N, sizeof *y);
    draw("dropout", step_of(7, 1, 1), 3, y);
    double zeros = 0, neighbours = 0;
    for (int i = 0; i < N; i++) {
        cr_assert(y[i] == 0 || y[i] == 6, "3 became %g", (double)y[i]);
        zeros += y[i] == 0;
        neighbours += i >= D && y[i] == 0 && y[i - D] == 0;
    }
    cr_assert(fabs(zeros / N - 0.5) <= 4 * sqrt(0.25 / N), "share of zeros is %g", zeros / N);
    cr_assert(fabs(neighbours / (N - D) - 0.25) <= 4 * sqrt(0.1875 / (N - D)),
              "share of zeros below zeros is %g", neighbours / (N - D));
    free(y);
}

Test(norm_drawn, dropout_of_rate_0_changes_nothing) {
    struct norm_config config = fixture_config(normalizer_find("dropout"));
    fixture_set(&config, "norm.rate", 0);
    struct fixture fixture, fresh;
    fixture_create(&fixture, &config, B, D, 610);
    fixture_create(&fresh, &config, B, D, 610);
    fixture_forward_train(&fixture, 0, CUT_NONE);
    fixture_backward(&fixture, CUT_NONE);
    cr_assert(!memcmp(fixture.x, fresh.x, N * sizeof(float)), "outputs");
    cr_assert(!memcmp(fixture.g, fresh.g, N * sizeof(float)), "gradients");
    fixture_free(&fixture);
    fixture_free(&fresh);
}

struct moments {
    double mean, deviation;
};

static struct moments moments_of(const double *x, int n, int stride) {
    struct moments m = {0, 0};
    for (int i = 0; i < n; i++)
        m.mean += x[i * stride] / n;
    for (int i = 0; i < n; i++)
        m.deviation += pow(x[i * stride] - m.mean, 2) / n;
    m.deviation = sqrt(m.deviation);
    return m;
}

/* Every sample of a unit is about the unit's own mean, and those are spread over the units; a
 * uniform number of width w has deviation w/sqrt(12). */
static void check_spread(const char *what, const double *x, double mean, double between,
                         double within) {
    static double means[D], deviations[D];
    for (int j = 0; j < D; j++) {
        struct moments unit = moments_of(x + j, B, D);
        means[j] = unit.mean;
        deviations[j] = unit.deviation * sqrt(B / (B - 1.0));
    }
    struct moments units = moments_of(means, D, 1), inside = moments_of(deviations, D, 1);
    double expected = sqrt(between * between + within * within / B);
    cr_assert(fabs(units.mean - mean) <= 4 * expected / sqrt(D), "%s: mean %g, not %g", what,
              units.mean, mean);
    cr_assert(fabs(units.deviation - expected) <= 4 * expected / sqrt(2 * D),
              "%s: units deviate by %g, not %g", what, units.deviation, expected);
    cr_assert(fabs(inside.mean - within) <= 0.02 * within, "%s: samples deviate by %g, not %g",
              what, inside.mean, within);
}

Test(norm_drawn, noisy_batch_norm_has_the_distribution_of_the_paper) {
    float *at_0 = test_memory(N, sizeof *at_0), *at_1 = test_memory(N, sizeof *at_1);
    double *m = test_memory(N, sizeof *m), *s = test_memory(N, sizeof *s);
    draw("batch_noisy", step_of(3, 1, 1), 0, at_0);
    draw("batch_noisy", step_of(3, 1, 1), 1024, at_1);
    for (int i = 0; i < N; i++) {
        m[i] = (double)at_0[i];
        s[i] = ((double)at_1[i] - m[i]) / 1024;
        cr_assert(fabs(m[i]) <= 0.6, "shift %g", m[i]);
    }
    check_spread("shift", m, 0, 1 / sqrt(12), 0.2 / sqrt(12));
    check_spread("factor", s, 1.125, 0.25 / sqrt(12), 0.1);
    free(at_0);
    free(at_1);
    free(m);
    free(s);
}

/* The last row's own noise, and what units draw in the next step: no random block serves twice. */
Test(norm_drawn, a_step_ends_before_the_next_begins) {
    float *now = test_memory(N, sizeof *now), *next = test_memory(N, sizeof *next);
    float last[D], units[D];
    draw("batch_noisy", step_of(3, 1, 1), 0, now);
    draw("batch_noisy", step_of(4, 1, 1), 0, next);
    for (int j = 0; j < D; j++) {
        double mean = 0, sum = 0;
        for (int b = 0; b < B; b++) {
            mean += (double)now[b * D + j] / B;
            sum += (double)next[b * D + j] / B;
        }
        last[j] = (float)((double)now[(B - 1) * D + j] - mean);
        units[j] = (float)sum;
    }
    double found = correlation(last, units, D);
    cr_assert(fabs(found) <= 4 / sqrt(D), "the next step's noise correlates by %g", found);
    free(now);
    free(next);
}

/* Sample noise of neighbours: within a row, and of the two rows that share their random blocks. */
Test(norm_drawn, samples_are_independent) {
    struct norm_config config = fixture_config(normalizer_find("batch_noisy"));
    fixture_set(&config, "norm.n_mu", 0);
    fixture_set(&config, "norm.n_sigma", 1);
    for (int i = 0; i < 2; i++) {
        fixture_set(&config, "norm.r_mu", i ? 0 : 0.1);
        fixture_set(&config, "norm.r_sigma", i ? 0.1 : 0);
        struct fixture fixture;
        fixture_create(&fixture, &config, B, D, 620);
        for (int j = 0; j < D; j++) {
            fixture.norm.param[0][j] = 0;
            fixture.norm.param[1][j] = 1;
        }
        fixture_forward_train(&fixture, 0, CUT_NONE);
        const float *y = fixture.x;
        double rows = correlation(y, y + D, N - D), units = correlation(y, y + 1, N - 1);
        cr_assert(fabs(rows) <= 4 / sqrt(N) && fabs(units) <= 4 / sqrt(N),
                  "noise of neighbouring rows correlates by %g, of units by %g", rows, units);
        fixture_free(&fixture);
    }
}
