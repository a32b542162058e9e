/* A normalizer at work on a layer of its own, for computations without a network: a fixture whose
 * gamma, beta and state are as configured and declared, and whose input stays. */
#pragma once

#include "judge/check/fixture.h"

struct norm_work {
    struct fixture fixture;
    int B, D;
    float *x, *y, *g; /* [B, D]: input, output, gradient */
};

/* x 0. */
void norm_work_create(struct norm_work *work, const struct norm_config *config, int B, int D);
void norm_work_free(struct norm_work *work);
/* x_bj = mean + deviation * normal number f(stream, b*D + j). */
void norm_work_fill(struct norm_work *work, uint32_t stream, double mean, double deviation);
/* y from x. In training `update` is the weight of this mini-batch in the running state. */
void norm_work_train(struct norm_work *work, double update);
void norm_work_evaluate(struct norm_work *work);
/* g from dL/dy to dL/dx, after norm_work_train. */
void norm_work_backward(struct norm_work *work);
/* The learned field or the running state of this name; NULL: there is none. */
float *norm_work_param(const struct norm_work *work, const char *name);
float *norm_work_state(const struct norm_work *work, const char *name);
