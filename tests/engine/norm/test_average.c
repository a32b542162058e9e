/* Running averages: what is averaged, what is left of the initial value, states that follow. The
 * average of variances is held against a stored list in test_facts.c. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/norm/average.h"
#include "judge/check/fixture.h"
#include "tests/support.h"

static const double U = 0x1p-24;

static struct norm_config config_of(long average, bool biased) {
    struct norm_config config = fixture_config(normalizer_find("batch"));
    config.average = average;
    config.running_var = biased ? RUNNING_VAR_BIASED : RUNNING_VAR_UNBIASED;
    return config;
}

static void start(struct fixture *fixture, const struct norm_config *config, int B, int D) {
    fixture_create(fixture, config, B, D, 400);
    for (int j = 0; j < D; j++) {
        fixture->norm.state[RUNNING_MEAN][j] = 0;
        fixture->norm.state[RUNNING_VAR][j] = 1;
    }
}

static void debias(const struct fixture *fixture, double left, float *mean, float *var) {
    float *const result[NORM_FIELDS] = {mean, var};
    average_debias(&fixture->norm, fixture->config.average, left, fixture->norm.state, result);
}

/* ---- by hand ---- */

/* One unit, mini-batches {1, 3} and {2, 8}: means 2 and 5, variances 1 and 9 (unbiased 2 and 18),
 * mean squares 5 and 34. Momentum 1/2 from mean 0, variance 1. */
struct by_hand {
    long average;
    double mean, var;                   /* after both */
    double debiased_mean, debiased_var; /* weights 1/3 and 2/3 */
};

static const struct by_hand hands[] = {
    /* 1/4 + 2/4 + 18/2 */
    {AVERAGE_VARIANCE, 3, 9.75, 4, (2 + 2 * 18) / 3.0},
    /* (1/4 + sqrt(2)/4 + sqrt(18)/2)^2 = (1/4 + 7 sqrt(2)/4)^2 */
    {AVERAGE_DEVIATION, 3, (99 + 14 * 1.4142135623730951) / 16, 4, 2 * 49 / 9.0},
    /* 1/4 + 5/4 + 34/2 - 3^2; (5 + 2 34)/3 - 4^2 */
    {AVERAGE_SECOND_MOMENT, 3, 9.5, 4, 73 / 3.0 - 16},
};

static void check_by_hand(const struct by_hand *hand) {
    static const float rows[2][2] = {{1, 3}, {2, 8}};
    struct norm_config config = config_of(hand->average, false);
    struct fixture fixture;
    float mean, var;
    start(&fixture, &config, 2, 1);
    for (int t = 0; t < 2; t++) {
        memcpy(fixture.x, rows[t], sizeof rows[t]);
        fixture_forward_train(&fixture, 0.5, CUT_NONE);
    }
    debias(&fixture, 0.25, &mean, &var);
    const double found[] = {(double)fixture.norm.state[RUNNING_MEAN][0],
                            (double)fixture.norm.state[RUNNING_VAR][0], (double)mean, (double)var},
                 expected[] = {hand->mean, hand->var, hand->debiased_mean, hand->debiased_var};
    for (int i = 0; i < 4; i++)
        cr_assert(fabs(found[i] - expected[i]) <= 8 * U * expected[i],
                  "average %ld, number %d: %.9g instead of %.9g", hand->average, i, found[i],
                  expected[i]);
    fixture_free(&fixture);
}

Test(norm_average, two_mini_batches_by_hand) {
    for (int i = 0; i < NORM_AVERAGES; i++)
        check_by_hand(&hands[i]);
}

/* ---- against a stored list ---- */

enum { B = 5, D = 300, STEPS = 30 };

/* Weighted sums over the mini-batches so far: of means, and of what is averaged beside them. */
struct list {
    double mean[D], beside[D], weight;
};

static double beside(long average, bool biased, double mean, double squares) {
    double var = squares / (biased ? B : B - 1);
    return average == AVERAGE_VARIANCE    ? var
           : average == AVERAGE_DEVIATION ? sqrt(var)
                                          : squares / B + mean * mean;
}

static void list_take(struct list *list, long average, bool biased, double weight, const float *x) {
    for (int j = 0; j < D; j++) {
        double mean = 0, squares = 0;
        for (int b = 0; b < B; b++)
            mean += (double)x[b * D + j] / B;
        for (int b = 0; b < B; b++)
            squares += pow((double)x[b * D + j] - mean, 2);
        list->mean[j] += weight * mean;
        list->beside[j] += weight * beside(average, biased, mean, squares);
    }
    list->weight += weight;
}

/* The variance that comes of it, with weight `left` on the declared start: mean 0, variance 1. */
static double list_var(const struct list *list, long average, double left, int j) {
    double rest = (1 - left) / list->weight, q = left + rest * list->beside[j];
    return average == AVERAGE_VARIANCE    ? q
           : average == AVERAGE_DEVIATION ? q * q
                                          : q - pow(rest * list->mean[j], 2);
}

static void check_near(const char *what, double momentum, long average, const float *mean,
                       const float *var, const struct list *list, double left, double tolerance) {
    for (int j = 0; j < D; j++) {
        double m = (1 - left) / list->weight * list->mean[j], v = list_var(list, average, left, j);
        cr_assert(fabs((double)mean[j] - m) <= tolerance * (1 + fabs(m)),
                  "%s, momentum %g, average %ld, unit %d: mean %.9g, by the list %.9g", what,
                  momentum, average, j, (double)mean[j], m);
        cr_assert(fabs((double)var[j] - v) <= tolerance * (v + m * m + 1),
                  "%s, momentum %g, average %ld, unit %d: variance %.9g, by the list %.9g", what,
                  momentum, average, j, (double)var[j], v);
    }
}

static void check_list(long average, bool biased, double momentum) {
    struct norm_config config = config_of(average, biased);
    struct fixture fixture;
    struct list *list = test_memory(1, sizeof *list);
    float mean[D], var[D];
    start(&fixture, &config, B, D);
    for (int t = 0; t < STEPS; t++) {
        test_normal(410 + (uint32_t)t, B * D, 0.1 * t, 1 + 0.05 * t, fixture.x);
        list_take(list, average, biased, (1 - momentum) * pow(momentum, STEPS - 1 - t), fixture.x);
        fixture_forward_train(&fixture, 1 - momentum, CUT_RANDOM);
    }
    double left = pow(momentum, STEPS);
    /* a rounding a step, of mean and variance; taking out the start magnifies them */
    double tolerance = 4 * STEPS * U;
    check_near("running", momentum, average, fixture.norm.state[RUNNING_MEAN],
               fixture.norm.state[RUNNING_VAR], list, left, tolerance);
    debias(&fixture, left, mean, var);
    check_near("debiased", momentum, average, mean, var, list, 0, tolerance / (1 - left));
    fixture_free(&fixture);
    free(list);
}

Test(norm_average, each_kind_is_the_average_of_the_stored_list) {
    static const double momenta[] = {0, 0.5, 0.9, 0.99, 0.999};
    for (long average = 0; average < NORM_AVERAGES; average++)
        for (int i = 0; i < 5; i++) {
            check_list(average, false, momenta[i]);
            check_list(average, true, momenta[i]);
        }
}

/* ---- order ---- */

static void train(struct fixture *fixture, long average, double update) {
    struct norm_config config = config_of(average, true);
    start(fixture, &config, B, D);
    for (int t = 0; t < STEPS; t++) {
        test_normal(450 + (uint32_t)t, B * D, 0.1 * t, 1, fixture->x);
        fixture_forward_train(fixture, update, CUT_NONE);
    }
}

/* Jensen: the mean of deviations is at most the root of the mean variance. Total variance: the
 * second moment also counts how far apart the means of the mini-batches lie. */
Test(norm_average, deviations_give_the_least_and_second_moments_the_most) {
    struct fixture variance, deviation, moment;
    train(&variance, AVERAGE_VARIANCE, 0.1);
    train(&deviation, AVERAGE_DEVIATION, 0.1);
    train(&moment, AVERAGE_SECOND_MOMENT, 0.1);
    for (int j = 0; j < D; j++) {
        double v = (double)variance.norm.state[RUNNING_VAR][j],
               d = (double)deviation.norm.state[RUNNING_VAR][j],
               q = (double)moment.norm.state[RUNNING_VAR][j];
        cr_assert(d < v && v < q, "unit %d: %g of deviations, %g of variances, %g of squares", j, d,
                  v, q);
    }
    fixture_free(&variance);
    fixture_free(&deviation);
    fixture_free(&moment);
}

/* A mini-batch that is all there is has one mean and one variance, whatever is averaged. */
Test(norm_average, with_update_one_all_kinds_agree) {
    struct fixture kinds[NORM_AVERAGES];
    for (long average = 0; average < NORM_AVERAGES; average++)
        train(&kinds[average], average, 1);
    for (int i = 1; i < NORM_AVERAGES; i++)
        for (int j = 0; j < D; j++) {
            double v = (double)kinds[0].norm.state[RUNNING_VAR][j],
                   other = (double)kinds[i].norm.state[RUNNING_VAR][j];
            cr_assert(fabs(other - v) <= 2 * U * v, "unit %d, average %d: %.9g, not %.9g", j, i,
                      other, v);
        }
    for (int i = 0; i < NORM_AVERAGES; i++)
        fixture_free(&kinds[i]);
}

/* Far from 0 a difference of squares in float32 would leave nothing: mean 1000, deviation 1. */
Test(norm_average, a_second_moment_survives_a_large_mean) {
    struct norm_config config = config_of(AVERAGE_SECOND_MOMENT, true);
    struct fixture fixture;
    start(&fixture, &config, B, D);
    for (int t = 0; t < 1000; t++) {
        test_normal(500 + (uint32_t)t, B * D, 1000, 1, fixture.x);
        fixture_forward_train(&fixture, 0.05, CUT_NONE);
    }
    double mean = 0;
    for (int j = 0; j < D; j++)
        mean += (double)fixture.norm.state[RUNNING_VAR][j] / D;
    /* sigma^2 less the variance of the running mean, which has 39 mini-batches' worth of rows */
    double expected = 1 - 1.0 / (39 * B), error = sqrt(2.0 / (39 * B) / D);
    cr_assert(fabs(mean - expected) <= 4 * error, "%g instead of %g +- %g", mean, expected, error);
    fixture_free(&fixture);
}

/* ---- what is left of the start ---- */

Test(norm_average, a_start_that_is_forgotten_changes_no_bit) {
    for (long average = 0; average < NORM_AVERAGES; average++) {
        struct fixture fixture;
        float mean[D], var[D];
        train(&fixture, average, 0.1);
        debias(&fixture, 0, mean, var);
        cr_assert(!memcmp(mean, fixture.norm.state[RUNNING_MEAN], sizeof mean) &&
                      !memcmp(var, fixture.norm.state[RUNNING_VAR], sizeof var),
                  "average %ld: nothing to take out, and something was", average);
        fixture_free(&fixture);
    }
}

/* A constant unit, momentum 0.9999, one step: the variance that is left is the rounding of
 * 0.9999, and must not be below 0. */
Test(norm_average, a_constant_unit_has_no_negative_variance) {
    for (long average = 0; average < NORM_AVERAGES; average++)
        for (double momentum = 0.99; momentum < 0.999999; momentum = (momentum + 9) / 10) {
            struct norm_config config = config_of(average, false);
            struct fixture fixture;
            float mean[D], var[D];
            start(&fixture, &config, B, D);
            for (int i = 0; i < B * D; i++)
                fixture.x[i] = (float)(i % D) / 7;
            fixture_forward_train(&fixture, 1 - momentum, CUT_NONE);
            debias(&fixture, momentum, mean, var);
            for (int j = 0; j < D; j++)
                cr_assert(var[j] >= 0 && (double)var[j] <= 4 * U / (1 - momentum) * (1 + j * j),
                          "average %ld, momentum %g, unit %d: variance %g", average, momentum, j,
                          (double)var[j]);
            fixture_free(&fixture);
        }
}

/* 0 would be the variance of a unit that never changed. */
Test(norm_average, a_variance_that_is_no_number_stays_none) {
    for (long average = 0; average < NORM_AVERAGES; average++) {
        struct norm_config config = config_of(average, false);
        struct fixture fixture;
        float mean, var;
        start(&fixture, &config, 2, 1);
        fixture.norm.state[RUNNING_VAR][0] = NAN;
        debias(&fixture, 0.25, &mean, &var);
        cr_assert(isnan(var), "average %ld: a variance of %g", average, (double)var);
        fixture_free(&fixture);
    }
}

/* ---- states that follow ---- */

/* The normalizer's vectors, then those of a follower in one block. */
static void check_follower(long own, long average, double momentum) {
    struct norm_config config = config_of(own, false), alone_config = config_of(average, false);
    struct fixture fixture, alone;
    float *states = test_memory(4 * D, sizeof *states);
    start(&fixture, &config, B, D);
    start(&alone, &alone_config, B, D);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < D; j++)
            states[i * D + j] = (float)(i % 2);
    fixture.norm.state[RUNNING_MEAN] = states;
    fixture.norm.state[RUNNING_VAR] = states + D;
    const struct norm_follower follower = {1 - momentum, average, 2 * D};
    /* the own state left alone: it need not move for others to */
    const struct norm_step step = {.update = 0, .followers = &follower, .n_followers = 1};
    for (int t = 0; t < STEPS; t++) {
        test_normal(460 + (uint32_t)t, B * D, 0.1 * t, 1, fixture.x);
        memcpy(alone.x, fixture.x, B * D * sizeof *alone.x);
        fixture.norm.kind->forward_train(&fixture.norm, &step, (struct span){0, 7}, B, fixture.x);
        fixture.norm.kind->forward_train(&fixture.norm, &step, (struct span){7, D}, B, fixture.x);
        fixture_forward_train(&alone, 1 - momentum, CUT_NONE);
        cr_assert(!memcmp(fixture.x, alone.x, B * D * sizeof *alone.x), "the output differs");
    }
    cr_assert(!memcmp(states + 2 * D, alone.norm.state[RUNNING_MEAN], D * sizeof *states) &&
                  !memcmp(states + 3 * D, alone.norm.state[RUNNING_VAR], D * sizeof *states),
              "average %ld beside %ld, momentum %g: a state that follows has other bits", average,
              own, momentum);
    cr_assert(states[5] == 0 && states[D + 5] == 1, "update 0 moved the normalizer's own state");
    free(states);
    fixture_free(&fixture);
    fixture_free(&alone);
}

Test(norm_average, a_follower_has_the_bits_of_a_state_of_its_own) {
    for (long own = 0; own < NORM_AVERAGES; own++)
        for (long average = 0; average < NORM_AVERAGES; average++) {
            check_follower(own, average, 0.3);
            check_follower(own, average, 0.99);
        }
}

/* ---- sub-batches ---- */

/* One step from mean 0, variance 1 with half the weight, of rows {1, 3, 2, 8} whole or in pairs. */
static void in_parts(long average, int parts, double *mean, double *var) {
    static const double means[2][2] = {{3.5}, {2, 5}}, vars[2][2] = {{7.25}, {1, 9}};
    struct norm_config config = config_of(average, false);
    struct fixture fixture;
    struct average_sums sums;
    const struct norm_step step = {.update = 0.5};
    start(&fixture, &config, 4, 1);
    for (int i = 0; i < parts; i++)
        average_add(&fixture.norm, &step, 1, i == 0, &means[parts - 1][i], &vars[parts - 1][i],
                    &sums);
    average_update(&fixture.norm, &step, (struct span){0, 1}, parts, 4 / parts, &sums);
    *mean = (double)fixture.norm.state[RUNNING_MEAN][0];
    *var = (double)fixture.norm.state[RUNNING_VAR][0];
    fixture_free(&fixture);
}

/* Variances and deviations are averaged over the sub-batches, each unbiased by its own rows; a
 * second moment does not know how its rows were cut. */
Test(norm_average, sub_batches_are_averaged) {
    const double s = 0.5 + (sqrt(2) + sqrt(18)) / 4, m = 0.5 + 78 / 8.0 - 1.75 * 1.75;
    const double expected[NORM_AVERAGES][2] = {
        {0.5 + 7.25 * 4 / 3 / 2, 0.5 + (2 + 18) / 4.0},
        {pow(0.5 + sqrt(7.25 * 4 / 3) / 2, 2), s * s},
        {m, m},
    };
    for (int i = 0; i < 2 * NORM_AVERAGES; i++) {
        double mean, var;
        in_parts(i / 2, i % 2 + 1, &mean, &var);
        cr_assert(fabs(mean - 1.75) <= 4 * U, "average %d: mean %.9g", i / 2, mean);
        cr_assert(fabs(var - expected[i / 2][i % 2]) <= 8 * U * var,
                  "average %d in %d parts: variance %.9g instead of %.9g", i / 2, i % 2 + 1, var,
                  expected[i / 2][i % 2]);
    }
}

/* Claim: at test one example has no mean and variance of its own. Every unit is beta. */
Test(norm_average, one_row_by_itself_is_beta) {
    struct norm_config config = config_of(AVERAGE_VARIANCE, false);
    struct fixture fixture;
    fixture_create(&fixture, &config, 1, D, 470);
    fixture_forward_train(&fixture, 0, CUT_NONE);
    cr_assert(!memcmp(fixture.x, fixture.norm.param[1], D * sizeof *fixture.x),
              "one row is something else than beta");
    fixture_free(&fixture);
}
