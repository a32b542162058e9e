/* Group normalization: layer normalization within groups of units.
 *
 * The units of an example are cut into norm.groups groups of D / norm.groups neighbours, each
 * normalized by its own mean and variance. One group is layer norm, bit for bit.
 *
 * Wu & He 2018, equations 2, 3 and 7, without positions: in a multilayer perceptron a unit has one
 * value, so a group of one unit would always give 0, and a group of two +-1 without a gradient. */
#include "engine/norm/by_rows.h"

enum { GROUPS }; /* own keys */
enum { SMALLEST_GROUP = 3 };

static const struct key own_keys[] = {
    {.name = "norm.groups",
     .type = KEY_INT,
     .min = 1,
     .max = 65536,
     .initial = "4",
     .unit = "",
     .doc = "Groups into which the units of a layer are cut, each normalized by itself; 1 is layer "
            "norm.",
     .elsewhere =
         "PyTorch's nn.GroupNorm has no default; Wu & He take 32 groups of channels, Keras "
         "as well"},
    {0},
};

static struct by_rows how(const struct norm_config *config) {
    return (struct by_rows){.groups = (int)config->own[GROUPS], .centred = true};
}

static enum status check(const struct norm_config *config, int B, int D) {
    (void)B;
    int groups = how(config).groups;
    if (D % groups)
        return fail_key(ERROR_USAGE, "norm.groups",
                        "group norm cannot cut %d units into %d groups of equal size", D, groups);
    if (D / groups < SMALLEST_GROUP)
        return fail_key(ERROR_USAGE, "norm.groups",
                        "group norm needs at least %d units in a group, and %d units in "
                        "%d groups are %d each: one unit against itself is always 0, and two are "
                        "always +1 and -1",
                        SMALLEST_GROUP, D, groups, D / groups);
    return OK;
}

static size_t saved_size(const struct norm_config *config, int B, int D) {
    return by_rows_saved_size(how(config), B, D);
}

static void forward_train(const struct norm *norm, const struct norm_step *step, struct span rows,
                          int B, float *x) {
    (void)step;
    by_rows_forward_train(how(norm->config), norm, rows, B, x);
}

static void forward_eval(const struct norm *norm, float *const state[], struct span rows, int B,
                         float *x) {
    (void)state, (void)B;
    by_rows_forward_eval(how(norm->config), norm, rows, x);
}

static void backward(const struct norm *norm, struct span rows, int B, float *g) {
    by_rows_backward(how(norm->config), norm, rows, B, g);
}

const struct normalizer normalizer_group = {
    .name = "group",
    .summary = "group norm: each example by the mean and variance of each group of its units",
    .source = "Wu & He 2018, arXiv:1803.08494",
    .axis = NORM_ROWS,
    .uses_eps = true,
    .own_keys = own_keys,
    .param = {GAMMA_FIELD, BETA_FIELD},
    .check = check,
    .saved_size = saved_size,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward_param = by_rows_backward_param,
    .backward = backward,
};
