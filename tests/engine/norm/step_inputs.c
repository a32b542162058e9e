#include "tests/engine/norm/step_inputs.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "judge/check/fixture.h"
#include "tests/support.h"

double *own_value(struct norm_config *config, const char *key) {
    const struct key *own = normalizer_get(config->kind)->own_keys;
    for (int i = 0; own && own[i].name; i++)
        if (!strcmp(own[i].name, key))
            return &config->own[i];
    return NULL;
}

static double known_value(struct norm_config config, const char *key) {
    const double *value = own_value(&config, key);
    cr_assert(value, "%s has no key %s", normalizer_get(config.kind)->name, key);
    return *value;
}

/* From `first` at norm.relax_from to the key `bound` at the key `at`. */
static double bound_after(const struct norm_config *config, double share, const char *bound,
                          const char *at, double first) {
    double from = known_value(*config, "norm.relax_from");
    double done = (share - from) / (known_value(*config, at) - from);
    return first + (known_value(*config, bound) - first) * fmax(0, fmin(1, done));
}

void renorm_bounds(const struct norm_config *config, double share, double *r_max, double *d_max) {
    *r_max = bound_after(config, share, "norm.r_max", "norm.r_max_at", 1);
    *d_max = bound_after(config, share, "norm.d_max", "norm.d_max_at", 0);
}

/* What training gives where every value would be `value`: by gamma 0 and beta, or by x. */
static void outputs_at(const struct norm_config *config, const struct norm_step *step, int B, int D,
                       float value, double *y) {
    struct norm_config affine = *config;
    struct fixture fixture;
    affine.affine = true;
    fixture_create(&fixture, &affine, B, D, 1);
    for (int j = 0; fixture.norm.param[0] && j < D; j++) {
        fixture.norm.param[0][j] = 0;
        fixture.norm.param[1][j] = value;
    }
    for (int i = 0; i < B * D && !fixture.norm.param[0]; i++)
        fixture.x[i] = value;
    fixture_forward(&fixture, step, CUT_NONE);
    test_widen((size_t)B * (size_t)D, fixture.x, y);
    fixture_free(&fixture);
}

/* The addend is the output at 0. At 2^20 it is nothing beside the factor. */
void drawn_noise(const struct norm_config *config, const struct norm_step *step, int B, int D,
                 double *factor, double *addend) {
    outputs_at(config, step, B, D, 0, addend);
    outputs_at(config, step, B, D, 0x1p20f, factor);
    for (int i = 0; i < B * D; i++)
        factor[i] = (factor[i] - addend[i]) / 0x1p20;
}
