/* Formulas about the scale of weights under a normalizer: what it changes, how the gradient follows
 * it, and what weight decay is there. */
#include <math.h>

#include "judge/check/net_work.h"
#include "judge/compute/formulas_family.h"

/* Arguments that all of them begin with. */
enum { ROWS, INPUTS, OUTPUTS, MORE };
#define NETWORK "B=64 inputs=784 outputs=10"

static enum status begin(struct net_work *net, const struct config *config, const double *a) {
    enum status status =
        net_work_create(net, &config->run, (int)a[INPUTS], (int)a[OUTPUTS], (int)a[ROWS]);
    if (!status)
        net_work_fill(net, 0, 0, 1);
    return status;
}

/* Two networks that are the same to begin with. */
static enum status begin_two(struct net_work *net, struct net_work *other,
                             const struct config *config, const double *a) {
    enum status status = begin(net, config, a);
    if (status)
        return status;
    status = begin(other, config, a);
    if (status)
        net_work_free(net);
    return status;
}

static void pass(struct net_work *net, uint32_t stream) {
    net_work_forward(net);
    net_work_backward(net, stream);
}

/* The layers in question: hidden ones, and the last where its outputs are normalized. */
static int layers_of(const struct net_work *net) {
    return net->mlp.n_layers - !net->mlp.norm_config.on_output;
}

static size_t weights(const struct layer *layer) {
    return (size_t)layer->in * (size_t)layer->out;
}

static double dot(size_t n, const float *x, const float *y) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)y[i];
    return sum;
}

/* W <- c W */
static void scale_weights(const struct net_work *net, double c) {
    for (int k = 0; k < layers_of(net); k++) {
        const struct layer *layer = &net->mlp.layers[k];
        for (size_t i = 0; i < weights(layer); i++)
            layer->W[i] *= (float)c;
    }
}

static double distance(const struct net_work *net, const struct net_work *from) {
    int last = net->mlp.n_layers - 1;
    return formula_change((size_t)net->B * (size_t)net->mlp.n_outputs, net->workspace.y[last],
                          from->workspace.y[last]);
}

/* f(c W) against f(W) */
static double weight_scale_effect(const struct config *config, const double *a) {
    struct net_work net, scaled;
    if (begin_two(&net, &scaled, config, a))
        return NAN;
    scale_weights(&scaled, a[MORE]);
    net_work_forward(&net);
    net_work_forward(&scaled);
    double result = distance(&scaled, &net);
    net_work_free(&net);
    net_work_free(&scaled);
    return result;
}

static double gradient_square(const struct net_work *net) {
    double sum = 0;
    for (int k = 0; k < layers_of(net); k++) {
        const struct layer *layer = &net->mlp.layers[k];
        sum += dot(weights(layer), layer->dW, layer->dW);
    }
    return sum;
}

/* c |g(c W)| / |g(W)| */
static double weight_scale_gradient(const struct config *config, const double *a) {
    struct net_work net, scaled;
    if (begin_two(&net, &scaled, config, a))
        return NAN;
    scale_weights(&scaled, a[MORE]);
    pass(&net, 1);
    pass(&scaled, 1);
    double result = a[MORE] * sqrt(gradient_square(&scaled) / gradient_square(&net));
    net_work_free(&net);
    net_work_free(&scaled);
    return result;
}

/* |<g, W>| / (|g| |W|) */
static double radial_gradient(const struct config *config, const double *a) {
    struct net_work net;
    if (begin(&net, config, a))
        return NAN;
    pass(&net, 1);
    double result = 0;
    for (int k = 0; k < layers_of(&net); k++) {
        const struct layer *at = &net.mlp.layers[k];
        size_t n = weights(at);
        result = fmax(result, fabs(dot(n, at->dW, at->W)) /
                                  sqrt(dot(n, at->dW, at->dW) * dot(n, at->W, at->W)));
    }
    net_work_free(&net);
    return result;
}

/* W <- keep W - lr g */
static void update(struct net_work *net, uint32_t step, double keep, double lr) {
    net_work_fill(net, 2 * step, 0, 1);
    pass(net, 2 * step + 1);
    for (int k = 0; k < layers_of(net); k++) {
        const struct layer *at = &net->mlp.layers[k];
        for (size_t i = 0; i < weights(at); i++)
            at->W[i] = (float)(keep * (double)at->W[i] - lr * (double)at->dW[i]);
    }
}

/* With decay, W <- q W - lr g(W) with q = 1 - lr decay. Without it V = W / q^t, where g(V) = q^t
 * g(W): V <- V - lr q^-(2t+1) g(V). */
static double decay_as_rate(const struct config *config, const double *a) {
    struct net_work decayed, plain;
    if (begin_two(&decayed, &plain, config, a))
        return NAN;
    double lr = config->run.optimizer.lr, q = 1 - lr * config->run.optimizer.weight_decay;
    int steps = (int)a[MORE];
    for (int t = 0; t < steps; t++) {
        update(&decayed, (uint32_t)t, q, lr);
        update(&plain, (uint32_t)t, 1, lr * pow(q, -(2 * t + 1)));
    }
    net_work_forward(&decayed);
    net_work_forward(&plain);
    double result = distance(&plain, &decayed);
    net_work_free(&decayed);
    net_work_free(&plain);
    return result;
}

#define NORMALIZED "the weights of the hidden layers (and of the last under norm.on_output) "

static const struct formula rows[] = {
    {"weight_scale_effect",
     "change of a network's outputs in training when " NORMALIZED "are multiplied by `factor`, "
     "relative",
     "1", NETWORK " factor=4", .compute = weight_scale_effect},
    {"weight_scale_gradient",
     "`factor` times the length of the gradient by " NORMALIZED "after they were multiplied by "
     "`factor`, over that before",
     "1", NETWORK " factor=4", .compute = weight_scale_gradient},
    {"radial_gradient",
     "size of the cosine between a weight matrix and its gradient: the largest over the hidden "
     "layers (and the last under norm.on_output)",
     "1", NETWORK, .compute = radial_gradient},
    {"decay_as_rate",
     "change of the outputs after `steps` updates of " NORMALIZED "alone, W <- q W - lr g, q = 1 - "
     "optimizer.lr optimizer.weight_decay, when updates without decay at rates lr / q^(2t + 1) "
     "stand in their place, relative",
     "1", NETWORK " steps=20", .compute = decay_as_rate},
};

const struct formulas formulas_scale = FORMULAS(rows);
