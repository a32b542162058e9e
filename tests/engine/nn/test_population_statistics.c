/* Population normalization while training: when the statistics are taken, of what, and that neither
 * threads nor stretches nor looking make a difference. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/nn/evaluate.h"
#include "tests/support.h"

enum { ROWS = 83, TEST_ROWS = 20, REFRESH = 3, STEPS = 25 };

static struct test_data *data;

static void create(void) {
    data = test_data_create(4, 9, 4, ROWS, 0, TEST_ROWS);
}

static void destroy(void) {
    test_data_free(data);
}

TestSuite(nn_population_statistics, .init = create, .fini = destroy);

static struct run_config config_of(int variant) {
    struct run_config config = test_config();
    test_norm(&config.norm, normalizer_find("population"));
    config.norm.placement = variant % 2;
    config.norm.on_input = variant / 2 % 2;
    config.norm.on_output = variant / 4 % 2;
    config.norm.refresh = REFRESH;
    config.norm.population_rows = variant % 2 ? 50 : -1;
    config.train.epochs = 3;
    config.train.order = ORDER_SHUFFLE;
    config.optimizer.momentum = 0.9;
    return config;
}

static size_t states_size(const struct trainer *trainer) {
    return trainer->mlp.n_states * sizeof(float);
}

static float *population_of(const struct trainer *trainer, long rows) {
    float *states = test_memory(trainer->mlp.n_states, sizeof *states);
    cr_assert(!evaluate_population_states(trainer, rows, states), "%s", status_message());
    return states;
}

/* Bit for bit what an evaluation takes of the same rows, at steps 0, 3, 6, ..., and only there. */
Test(nn_population_statistics, the_state_is_the_population_s_at_the_last_refresh) {
    for (int variant = 0; variant < 8; variant++) {
        struct run_config config = config_of(variant);
        struct trainer *trainer = test_trainer(&config, data, 2);
        long rows = config.norm.population_rows > 0 ? config.norm.population_rows : ROWS;
        float *expected = NULL;
        for (long step = 0; step <= STEPS; step++) {
            float *now = population_of(trainer, rows);
            bool refreshed = !memcmp(now, trainer->mlp.states, states_size(trainer));
            cr_assert(refreshed == (step % REFRESH == 0), "variant %d, step %ld: %s", variant, step,
                      refreshed ? "refreshed" : "not refreshed");
            free(refreshed ? expected : now);
            expected = refreshed ? now : expected;
            cr_assert(!memcmp(expected, trainer->mlp.states, states_size(trainer)),
                      "variant %d, step %ld: no longer the last refresh's", variant, step);
            trainer_advance(trainer, 1, NULL);
        }
        free(expected);
        trainer_free(trainer);
    }
}

/* Where every mini-batch is the population, and the statistics are always fresh, batch norm gives
 * the same outputs, to the rounding of the mean. */
Test(nn_population_statistics, a_fresh_population_as_mini_batch_is_batch_norm_s_forward_pass) {
    for (int variant = 0; variant < 8; variant++) {
        struct run_config config = config_of(variant), batch_config;
        config.train.batch_size = ROWS;
        config.train.epochs = 5;
        config.norm.refresh = 1;
        config.norm.population_rows = -1;
        config.train.order = ORDER_SEQUENTIAL;
        batch_config = config;
        batch_config.norm.kind = normalizer_find("batch");
        test_own_defaults(&batch_config.norm);
        struct trainer *one = test_trainer(&config, data, 2),
                       *batch = test_trainer(&batch_config, data, 2);
        cr_assert(one->mlp.n_params == batch->mlp.n_params, "the biases are not the same");
        for (int step = 0; step < 5; step++) {
            memcpy(batch->mlp.params, one->mlp.params, one->mlp.n_params * sizeof(float));
            double expected = trainer_measure(batch, false), loss = trainer_measure(one, false);
            cr_assert(fabs(loss - expected) <= 1e-5 * expected,
                      "variant %d, step %d: loss %.9g, batch norm's %.9g", variant, step, loss,
                      expected);
            const float *y = one->batch.y[2], *batch_y = batch->batch.y[2];
            for (int i = 0; i < ROWS * 4; i++)
                cr_assert(fabs((double)y[i] - (double)batch_y[i]) <= 1e-4,
                          "variant %d, step %d: output %d is %g, batch norm's %g", variant, step, i,
                          (double)y[i], (double)batch_y[i]);
            trainer_advance(one, 1, NULL);
        }
        trainer_free(one);
        trainer_free(batch);
    }
}

/* ---- the same bits ---- */

static void expect_same_state(const struct trainer *a, const struct trainer *b, const char *what) {
    cr_assert(a->step == b->step &&
                  !memcmp(a->arena.base, b->arena.base, a->state_floats * sizeof(float)),
              "%s: other bits", what);
}

Test(nn_population_statistics, any_number_of_threads_gives_the_same_bits) {
    static const double hidden[] = {300, 150};
    struct test_data *wide = test_data_create(3, 60, 10, 700, 0, 10);
    struct run_config config = config_of(2);
    config.model.hidden = hidden;
    config.train.batch_size = 64;
    config.norm.population_rows = 600;
    struct trainer *one = test_trainer(&config, wide, 1);
    trainer_advance(one, 8, NULL);
    for (int n_threads = 2; n_threads <= 5; n_threads++) {
        struct trainer *other = test_trainer(&config, wide, n_threads);
        trainer_advance(other, 8, NULL);
        expect_same_state(one, other, "threads");
        trainer_free(other);
    }
    trainer_free(one);
    test_data_free(wide);
}

/* Also where a stretch begins and ends at a refresh, and where one trainer goes on for another. */
Test(nn_population_statistics, stretches_of_any_length_give_the_same_bits) {
    struct run_config config = config_of(1);
    struct trainer *whole = test_trainer(&config, data, 2);
    trainer_advance(whole, STEPS, NULL);
    for (long length = 1; length <= 7; length++) {
        struct trainer *first = test_trainer(&config, data, 2),
                       *second = test_trainer(&config, data, 2);
        for (long at = 0; at < 12; at += length)
            trainer_advance(first, at + length <= 12 ? length : 12 - at, NULL);
        memcpy(second->arena.base, first->arena.base, first->state_floats * sizeof(float));
        second->step = first->step;
        while (second->step < STEPS)
            trainer_advance(second, second->step + length <= STEPS ? length : STEPS - second->step,
                            NULL);
        expect_same_state(whole, second, "stretches");
        trainer_free(first);
        trainer_free(second);
    }
    trainer_free(whole);
}

/* ---- around it ---- */

/* What other statistics would be is not asked: rows are not mixed, and nothing initial is left. */
Test(nn_population_statistics, there_is_nothing_to_debias_and_no_mini_batch_to_evaluate_by) {
    struct run_config config = config_of(0);
    struct trainer *trainer = test_trainer(&config, data, 1);
    trainer_advance(trainer, 5, NULL);
    float *states = test_memory(trainer->mlp.n_states, sizeof *states);
    cr_assert(!evaluate_debiased_states(trainer, -1, states), "it was debiased");
    cr_assert(!mlp_mixes_rows(&trainer->mlp), "evaluated by mini-batches");
    free(states);
    trainer_free(trainer);
}

Test(nn_population_statistics, the_rows_are_counted_where_they_are_needed_and_only_there) {
    size_t sizes[3];
    for (int i = 0; i < 3; i++) {
        struct run_config config = config_of(0);
        config.norm.population_rows = i == 0 ? 10 : 60;
        config.model.n_hidden = i == 2 ? 0 : config.model.n_hidden; /* no normalizer at all */
        struct trainer outline, *trainer = test_trainer(&config, data, 1);
        trainer_outline(&outline, &config, &data->dataset, 1);
        cr_assert(outline.arena.used == trainer->arena.used &&
                      trainer->arena.used == trainer->arena.size,
                  "%zu bytes said, %zu taken of %zu", outline.arena.used, trainer->arena.used,
                  trainer->arena.size);
        cr_assert((trainer->population.targets != NULL) == (i < 2), "rows for the statistics: %d",
                  i);
        sizes[i] = trainer->arena.used;
        trainer_release(&outline);
        trainer_free(trainer);
    }
    cr_assert(sizes[1] > sizes[0] + 50 * 9 * sizeof(float), "60 rows: %zu bytes, 10 rows: %zu",
              sizes[1], sizes[0]);
}
