/* No normalization: y = x. The control of every experiment, and the template to copy. */
#include "engine/norm/normalizer.h"

static void forward_train(const struct norm *norm, const struct norm_step *step,
                          struct span columns, int B, float *x) {
    (void)norm, (void)step, (void)columns, (void)B, (void)x;
}

static void forward_eval(const struct norm *norm, float *const state[], struct span columns, int B,
                         float *x) {
    (void)norm, (void)state, (void)columns, (void)B, (void)x;
}

static void backward(const struct norm *norm, struct span columns, int B, float *g) {
    (void)norm, (void)columns, (void)B, (void)g;
}

const struct normalizer normalizer_none = {
    .name = "none",
    .summary = "no normalization: y = x",
    .source = "the control of every experiment",
    .axis = NORM_COLUMNS,
    .forward_train = forward_train,
    .forward_eval = forward_eval,
    .backward = backward,
};
