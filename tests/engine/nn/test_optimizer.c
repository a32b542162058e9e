/* Optimizers element by element against their formulas in double; rates by hand values. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "engine/nn/learning_rate.h"
#include "engine/nn/optimizer.h"
#include "tests/support.h"

enum { N = 101, STEPS = 20 };
static const double U = 0x1p-24;

static struct optimizer_config with(const char *name, double momentum, bool nesterov) {
    struct optimizer_config config = test_config().optimizer;
    config.kind = optimizer_find(name);
    config.momentum = momentum;
    config.nesterov = nesterov;
    return config;
}

static struct optimizer_config sgd(double momentum, bool nesterov) {
    return with("sgd", momentum, nesterov);
}

static struct optimizer_config adam(void) {
    return with("adam", 0, false);
}

/* ---- step t of an element in double: the new w ---- */

static double sgd_step(const struct optimizer_config *config, int t, double lr, double g, double w,
                       double state[OPTIMIZER_SLOTS]) {
    (void)t;
    state[0] = config->momentum * state[0] + g;
    return w - lr * (config->nesterov ? g + config->momentum * state[0] : state[0]);
}

static double adam_step(const struct optimizer_config *config, int t, double lr, double g, double w,
                        double state[OPTIMIZER_SLOTS]) {
    state[0] = config->beta1 * state[0] + (1 - config->beta1) * g;
    state[1] = config->beta2 * state[1] + (1 - config->beta2) * g * g;
    double mhat = state[0] / (1 - pow(config->beta1, t + 1));
    double vhat = state[1] / (1 - pow(config->beta2, t + 1));
    return w - lr * mhat / (sqrt(vhat) + config->eps);
}

/* A row for each of the table in optimizer.c. */
static const struct formula {
    const char *name;
    double (*step)(const struct optimizer_config *config, int t, double lr, double g, double w,
                   double state[OPTIMIZER_SLOTS]);
} formulas[] = {{"sgd", sgd_step}, {"adam", adam_step}};

static const struct formula *formula_of(const char *name) {
    for (size_t i = 0; i < sizeof formulas / sizeof *formulas; i++)
        if (!strcmp(formulas[i].name, name))
            return &formulas[i];
    return NULL;
}

Test(nn_optimizer, every_row_has_a_formula) {
    for (int i = 0; optimizer_name(i); i++)
        cr_expect(formula_of(optimizer_name(i)),
                  "%s has no formula in tests/engine/nn/test_optimizer.c", optimizer_name(i));
    cr_expect(optimizer_find("no such") == -1, "an unknown name was found");
}

/* One element over STEPS steps in double, with the same float32 gradients. */
static double expected_element(const struct optimizer_config *config, double lr, double decay,
                               double scale, double w, int i) {
    double state[OPTIMIZER_SLOTS] = {0};
    for (int t = 0; t < STEPS; t++) {
        float gradients[N];
        test_normal(700 + (uint32_t)t, N, 0.1, 1, gradients);
        double g = scale * (double)gradients[i] + decay * w;
        w = formula_of(optimizer_name((int)config->kind))->step(config, t, lr, g, w, state);
    }
    return w;
}

/* A step rounds w once and the change a few times; velocities remember 1/(1 - momentum) steps. */
static void check_optimizer(const char *name, const struct optimizer_config *config, double decay,
                            float scale) {
    const double lr = 0.05;
    float w[N], start[N], g[N], m[N] = {0}, v[N] = {0};
    float *slots[2] = {m, v};
    test_normal(699, N, 0, 1, start);
    memcpy(w, start, sizeof w);
    for (int t = 0; t < STEPS; t++) {
        test_normal(700 + (uint32_t)t, N, 0.1, 1, g);
        optimizer_update((struct update){config, t, (float)lr, (float)decay, scale}, N, w, g,
                         slots);
    }
    double change = optimizer_get(config->kind)->has_moments ? 1 : 3 / (1 - config->momentum);
    for (int i = 0; i < N; i++) {
        double expected = expected_element(config, lr, decay, (double)scale, (double)start[i], i);
        double size = fabs((double)start[i]) + fabs(expected) + 8 * lr * change;
        cr_assert(fabs((double)w[i] - expected) <= STEPS * U * size,
                  "%s, element %d: %.9g instead of %.9g", name, i, (double)w[i], expected);
    }
}

Test(nn_optimizer, updates_follow_their_formulas) {
    struct optimizer_config plain = sgd(0, false), momentum = sgd(0.9, false);
    struct optimizer_config nesterov = sgd(0.9, true), moments = adam();
    for (int i = 0; i < 4; i++) {
        double decay = i % 2 ? 0.1 : 0;
        float scale = i / 2 ? 0.375f : 1.0f;
        check_optimizer("sgd", &plain, decay, scale);
        check_optimizer("momentum", &momentum, decay, scale);
        check_optimizer("Nesterov", &nesterov, decay, scale);
        check_optimizer("Adam", &moments, decay, scale);
    }
}

Test(nn_optimizer, pieces_give_the_same_bits) {
    struct optimizer_config configs[] = {sgd(0, false), sgd(0.9, false), sgd(0.9, true), adam()};
    for (int c = 0; c < 4; c++) {
        float w[2][N], g[N], m[2][N] = {0}, v[2][N] = {0};
        test_normal(710, N, 0, 1, w[0]);
        memcpy(w[1], w[0], sizeof w[0]);
        test_normal(711, N, 0, 1, g);
        for (int t = 0; t < 3; t++) {
            float *whole[2] = {m[0], v[0]};
            struct update update = {&configs[c], t, 0.1f, 0.01f, 0.7f};
            optimizer_update(update, N, w[0], g, whole);
            for (size_t at = 0, n; at < N; at += n) {
                n = at + 17 < N ? 17 : N - at;
                float *piece[2] = {m[1] + at, v[1] + at};
                optimizer_update(update, n, w[1] + at, g + at, piece);
            }
        }
        cr_assert(!memcmp(w[0], w[1], sizeof w[0]), "optimizer %d: pieces differ", c);
    }
}

Test(nn_optimizer, slots) {
    struct optimizer_config plain = sgd(0, false), momentum = sgd(0.9, false), moments = adam();
    cr_assert(optimizer_slots(&plain) == 0, "plain SGD remembers %d", optimizer_slots(&plain));
    cr_assert(optimizer_slots(&momentum) == 1, "momentum: %d", optimizer_slots(&momentum));
    cr_assert(optimizer_slots(&moments) == 2, "Adam: %d", optimizer_slots(&moments));
}

static void rate(const struct optimizer_config *config, long B, long step, long steps,
                 double expected) {
    double lr = learning_rate_at(config, B, step, steps);
    cr_assert(fabs(lr - expected) <= 1e-15,
              "schedule %ld, B %ld, step %ld of %ld: rate %.17g, not %.17g", config->schedule, B,
              step, steps, lr, expected);
}

Test(nn_optimizer, rate_follows_the_batch_size) {
    struct optimizer_config config = sgd(0, false);
    config.lr = 0.2;
    rate(&config, 16, 0, 10, 0.2);
    config.lr_scaling = lr_scaling_find("linear");
    rate(&config, 16, 0, 10, 0.05);
    rate(&config, 64, 0, 10, 0.2);
    rate(&config, 256, 9, 10, 0.8);
    config.lr_scaling = lr_scaling_find("sqrt");
    rate(&config, 16, 0, 10, 0.1);
    rate(&config, 256, 0, 10, 0.4);
    config.lr_reference_batch = 16;
    rate(&config, 16, 3, 10, 0.2);
    cr_assert(learning_rate_effective(&config, 256) == 0.8, "effective rate is %g",
              learning_rate_effective(&config, 256));
}

Test(nn_optimizer, schedules_by_hand) {
    static const double at[] = {0.5, 0.75};
    struct optimizer_config config = sgd(0, false);
    config.lr = 0.4;
    rate(&config, 64, 99, 100, 0.4);
    config.schedule =
        schedule_find("cosine"); /* full at step 0, half in the middle, nearly 0 at the last */
    rate(&config, 64, 0, 100, 0.4);
    rate(&config, 64, 50, 100, 0.2);
    rate(&config, 64, 25, 100, 0.2 * (1 + sqrt(0.5)));
    rate(&config, 64, 99, 100, 0.2 * (1 + cos(0.99 * acos(-1))));
    config.schedule = schedule_find("step");
    config.step_at = at;
    config.n_step_at = 2;
    rate(&config, 64, 49, 100, 0.4);
    rate(&config, 64, 50, 100, 0.04);
    rate(&config, 64, 74, 100, 0.04);
    rate(&config, 64, 75, 100, 0.004);
    rate(&config, 64, 99, 100, 0.004);
    config.schedule = schedule_find("exponential"); /* the root of its factor in the middle */
    config.end_factor = 16;
    rate(&config, 64, 0, 100, 0.4);
    rate(&config, 64, 25, 100, 0.8);
    rate(&config, 64, 50, 100, 1.6);
    config.end_factor = 0.0625;
    rate(&config, 64, 75, 100, 0.05);
}

Test(nn_optimizer, warmup_rises_to_the_full_rate) {
    struct optimizer_config config = sgd(0, false);
    config.lr = 0.4;
    config.warmup = 0.1;
    rate(&config, 64, 0, 100, 0.04);
    rate(&config, 64, 4, 100, 0.2);
    rate(&config, 64, 9, 100, 0.4);
    rate(&config, 64, 10, 100, 0.4);
    rate(&config, 64, 99, 100, 0.4);
    config.schedule = schedule_find("cosine"); /* over what is left */
    rate(&config, 64, 9, 100, 0.4);
    rate(&config, 64, 10, 100, 0.4);
    rate(&config, 64, 55, 100, 0.2);
    config.schedule = schedule_find("exponential");
    config.end_factor = 0.25;
    rate(&config, 64, 9, 100, 0.4);
    rate(&config, 64, 10, 100, 0.4);
    rate(&config, 64, 55, 100, 0.2);
}

/* A share is meant in decimals: .07 of 100 steps are 7, though .07 * 100 > 7 in binary. */
Test(nn_optimizer, shares_of_steps_are_exact) {
    struct optimizer_config config = sgd(0, false), in_steps = sgd(0, false);
    double share;
    config.lr = in_steps.lr = 1;
    in_steps.schedule = schedule_find("step");
    in_steps.step_at = &share;
    in_steps.n_step_at = 1;
    in_steps.step_factor = 0.5;
    for (long thousandths = 1; thousandths < 1000; thousandths++) {
        share = config.warmup = (double)thousandths / 1000;
        for (long total = 1; total <= 30000; total = total * 3 / 2 + 1) {
            long first = (thousandths * total + 999) / 1000;
            cr_assert(learning_rate_at(&config, 64, first - 1, total) == 1 &&
                          (first < 2 || learning_rate_at(&config, 64, first - 2, total) < 1),
                      "warm-up of %g of %ld steps is not %ld steps", share, total, first);
            cr_assert(learning_rate_at(&in_steps, 64, first - 1, total) == 1 &&
                          learning_rate_at(&in_steps, 64, first, total) == 0.5,
                      "a drop at %g of %ld steps is not at step %ld", share, total, first);
        }
    }
}
