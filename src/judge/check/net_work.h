/* A network at work on mini-batches of its own, for computations without data or training: weights
 * of seed 0, biases 0, gamma and beta as configured, one thread. */
#pragma once

#include "engine/nn/trainer.h"

struct net_work {
    struct mlp mlp;
    struct workspace workspace;
    struct arena arena;
    int B;
};

/* ERROR_USAGE: the normalizer cannot run with B rows; ERROR_RUN: out of memory. */
enum status net_work_create(struct net_work *net, const struct run_config *config, int inputs,
                            int outputs, int B);
void net_work_free(struct net_work *net);
/* The mini-batch [B, inputs]: mean + deviation * normal numbers f(stream, place). */
void net_work_fill(struct net_work *net, uint32_t stream, double mean, double deviation);
/* Outputs in workspace.y[last] from workspace.x, in training mode; running state stays. */
void net_work_forward(struct net_work *net);
/* After it: gradients of all parameters in mlp.grads, of a loss whose slope by the outputs is
 * normal numbers f(stream, place). */
void net_work_backward(struct net_work *net, uint32_t stream);
