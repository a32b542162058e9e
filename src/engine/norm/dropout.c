/* Dropout: in training each value is 0 with probability p = norm.rate, else x / (1 - p); in
 * evaluation it is x. No normalizer, but a regularizer to hold normalizers against.
 *
 * Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov 2014, "inverted": the factor stands in
 * training (their section 10). Noise is a function of seed, layer, step, row and unit. */
#include "engine/kernel/random_blocks.h"
#include "engine/norm/normalizer.h"

enum { RATE }; /* own keys */
enum { WORDS = 4 };

static const struct key own_keys[] = {
    {.name = "norm.rate",
     .type = KEY_REAL,
     .min = 0,
     .max = 0.99,
     .initial = "0.5",
     .unit = "",
     .doc = "Probability with which dropout sets a value to 0; the others are divided by one minus "
            "it.",
     .elsewhere = "PyTorch's p, 0.5; Keras' rate, which has no default"},
    {0},
};

/* saved: the factors [B, D]. */
static size_t saved_size(const struct norm_config *config, int B, int D) {
    (void)config;
    return (size_t)B * (size_t)D;
}

/* Four rows share the blocks, a word each. */
static void draw_factors(const struct norm *norm, const struct norm_step *step, struct span columns,
                         int B, int first) {
    uint64_t groups = ((uint64_t)B + WORDS - 1) / WORDS, D = (uint64_t)norm->D;
    uint64_t group = (uint64_t)step->step * groups + (uint64_t)first / WORDS;
    float rate = (float)norm->config->own[RATE], kept = 1 / (1 - rate);
    int rows = B - first < WORDS ? B - first : WORDS;
    for (int begin = columns.begin; begin < columns.end; begin += RANDOM_BLOCKS) {
        int n = columns.end - begin < RANDOM_BLOCKS ? columns.end - begin : RANDOM_BLOCKS;
        struct random_blocks noise;
        random_blocks_draw(step->key, group * D + (uint64_t)begin, &noise);
        for (int word = 0; word < rows; word++) {
            float uniform[RANDOM_BLOCKS];
            float *factor = norm->saved + (long)(first + word) * norm->D + begin;
            random_blocks_uniform(&noise, word, uniform);
            for (int j = 0; j < n; j++)
                factor[j] = uniform[j] < rate ? 0 : kept;
        }
    }
}

static void multiply(const struct norm *norm, struct span columns, int B, float *x) {
    for (int b = 0; b < B; b++) {
        float *restrict row = x + (long)b * norm->D;
        const float *factor = norm->saved + (long)b * norm->D;
        for (int j = columns.begin; j < columns.end; j++) /* hot */
            row[j] *= factor[j];
    }
}

static void forward_train(const struct norm *norm, const struct norm_step *step,
                          struct span columns, int B, float *x) {
    if (step->measure)
        return;
    for (int first = 0; first < B; first += WORDS)
        draw_factors(norm, step, columns, B, first);
    multiply(norm, columns, B, x);
}

static void forward_eval(const struct norm *norm, float *const state[], struct span columns, int B,
                         float *x) {
    (void)norm, (void)state, (void)columns, (void)B, (void)x;
}

/* dx = factor g */
static void backward(const struct norm *norm, struct span columns, int B, float *g) {
    multiply(norm, columns, B, g);
}

const struct normalizer normalizer_dropout = {
    .name = "dropout",
    .summary = "dropout: no normalizer, but noise to compare with: values are 0 at random in "
               "training",
    .source = "Srivastava et al. 2014, JMLR 15",
    .axis = NORM_COLUMNS,
    .draws_noise = true,
    .own_keys = own_keys,
    .saved_size = saved_size,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward = backward,
};
