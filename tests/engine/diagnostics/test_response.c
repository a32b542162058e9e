/* What probes say of a changed first layer against the same change made to the oracle, in
 * double. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "engine/diagnostics/batch_noise.h"
#include "engine/diagnostics/response.h"
#include "engine/diagnostics/unit_statistics.h"
#include "tests/engine/probe/probed_run.h"

enum { FEATURES = 6, WIDEST = 7, LAYERS = 3 };

static struct random_key key_of(uint32_t stream) {
    return (struct random_key){0, RANDOM_SIDE_PASS, stream}; /* probed_config: seed 0 */
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
    double size = 0.1 * rms(first->W.n, first->W.w), z[PROBED_B * WIDEST];
    for (size_t i = 0; what == RESPONSE_NOISE && i < first->W.n; i++)
        first->W.w[i] += size * random_normal(key_of(STREAM_WEIGHTS), i);
    for (size_t i = 0; what == RESPONSE_SCALE && i < first->W.n; i++)
        first->W.w[i] *= 1.1;
    for (int i = 0; i < PROBED_B * first->out; i++) {
        z[i] = first->b.w[i % first->out];
        for (int f = 0; f < FEATURES; f++)
            z[i] += x[i / first->out * FEATURES + f] * first->W.w[f * first->out + i % first->out];
    }
    size = 0.1 * rms((size_t)(PROBED_B * first->out), z);
    for (int j = 0; what == RESPONSE_SHIFT && j < first->out; j++)
        first->b.w[j] += size * random_normal(key_of(STREAM_SHIFTS), (uint64_t)j);
}

static void forward(struct oracle *oracle, enum response_mode mode, const double *x) {
    if (mode == RESPONSE_TRAIN)
        oracle_forward(oracle, PROBED_B, x, 0);
    else
        oracle_forward_eval(oracle, PROBED_B, x);
}

struct answer {
    double change[LAYERS], loss;
};

/* Outputs of all mini-batches one below the other, of the network as it is and changed. */
static struct answer answer_of(const struct probed *run, enum response_change what,
                               enum response_mode mode) {
    double x[PROBED_ROWS * FEATURES], y[2][LAYERS][PROBED_USED * WIDEST], loss[2] = {0};
    int labels[PROBED_ROWS];
    probed_rows(run, PART_TRAIN, PROBED_ROWS, x, labels);
    for (int changed = 0; changed < 2; changed++) {
        struct oracle *oracle = test_oracle(run->trainer, PROBED_B);
        if (changed)
            change(oracle, what, x);
        for (int first = 0; first < PROBED_USED; first += PROBED_B) {
            forward(oracle, mode, x + first * FEATURES);
            loss[changed] += oracle_loss(oracle, PROBED_B, labels + first) * PROBED_B / PROBED_USED;
            for (int k = 0; k < LAYERS; k++)
                memcpy(y[changed][k] + first * oracle->layers[k].out, oracle->layers[k].y,
                       (size_t)(PROBED_B * oracle->layers[k].out) * sizeof(double));
        }
        oracle_free(oracle);
    }
    struct answer answer = {.loss = loss[1] - loss[0]};
    for (int k = 0; k < LAYERS; k++) {
        int D = run->trainer->mlp.layers[k].out;
        double mean[WIDEST] = {0}, moved = 0, size = 0;
        for (int i = 0; i < PROBED_USED * D; i++)
            mean[i % D] += y[0][k][i] / PROBED_USED;
        for (int i = 0; i < PROBED_USED * D; i++) {
            moved += pow(y[1][k][i] - y[0][k][i], 2);
            size += pow(y[0][k][i] - mean[i % D], 2);
        }
        answer.change[k] = sqrt(moved / size);
    }
    return answer;
}

static const char *const changes[RESPONSE_CHANGES] = {"noise", "scale", "shift"};
static const char *const modes[RESPONSE_MODES] = {"train", "eval"};

static double seen(const struct probed *run, enum probe_axis axis, const char *what, int change_of,
                   int mode, int layer) {
    struct pool pool = {0};
    double value = probed_value(
        run, axis, pool_format(&pool, "%s_%s_%s", what, changes[change_of], modes[mode]), layer);
    pool_free(&pool);
    return value;
}

static void expect_responses(const char *kind, long placement) {
    struct run_config config = probed_config(kind, placement);
    config.model.bias = BIAS_ON;
    struct probed *run = probed_create(&config, diagnostic_set(&diagnostic_response), 1);
    probed_measure(run, diagnostic_set(&diagnostic_response));
    for (int what = 0; what < RESPONSE_CHANGES; what++)
        for (int mode = 0; mode < RESPONSE_MODES; mode++) {
            struct answer answer =
                answer_of(run, (enum response_change)what, (enum response_mode)mode);
            for (int k = 0; k < LAYERS; k++)
                probed_expect(seen(run, PROBE_LAYER, "response", what, mode, k), answer.change[k],
                              1e-5, changes[what]);
            probed_expect(seen(run, PROBE_MILESTONE, "response_loss", what, mode, -1), answer.loss,
                          1e-5, changes[what]);
        }
    probed_free(run);
}

Test(response, responses_are_those_of_the_oracle) {
    expect_responses("none", NORM_BEFORE);
    expect_responses("batch", NORM_BEFORE);
    expect_responses("batch", NORM_AFTER);
    expect_responses("layer", NORM_BEFORE);
}

/* Ba, Kiros & Hinton 2016, table 1: in training mode; with the old running statistics there is no
 * invariance. */
Test(response, batch_norm_does_not_see_scale_and_shift_in_training_mode) {
    struct run_config config = probed_config("batch", NORM_BEFORE);
    struct probed *run = probed_create(&config, diagnostic_set(&diagnostic_response), 1);
    probed_measure(run, diagnostic_set(&diagnostic_response));
    for (int what = RESPONSE_SCALE; what <= RESPONSE_SHIFT; what++)
        for (int k = 0; k < LAYERS; k++) {
            double train = seen(run, PROBE_LAYER, "response", what, RESPONSE_TRAIN, k),
                   eval = seen(run, PROBE_LAYER, "response", what, RESPONSE_EVAL, k);
            cr_assert(train < 1e-4 && eval > 1e-2, "%s, layer %d: %g, and %g in evaluation mode",
                      changes[what], k, train, eval);
        }
    cr_assert(seen(run, PROBE_LAYER, "response", RESPONSE_NOISE, RESPONSE_TRAIN, 2) > 1e-2,
              "noise has no effect");
    probed_free(run);
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
Test(response, a_normalizers_noise_is_not_that_of_the_change) {
    struct run_config config = probed_config("dropout", NORM_BEFORE);
    struct test_data *data = test_data_create(9, FEATURES, 3, PROBED_ROWS, PROBED_VALIDATION, 10);
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

/* Softmax regression: its one layer is the first and the last. */
Test(response, a_network_without_hidden_layers_is_looked_at) {
    const unsigned set = diagnostic_set(&diagnostic_unit_statistics) |
                         diagnostic_set(&diagnostic_batch_noise) |
                         diagnostic_set(&diagnostic_response);
    struct run_config config = probed_config("none", NORM_BEFORE);
    config.model.n_hidden = 0;
    struct probed *run = probed_create(&config, set, 1);
    probed_measure(run, set);
    cr_assert(probed_value(run, PROBE_LAYER, "batch_noise", 0) == 0, "noise without a normalizer");
    double scale = seen(run, PROBE_LAYER, "response", RESPONSE_SCALE, RESPONSE_EVAL, 0);
    cr_assert(scale > 0.05 && scale < 0.3, "outputs 1.1 times as large: change %g", scale);
    probed_free(run);
}
