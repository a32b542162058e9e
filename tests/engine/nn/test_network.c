/* The network's forward and backward pass, its updates and its evaluation against the oracle.
 *
 * Tolerances are measured, not chosen: the oracle is run again as a float32 program would round
 * (see oracle.h), and the trainer may be off by no more than a few times what those runs are off.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/nn/evaluate.h"
#include "tests/engine/norm/step_inputs.h"
#include "tests/support.h"

enum { NOISY_RUNS = 4, STEPS = 6 };
static const double SAFETY = 8;
static const double EPS = 0x1p-23;

/* A trainer, the oracle beside it, and the oracle as float32 programs. */
struct trial {
    const char *name;
    struct test_data *data;
    struct trainer *trainer;
    struct oracle *exact, *noisy[NOISY_RUNS];
    struct test_pair pairs[ORACLE_TENSORS];
    int n_pairs;
    bool near_kink;
    struct noise {
        double *factor, *addend; /* [B, D] */
    } noises[ORACLE_LAYERS + 1]; /* of the input and of each layer, where some is drawn */
};

static bool knows(long kind) {
    return oracle_kind_find(normalizer_get(kind)->name) != ORACLE_UNKNOWN;
}

/* `values`: numbers as targets. */
static void trial_create(struct trial *trial, const char *name, const struct run_config *config,
                         bool values, uint32_t stream) {
    *trial = (struct trial){.name = name};
    trial->data = test_data_create(stream, 9, 4, 8 * config->train.batch_size + 3, 0, 50);
    if (values)
        test_data_take_values(trial->data, stream + 90);
    trial->trainer = test_trainer(config, trial->data, 2);
    struct mlp *mlp = &trial->trainer->mlp; /* start away from the ones and zeros */
    for (int k = mlp->input_norm ? -1 : 0; k < mlp->n_layers; k++) {
        struct norm *norm = k < 0 ? mlp->input_norm : mlp->layers[k].norm;
        for (int i = 0; norm && i < NORM_FIELDS; i++)
            if (norm->param[i])
                test_normal(stream + 20 + (uint32_t)(8 * k + i),
                            (size_t)norm_field_size(&norm->kind->param[i], norm->D), 1 - i % 2, 0.5,
                            norm->param[i]);
        if (k >= 0 && mlp->layers[k].b)
            test_normal(stream + 10 + (uint32_t)k, (size_t)mlp->layers[k].out, 0, 0.5,
                        mlp->layers[k].b);
    }
    int rows = trial->trainer->B > 50 ? trial->trainer->B : 50;
    trial->exact = test_oracle(trial->trainer, rows);
    for (int i = 0; i < NOISY_RUNS; i++) {
        trial->noisy[i] = test_oracle(trial->trainer, rows);
        trial->noisy[i]->noise = (struct oracle_noise){EPS, (uint64_t)(i + 1)};
    }
    trial->n_pairs = test_pairs(trial->trainer, trial->exact, trial->pairs);
    for (int k = -1; k < mlp->n_layers && normalizer_get(config->norm.kind)->draws_noise; k++) {
        size_t n = (size_t)trial->trainer->B * (size_t)(k < 0 ? mlp->n_inputs : mlp->layers[k].out);
        trial->noises[k + 1] =
            (struct noise){test_memory(n, sizeof(double)), test_memory(n, sizeof(double))};
    }
}

static void trial_free(struct trial *trial) {
    trainer_free(trial->trainer);
    oracle_free(trial->exact);
    for (int i = 0; i < NOISY_RUNS; i++)
        oracle_free(trial->noisy[i]);
    for (int k = 0; k <= ORACLE_LAYERS; k++) {
        free(trial->noises[k].factor);
        free(trial->noises[k].addend);
    }
    test_data_free(trial->data);
}

/* Gradients are swapped for values by `what`. */
static const double *side(const struct oracle_tensor *tensor, bool gradient) {
    return gradient ? tensor->g : tensor->w;
}

static void compare(const struct trial *trial, bool gradient, long step) {
    for (int i = 0; i < trial->n_pairs; i++) {
        const struct test_pair *pair = &trial->pairs[i];
        const double *expected = side(pair->expected, gradient);
        size_t n = pair->expected->n;
        int index = 0;
        while (trial->exact->tensors[index] != pair->expected)
            index++;
        double tolerance = EPS * test_largest(n, expected);
        for (int run = 0; run < NOISY_RUNS; run++) {
            const double *noisy = side(trial->noisy[run]->tensors[index], gradient);
            tolerance = fmax(tolerance, test_distance(n, expected, noisy));
        }
        double error = test_distance_float(n, expected, gradient ? pair->gradient : pair->value);
        cr_assert(error <= SAFETY * tolerance,
                  "%s, step %ld, %s of %s: off by %.3g of %.3g, float32 is %.3g", trial->name, step,
                  gradient ? "gradient" : "value", pair->name, error, test_largest(n, expected),
                  tolerance);
    }
}

static const struct norm *norm_of(const struct trainer *trainer, int k) {
    return k < 0 ? trainer->mlp.input_norm : trainer->mlp.layers[k].norm;
}

static struct oracle_norm *oracle_norm_of(struct oracle *oracle, int k) {
    return k < 0 ? &oracle->input_norm : &oracle->layers[k].norm;
}

/* `states`: the running state, or other statistics laid out alike. */
static void compare_states(const struct trial *trial, const float *states, const char *what) {
    const struct trainer *trainer = trial->trainer;
    for (int k = trainer->mlp.input_norm ? -1 : 0; k < trainer->mlp.n_layers; k++) {
        const struct norm *norm = norm_of(trainer, k);
        for (int i = 0; norm && i < 2 && norm->state[i]; i++) {
            const struct oracle_norm *exact = oracle_norm_of(trial->exact, k);
            const double *expected = i ? exact->var : exact->mean;
            size_t n = (size_t)norm->D;
            double tolerance = EPS * (test_largest(n, expected) + (i == 0));
            for (int run = 0; run < NOISY_RUNS; run++) {
                const struct oracle_norm *noisy = oracle_norm_of(trial->noisy[run], k);
                tolerance =
                    fmax(tolerance, test_distance(n, expected, i ? noisy->var : noisy->mean));
            }
            const float *state = states + (norm->state[i] - trainer->mlp.states);
            double error = test_distance_float(n, expected, state);
            cr_assert(error <= SAFETY * tolerance,
                      "%s, %s, layer %d, %s: off by %.3g, float32 is %.3g", trial->name, what, k,
                      norm->kind->state[i].name, error, tolerance);
        }
    }
}

/* Targets of B rows from `first` on: labels, or numbers, which all oracles get. */
static void set_targets(struct trial *trial, long first, int B, int *labels, double *targets) {
    const struct data_source *source = trial->data->dataset.source;
    size_t K = (size_t)source->n_classes;
    for (int b = 0; source->train_labels && b < B; b++)
        labels[b] = source->train_labels[first + b];
    if (!source->train_targets)
        return;
    test_widen((size_t)B * K, source->train_targets + (size_t)first * K, targets);
    trial->exact->targets = targets;
    for (int run = 0; run < NOISY_RUNS; run++)
        trial->noisy[run]->targets = targets;
}

/* ---- what the oracles cannot work out of a step ---- */

static void set_oracles(struct trial *trial, double r_max, double d_max, bool noise) {
    for (int run = -1; run < NOISY_RUNS; run++) {
        struct oracle *oracle = run < 0 ? trial->exact : trial->noisy[run];
        oracle->r_max = r_max;
        oracle->d_max = d_max;
        for (int k = -1; k < oracle->n_layers; k++) {
            struct oracle_norm *norm = oracle_norm_of(oracle, k);
            bool here = noise && (k < 0 ? trial->trainer->mlp.input_norm
                                        : trial->trainer->mlp.layers[k].norm);
            norm->factor = here ? trial->noises[k + 1].factor : NULL;
            norm->addend = here ? trial->noises[k + 1].addend : NULL;
        }
    }
}

/* Every layer has random numbers of its own: the input's are stream 0. */
static void set_step(struct trial *trial, long step) {
    const struct trainer *trainer = trial->trainer;
    const struct norm_config *config = &trainer->config.norm;
    bool noise = normalizer_get(config->kind)->draws_noise;
    double r_max = 1, d_max = 0;
    if (!strcmp(normalizer_get(config->kind)->name, "batch_renorm"))
        renorm_bounds(config, (double)step / (double)trainer->total_steps, &r_max, &d_max);
    for (int k = -1; noise && k < trainer->mlp.n_layers; k++) {
        struct random_key key = {(uint64_t)trainer->config.seeds.seed, RANDOM_NOISE,
                                 (uint32_t)(k + 1)};
        struct norm_step norm_step = {
            .step = step, .total_steps = trainer->total_steps, .key = key};
        if (norm_of(trainer, k))
            drawn_noise(config, &norm_step, trainer->B, norm_of(trainer, k)->D,
                        trial->noises[k + 1].factor, trial->noises[k + 1].addend);
    }
    set_oracles(trial, r_max, d_max, noise);
}

/* Runs the same steps on all sides; stops where a relu stood so near its kink that float32 cannot
 * know on which side. */
static void run_steps(struct trial *trial, bool check) {
    const struct trainer *trainer = trial->trainer;
    int B = trainer->B, width = trainer->dataset->n_features;
    double *x = test_memory((size_t)(B * width), sizeof *x);
    int *labels = test_memory((size_t)B, sizeof *labels);
    double *targets = test_memory((size_t)(B * trainer->mlp.n_outputs), sizeof *targets);
    double kink = INFINITY;
    for (long step = 0; step < STEPS; step++) {
        const struct data_source *source = trainer->dataset->source;
        test_widen((size_t)(B * width), source->train_values + step * B * width, x);
        set_targets(trial, step * B, B, labels, targets);
        set_step(trial, step);
        double lr = learning_rate_at(&trainer->config.optimizer, B, step, trainer->total_steps);
        double expected = oracle_step(trial->exact, B, x, labels, lr, step), noise = EPS * expected;
        kink = fmin(kink, trial->exact->kink);
        for (int run = 0; run < NOISY_RUNS; run++) {
            double noisy = oracle_step(trial->noisy[run], B, x, labels, lr, step);
            noise = fmax(noise, fabs(noisy - expected));
        }
        double loss = NAN;
        struct stretch stretch = {.loss = &loss};
        trainer_advance(trial->trainer, 1, &stretch);
        if (!check)
            continue;
        cr_assert(fabs(loss - expected) <= SAFETY * noise,
                  "%s, step %ld: loss %.9g instead of %.9g, float32 is %.2g", trial->name, step,
                  loss, expected, noise);
        compare(trial, true, step);
        compare(trial, false, step);
        compare_states(trial, trainer->mlp.states, "running state");
    }
    trial->near_kink = kink < 1e-4;
    free(x);
    free(labels);
    free(targets);
}

/* Tries streams of inputs until no relu is at its kink, then compares. */
static void run_trial_with(const char *name, const struct run_config *config, bool values,
                           void (*more)(struct trial *trial)) {
    uint32_t stream = 1000;
    for (;; stream += 100) {
        struct trial trial;
        trial_create(&trial, name, config, values, stream);
        run_steps(&trial, false);
        trial_free(&trial);
        if (!trial.near_kink)
            break;
        cr_assert(stream < 20000, "%s: no inputs found away from all kinks", name);
    }
    struct trial trial;
    trial_create(&trial, name, config, values, stream);
    run_steps(&trial, true);
    if (more)
        more(&trial);
    trial_free(&trial);
}

static void run_trial(const char *name, const struct run_config *config,
                      void (*more)(struct trial *trial)) {
    run_trial_with(name, config, false, more);
}

/* Half the values dropped, the rest doubled in every layer: nets without a normalizer would
 * diverge. */
static void set_norm(struct run_config *config, long kind) {
    test_norm(&config->norm, kind);
    if (own_value(&config->norm, "norm.rate"))
        *own_value(&config->norm, "norm.rate") = 0.125;
}

/* Variants of a cross: eight of every activation. Whoever has no formula in tests/oracle is named
 * by kernel_activation/every_row_has_a_formula. */
static int crossed(void) {
    int n = 0;
    while (activation_name(n))
        n++;
    return 8 * n;
}

/* Everything crossed that changes the passes. */
static void cross_with(long loss, bool values) {
    char name[128];
    for (long kind = 0; kind < normalizer_count(); kind++)
        for (int i = 0; knows(kind) && i < crossed(); i++) {
            struct run_config config = test_config();
            const char *activation = activation_name(i / 8);
            if (!oracle_activation_find(activation))
                continue;
            set_norm(&config, kind);
            config.norm.placement = i % 2;
            config.norm.on_input = i / 2 % 2;
            config.norm.on_output = i / 4 % 2;
            config.norm.affine = i % 5 != 0;
            config.norm.running_var = i % 3 == 0;
            if (i % 7 == 2 && own_value(&config.norm, "norm.rows"))
                *own_value(&config.norm, "norm.rows") = 4; /* of 8 */
            config.model.activation = i / 8;
            config.model.bias = i % 3 ? BIAS_AUTO : BIAS_ON;
            config.model.init = i % 3;
            config.model.init_scale = config.model.init == init_find("normal") ? 0.4 : 1;
            config.train.loss = loss;
            config.optimizer.lr = values ? 0.002 : 0.02; /* numbers are larger than classes */
            snprintf(name, sizeof name, "%s %s, %s, variant %d", normalizer_get(kind)->name,
                     i % 2 ? "after" : "before", activation, i);
            run_trial_with(name, &config, values, NULL);
        }
}

Test(nn_network, all_networks_with_cross_entropy) {
    cross_with(LOSS_CROSS_ENTROPY, false);
}

Test(nn_network, all_networks_with_squared_loss) {
    cross_with(LOSS_SQUARED, false);
}

Test(nn_network, all_networks_with_numbers_as_targets) {
    cross_with(LOSS_SQUARED, true);
}

/* Without hidden layers first: softmax regression. */
static const struct {
    int n_hidden;
    double hidden[3];
} networks[] = {{0, {0}}, {1, {1}}, {2, {1, 2}}, {1, {130}}, {3, {40, 3, 17}}, {3, {2, 2, 2}}};
enum { NETWORKS = sizeof networks / sizeof *networks };

/* Each normalizer has every network and every batch size, and half of their pairs; its neighbours
 * have the other half. */
Test(nn_network, depths_widths_and_batch_sizes) {
    static const int batches[] = {1, 2, 3, 5, 17, 64};
    char name[128];
    for (long kind = 0; kind < normalizer_count(); kind++) {
        int tried = 0;
        for (int i = 0; knows(kind) && i < 6 * NETWORKS; i++) {
            struct run_config config = test_config();
            int B = batches[i / NETWORKS];
            if ((i / NETWORKS + i % NETWORKS + kind) % 2)
                continue;
            set_norm(&config, kind);
            config.norm.placement = i % 2;
            config.model.hidden = networks[i % NETWORKS].hidden;
            config.model.n_hidden = networks[i % NETWORKS].n_hidden;
            config.model.activation = activation_find("tanh");
            config.train.batch_size = B;
            config.norm.eps = 1e-3; /* keeps two rows away from the sign function's corner */
            config.optimizer.lr = 0.01;
            if (mlp_check(&config.model, &config.norm, 9, 4, B))
                continue;
            tried++;
            snprintf(name, sizeof name, "%s, %d hidden layers, the first of %g units, batch %d",
                     normalizer_get(kind)->name, config.model.n_hidden, config.model.hidden[0], B);
            run_trial(name, &config, NULL);
        }
        cr_assert(!knows(kind) || tried >= 3 * NETWORKS / 2, "%s refused nearly every network",
                  normalizer_get(kind)->name);
    }
}

/* An optimizer knows nothing of normalizers: each of these has every third variant. */
Test(nn_network, optimizers_over_several_steps) {
    char name[128];
    for (long kind = 0; kind < normalizer_count(); kind++)
        for (int i = (int)kind % 3; knows(kind) && i < 12; i += 3) {
            struct run_config config = test_config();
            set_norm(&config, kind);
            config.model.activation = i % 2 ? activation_find("sigmoid") : activation_find("tanh");
            config.optimizer.kind = i >= 8;
            config.optimizer.lr = i >= 8 ? 0.003 : 0.03;
            config.optimizer.eps =
                1e-3; /* else Adam's first step is the sign of a rounding error */
            config.optimizer.momentum = i < 8 && i % 4 ? 0.9 : 0;
            config.optimizer.nesterov = i % 4 == 2;
            config.optimizer.weight_decay = i % 3 * 0.05;
            config.optimizer.decay_on = i % 2 ? DECAY_ALL : DECAY_WEIGHTS;
            config.optimizer.clip = i % 3 == 1 ? 0.3 : i % 3 == 2 ? 1e6 : 0;
            config.optimizer.schedule = i % 3;
            config.optimizer.warmup = 0.25;
            snprintf(name, sizeof name, "%s, optimizer variant %d", normalizer_get(kind)->name, i);
            run_trial(name, &config, NULL);
        }
}

/* Of the largest number of its array, or of a tenth where all are less, after all steps. */
static void within_a_millionth(struct trial *trial) {
    for (int i = 0; i < trial->n_pairs; i++) {
        const struct test_pair *pair = &trial->pairs[i];
        size_t n = pair->expected->n;
        double largest = fmax(test_largest(n, pair->expected->w), 0.1);
        double error = test_distance_float(n, pair->expected->w, pair->value);
        cr_assert(error <= 1e-6 * largest, "%s, %s: off by %.3g of %.3g", trial->name, pair->name,
                  error, largest);
    }
}

/* Forty configurations of functions in place of a normalizer: whatever may change their passes. */
Test(nn_network, element_wise_functions_stay_within_a_millionth) {
    static const char *const kinds[] = {"dyt", "derf"};
    char name[128];
    for (int i = 0; i < 40; i++) {
        struct run_config config = test_config();
        test_norm(&config.norm, normalizer_find(kinds[i % 2]));
        *own_value(&config.norm, "norm.alpha_initial") = i % 3 ? 0.5 : 0.75;
        config.norm.placement = i / 2 % 2;
        config.norm.on_input = i / 4 % 2;
        config.norm.on_output = i / 8 % 2;
        config.norm.affine = i % 5 != 4;
        config.model.activation = i / 4 % 4;
        config.model.bias = i % 7 ? BIAS_AUTO : BIAS_OFF;
        config.train.batch_size = i % 6 ? 8 : 1;
        config.train.loss = i / 3 % 2 ? LOSS_SQUARED : LOSS_CROSS_ENTROPY;
        config.optimizer.lr = 0.02;
        config.optimizer.momentum = i % 4 == 3 ? 0.9 : 0;
        config.optimizer.clip = i % 11 == 10 ? 0.5 : 0;
        snprintf(name, sizeof name, "%s, configuration %d", kinds[i % 2], i);
        run_trial(name, &config, within_a_millionth);
    }
}

/* ---- evaluation ---- */

static void gather(const struct trial *trial, enum data_part part, int n, double *x, int *labels) {
    const struct data_source *source = trial->data->dataset.source;
    bool test = part == PART_TEST;
    const float *values = test ? source->test_values : source->train_values;
    test_widen((size_t)(n * source->n_features), values, x);
    for (int i = 0; i < n; i++)
        labels[i] = test ? source->test_labels[i] : source->train_labels[i];
}

/* Evaluation is held against an oracle with the trainer's own float32 parameters and state. */
static void check_evaluation(const struct trial *trial, enum data_part part, int n, float *states) {
    struct oracle *oracle = test_oracle(trial->trainer, n);
    for (int k = trial->trainer->mlp.input_norm ? -1 : 0; states && k < oracle->n_layers; k++) {
        const struct norm *norm = norm_of(trial->trainer, k);
        struct oracle_norm *expected = oracle_norm_of(oracle, k);
        for (int i = 0; norm && i < 2 && norm->state[i]; i++)
            test_widen((size_t)norm->D, states + (norm->state[i] - trial->trainer->mlp.states),
                       i ? expected->var : expected->mean);
    }
    double x[50 * 9];
    int labels[50];
    gather(trial, part, n, x, labels);
    oracle_forward_eval(oracle, n, x);
    struct evaluation result;
    uint64_t wrong = ~(uint64_t)0;
    enum status status = evaluate(trial->trainer, part, n, states, &wrong, &result);
    cr_assert(!status, "evaluate: %s", status_message());
    double loss = oracle_loss(oracle, n, labels), error = oracle_error(oracle, n, labels);
    /* some ten roundings a layer of values around 1, in a loss of around 1 */
    cr_assert(fabs(result.loss - loss) <= 64 * EPS * (1 + loss), "%s: loss %.9g instead of %.9g",
              trial->name, result.loss, loss);
    cr_assert(fabs(result.error - error) < 1e-12, "%s: error %g instead of %g", trial->name,
              result.error, error);
    for (int b = 0; b < 64; b++)
        cr_assert((wrong >> b & 1) == (b < n && oracle_wrong(oracle, b, labels[b])),
                  "%s: row %d of %d is marked otherwise", trial->name, b, n);
    oracle_free(oracle);
}

/* Update 1: the mini-batch is all there is. Layers see rows normalized by the population. */
static void check_population(struct trial *trial) {
    enum { N = 35 };
    size_t n_states = trial->trainer->mlp.n_states;
    float *states = test_memory(n_states, sizeof *states);
    float *before = test_memory(n_states, sizeof *before);
    memcpy(before, trial->trainer->mlp.states, n_states * sizeof *before);
    enum status status = evaluate_population_states(trial->trainer, N, states);
    cr_assert(!status, "evaluate_population_states: %s", status_message());
    cr_assert(!memcmp(before, trial->trainer->mlp.states, n_states * sizeof *before),
              "%s: population statistics changed the running state", trial->name);
    double x[50 * 9];
    int labels[50];
    gather(trial, PART_TRAIN, N, x, labels);
    set_oracles(trial, 1, 0, false); /* to measure is neither to correct nor to disturb */
    oracle_forward(trial->exact, N, x, 1);
    for (int run = 0; run < NOISY_RUNS; run++)
        oracle_forward(trial->noisy[run], N, x, 1);
    compare_states(trial, states, "population");
    check_evaluation(trial, PART_TEST, 50, states);
    free(states);
    free(before);
}

static void evaluate_all(struct trial *trial) {
    check_evaluation(trial, PART_TEST, 50, NULL);
    check_evaluation(trial, PART_TEST, 1, NULL);
    check_evaluation(trial, PART_TRAIN, 33, NULL);
    check_population(trial);
    struct evaluation nothing;
    cr_assert(evaluate(trial->trainer, PART_TEST, 0, NULL, NULL, &nothing) == OK &&
                  isnan(nothing.loss) && isnan(nothing.error),
              "no rows: loss %g, error %g instead of NaN", nothing.loss, nothing.error);
}

/* Some activations, which do not change with the table. */
Test(nn_network, evaluation_and_population_statistics) {
    static const char *const activations[] = {"relu", "sigmoid", "tanh", "identity"};
    char name[128];
    for (long kind = 0; kind < normalizer_count(); kind++)
        for (int i = 0; knows(kind) && i < 8; i++) {
            struct run_config config = test_config();
            set_norm(&config, kind);
            config.norm.placement = i % 2;
            config.norm.on_input = i / 2 % 2;
            config.norm.on_output = i / 4 % 2;
            config.norm.running_var = i / 2 % 2;
            config.norm.momentum = 0.5;
            config.model.activation = activation_find(activations[i % 4]);
            config.train.loss = i / 4;
            snprintf(name, sizeof name, "%s, evaluation variant %d", normalizer_get(kind)->name, i);
            run_trial(name, &config, evaluate_all);
        }
}
