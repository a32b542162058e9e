/* Facts about a row, for the reader: which invariances it has, how small a mini-batch it takes,
 * what it costs. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "judge/check/laws_rows.h"

/* ---- invariances ---- */

enum change { SCALE, SHIFT, UNIT_SCALE, UNIT_SHIFT, ROW_SCALE, ROW_SHIFT };

/* A factor of 1/2 to 2, a shift of -2 to 2. */
static double factor_of(uint64_t index) {
    return exp2(2 * random_uniform((struct random_key){1, RANDOM_TEST, 9}, index) - 1);
}

static double shift_of(uint64_t index) {
    return 4 * random_uniform((struct random_key){2, RANDOM_TEST, 9}, index) - 2;
}

static double changed(enum change change, int b, int j, double x) {
    switch (change) {
    case SCALE:
        return 3 * x;
    case SHIFT:
        return x + 2;
    case UNIT_SCALE:
        return x * factor_of((uint64_t)j);
    case UNIT_SHIFT:
        return x + shift_of((uint64_t)j);
    case ROW_SCALE:
        return x * factor_of((uint64_t)b);
    case ROW_SHIFT:
        return x + shift_of((uint64_t)b);
    }
    return NAN;
}

/* How far the output moves, at most, in deviations of the output. */
static double moved_by(const struct norm_config *config, enum change change, bool training) {
    enum { B = 16, D = 48 };
    struct fixture plain, other;
    double largest = 0, squares = 0;
    fixture_create(&plain, config, B, D, 120);
    fixture_create(&other, config, B, D, 120);
    for (int b = 0; b < B; b++)
        for (int j = 0; j < D; j++)
            other.x[b * D + j] = (float)changed(change, b, j, (double)other.x[b * D + j]);
    struct fixture *both[] = {&plain, &other};
    for (int i = 0; i < 2; i++)
        if (training)
            fixture_forward_train(both[i], 0, CUT_NONE);
        else
            fixture_forward_eval(both[i], both[i]->norm.state, CUT_NONE);
    for (int i = 0; i < B * D; i++) {
        largest = fmax(largest, fabs((double)plain.x[i] - (double)other.x[i]));
        squares += (double)plain.x[i] * (double)plain.x[i];
    }
    fixture_free(&plain);
    fixture_free(&other);
    return largest / sqrt(squares / (B * D));
}

/* eps alone moves a standardized value by eps / 2 or so. */
static void fact_invariance(const struct norm_config *config, enum change change,
                            struct law_result *result) {
    static const double same = 1e-3;
    if (!fixture_allowed(config, 16, 48)) {
        law_say(result, LAW_FACT, "16 x 48 is refused");
        return;
    }
    double training = moved_by(config, change, true), evaluation = moved_by(config, change, false);
    result->measured = training;
    law_say(result, LAW_FACT, "training: %s; evaluation: %s", training <= same ? "yes" : "no",
            evaluation <= same ? "yes" : "no");
}

void fact_scale(const struct norm_config *config, struct law_result *result) {
    fact_invariance(config, SCALE, result);
}

void fact_shift(const struct norm_config *config, struct law_result *result) {
    fact_invariance(config, SHIFT, result);
}

void fact_unit_scale(const struct norm_config *config, struct law_result *result) {
    fact_invariance(config, UNIT_SCALE, result);
}

void fact_unit_shift(const struct norm_config *config, struct law_result *result) {
    fact_invariance(config, UNIT_SHIFT, result);
}

void fact_row_scale(const struct norm_config *config, struct law_result *result) {
    fact_invariance(config, ROW_SCALE, result);
}

void fact_row_shift(const struct norm_config *config, struct law_result *result) {
    fact_invariance(config, ROW_SHIFT, result);
}

/* ---- size and cost ---- */

void fact_rows(const struct norm_config *config, struct law_result *result) {
    enum { MOST = 1024, D = 48 };
    int B = 1;
    while (B <= MOST && !fixture_allowed(config, B, D))
        B++;
    result->measured = B;
    law_say(result, LAW_FACT, B > MOST ? "or more, at %d units" : "at %d units", D);
}

/* Nanoseconds a value: the fastest of many passes, because others use the machine, too. */
static double cost_of(const struct norm_config *config) {
    enum { B = 64, D = 128, PASSES = 200 };
    struct fixture fixture;
    float x[B * D];
    double fastest = INFINITY;
    if (!fixture_allowed(config, B, D))
        return NAN;
    fixture_create(&fixture, config, B, D, 130);
    fixture_normal(131, B * D, 0, 1, x);
    for (int i = 0; i < PASSES; i++) {
        memcpy(fixture.x, x, sizeof x);
        memcpy(fixture.g, x, sizeof x);
        double begin = clock_seconds();
        fixture_whole_pass(&fixture, 0.1, CUT_NONE);
        fastest = fmin(fastest, clock_seconds() - begin);
    }
    fixture_free(&fixture);
    return 1e9 * fastest / (B * D);
}

void fact_cost(const struct norm_config *config, struct law_result *result) {
    struct norm_config batch = fixture_config(normalizer_find("batch"));
    struct norm_config none = fixture_config(normalizer_find("none"));
    result->measured = cost_of(config);
    law_say(result, LAW_FACT, "batch: %.2f, none: %.2f", cost_of(&batch), cost_of(&none));
}
