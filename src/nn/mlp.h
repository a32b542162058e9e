/* A multilayer perceptron with normalizers: layout, forward, backward.
 *
 * Linear layer k: z = x W + b, W [in, out]; then, by placement, the normalizer before or after the
 * activation. The last layer has no activation and, unless norm.on_output, no normalizer.
 * All learned numbers stand in one block: the weight matrices first (they always decay), then biases,
 * gamma and beta; gradients stand at the same offsets in a block of their own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/random.h"
#include "kernel/activation.h"
#include "nn/team.h"
#include "norm/normalizer.h"

enum { MLP_MAX_LAYERS = 1024 };

enum init { INIT_HE, INIT_GLOROT, INIT_NORMAL };
enum bias { BIAS_AUTO, BIAS_ON, BIAS_OFF };

/* What the keys model.* say. */
struct model_config {
    const double *hidden; /* widths of the hidden layers */
    int n_hidden;
    long activation; /* enum activation, of the hidden layers */
    long init;       /* enum init: deviation sqrt(2/in) | sqrt(2/(in+out)) | 1, times init_scale */
    double init_scale;
    long bias; /* enum bias */
};

struct layer {
    int in, out;
    enum activation activation;
    bool has_bias;
    bool has_norm;
    enum norm_placement placement;
    float *W, *b;   /* [in, out], [out] or NULL */
    float *dW, *db; /* same shapes */
    struct norm norm; /* of this layer: param, grad, state; `saved` is the workspace's */
};

struct mlp {
    int n_inputs, n_outputs, n_layers;
    struct norm_config norm_config;
    bool has_input_norm;
    struct norm input_norm;
    struct layer *layers;
    float *params, *grads;   /* n_params floats each; the first n_weights are weight matrices */
    size_t n_weights, n_params;
    float *states;           /* running state of all normalizers, n_states floats */
    size_t n_states;
};

/* The buffers of a pass over B rows. Every [B, .] array is row-major. */
struct workspace {
    int B;
    float *x;      /* [B, n_inputs] */
    float *dx;     /* [B, n_inputs]; NULL unless the input normalizer learns */
    float **a;     /* per layer [B, out]: pre-activation, then normalized and activated in place */
    float **y;     /* per layer [B, out]: the layer's output; equals a[k] unless the normalizer comes
                      after the activation, which needs both */
    float **g;     /* per layer [B, out]: gradient of the loss; NULL in a forward-only workspace */
    float **saved; /* per layer: the normalizer's */
    float *input_saved;
};

/* Asks every normalizer whether it can run with B rows. ERROR_USAGE with its message. */
enum status mlp_check(const struct model_config *model, const struct norm_config *norm, int n_inputs,
                      int n_outputs, int B);

/* Places a network in an arena; params, then the block of states stand contiguous and first, so that
 * training state is one write. Pointers are NULL while the arena counts. */
void mlp_layout(struct mlp *mlp, struct arena *arena, const struct model_config *model,
                const struct norm_config *norm, int n_inputs, int n_outputs);
/* Initial weights (a pure function of seed, layer and position), biases 0, gamma and beta as configured,
 * state as declared. */
void mlp_init(struct mlp *mlp, const struct model_config *model, uint64_t seed);

void workspace_layout(struct workspace *workspace, struct arena *arena, const struct mlp *mlp, int B,
                      bool backward);

/* All of these are called by every thread of the team with the same arguments.
 * forward_train: workspace->x to the outputs in y[last]; running state as step says. */
void mlp_forward_train(struct team team, const struct mlp *mlp, struct workspace *workspace,
                       const struct norm_step *step);
/* From g[last] = dL/dz to gradients of all parameters in mlp->grads. Leaves parameters alone. */
void mlp_backward(struct team team, const struct mlp *mlp, struct workspace *workspace);
/* Evaluation mode, by one thread over the first `rows` rows of the workspace: with the running state in
 * `states` (laid out as mlp->states). */
void mlp_forward_eval(const struct mlp *mlp, struct workspace *workspace, const float *states, int rows);

/* Same as a normalizer's own struct norm, but with its state in another block. */
void norm_state_in(const struct mlp *mlp, const struct norm *norm, const float *states,
                   float *state[NORM_FIELDS]);
