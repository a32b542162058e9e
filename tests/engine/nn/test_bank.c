/* A bank of running states: each member is what a run of its own would have, bit for bit, and
 * training knows of none. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "engine/nn/evaluate.h"
#include "tests/support.h"

enum { MOMENTA = 4, STEPS = 25 };
static const double momenta[MOMENTA] = {0, 0.5, 0.99, 1};

static struct test_data *data;

static void create(void) {
    data = test_data_create(6, 9, 4, 90, 30, 40);
}

static void destroy(void) {
    test_data_free(data);
}

TestSuite(nn_bank, .init = create, .fini = destroy);

static struct run_config config_of(int variant) {
    struct run_config config = test_config();
    config.norm.kind = normalizer_find("batch");
    config.norm.placement = variant % 2;
    config.norm.on_input = variant / 2 % 2;
    config.norm.running_var = variant % 2;
    config.norm.momentum = 0.9;
    config.train.epochs = 3;
    return config;
}

static struct trainer *trained(const struct run_config *config, int n_threads) {
    struct trainer *trainer = test_trainer(config, data, n_threads);
    trainer->team_size = n_threads;
    long n = trainer_advance(trainer, STEPS, NULL);
    cr_assert(n == STEPS, "%ld steps", n);
    return trainer;
}

static struct trainer *trained_with_bank(struct run_config config, int n_threads) {
    config.eval.momenta = momenta;
    config.eval.n_momenta = MOMENTA;
    return trained(&config, n_threads);
}

static bool same_weights(const struct trainer *a, const struct trainer *b) {
    return !memcmp(a->mlp.params, b->mlp.params, a->mlp.n_params * sizeof(float));
}

static bool same_states(const struct trainer *trainer, const float *a, const float *b) {
    return !memcmp(a, b, trainer->mlp.n_states * sizeof(float));
}

/* Errors by plain and by debiased statistics. */
static void check_errors(const struct trainer *own, const struct trainer *banked, int member) {
    float *a = test_memory(own->mlp.n_states, sizeof *a),
          *b = test_memory(own->mlp.n_states, sizeof *b);
    struct evaluation expected, found;
    bool any = evaluate_debiased_states(own, -1, a);
    cr_assert(evaluate_debiased_states(banked, member, b) == any, "member %d: debiased or not",
              member);
    cr_assert(any == (bank_momentum(&banked->bank, member) < 1),
              "only momentum 1 averages nothing");
    cr_assert(!any || same_states(own, a, b), "member %d: debiased states differ", member);
    cr_assert(!evaluate(own, PART_TEST, 40, NULL, NULL, &expected), "%s", status_message());
    cr_assert(!evaluate(banked, PART_TEST, 40, bank_states(&banked->bank, member), NULL, &found),
              "%s", status_message());
    cr_assert(expected.loss == found.loss && expected.error == found.error,
              "member %d: loss %g, of its own %g", member, found.loss, expected.loss);
    free(a);
    free(b);
}

static void check_members(int variant) {
    struct run_config config = config_of(variant);
    struct trainer *banked = trained_with_bank(config, 1);
    cr_assert(banked->bank.n == MOMENTA * NORM_AVERAGES, "%d members", banked->bank.n);
    for (int i = 0; i < banked->bank.n; i++) {
        config.norm.momentum = bank_momentum(&banked->bank, i);
        config.norm.average = bank_average(i);
        struct trainer *own = trained(&config, 1);
        cr_assert(same_weights(own, banked),
                  "variant %d: momentum %g and average %ld change the weights", variant,
                  config.norm.momentum, config.norm.average);
        cr_assert(same_states(own, own->mlp.states, bank_states(&banked->bank, i)),
                  "variant %d: momentum %g, average %ld: the bank has another state", variant,
                  config.norm.momentum, config.norm.average);
        check_errors(own, banked, i);
        trainer_free(own);
    }
    trainer_free(banked);
}

Test(nn_bank, a_member_is_what_a_run_of_its_own_has) {
    for (int variant = 0; variant < 4; variant++)
        check_members(variant);
}

/* Else the test above would compare copies of one state. */
Test(nn_bank, members_differ_from_each_other) {
    struct trainer *trainer = trained_with_bank(config_of(0), 1);
    const struct bank *bank = &trainer->bank;
    for (int i = 0; i < bank->n; i++)
        for (int j = 0; j < i; j++) {
            /* 0 keeps the last mini-batch alone, whatever is averaged, and 1 the start */
            double m = bank_momentum(bank, i);
            bool alike = m == bank_momentum(bank, j) && (m == 0 || m == 1);
            bool same = same_states(trainer, bank_states(bank, i), bank_states(bank, j));
            cr_assert(alike || !same, "members %d and %d are the same", i, j);
        }
    trainer_free(trainer);
}

Test(nn_bank, a_bank_changes_no_bit_of_the_run) {
    for (int variant = 0; variant < 4; variant++) {
        struct run_config config = config_of(variant);
        struct trainer *plain = trained(&config, 1), *banked = trained_with_bank(config, 1);
        cr_assert(same_weights(plain, banked) &&
                      same_states(plain, plain->mlp.states, banked->mlp.states),
                  "variant %d: a bank changes the run", variant);
        trainer_free(plain);
        trainer_free(banked);
    }
}

Test(nn_bank, the_number_of_threads_changes_no_bit) {
    static const double wide[] = {300, 20};
    struct run_config config = config_of(2);
    config.model.hidden = wide;
    struct trainer *one = trained_with_bank(config, 1), *three = trained_with_bank(config, 3);
    for (int i = 0; i < one->bank.n; i++)
        cr_assert(same_states(one, bank_states(&one->bank, i), bank_states(&three->bank, i)),
                  "member %d differs on three threads", i);
    trainer_free(one);
    trainer_free(three);
}

/* Part of what a checkpoint would copy. */
Test(nn_bank, members_are_training_state) {
    struct trainer *trainer = trained_with_bank(config_of(0), 1);
    const float *state = (const float *)(const void *)trainer->arena.base;
    const float *end = bank_states(&trainer->bank, trainer->bank.n - 1) + trainer->mlp.n_states;
    cr_assert(end <= state + trainer->state_floats, "the bank lies behind the training state");
    trainer_free(trainer);
}

Test(nn_bank, no_running_state_no_bank) {
    struct run_config config = config_of(0);
    config.norm.kind = normalizer_find("layer");
    struct trainer *trainer = trained_with_bank(config, 1);
    cr_assert(trainer->bank.n == 0, "layer norm has a bank of %d", trainer->bank.n);
    trainer_free(trainer);
    config = config_of(0);
    config.model.n_hidden = 0; /* nothing that is normalized */
    trainer = trained_with_bank(config, 1);
    cr_assert(trainer->bank.n == 0, "no layer has a state, but a bank of %d", trainer->bank.n);
    trainer_free(trainer);
}
