#include "tests/judge/stats/planted.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "judge/stats/distribution.h"

struct planted planted_with(const double effects[4], double deviation) {
    struct planted planted = {
        .kind = CLAIM_DIRECTION, .n_strata = 4, .n_seeds = 10, .deviation = deviation};
    memcpy(planted.effect, effects, 4 * sizeof *effects);
    return planted;
}

const char *planted_name(enum planted_shape shape) {
    static const char *const names[] = {"normal", "exponential", "lognormal", "t3"};
    return names[shape];
}

/* Exponential: 2 int_{1/4}^{3/4} -ln v dv. Lognormal: 2 e^{1/2} (Phi(q-1) - Phi(-q-1)), q the upper
 * quartile of the normal. */
static double middle_mean(enum planted_shape shape) {
    double q = normal_quantile(0.75);
    switch (shape) {
    case PLANTED_EXPONENTIAL:
        return 2 * (0.5 - 0.75 * log(0.75) + 0.25 * log(0.25));
    case PLANTED_LOGNORMAL:
        return 2 * exp(0.5) * (normal_cdf(q - 1) - normal_cdf(-q - 1));
    default:
        return 0;
    }
}

double planted_noise(enum planted_shape shape, uint64_t index, uint32_t stream) {
    const struct random_key key = {11, RANDOM_TEST, stream};
    double center = middle_mean(shape);
    switch (shape) {
    case PLANTED_EXPONENTIAL:
        return -log(random_uniform(key, index)) - center;
    case PLANTED_LOGNORMAL:
        return exp(random_normal(key, index)) - center;
    case PLANTED_T3: { /* a normal over the root of a mean of three squares */
        double squares = 0;
        for (uint64_t k = 1; k <= 3; k++)
            squares += pow(random_normal(key, 4 * index + k), 2);
        return random_normal(key, 4 * index) / sqrt(squares / 3);
    }
    default:
        return random_normal(key, index);
    }
}

void planted_draw(struct planted *planted, uint32_t trial) {
    int n = planted->n_seeds;
    uint32_t stream = 1000 + trial;
    for (int i = 0; i < n; i++) {
        double common = planted_noise(PLANTED_NORMAL, (uint64_t)i, stream);
        for (int s = 0; s < planted->n_strata; s++) {
            double own = planted_noise(PLANTED_NORMAL, (uint64_t)(1000 + s * n + i), stream);
            planted->d[s * n + i] =
                planted->effect[s] + planted->deviation * sqrt(0.5) * (common + own);
        }
    }
}

void planted_test(const struct planted *planted, struct decision *decision) {
    const struct question question = {.kind = planted->kind,
                                      .delta = 0.005,
                                      .n_strata = planted->n_strata,
                                      .n_seeds = planted->n_seeds,
                                      .d = planted->d,
                                      .level = planted->level};
    cr_assert(decision_test(&question, decision) == OK, "%s", status_message());
}
