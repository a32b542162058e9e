/* Batch norm, then noise whose distribution changes from step to step and from unit to unit:
 *
 *     each step, each unit j:   m_j ~ U(-n_mu, n_mu)           s_j ~ U(1, n_sigma)
 *     each example b:           m_bj ~ U(m_j - r_mu, m_j + r_mu)     s_bj ~ N(s_j, r_sigma)
 *     y <- s_bj y + m_bj
 *
 * after gamma and beta, in training only. So the later layers see a distribution that shifts more
 * than without batch norm: Santurkar, Tsipras, Ilyas & Madry 2018, section 2.2 and appendix, whose
 * constants are the defaults. Noise is a function of seed, layer, step, row and unit. */
#include "engine/kernel/random_blocks.h"
#include "engine/norm/by_columns.h"

extern const struct normalizer normalizer_batch;

enum { ROWS, N_MU, N_SIGMA, R_MU, R_SIGMA }; /* own keys; the first is batch norm's */

static const struct key own_keys[] = {
    NORM_ROWS_KEY,
    {.name = "norm.n_mu",
     .type = KEY_REAL,
     .min = 0,
     .max = 1e6,
     .initial = "0.5",
     .unit = "1",
     .doc = "Noise: a unit's mean shift in a step is uniform between minus this and this.",
     .elsewhere = "Santurkar et al. 2018: 0.5"},
    {.name = "norm.n_sigma",
     .type = KEY_REAL,
     .min = 0,
     .max = 1e6,
     .initial = "1.25",
     .unit = "1",
     .doc = "Noise: a unit's mean factor in a step is uniform between 1 and this.",
     .elsewhere = "Santurkar et al. 2018: 1.25"},
    {.name = "norm.r_mu",
     .type = KEY_REAL,
     .min = 0,
     .max = 1e6,
     .initial = "0.1",
     .unit = "1",
     .doc = "Noise: an example's shift is uniform, up to this about its unit's.",
     .elsewhere = "Santurkar et al. 2018: 0.1"},
    {.name = "norm.r_sigma",
     .type = KEY_REAL,
     .min = 0,
     .max = 1e6,
     .initial = "0.1",
     .unit = "1",
     .doc = "Noise: an example's factor is normal with this deviation about its unit's.",
     .elsewhere = "Santurkar et al. 2018: 0.1"},
    {0},
};

static enum status check(const struct norm_config *config, int B, int D) {
    (void)D;
    return columns_check(config, B, "batch_noisy");
}

/* saved: batch norm's, then the factors s [B, D]. */
static size_t saved_size(const struct norm_config *config, int B, int D) {
    return normalizer_batch.saved_size(config, B, D) + (size_t)B * (size_t)D;
}

static float *factors_of(const struct norm *norm, int B) {
    return norm->saved + normalizer_batch.saved_size(norm->config, B, norm->D);
}

/* s = sigma + r_sigma N(0, 1), y <- s y + mu + r_mu U(-1, 1) */
static void disturb(int n, float r_mu, float r_sigma, const float *restrict mu,
                    const float *restrict sigma, const float *restrict uniform,
                    const float *restrict normal, float *restrict y, float *restrict s) {
    for (int j = 0; j < n; j++) { /* hot */
        s[j] = sigma[j] + r_sigma * normal[j];
        float m = mu[j] + r_mu * (2 * uniform[j] - 1);
        y[j] = s[j] * y[j] + m;
    }
}

/* Each unit's mu and sigma of this step. */
static void draw_units(const struct norm_config *config, struct random_key key, uint64_t first,
                       float mu[RANDOM_BLOCKS], float sigma[RANDOM_BLOCKS]) {
    float n_mu = (float)config->own[N_MU], n_sigma = (float)config->own[N_SIGMA];
    struct random_blocks noise;
    random_blocks_draw(key, first, &noise);
    random_blocks_uniform(&noise, 0, mu);
    random_blocks_uniform(&noise, 1, sigma);
    for (int j = 0; j < RANDOM_BLOCKS; j++) {
        mu[j] = n_mu * (2 * mu[j] - 1);
        sigma[j] = 1 + (n_sigma - 1) * sigma[j];
    }
}

/* Of up to RANDOM_BLOCKS units. Two rows share their blocks: uniform numbers from words 0 and 1,
 * and a pair of normal ones. A step has as many blocks for each unit as pairs of rows, and one for
 * mu and sigma. */
static void add_noise(const struct norm *norm, const struct norm_step *step, struct span units,
                      int B, float *x) {
    const double *own = norm->config->own;
    float r_mu = (float)own[R_MU], r_sigma = (float)own[R_SIGMA], *s = factors_of(norm, B);
    uint64_t D = (uint64_t)norm->D, pairs = ((uint64_t)B + 1) / 2;
    uint64_t at = (uint64_t)step->step * (pairs + 1) * D + (uint64_t)units.begin;
    float mu[RANDOM_BLOCKS], sigma[RANDOM_BLOCKS];
    draw_units(norm->config, step->key, at, mu, sigma);
    for (int b = 0; b < B; b += 2) {
        struct random_blocks noise;
        float uniform[2][RANDOM_BLOCKS], normal[2][RANDOM_BLOCKS];
        at += D;
        random_blocks_draw(step->key, at, &noise);
        random_blocks_normal(&noise, normal[0], normal[1]);
        for (int i = 0; i < 2 && b + i < B; i++) {
            long place = (long)(b + i) * norm->D + units.begin;
            random_blocks_uniform(&noise, i, uniform[i]);
            disturb(span_size(units), r_mu, r_sigma, mu, sigma, uniform[i], normal[i], x + place,
                    s + place);
        }
    }
}

static void forward_train(const struct norm *norm, const struct norm_step *step,
                          struct span columns, int B, float *x) {
    normalizer_batch.forward_train(norm, step, columns, B, x);
    for (int begin = columns.begin; !step->measure && begin < columns.end; begin += RANDOM_BLOCKS) {
        int end = begin + RANDOM_BLOCKS < columns.end ? begin + RANDOM_BLOCKS : columns.end;
        add_noise(norm, step, (struct span){begin, end}, B, x);
    }
}

static void forward_eval(const struct norm *norm, float *const state[], struct span columns, int B,
                         float *x) {
    normalizer_batch.forward_eval(norm, state, columns, B, x);
}

/* g <- s g, then batch norm's */
static void backward(const struct norm *norm, struct span columns, int B, float *g) {
    const float *factors = factors_of(norm, B);
    for (int b = 0; b < B; b++) {
        float *restrict row = g + (long)b * norm->D;
        const float *s = factors + (long)b * norm->D;
        for (int j = columns.begin; j < columns.end; j++) /* hot */
            row[j] *= s[j];
    }
    normalizer_batch.backward(norm, columns, B, g);
}

const struct normalizer normalizer_batch_noisy = {
    .name = "batch_noisy",
    .summary = "batch norm, then noise that shifts each unit's distribution at every step",
    .source = "Santurkar et al. 2018, arXiv:1805.11604",
    .axis = NORM_COLUMNS,
    .mixes_rows = true,
    .cancels_bias = true,
    .uses_eps = true,
    .draws_noise = true,
    .averages = true,
    .takes_one_row = true,
    .own_keys = own_keys,
    .param = {GAMMA_FIELD, BETA_FIELD},
    .state =
        {{.name = "running_mean", .unit = "1", .doc = "running mean of a unit"},
         {.name = "running_var", .unit = "1", .doc = "running variance of a unit", .initial = 1}},
    .check = check,
    .saved_size = saved_size,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward = backward,
};
