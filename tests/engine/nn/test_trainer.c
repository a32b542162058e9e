/* The trainer's conduct: which rows, how many steps, same bits whatever the threads and stretches,
 * divergence, refusals. Its numbers are held against the oracle in test_network.c. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/data/order.h"
#include "engine/nn/evaluate.h"
#include "io/machine.h"
#include "tests/support.h"

/* Parameters, running state, optimizer state. */
static uint64_t state_hash(const struct trainer *trainer) {
    return test_hash(TEST_HASH_START, trainer->mlp.params, trainer->state_floats * sizeof(float));
}

static uint64_t weights_hash(const struct trainer *trainer) {
    return test_hash(TEST_HASH_START, trainer->mlp.params, trainer->mlp.n_params * sizeof(float));
}

/* ---- the same bits ---- */

static const double wide[] = {300, 140, 20}, ragged[] = {300, 12, 20};

static struct run_config wide_config(long kind, int placement, long B, int variant) {
    struct run_config config = test_config();
    config.model.hidden = wide;
    config.model.n_hidden = 3;
    config.model.bias = variant % 2 ? BIAS_ON : BIAS_AUTO;
    test_norm(&config.norm, kind);
    config.norm.placement = placement;
    config.norm.on_input = variant % 2;
    config.norm.on_output = variant % 2;
    config.train.batch_size = B;
    config.train.steps = 4;
    config.train.order = variant % 2 ? ORDER_SHUFFLE : ORDER_SEQUENTIAL;
    config.optimizer.kind = optimizer_find(variant % 2 ? "adam" : "sgd");
    config.optimizer.lr = variant % 2 ? 0.003 : 0.05;
    config.optimizer.momentum = 0.9;
    config.optimizer.weight_decay = 0.001;
    config.optimizer.clip = 0.5;
    if (variant < 2)
        return config;
    config.model.hidden = ragged;      /* cut for many threads, some tiles have few rows */
    config.optimizer.weight_decay = 0; /* the update goes with the product */
    config.optimizer.clip = 0;
    return config;
}

/* First with gradients that are kept, then as in a run without probes. */
static void check_threads(const struct run_config *config, const struct test_data *data) {
    static const int threads[] = {1, 1, 3, 8};
    enum { N = sizeof threads / sizeof *threads };
    uint64_t states[N], losses[N], evaluations[N];
    for (int i = 0; i < N; i++) {
        struct trainer *trainer = test_trainer(config, data, threads[i]);
        trainer->keep_gradients = i == 0 || config->optimizer.clip > 0;
        double loss[4];
        struct stretch stretch = {.loss = loss};
        long n = trainer_advance(trainer, 4, &stretch);
        cr_assert(n == 4 && isfinite(loss[3]), "only %ld steps were made", n);
        float *population = test_memory(trainer->mlp.n_states, sizeof *population);
        struct evaluation result;
        cr_assert(!evaluate_population_states(trainer, 600, population), "%s", status_message());
        cr_assert(!evaluate(trainer, PART_TEST, 300, population, NULL, &result), "%s",
                  status_message());
        states[i] = state_hash(trainer);
        losses[i] = test_hash(TEST_HASH_START, loss, sizeof loss);
        evaluations[i] = test_hash(TEST_HASH_START, &result, sizeof result);
        cr_assert(states[i] == states[0] && losses[i] == losses[0] &&
                      evaluations[i] == evaluations[0],
                  "%s, placement %ld, batch %ld: %d threads give other bits than one: %s",
                  normalizer_get(config->norm.kind)->name, config->norm.placement,
                  config->train.batch_size, threads[i],
                  states[i] != states[0]   ? "weights"
                  : losses[i] != losses[0] ? "losses"
                                           : "evaluation");
        free(population);
        trainer_free(trainer);
    }
}

/* The first three kinds at every size, the others at every second. */
static void check_threads_of(int variant) {
    static const long batches[] = {2, 7, 64, 130};
    struct test_data *data = test_data_create(3, 60, 10, 700, 0, 300);
    for (long kind = 0; kind < normalizer_count(); kind++)
        for (int i = variant == 1 ? 2 : 0; i < (variant < 2 ? 4 : 2); i++) {
            if (kind >= 3 && i % 2 == 0)
                continue;
            for (int placement = NORM_BEFORE; placement <= NORM_AFTER; placement++) {
                struct run_config config = wide_config(kind, placement, batches[i], variant);
                check_threads(&config, data);
            }
        }
    test_data_free(data);
}

Test(nn_trainer, any_number_of_threads_gives_the_same_bits_with_sgd) {
    check_threads_of(0);
}

Test(nn_trainer, any_number_of_threads_gives_the_same_bits_with_adam) {
    check_threads_of(1);
}

Test(nn_trainer, any_number_of_threads_gives_the_same_bits_where_no_gradient_is_kept) {
    check_threads_of(2);
}

Test(nn_trainer, any_number_of_threads_gives_the_same_bits_with_adam_and_no_gradient_kept) {
    check_threads_of(3);
}

/* One or two mini-batches an epoch: in four steps more than one order is made. */
Test(nn_trainer, any_number_of_threads_gives_the_same_bits_whatever_a_mini_batch_is_made_of) {
    struct test_data *data = test_data_create(3, 60, 10, 700, 0, 300);
    for (enum train_order order = ORDER_SORTED; order <= ORDER_CLASSES; order++) {
        struct run_config config = wide_config(normalizer_find("batch"), NORM_BEFORE, 350, 0);
        config.train.order = order;
        config.train.classes_per_batch = 10;
        data->dataset.colour =
            (struct colour){.kind = COLOUR_CLASS_IN_BATCH, .strength = 1, .seed = 3};
        check_threads(&config, data);
    }
    test_data_free(data);
}

Test(nn_trainer, any_number_of_threads_gives_the_same_bits_with_numbers_as_targets) {
    struct test_data *data = test_data_create(3, 60, 10, 700, 0, 300);
    test_data_take_values(data, 8);
    for (long kind = 0; kind < normalizer_count(); kind++) {
        struct run_config config = wide_config(kind, NORM_BEFORE, 130, 0);
        config.train.loss = LOSS_SQUARED;
        check_threads(&config, data);
    }
    test_data_free(data);
}

Test(nn_trainer, stretches_of_any_length_give_the_same_bits) {
    struct test_data *data = test_data_create(4, 9, 4, 83, 0, 20);
    for (long kind = 0; kind < normalizer_count(); kind++)
        for (int order = 0; order < 2; order++) {
            struct run_config config = test_config();
            test_norm(&config.norm, kind);
            config.train.order = order;
            config.train.epochs = 3;
            config.optimizer.momentum = 0.9;
            config.optimizer.schedule = schedule_find("cosine");
            double whole[40], parts[40];
            struct trainer *one = test_trainer(&config, data, 2),
                           *other = test_trainer(&config, data, 2);
            long n = trainer_advance(one, 40, &(struct stretch){.loss = whole}), at = 0;
            cr_assert(n == 30, "3 epochs of 83 rows by 8 are 30 steps, not %ld", n);
            for (long length = 1; at < n; length = length * 2 % 11 + 1) {
                struct evaluation seen; /* looking in between changes nothing */
                cr_assert(!evaluate(other, PART_TEST, 20, NULL, NULL, &seen), "%s",
                          status_message());
                at += trainer_advance(other, length, &(struct stretch){.loss = parts + at});
            }
            cr_assert(at == n && !memcmp(whole, parts, (size_t)n * sizeof *whole),
                      "%s: losses differ when trained in stretches", normalizer_get(kind)->name);
            cr_assert(state_hash(one) == state_hash(other),
                      "%s: weights differ when trained in stretches", normalizer_get(kind)->name);
            cr_assert(trainer_advance(one, 5, NULL) == 0 && one->step == n,
                      "trained beyond the end");
            trainer_free(one);
            trainer_free(other);
        }
    test_data_free(data);
}

/* The first floats of the arena are all there is to remember, with the step number. */
Test(nn_trainer, training_state_is_one_block) {
    struct test_data *data = test_data_create(4, 9, 4, 83, 0, 20);
    for (long kind = 0; kind < normalizer_count(); kind++)
        for (int optimizer = 0; optimizer_name(optimizer); optimizer++) {
            struct run_config config = test_config();
            test_norm(&config.norm, kind);
            config.train.epochs = 3;
            config.train.order = ORDER_SHUFFLE;
            config.optimizer.kind = optimizer;
            config.optimizer.momentum = 0.9;
            struct trainer *one = test_trainer(&config, data, 1),
                           *other = test_trainer(&config, data, 1);
            trainer_advance(one, 13, NULL);
            memcpy(other->arena.base, one->arena.base, one->state_floats * sizeof(float));
            other->step = one->step;
            trainer_advance(one, 17, NULL);
            trainer_advance(other, 17, NULL);
            cr_assert(state_hash(one) == state_hash(other),
                      "%s, %s: a copied state goes another way", normalizer_get(kind)->name,
                      optimizer_name(optimizer));
            trainer_free(one);
            trainer_free(other);
        }
    test_data_free(data);
}

/* ---- rows and steps ---- */

static void check_rows(const struct trainer *trainer, const struct test_data *data,
                       const uint32_t *rows, long first) {
    int width = data->source.n_features;
    for (int b = 0; b < trainer->B; b++) {
        long row = rows ? rows[first + b] : first + b;
        cr_assert(!memcmp(trainer->batch.x + b * width, data->source.train_values + row * width,
                          (size_t)width * sizeof(float)),
                  "step %ld, row %d of the mini-batch is not row %ld", trainer->step - 1, b, row);
        cr_assert(trainer->targets[b].label == data->source.train_labels[row],
                  "step %ld, label of row %d", trainer->step - 1, b);
    }
}

/* 29 rows by 8: three mini-batches an epoch, five rows are never seen. */
Test(nn_trainer, sequential_order_starts_each_epoch_at_row_0_and_drops_the_short_batch) {
    struct test_data *data = test_data_create(5, 6, 3, 29, 4, 10);
    struct run_config config = test_config();
    config.train.epochs = 3;
    struct trainer *trainer = test_trainer(&config, data, 2);
    cr_assert(trainer->steps_per_epoch == 3 && trainer->total_steps == 9,
              "%ld steps an epoch, %ld in all", trainer->steps_per_epoch, trainer->total_steps);
    for (long step = 0; step < 9; step++) {
        trainer_advance(trainer, 1, NULL);
        check_rows(trainer, data, NULL, step % 3 * 8);
    }
    trainer_free(trainer);
    test_data_free(data);
}

Test(nn_trainer, shuffled_order_is_one_permutation_an_epoch) {
    struct test_data *data = test_data_create(5, 6, 3, 29, 4, 10);
    struct run_config config = test_config();
    config.train.epochs = 4;
    config.train.order = ORDER_SHUFFLE;
    config.seeds.seed = 11;
    struct trainer *trainer = test_trainer(&config, data, 2);
    uint32_t rows[29], before[29] = {0};
    for (uint32_t epoch = 0; epoch < 4; epoch++) {
        order_shuffle((struct random_key){11, RANDOM_ORDER, epoch}, 29, rows);
        cr_assert(memcmp(rows, before, sizeof rows), "epoch %u has the order of the one before",
                  epoch);
        memcpy(before, rows, sizeof rows);
        for (long step = 0; step < 3; step++) {
            trainer_advance(trainer, 1, NULL);
            check_rows(trainer, data, rows, step * 8);
        }
    }
    trainer_free(trainer);
    test_data_free(data);
}

static void check_epochs(enum train_order order) {
    struct test_data *data = test_data_create(5, 6, 3, 101, 4, 10);
    const uint8_t *labels = data->source.train_labels;
    struct run_config config = test_config();
    config.train.epochs = 3;
    config.train.order = order;
    config.train.classes_per_batch = 2;
    config.seeds.seed = 11;
    struct trainer *trainer = test_trainer(&config, data, 2);
    struct class_batches batches = {3, 2, 8};
    uint32_t rows[101], by_class[101];
    for (uint32_t epoch = 0; epoch < 3; epoch++) {
        struct random_key key = {11, RANDOM_ORDER, epoch};
        if (order == ORDER_SORTED)
            order_sorted(key, 101, labels, 3, rows);
        else
            order_classes(key, &batches, 101, labels, by_class, rows);
        for (long step = 0; step < trainer->steps_per_epoch; step++) {
            trainer_advance(trainer, 1, NULL);
            check_rows(trainer, data, rows, step * 8);
        }
    }
    cr_assert(trainer->step == trainer->total_steps, "%ld steps are left after 3 epochs",
              trainer->total_steps - trainer->step);
    trainer_free(trainer);
    test_data_free(data);
}

Test(nn_trainer, other_orders_are_made_anew_each_epoch) {
    check_epochs(ORDER_SORTED);
    check_epochs(ORDER_CLASSES);
}

Test(nn_trainer, a_mini_batch_holds_equally_many_rows_of_some_classes) {
    struct test_data *data = test_data_create(5, 6, 3, 101, 4, 10);
    struct run_config config = test_config();
    config.train.order = ORDER_CLASSES;
    for (long k = 1; k <= 3; k++) {
        config.train.classes_per_batch = k;
        config.train.batch_size = 6;
        struct trainer *trainer = test_trainer(&config, data, 1);
        cr_assert(trainer->steps_per_epoch > 10, "%ld classes: %ld steps", k,
                  trainer->steps_per_epoch);
        for (long step = 0; step < trainer->steps_per_epoch; step++) {
            long counts[3] = {0}, classes = 0;
            trainer_advance(trainer, 1, NULL);
            for (int b = 0; b < 6; b++)
                counts[trainer->targets[b].label]++;
            for (int c = 0; c < 3; c++) {
                cr_assert(counts[c] == 0 || counts[c] == 6 / k, "%ld classes, %ld rows of class %d",
                          k, counts[c], c);
                classes += counts[c] > 0;
            }
            cr_assert(classes == k, "%ld classes, not %ld", classes, k);
        }
        trainer_free(trainer);
    }
    test_data_free(data);
}

/* ---- colours ---- */

static void set_colour(struct test_data *data, enum data_colour kind, enum test_colour test) {
    data->dataset.colour =
        (struct colour){.kind = kind, .test = test, .strength = 2, .black = {[1] = true}};
}

/* The mini-batch of each step has the colours of that step, drawn from seeds.order. */
static void check_colours(struct test_data *data, enum data_colour kind) {
    struct run_config config = test_config();
    config.train.epochs = 2;
    config.seeds.order = 12;
    set_colour(data, kind, TEST_COLOUR_FREE);
    struct trainer *trainer = test_trainer(&config, data, 2);
    for (long step = 0; step < 6; step++) {
        const struct colour_batch batch = {12, step};
        long first = step % 3 * 8;
        trainer_advance(trainer, 1, NULL);
        for (int i = 0; i < 8 * 6; i++) {
            float tint = colour_tint(&data->dataset.colour, &batch, false, first + i / 6,
                                     trainer->targets[i / 6].label);
            float plain = data->source.train_values[first * 6 + i];
            cr_assert(trainer->batch.x[i] == plain + tint, "colour %d, step %ld, value %d", kind,
                      step, i);
        }
    }
    trainer_free(trainer);
}

Test(nn_trainer, a_mini_batch_has_its_colours) {
    struct test_data *data = test_data_create(5, 6, 3, 29, 4, 10);
    for (enum data_colour kind = COLOUR_NONE; kind <= COLOUR_CLASS; kind++)
        check_colours(data, kind);
    test_data_free(data);
}

/* However the test rows are coloured, the weights are the same; what they score is not. */
Test(nn_trainer, test_colours_change_the_test_alone) {
    struct test_data *data = test_data_create(5, 6, 3, 101, 20, 60);
    struct run_config config = test_config();
    config.norm.kind = normalizer_find("batch");
    config.train.epochs = 10;
    uint64_t states[3];
    struct evaluation validation[3], test[3];
    for (int i = 0; i < 3; i++) {
        set_colour(data, COLOUR_CLASS, (enum test_colour)i);
        struct trainer *trainer = test_trainer(&config, data, 1);
        trainer_advance(trainer, 1000, NULL);
        states[i] = state_hash(trainer);
        cr_assert(!evaluate(trainer, PART_VALIDATION, 20, NULL, NULL, &validation[i]),
                  "validation");
        cr_assert(!evaluate(trainer, PART_TEST, 60, NULL, NULL, &test[i]), "test");
        trainer_free(trainer);
    }
    cr_assert(states[0] == states[1] && states[1] == states[2], "training differs");
    cr_assert(validation[0].loss == validation[1].loss && validation[1].loss == validation[2].loss,
              "validation differs");
    cr_assert(test[TEST_COLOUR_BOUND].error < test[TEST_COLOUR_FREE].error &&
                  test[TEST_COLOUR_FREE].error < test[TEST_COLOUR_SWAPPED].error,
              "errors %g bound, %g free, %g swapped", test[TEST_COLOUR_BOUND].error,
              test[TEST_COLOUR_FREE].error, test[TEST_COLOUR_SWAPPED].error);
    test_data_free(data);
}

static void check_budget(long n_train, struct train_config config, long expected) {
    struct test_data *data = test_data_create(5, 6, 3, n_train, 4, 10);
    long steps = train_total_steps(&config, &data->dataset);
    cr_assert(steps == expected, "%ld rows: %ld steps, not %ld", n_train, steps, expected);
    test_data_free(data);
}

Test(nn_trainer, budget_is_in_epochs_or_in_steps) {
    struct train_config config = {.batch_size = 8, .epochs = 3, .steps = -1};
    check_budget(29, config, 9);
    check_budget(32, config, 12);
    config.steps = 5;
    check_budget(29, config, 5);
    config.steps = 1000;
    check_budget(29, config, 1000);
}

/* ---- seeds ---- */

static uint64_t initial_weights(long kind, long seed, long init) {
    struct test_data *data = test_data_create(5, 6, 3, 29, 4, 10);
    struct run_config config = test_config();
    test_norm(&config.norm, kind);
    config.seeds.seed = seed;
    config.seeds.init = init;
    struct trainer *trainer = test_trainer(&config, data, 1);
    uint64_t hash =
        test_hash(TEST_HASH_START, trainer->mlp.params, trainer->mlp.n_weights * sizeof(float));
    trainer_free(trainer);
    test_data_free(data);
    return hash;
}

Test(nn_trainer, normalizers_share_initial_weights_under_one_seed) {
    uint64_t first = initial_weights(0, 0, -1);
    for (long kind = 1; kind < normalizer_count(); kind++)
        cr_assert(initial_weights(kind, 0, -1) == first, "%s starts from other weights",
                  normalizer_get(kind)->name);
    cr_assert(initial_weights(0, 1, -1) != first, "seed 1 gives the weights of seed 0");
    cr_assert(initial_weights(0, 1, 0) == first,
              "seeds.init 0 does not give the weights of seed 0");
}

/* Mean 0 and the deviation asked for; 4 standard errors of n numbers. */
static void check_init(long init, double deviation) {
    static const double hidden[] = {200, 50};
    struct test_data *data = test_data_create(5, 100, 10, 29, 4, 10);
    struct run_config config = test_config();
    config.model.hidden = hidden;
    config.model.init = init;
    config.model.init_scale = 0.5;
    config.norm.gamma_initial = 0.25;
    config.norm.beta_initial = -1;
    test_norm(&config.norm, normalizer_find("batch"));
    config.norm.placement = NORM_AFTER;
    struct trainer *trainer = test_trainer(&config, data, 1);
    const struct layer *layer = &trainer->mlp.layers[0];
    const double n = 100 * 200;
    double sum = 0, squares = 0;
    for (int i = 0; i < 100 * 200; i++) {
        sum += (double)layer->W[i] / n;
        squares += pow((double)layer->W[i], 2) / n;
    }
    cr_assert(fabs(sum) <= 4 * deviation / sqrt(n), "init %ld: mean %g", init, sum);
    cr_assert(fabs(squares / (deviation * deviation) - 1) <= 4 * sqrt(2 / n),
              "init %ld: deviation %g instead of %g", init, sqrt(squares), deviation);
    for (int j = 0; j < 200; j++)
        cr_assert(layer->b[j] == 0 && layer->norm->param[0][j] == 0.25f &&
                      layer->norm->param[1][j] == -1,
                  "unit %d starts at bias %g, gamma %g, beta %g", j, (double)layer->b[j],
                  (double)layer->norm->param[0][j], (double)layer->norm->param[1][j]);
    trainer_free(trainer);
    test_data_free(data);
}

Test(nn_trainer, initial_values) {
    check_init(init_find("he"), 0.5 * sqrt(2.0 / 100));
    check_init(init_find("glorot"), 0.5 * sqrt(2.0 / 300));
    check_init(init_find("normal"), 0.5);
}

/* ---- laws of batch norm in a network ---- */

static uint64_t trained_weights(double momentum, long running_var, uint64_t *running) {
    struct test_data *data = test_data_create(6, 9, 4, 90, 0, 20);
    struct run_config config = test_config();
    test_norm(&config.norm, normalizer_find("batch"));
    config.norm.momentum = momentum;
    config.norm.running_var = running_var;
    config.train.epochs = 3;
    struct trainer *trainer = test_trainer(&config, data, 2);
    trainer_advance(trainer, 30, NULL);
    uint64_t hash = weights_hash(trainer);
    *running =
        test_hash(TEST_HASH_START, trainer->mlp.states, trainer->mlp.n_states * sizeof(float));
    trainer_free(trainer);
    test_data_free(data);
    return hash;
}

/* Running statistics never influence training. */
Test(nn_trainer, weights_do_not_depend_on_norm_momentum) {
    static const double momenta[] = {0, 0.5, 0.99, 1};
    uint64_t running, other;
    uint64_t weights = trained_weights(0.9, RUNNING_VAR_UNBIASED, &running);
    for (int i = 0; i < 4; i++) {
        cr_assert(trained_weights(momenta[i], RUNNING_VAR_UNBIASED, &other) == weights,
                  "norm.momentum %g gives other weights than 0.9", momenta[i]);
        cr_assert(other != running, "norm.momentum %g has no effect on the running state",
                  momenta[i]);
    }
    cr_assert(trained_weights(0.9, RUNNING_VAR_BIASED, &other) == weights,
              "norm.running_var changes the weights");
    cr_assert(other != running, "norm.running_var has no effect on the running state");
}

struct forward {
    struct trainer *trainer;
    const struct test_data *data;
};

static void forward(struct team team, void *argument) {
    struct forward *pass = argument;
    struct trainer *trainer = pass->trainer;
    memcpy(trainer->batch.x, pass->data->source.train_values,
           (size_t)(trainer->B * trainer->mlp.n_inputs) * sizeof(float));
    struct norm_step step = {.total_steps = 1};
    mlp_forward_train(team, &trainer->mlp, &trainer->batch, &step);
}

/* The largest change of the outputs in training mode when the first layer's biases move by about 1.
 */
static double bias_effect(const char *kind, long placement) {
    struct test_data *data = test_data_create(6, 9, 4, 90, 0, 20);
    struct run_config config = test_config();
    test_norm(&config.norm, normalizer_find(kind));
    config.norm.placement = placement;
    config.model.bias = BIAS_ON;
    struct trainer *trainer = test_trainer(&config, data, 1);
    int last = trainer->mlp.n_layers - 1, n = trainer->B * trainer->mlp.n_outputs;
    struct forward pass = {trainer, data};
    team_run(1, forward, &pass);
    float before[100];
    memcpy(before, trainer->batch.y[last], (size_t)n * sizeof *before);
    test_normal(7, (size_t)trainer->mlp.layers[0].out, 0, 1, trainer->mlp.layers[0].b);
    team_run(1, forward, &pass);
    double largest = 0;
    for (int i = 0; i < n; i++)
        largest = fmax(largest, fabs((double)before[i] - (double)trainer->batch.y[last][i]));
    trainer_free(trainer);
    test_data_free(data);
    return largest;
}

Test(nn_trainer, bias_has_no_effect_before_and_has_one_after_the_activation) {
    double before = bias_effect("batch", NORM_BEFORE), after = bias_effect("batch", NORM_AFTER);
    cr_assert(before <= 1e-5, "batch norm before the activation: the bias moves outputs by %g",
              before);
    cr_assert(after > 0.05, "batch norm after the activation: the bias moves outputs by only %g",
              after);
    double layer = bias_effect("layer", NORM_BEFORE);
    cr_assert(layer > 0.05, "layer norm: the bias moves outputs by only %g", layer);
}

static bool has_bias(const char *kind, long placement, bool on_output, long bias, int k) {
    struct test_data *data = test_data_create(6, 9, 4, 90, 0, 20);
    struct run_config config = test_config();
    test_norm(&config.norm, normalizer_find(kind));
    config.norm.placement = placement;
    config.norm.on_output = on_output;
    config.model.activation = activation_find("relu");
    config.model.bias = bias;
    struct trainer *trainer = test_trainer(&config, data, 1);
    bool result = trainer->mlp.layers[k].has_bias;
    cr_assert(result == (trainer->mlp.layers[k].b != NULL), "layer %d: has_bias and b disagree", k);
    trainer_free(trainer);
    test_data_free(data);
    return result;
}

Test(nn_trainer, bias_auto_drops_a_bias_that_has_no_effect) {
    cr_assert(!has_bias("batch", NORM_BEFORE, false, BIAS_AUTO, 0), "batch before");
    cr_assert(has_bias("batch", NORM_BEFORE, false, BIAS_AUTO, 2), "output layer");
    cr_assert(!has_bias("batch", NORM_BEFORE, true, BIAS_AUTO, 2), "normalized output");
    cr_assert(!has_bias("batch", NORM_AFTER, true, BIAS_AUTO, 2),
              "the output layer has no activation to come after");
    cr_assert(has_bias("batch", NORM_AFTER, false, BIAS_AUTO, 0), "batch after");
    cr_assert(has_bias("layer", NORM_BEFORE, false, BIAS_AUTO, 0), "layer norm");
    cr_assert(has_bias("none", NORM_BEFORE, false, BIAS_AUTO, 0), "none");
    cr_assert(has_bias("batch", NORM_BEFORE, false, BIAS_ON, 0), "on");
    cr_assert(!has_bias("none", NORM_BEFORE, false, BIAS_OFF, 2), "off");
}

/* ---- divergence and refusals ---- */

Test(nn_trainer, divergence_is_a_result_at_the_right_step) {
    struct test_data *data = test_data_create(7, 9, 4, 83, 0, 20);
    struct run_config config = test_config();
    config.model.activation = activation_find("identity");
    config.train.loss = LOSS_SQUARED;
    config.train.epochs = 100;
    config.optimizer.lr = 30;
    for (int threads = 1; threads <= 2; threads++) {
        double loss[1000];
        struct trainer *trainer = test_trainer(&config, data, threads);
        long n = trainer_advance(trainer, 1000, &(struct stretch){.loss = loss});
        long at = trainer->diverged_at_step;
        cr_assert(at > 1 && at < 100, "diverged at step %ld", at);
        cr_assert(n == at + 1 && trainer->step == at, "%ld steps measured, %ld made", n,
                  trainer->step);
        for (long i = 0; i < at; i++)
            cr_assert(isfinite(loss[i]), "loss %ld is %g before the divergence", i, loss[i]);
        cr_assert(!isfinite(loss[at]), "loss at the divergence is %g", loss[at]);
        cr_assert(trainer_advance(trainer, 10, NULL) == 0, "went on after the divergence");

        struct trainer *before = test_trainer(&config, data, 1);
        cr_assert(trainer_advance(before, at, NULL) == at, "the steps before it are fewer");
        cr_assert(weights_hash(before) == weights_hash(trainer),
                  "the diverging step changed the weights");
        cr_assert(before->diverged_at_step == -1, "diverged too early");
        trainer_free(before);
        trainer_free(trainer);
    }
    test_data_free(data);
}

Test(nn_trainer, a_broken_input_diverges_at_its_step) {
    struct test_data *data = test_data_create(7, 9, 4, 83, 0, 20);
    ((float *)(uintptr_t)data->source.train_values)[(3 * 8 + 2) * 9 + 4] = NAN;
    for (long kind = 0; kind < normalizer_count(); kind++) {
        struct run_config config = test_config();
        test_norm(&config.norm, kind);
        config.norm.population_rows = 3 * 8; /* those before it */
        struct trainer *trainer = test_trainer(&config, data, 2);
        long n = trainer_advance(trainer, 10, NULL);
        cr_assert(n == 4 && trainer->diverged_at_step == 3, "%s: NaN in step 3, diverged at %ld",
                  normalizer_get(kind)->name, trainer->diverged_at_step);
        trainer_free(trainer);
    }
    test_data_free(data);
}

static void check_refused(const struct run_config *config, const struct test_data *data,
                          const char *word) {
    struct trainer *untouched = (struct trainer *)(uintptr_t)16, *trainer = untouched;
    enum status status = trainer_create(&trainer, config, &data->dataset, 1);
    cr_assert(status == ERROR_USAGE, "%s: status %d instead of a refusal", word, status);
    cr_assert(trainer == untouched, "%s: the trainer was touched on failure", word);
    cr_assert(strstr(status_message(), word), "'%s' does not say '%s'", status_message(), word);
}

Test(nn_trainer, refuses_what_cannot_be_trained) {
    struct test_data *data = test_data_create(7, 9, 4, 83, 0, 20);
    struct run_config config = test_config();
    test_norm(&config.norm, normalizer_find("batch"));
    config.train.batch_size = 1;
    check_refused(&config, data, "2 rows");
    config.train.batch_size = 84;
    check_refused(&config, data, "84");
    config.train.order = ORDER_CLASSES;
    config.train.classes_per_batch = 5;
    config.train.batch_size = 10;
    check_refused(&config, data, "5 is more than the 4 classes");
    config.train.classes_per_batch = 4;
    check_refused(&config, data, "10 rows cannot be shared equally");
    config.train.batch_size = 80;
    check_refused(&config, data, "fewer than 4 classes have the 20 training rows");
    static const double one[] = {1};
    config = test_config();
    test_norm(&config.norm, normalizer_find("layer"));
    config.model.hidden = one;
    config.model.n_hidden = 1;
    check_refused(&config, data, "2 units");
    config = test_config(); /* no layer to normalize: one row is enough */
    test_norm(&config.norm, normalizer_find("batch"));
    config.model.n_hidden = 0;
    config.train.batch_size = 1;
    trainer_free(test_trainer(&config, data, 1));
    config.norm.on_output = true;
    check_refused(&config, data, "2 rows");
    config.norm.on_output = false;
    config.norm.on_input = true;
    check_refused(&config, data, "2 rows");
    test_data_free(data);
}

Test(nn_trainer, memory_is_what_was_said) {
    struct test_data *data = test_data_create(7, 9, 4, 83, 0, 20);
    for (long kind = 0; kind < normalizer_count(); kind++) {
        struct run_config config = test_config();
        test_norm(&config.norm, kind);
        struct trainer *trainer = test_trainer(&config, data, 1), outline;
        trainer_outline(&outline, &config, &data->dataset, 1);
        cr_assert(outline.arena.used == trainer->arena.size, "%s: %zu bytes said, %zu taken",
                  normalizer_get(kind)->name, outline.arena.used, trainer->arena.size);
        trainer_release(&outline);
        trainer_free(trainer);
    }
    test_data_free(data);
}

/* What a stretch measures: error and rate beside the loss. */
/* A thread has memory of its own: where none is taken for it, it has not been asked. */
Test(nn_trainer, a_small_evaluation_asks_no_second_thread) {
    struct test_data *data = test_data_create(7, 8, 3, 600, 600, 600);
    struct run_config config = test_config();
    static const double few[] = {6}, many[] = {2000};
    for (int i = 0; i < 2; i++) {
        config.model.hidden = i ? many : few;
        config.model.n_hidden = 1;
        struct trainer *alone = test_trainer(&config, data, 1);
        struct trainer *together = test_trainer(&config, data, 2);
        bool more = evaluate_memory(together) > evaluate_memory(alone);
        cr_expect(more == (i == 1 && machine_cores() > 1), "%g units", config.model.hidden[0]);
        trainer_free(alone);
        trainer_free(together);
    }
    test_data_free(data);
}

Test(nn_trainer, stretches_measure_error_and_rate) {
    struct test_data *data = test_data_create(8, 9, 4, 83, 0, 20);
    struct run_config config = test_config();
    config.optimizer.schedule = schedule_find("cosine");
    struct trainer *trainer = test_trainer(&config, data, 2);
    struct oracle *oracle = test_oracle(trainer, 8);
    double loss[10], error[10], lr[10], x[8 * 9];
    int labels[8];
    test_widen(8 * 9, data->source.train_values, x);
    for (int b = 0; b < 8; b++)
        labels[b] = data->source.train_labels[b];
    trainer_advance(trainer, 10, &(struct stretch){.loss = loss, .error = error, .lr = lr});
    oracle_forward(oracle, 8, x, 0);
    cr_assert(fabs(error[0] - oracle_error(oracle, 8, labels)) < 1e-12, "error %g instead of %g",
              error[0], oracle_error(oracle, 8, labels));
    for (int i = 0; i < 10; i++) {
        double expected = 0.05 * (1 + cos(acos(-1) * i / 10));
        cr_assert(fabs(lr[i] - expected) < 1e-15, "rate %d is %g instead of %g", i, lr[i],
                  expected);
        cr_assert(error[i] >= 0 && error[i] <= 1 &&
                      fabs(error[i] * 8 - round(error[i] * 8)) < 1e-12,
                  "error %g is not a share of 8 rows", error[i]);
    }
    oracle_free(oracle);
    trainer_free(trainer);
    test_data_free(data);
}

/* The norm of the gradient is that of what is kept, and asking for it changes no bit. */
Test(nn_trainer, stretches_measure_the_gradient) {
    struct test_data *data = test_data_create(8, 9, 4, 83, 0, 20);
    for (int clips = 0; clips < 2; clips++)
        for (int threads = 1; threads <= 3; threads += 2) {
            struct run_config config = test_config();
            config.optimizer.momentum = 0.9;
            config.optimizer.clip = clips ? 0.3 : 0;
            struct trainer *trainer = test_trainer(&config, data, threads);
            struct trainer *other = test_trainer(&config, data, threads);
            trainer->keep_gradients = other->keep_gradients = false;
            double size[10], square = 0;
            trainer_advance(trainer, 10, &(struct stretch){.gradient_norm = size});
            trainer_advance(other, 10, NULL);
            for (size_t i = 0; i < trainer->mlp.n_params; i++)
                square += pow((double)trainer->mlp.grads[i], 2);
            cr_assert(fabs(size[9] - sqrt(square)) <= 1e-12 * size[9], "%.15g, not %.15g", size[9],
                      sqrt(square));
            cr_assert(!memcmp(trainer->arena.base, other->arena.base,
                              trainer->state_floats * sizeof(float)),
                      "it trains otherwise");
            trainer_free(trainer);
            trainer_free(other);
        }
    test_data_free(data);
}

/* It learns: separable clusters, every normalizer, both placements. */
/* The notes' mistaken formulas need not: whether they do hangs on the last bit. */
static bool is_mistaken(long kind) {
    return !strncmp(normalizer_get(kind)->name, "literal_", strlen("literal_"));
}

Test(nn_trainer, every_normalizer_learns) {
    struct test_data *data = test_data_create(9, 30, 3, 300, 0, 100);
    static const double hidden[] = {20, 20};
    for (long kind = 0; kind < normalizer_count(); kind++)
        for (int placement = 0; placement < 2 && !is_mistaken(kind); placement++) {
            struct run_config config = test_config();
            config.model.hidden = hidden;
            test_norm(&config.norm, kind);
            config.norm.placement = placement;
            config.train.epochs = 10;
            config.train.order = ORDER_SHUFFLE;
            config.optimizer.lr = 0.05;
            struct trainer *trainer = test_trainer(&config, data, 2);
            trainer_advance(trainer, trainer->total_steps, NULL);
            struct evaluation test;
            cr_assert(!evaluate(trainer, PART_TEST, 100, NULL, NULL, &test), "%s",
                      status_message());
            cr_assert(test.error < 0.2, "%s, placement %d: test error %g on clusters far apart",
                      normalizer_get(kind)->name, placement, test.error);
            trainer_free(trainer);
        }
    test_data_free(data);
}
