/* What probes say happens where something is changed (the mini-batch around an example, the first
 * layer, a unit) against the same change made to the oracle. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/diagnostics/ablation.h"
#include "engine/diagnostics/batch_noise.h"
#include "engine/diagnostics/response.h"
#include "engine/diagnostics/unit_statistics.h"
#include "tests/engine/probe/probed_run.h"

enum { FEATURES = 6, WIDEST = 7, LAYERS = 3 };

/* ---- another mini-batch ---- */

static double first_noise(const char *kind, long placement, long B, long n_train) {
    struct run_config config = look_config(kind, placement);
    config.train.batch_size = B;
    struct test_data *data = test_data_create(9, FEATURES, 3, n_train, 0, 10);
    struct trainer *trainer = test_trainer(&config, data, 1);
    struct diagnostics diagnostics;
    cr_assert(!diagnostics_create(&diagnostics, trainer, diagnostic_set(&diagnostic_batch_noise)),
              "%s", status_message());
    cr_assert(!diagnostics_measure(&diagnostics, diagnostic_set(&diagnostic_batch_noise)), "%s",
              status_message());
    const struct batch_noise *noise = diagnostics_state(&diagnostics, &diagnostic_batch_noise);
    double variance = noise->variance[0];
    diagnostics_free(&diagnostics);
    trainer_free(trainer);
    test_data_free(data);
    return variance;
}

/* Least squares of ln(variance) on ln(m). Ioffe & Szegedy 2015, section 3.4, give no law; 1/m is
 * that of means and variances of m independent rows. */
Test(changes, noise_of_batch_norm_falls_as_one_over_the_mini_batch) {
    static const long sizes[] = {8, 16, 32, 64, 128};
    enum { N = sizeof sizes / sizeof *sizes };
    double x[N], y[N], mean_x = 0, mean_y = 0, xy = 0, xx = 0;
    for (int i = 0; i < N; i++) {
        x[i] = log((double)sizes[i]);
        y[i] = log(first_noise("batch", NORM_BEFORE, sizes[i], 4000));
        mean_x += x[i] / N;
        mean_y += y[i] / N;
    }
    for (int i = 0; i < N; i++) {
        xy += (x[i] - mean_x) * (y[i] - mean_y);
        xx += pow(x[i] - mean_x, 2);
    }
    cr_assert(fabs(xy / xx + 1) <= 0.15, "slope %g, not -1", xy / xx);
}

/* With mean and variance of the rows around it, (x - mean) / deviation of a normal unit has the
 * variance (1 + z^2 / 2) / m to first order; 1.5 / m on average over normal z. */
Test(changes, noise_of_batch_norm_has_the_size_that_theory_gives_it) {
    double m = 64, expected = 1.5 / m, noise = first_noise("batch", NORM_BEFORE, 64, 4000);
    cr_assert(noise > 0.6 * expected && noise < 1.6 * expected, "%g, not about %g", noise,
              expected);
}

/* No row may be drawn twice: all rows in whatever order are the same mini-batch. */
Test(changes, a_mini_batch_of_all_rows_is_no_noise) {
    double noise = first_noise("batch", NORM_AFTER, 40, 40);
    cr_assert(noise <= 1e-12, "variance %g", noise);
    double less = first_noise("batch", NORM_AFTER, 39, 40);
    cr_assert(less > 1e-8, "one row left out at random: variance %g", less);
}

Test(changes, no_noise_where_examples_do_not_meet) {
    cr_assert(first_noise("none", NORM_BEFORE, 10, 50) == 0, "none");
    cr_assert(first_noise("layer", NORM_BEFORE, 10, 50) == 0, "layer norm");
    cr_assert(first_noise("layer", NORM_AFTER, 10, 50) == 0, "layer norm after");
}

/* ---- a unit removed ---- */

/* The same network with the mean of unit j of layer k in place of its output: its weights go to 0
 * and what they made of the mean into the bias. */
static double error_without(const struct look *look, const double *x, const int *labels, int k,
                            int j) {
    struct oracle *oracle = test_oracle(look->trainer, LOOK_VALIDATION);
    struct oracle_layer *at = &oracle->layers[k], *above = &oracle->layers[k + 1];
    double mean = 0;
    oracle_forward_eval(oracle, LOOK_VALIDATION, x);
    for (int b = 0; b < LOOK_VALIDATION; b++)
        mean += at->y[b * at->out + j] / LOOK_VALIDATION;
    for (int i = 0; i < above->out; i++) {
        above->b.w[i] += mean * above->W.w[j * above->out + i];
        above->W.w[j * above->out + i] = 0;
    }
    oracle_forward_eval(oracle, LOOK_VALIDATION, x);
    double error = oracle_error(oracle, LOOK_VALIDATION, labels);
    oracle_free(oracle);
    return error;
}

static void expect_removals(const char *kind, long placement) {
    struct run_config config = look_config(kind, placement);
    double x[LOOK_VALIDATION * FEATURES], seen[WIDEST];
    int labels[LOOK_VALIDATION];
    config.model.bias = BIAS_ON;
    struct look *look = look_create(&config, diagnostic_set(&diagnostic_ablation), 1);
    const struct probe *probe = probe_find(PROBE_UNITS, "removal");
    look_rows(look, PART_VALIDATION, LOOK_VALIDATION, x, labels);
    struct oracle *whole = test_oracle(look->trainer, LOOK_VALIDATION);
    oracle_forward_eval(whole, LOOK_VALIDATION, x);
    double error = oracle_error(whole, LOOK_VALIDATION, labels);
    look_now(look, diagnostic_set(&diagnostic_ablation));
    for (int k = 0; k < LAYERS - 1; k++) {
        int D = look->trainer->mlp.layers[k].out;
        double mean = 0, largest = -1;
        probe_observe(probe, &look->diagnostics, k, seen);
        for (int j = 0; j < D; j++) {
            double increase = error_without(look, x, labels, k, j) - error;
            look_expect(seen[j], increase, 1e-9, "removal");
            mean += increase / D;
            largest = fmax(largest, increase);
        }
        cr_assert(largest > 0, "no unit of layer %d matters", k);
        look_expect(look_at(look, PROBE_LAYER, "removal_mean", k), mean, 1e-9, "removal_mean");
        look_expect(look_at(look, PROBE_LAYER, "removal_largest", k), largest, 1e-9,
                    "removal_largest");
    }
    oracle_free(whole);
    look_free(look);
}

Test(changes, removal_of_a_unit_is_that_of_its_weights) {
    expect_removals("none", NORM_BEFORE);
    expect_removals("batch", NORM_BEFORE);
    expect_removals("batch", NORM_AFTER);
    expect_removals("layer", NORM_BEFORE);
}

Test(changes, what_nothing_listens_to_is_removed_at_no_cost) {
    struct run_config config = look_config("batch", NORM_BEFORE);
    struct look *look = look_create(&config, diagnostic_set(&diagnostic_ablation), 1);
    const struct layer *above = &look->trainer->mlp.layers[1];
    double seen[WIDEST];
    for (int i = 0; i < above->out; i++)
        above->W[3 * above->out + i] = 0;
    look_now(look, diagnostic_set(&diagnostic_ablation));
    const struct probe *probe = probe_find(PROBE_UNITS, "removal");
    probe_observe(probe, &look->diagnostics, 0, seen);
    cr_assert(seen[3] == 0, "unit 3: %g", seen[3]);
    look_free(look);
}

Test(changes, without_validation_rows_nothing_is_removed) {
    struct run_config config = look_config("batch", NORM_BEFORE);
    struct test_data *data = test_data_create(9, FEATURES, 3, 40, 0, 10);
    struct trainer *trainer = test_trainer(&config, data, 1);
    const struct probe *probe = probe_find(PROBE_LAYER, "removal_mean");
    cr_assert(!probe_applies(probe, trainer, 0), "no validation rows");
    trainer_free(trainer);
    test_data_free(data);
}

/* ---- a first layer that is moved ---- */

static struct random_key key_of(uint32_t stream) {
    return (struct random_key){0, RANDOM_SIDE_PASS, stream}; /* look_config: seed 0 */
}

static double rms(size_t n, const double *x) {
    double square = 0;
    for (size_t i = 0; i < n; i++)
        square += x[i] * x[i];
    return sqrt(square / (double)n);
}

/* As response.h says, in double. */
static void change(struct oracle *oracle, enum response_change what, const double *x) {
    struct oracle_layer *first = &oracle->layers[0];
    double size = 0.1 * rms(first->W.n, first->W.w), z[LOOK_B * WIDEST];
    for (size_t i = 0; what == RESPONSE_NOISE && i < first->W.n; i++)
        first->W.w[i] += size * random_normal(key_of(STREAM_WEIGHTS), i);
    for (size_t i = 0; what == RESPONSE_SCALE && i < first->W.n; i++)
        first->W.w[i] *= 1.1;
    for (int i = 0; i < LOOK_B * first->out; i++) {
        z[i] = first->b.w[i % first->out];
        for (int f = 0; f < FEATURES; f++)
            z[i] += x[i / first->out * FEATURES + f] * first->W.w[f * first->out + i % first->out];
    }
    size = 0.1 * rms((size_t)(LOOK_B * first->out), z);
    for (int j = 0; what == RESPONSE_SHIFT && j < first->out; j++)
        first->b.w[j] += size * random_normal(key_of(STREAM_SHIFTS), (uint64_t)j);
}

static void forward(struct oracle *oracle, enum response_mode mode, const double *x) {
    if (mode == RESPONSE_TRAIN)
        oracle_forward(oracle, LOOK_B, x, 0);
    else
        oracle_forward_eval(oracle, LOOK_B, x);
}

struct answer {
    double change[LAYERS], loss;
};

/* Outputs of all mini-batches one below the other, of the network as it is and changed. */
static struct answer answer_of(const struct look *look, enum response_change what,
                               enum response_mode mode) {
    double x[LOOK_ROWS * FEATURES], y[2][LAYERS][LOOK_USED * WIDEST], loss[2] = {0};
    int labels[LOOK_ROWS];
    look_rows(look, PART_TRAIN, LOOK_ROWS, x, labels);
    for (int changed = 0; changed < 2; changed++) {
        struct oracle *oracle = test_oracle(look->trainer, LOOK_B);
        if (changed)
            change(oracle, what, x);
        for (int first = 0; first < LOOK_USED; first += LOOK_B) {
            forward(oracle, mode, x + first * FEATURES);
            loss[changed] += oracle_loss(oracle, LOOK_B, labels + first) * LOOK_B / LOOK_USED;
            for (int k = 0; k < LAYERS; k++)
                memcpy(y[changed][k] + first * oracle->layers[k].out, oracle->layers[k].y,
                       (size_t)(LOOK_B * oracle->layers[k].out) * sizeof(double));
        }
        oracle_free(oracle);
    }
    struct answer answer = {.loss = loss[1] - loss[0]};
    for (int k = 0; k < LAYERS; k++) {
        int D = look->trainer->mlp.layers[k].out;
        double mean[WIDEST] = {0}, moved = 0, size = 0;
        for (int i = 0; i < LOOK_USED * D; i++)
            mean[i % D] += y[0][k][i] / LOOK_USED;
        for (int i = 0; i < LOOK_USED * D; i++) {
            moved += pow(y[1][k][i] - y[0][k][i], 2);
            size += pow(y[0][k][i] - mean[i % D], 2);
        }
        answer.change[k] = sqrt(moved / size);
    }
    return answer;
}

static const char *const changes[RESPONSE_CHANGES] = {"noise", "scale", "shift"};
static const char *const modes[RESPONSE_MODES] = {"train", "eval"};

static double seen(const struct look *look, enum probe_axis axis, const char *what, int change_of,
                   int mode, int layer) {
    struct pool pool = {0};
    double value = look_at(
        look, axis, pool_format(&pool, "%s_%s_%s", what, changes[change_of], modes[mode]), layer);
    pool_free(&pool);
    return value;
}

static void expect_responses(const char *kind, long placement) {
    struct run_config config = look_config(kind, placement);
    config.model.bias = BIAS_ON;
    struct look *look = look_create(&config, diagnostic_set(&diagnostic_response), 1);
    look_now(look, diagnostic_set(&diagnostic_response));
    for (int what = 0; what < RESPONSE_CHANGES; what++)
        for (int mode = 0; mode < RESPONSE_MODES; mode++) {
            struct answer answer =
                answer_of(look, (enum response_change)what, (enum response_mode)mode);
            for (int k = 0; k < LAYERS; k++)
                look_expect(seen(look, PROBE_LAYER, "response", what, mode, k), answer.change[k],
                            1e-5, changes[what]);
            look_expect(seen(look, PROBE_MILESTONE, "response_loss", what, mode, -1), answer.loss,
                        1e-5, changes[what]);
        }
    look_free(look);
}

Test(changes, responses_are_those_of_the_oracle) {
    expect_responses("none", NORM_BEFORE);
    expect_responses("batch", NORM_BEFORE);
    expect_responses("batch", NORM_AFTER);
    expect_responses("layer", NORM_BEFORE);
}

/* Ba, Kiros & Hinton 2016, table 1: in training mode; with the old running statistics there is no
 * invariance. */
Test(changes, batch_norm_does_not_see_scale_and_shift_in_training_mode) {
    struct run_config config = look_config("batch", NORM_BEFORE);
    struct look *look = look_create(&config, diagnostic_set(&diagnostic_response), 1);
    look_now(look, diagnostic_set(&diagnostic_response));
    for (int what = RESPONSE_SCALE; what <= RESPONSE_SHIFT; what++)
        for (int k = 0; k < LAYERS; k++) {
            double train = seen(look, PROBE_LAYER, "response", what, RESPONSE_TRAIN, k),
                   eval = seen(look, PROBE_LAYER, "response", what, RESPONSE_EVAL, k);
            cr_assert(train < 1e-4 && eval > 1e-2, "%s, layer %d: %g, and %g in evaluation mode",
                      changes[what], k, train, eval);
        }
    cr_assert(seen(look, PROBE_LAYER, "response", RESPONSE_NOISE, RESPONSE_TRAIN, 2) > 1e-2,
              "noise has no effect");
    look_free(look);
}

/* ---- their random numbers ---- */

/* What layer k of dropout keeps in the first rows, against the words that a stream of the probes'
 * own choices has at the same places. */
static bool kept_by_stream(const struct side_pass *side, int k, uint32_t stream) {
    enum { WORDS = 4 };
    int D = side->mlp.layers[k].out;
    double rate = side->mlp.norm_config.own[0];
    bool same = true;
    for (int j = 0; j < D; j++) {
        uint32_t words[WORDS];
        random_words(key_of(stream), (uint64_t)j, words);
        for (int b = 0; b < WORDS; b++)
            same &= (words[b] * 0x1p-32 >= rate) == (side->batch.saved[k][b * D + j] > 0);
    }
    return same;
}

/* Else a unit would be left out wherever the change of a weight or a shift is of a certain size. */
Test(changes, a_normalizers_noise_is_not_that_of_the_change) {
    struct run_config config = look_config("dropout", NORM_BEFORE);
    struct test_data *data = test_data_create(9, FEATURES, 3, LOOK_ROWS, LOOK_VALIDATION, 10);
    struct trainer *trainer = test_trainer(&config, data, 1);
    struct diagnostics diagnostics;
    cr_assert(!diagnostics_create(&diagnostics, trainer, diagnostic_set(&diagnostic_response)),
              "%s", status_message());
    struct side_pass *side = diagnostics_state(&diagnostics, &diagnostic_side_pass);
    side_pass_refresh(side);
    side_pass_gather(side, NULL, 0);
    side_pass_forward_train(side, 0);
    for (int k = 0; k < LAYERS - 1; k++)
        for (uint32_t stream = 0; stream <= STREAM_SHIFTS; stream++)
            cr_assert(!kept_by_stream(side, k, stream), "layer %d has stream %u", k, stream);
    diagnostics_free(&diagnostics);
    trainer_free(trainer);
    test_data_free(data);
}

/* ---- all of them ---- */

/* Softmax regression: its one layer is the first and the last. */
Test(changes, a_network_without_hidden_layers_is_looked_at) {
    const unsigned set = diagnostic_set(&diagnostic_unit_statistics) |
                         diagnostic_set(&diagnostic_batch_noise) |
                         diagnostic_set(&diagnostic_response);
    struct run_config config = look_config("none", NORM_BEFORE);
    config.model.n_hidden = 0;
    struct look *look = look_create(&config, set, 1);
    look_now(look, set);
    cr_assert(look_at(look, PROBE_LAYER, "batch_noise", 0) == 0, "noise without a normalizer");
    double scale = seen(look, PROBE_LAYER, "response", RESPONSE_SCALE, RESPONSE_EVAL, 0);
    cr_assert(scale > 0.05 && scale < 0.3, "outputs 1.1 times as large: change %g", scale);
    look_free(look);
}

/* Every number of every row that applies and reads one of the set, into one hash. */
static uint64_t hash_of_numbers(const struct run_config *config, unsigned set, int n_threads) {
    struct look *look = look_create(config, set, n_threads);
    uint64_t hash = TEST_HASH_START;
    look_now(look, set);
    trainer_advance(look->trainer, 3, NULL);
    look_now(look, set);
    for (int i = 0; i < probe_count(); i++) {
        const struct probe *probe = probe_get(i);
        bool mine = probe->observe && !(diagnostic_set(probe->reads) & ~set);
        for (int k = 0; mine && k < LAYERS; k++)
            if (probe_applies(probe, look->trainer, k)) {
                double out[WIDEST] = {0};
                probe_observe(probe, &look->diagnostics, k, out);
                hash = test_hash(hash, out, sizeof out);
            }
    }
    look_free(look);
    return hash;
}

static void expect_same(const struct run_config *config, unsigned set) {
    uint64_t alone = hash_of_numbers(config, set, 1), together = hash_of_numbers(config, set, 3);
    cr_assert(alone == together, "%s, placement %ld: probes differ by threads",
              normalizer_get(config->norm.kind)->name, config->norm.placement);
}

Test(changes, no_bit_depends_on_threads) {
    for (int kind = 0; kind < normalizer_count(); kind++)
        for (long placement = NORM_BEFORE; placement <= NORM_AFTER; placement++) {
            struct run_config config = look_config(normalizer_get(kind)->name, placement);
            config.norm.on_input = true;
            expect_same(&config, look_quick_set());
        }
    struct run_config config = look_config("batch", NORM_BEFORE);
    expect_same(&config, diagnostic_set_of_all());
}
