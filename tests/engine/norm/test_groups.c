/* Groups of units and sub-batches of rows: each is a normalizer of its own, bit for bit. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "judge/check/fixture.h"
#include "tests/engine/norm/variants.h"
#include "tests/support.h"

static struct norm_config config_with(const char *kind, const char *key, double value) {
    struct norm_config config = fixture_config(normalizer_find(kind));
    if (key)
        fixture_set(&config, key, value);
    return config;
}

static void whole_pass(struct fixture *fixture) {
    fixture_forward_train(fixture, 0.1, CUT_NONE);
    fixture_backward_param(fixture, CUT_NONE);
    fixture_backward(fixture, CUT_NONE);
}

static void expect_same(const char *what, const float *a, const float *b, size_t n) {
    cr_assert(!memcmp(a, b, n * sizeof *a), "%s differ", what);
}

/* Two configurations must give the same bits everywhere. */
static void expect_same_passes(const struct norm_config *one, const struct norm_config *other,
                               int B, int D) {
    struct fixture a, b;
    fixture_create(&a, one, B, D, 400);
    fixture_create(&b, other, B, D, 400);
    whole_pass(&a);
    whole_pass(&b);
    size_t n = (size_t)B * (size_t)D;
    expect_same("outputs", a.x, b.x, n);
    expect_same("gradients", a.g, b.g, n);
    for (int i = 0; i < 2; i++) {
        expect_same("gradients of parameters", a.norm.grad[i], b.norm.grad[i], (size_t)D);
        if (a.norm.state[i])
            expect_same("states", a.norm.state[i], b.norm.state[i], (size_t)D);
    }
    fixture_free(&a);
    fixture_free(&b);
}

Test(norm_groups, one_group_is_layer_norm) {
    struct norm_config group = config_with("group", "norm.groups", 1);
    struct norm_config layer = config_with("layer", NULL, 0);
    expect_same_passes(&group, &layer, 13, 100);
    expect_same_passes(&group, &layer, 3, 1000);
}

Test(norm_groups, a_sub_batch_of_all_rows_is_batch_norm) {
    struct norm_config whole = config_with("batch", NULL, 0);
    struct norm_config ghost = config_with("batch", "norm.rows", 24);
    expect_same_passes(&ghost, &whole, 24, 150);
}

/* Columns 25..49 of four groups of 25 are layer norm on 25 units. */
Test(norm_groups, each_group_is_layer_norm_on_its_units) {
    enum { B = 9, D = 100, GROUPS = 4, WIDTH = D / GROUPS };
    struct norm_config config = config_with("group", NULL, 0);
    struct norm_config layer = config_with("layer", NULL, 0);
    for (int k = 0; k < GROUPS; k++) {
        struct fixture group, part;
        fixture_create(&group, &config, B, D, 410);
        fixture_create(&part, &layer, B, WIDTH, 410);
        for (int b = 0; b < B; b++) {
            memcpy(part.x + b * WIDTH, group.x + b * D + k * WIDTH, WIDTH * sizeof(float));
            memcpy(part.g + b * WIDTH, group.g + b * D + k * WIDTH, WIDTH * sizeof(float));
        }
        for (int i = 0; i < 2; i++)
            memcpy(part.norm.param[i], group.norm.param[i] + k * WIDTH, WIDTH * sizeof(float));
        whole_pass(&group);
        whole_pass(&part);
        for (int b = 0; b < B; b++) {
            expect_same("outputs", part.x + b * WIDTH, group.x + b * D + k * WIDTH, WIDTH);
            expect_same("gradients", part.g + b * WIDTH, group.g + b * D + k * WIDTH, WIDTH);
        }
        fixture_free(&group);
        fixture_free(&part);
    }
}

/* Rows 8..15 of 32 are batch norm on 8 rows; the running state takes the mean of the four. */
Test(norm_groups, each_sub_batch_is_batch_norm_on_its_rows) {
    enum { B = 32, D = 50, ROWS = 8, PARTS = B / ROWS };
    struct norm_config config = config_with("batch", "norm.rows", ROWS);
    struct norm_config batch = config_with("batch", NULL, 0);
    double sums[4][D] = {{0}}; /* of gradients of gamma and beta, of means and variances */
    struct fixture ghost;
    fixture_create(&ghost, &config, B, D, 420);
    float x[B * D], g[B * D], first[2][D];
    memcpy(x, ghost.x, sizeof x);
    memcpy(g, ghost.g, sizeof g);
    memcpy(first[0], ghost.norm.state[0], sizeof first[0]);
    memcpy(first[1], ghost.norm.state[1], sizeof first[1]);
    whole_pass(&ghost);
    for (int p = 0; p < PARTS; p++) {
        struct fixture part;
        fixture_create(&part, &batch, ROWS, D, 420);
        memcpy(part.x, x + p * ROWS * D, ROWS * D * sizeof(float));
        memcpy(part.g, g + p * ROWS * D, ROWS * D * sizeof(float));
        fixture_forward_train(&part, 1, CUT_NONE);
        fixture_backward(&part, CUT_NONE);
        expect_same("outputs", part.x, ghost.x + p * ROWS * D, ROWS * D);
        expect_same("gradients", part.g, ghost.g + p * ROWS * D, ROWS * D);
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < D; j++) {
                sums[i][j] += (double)part.norm.grad[i][j];
                sums[2 + i][j] += (double)part.norm.state[i][j] / PARTS;
            }
        fixture_free(&part);
    }
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < D; j++) {
            double state = 0.9 * (double)first[i][j] + 0.1 * sums[2 + i][j];
            cr_assert(fabs((double)ghost.norm.grad[i][j] - sums[i][j]) <= 1e-5,
                      "gradient of parameter %d", i);
            cr_assert(fabs((double)ghost.norm.state[i][j] - state) <= 1e-6, "state %d: %g not %g",
                      i, (double)ghost.norm.state[i][j], state);
        }
    fixture_free(&ghost);
}

/* The law of total variance: mean of the sub-batches' variances + variance of their means. */
Test(norm_groups, variances_of_sub_batches_and_of_their_means_make_the_whole) {
    enum { B = 32, D = 40, ROWS = 4 };
    struct norm_config ghost = config_with("batch", "norm.rows", ROWS);
    struct norm_config batch = config_with("batch", NULL, 0);
    ghost.running_var = batch.running_var = RUNNING_VAR_BIASED;
    struct fixture parts, whole;
    fixture_create(&parts, &ghost, B, D, 430);
    fixture_create(&whole, &batch, B, D, 430);
    double between[D] = {0};
    for (int j = 0; j < D; j++) {
        double total = 0, square = 0;
        for (int p = 0; p < B / ROWS; p++) {
            double mean = 0;
            for (int b = p * ROWS; b < (p + 1) * ROWS; b++)
                mean += (double)parts.x[b * D + j] / ROWS;
            total += mean * ROWS / B;
            square += mean * mean * ROWS / B;
        }
        between[j] = square - total * total;
    }
    fixture_forward_train(&parts, 1, CUT_NONE);
    fixture_forward_train(&whole, 1, CUT_NONE);
    for (int j = 0; j < D; j++) {
        double sum = (double)parts.norm.state[1][j] + between[j];
        cr_assert(fabs((double)parts.norm.state[0][j] - (double)whole.norm.state[0][j]) <= 1e-6,
                  "means");
        cr_assert(fabs(sum - (double)whole.norm.state[1][j]) <= 1e-6,
                  "variance %g within and between, %g of all", sum, (double)whole.norm.state[1][j]);
    }
    fixture_free(&parts);
    fixture_free(&whole);
}

static void expect_refused(const char *kind, const char *key, double value, int B, int D,
                           const char *text) {
    struct norm_config config = config_with(kind, key, value);
    cr_assert(!fixture_allowed(&config, B, D), "%s takes %s=%g on %d x %d", kind, key, value, B, D);
    cr_assert(strstr(status_message(), text), "'%s' does not say '%s'", status_message(), text);
}

Test(norm_groups, what_cannot_be_cut_is_refused) {
    expect_refused("group", "norm.groups", 8, 4, 100,
                   "norm.groups: group norm cannot cut 100 units into 8 groups");
    expect_refused("group", "norm.groups", 100, 4, 100, "at least 3 units in a group");
    expect_refused("group", "norm.groups", 50, 4, 100, "50 groups are 2 each");
    expect_refused(
        "batch", "norm.rows", 5, 64, 100,
        "norm.rows: batch norm cannot cut a mini-batch of 64 rows into sub-batches of 5");
    expect_refused("batch_renorm", "norm.rows", 128, 64, 100, "sub-batches of 128");
    expect_refused("batch_noisy", "norm.rows", 3, 64, 100, "sub-batches of 3");
    expect_refused("rms", NULL, 0, 4, 1, "at least 2 units");
    expect_refused("whole", NULL, 0, 1, 2, "at least 3 values");
    expect_refused("literal_both", NULL, 0, 1, 20, "at least 2 rows");
}
