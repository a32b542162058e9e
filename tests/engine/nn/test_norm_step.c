/* What the network tells a normalizer about its place and its step. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/nn/evaluate.h"
#include "tests/support.h"

enum { B = 32, WIDTH = 60 };

static struct run_config config_of(const char *kind) {
    static const double hidden[] = {WIDTH, WIDTH};
    struct run_config config = test_config();
    test_norm(&config.norm, normalizer_find(kind));
    config.model.hidden = hidden;
    config.model.activation = activation_find("identity");
    config.train.batch_size = B;
    return config;
}

/* ---- noise ---- */

static double share_of_equal_zeros(const float *a, const float *b) {
    double equal = 0;
    for (int i = 0; i < B * WIDTH; i++)
        equal += (a[i] == 0) == (b[i] == 0);
    return equal / (B * WIDTH);
}

/* Half of the zeros of two independent masks agree; 4 standard errors. */
static void expect_independent(const float *a, const float *b, const char *what) {
    double share = share_of_equal_zeros(a, b);
    cr_assert(fabs(share - 0.5) <= 4 * 0.5 / sqrt(B * WIDTH), "%s: %g of the zeros agree", what,
              share);
}

Test(nn_norm_step, every_layer_and_every_step_has_noise_of_its_own) {
    struct test_data *data = test_data_create(20, WIDTH, 4, 10 * B, 0, 10);
    struct run_config config = config_of("dropout");
    config.norm.on_input = true;
    struct trainer *trainer = test_trainer(&config, data, 2);
    float first[B * WIDTH];
    trainer_advance(trainer, 1, NULL);
    memcpy(first, trainer->batch.y[0], sizeof first);
    expect_independent(trainer->batch.x, trainer->batch.y[0], "input and first layer");
    expect_independent(trainer->batch.y[0], trainer->batch.y[1], "first and second layer");
    trainer_advance(trainer, 1, NULL);
    expect_independent(first, trainer->batch.y[0], "first and second step");
    trainer_free(trainer);
    test_data_free(data);
}

static uint64_t weights_of(const struct run_config *config, const struct test_data *data) {
    struct trainer *trainer = test_trainer(config, data, 1);
    trainer_advance(trainer, 5, NULL);
    uint64_t hash =
        test_hash(TEST_HASH_START, trainer->mlp.params, trainer->mlp.n_params * sizeof(float));
    trainer_free(trainer);
    return hash;
}

Test(nn_norm_step, noise_follows_its_seed) {
    static const char *const kinds[] = {"dropout", "batch_noisy"};
    struct test_data *data = test_data_create(21, WIDTH, 4, 10 * B, 0, 10);
    for (int i = 0; i < 2; i++) {
        struct run_config config = config_of(kinds[i]);
        config.seeds.init = config.seeds.order = 0;
        uint64_t weights = weights_of(&config, data);
        config.seeds.noise = 0; /* as it was: the seed's own number */
        cr_assert(weights_of(&config, data) == weights, "%s: seeds.noise 0 is not seed 0",
                  kinds[i]);
        config.seeds.noise = 1;
        cr_assert(weights_of(&config, data) != weights, "%s: seeds.noise has no effect", kinds[i]);
    }
    test_data_free(data);
}

/* ---- population statistics ---- */

enum { N = 100 };

/* Of the same weights, whatever the running state stands at. */
static float *population_of(const char *kind, double rows, struct trainer *trainer) {
    float *states = test_memory(trainer->mlp.n_states, sizeof *states);
    for (size_t i = 0; i < trainer->mlp.n_states; i++)
        trainer->mlp.states[i] = 0.5f + (float)(i % 7);
    trainer->step = trainer->total_steps - 1; /* where schedules are at their end */
    cr_assert(evaluate_population_states(trainer, N, states) == OK, "%s [%g]: %s", kind, rows,
              status_message());
    return states;
}

static void expect_population_of_batch_norm(const char *kind, double rows) {
    struct test_data *data = test_data_create(22, WIDTH, 4, 10 * B, 0, 10);
    struct run_config one = config_of(kind), batch = config_of("batch");
    one.norm.own[0] = rows;
    one.norm.running_var = batch.norm.running_var = RUNNING_VAR_BIASED;
    struct trainer *trainer = test_trainer(&one, data, 2), *other = test_trainer(&batch, data, 2);
    float *states = population_of(kind, rows, trainer),
          *expected = population_of("batch", 0, other);
    bool deviation = !strcmp(kind, "batch_renorm");
    for (int k = 0; k < 2; k++)
        for (int j = 0; j < WIDTH; j++) {
            const struct norm *norm = trainer->mlp.layers[k].norm;
            size_t mean = (size_t)(norm->state[0] - trainer->mlp.states + j);
            size_t spread = (size_t)(norm->state[1] - trainer->mlp.states + j);
            double found = (double)states[spread], is = (double)expected[spread];
            if (deviation)
                found = found * found - batch.norm.eps;
            cr_assert(states[mean] == expected[mean], "%s [%g], layer %d: mean %g, not %g", kind,
                      rows, k, (double)states[mean], (double)expected[mean]);
            cr_assert(fabs(found - is) <= 1e-6 * is, "%s [%g], layer %d: variance %g, not %g", kind,
                      rows, k, found, is);
        }
    free(states);
    free(expected);
    trainer_free(trainer);
    trainer_free(other);
    test_data_free(data);
}

Test(nn_norm_step, the_population_is_measured_without_correction_sub_batches_and_noise) {
    expect_population_of_batch_norm("batch", 8);
    expect_population_of_batch_norm("batch", 16); /* which does not divide the 100 rows */
    expect_population_of_batch_norm("batch_renorm", -1);
    expect_population_of_batch_norm("batch_renorm", 8);
    expect_population_of_batch_norm("batch_noisy", -1);
}
