/* A multilayer perceptron with normalizers: layout, forward, backward.
 *
 * Linear layer k: z = x W + b, W [in, out]; then, by placement, the normalizer before or after the
 * activation. The last layer has no activation and, unless norm.on_output, no normalizer.
 * All learned numbers stand in one block: the weight matrices first (they always decay), then
 * biases, gamma and beta; gradients stand at the same offsets in a block of their own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/random.h"
#include "engine/kernel/activation.h"
#include "engine/nn/team.h"
#include "engine/norm/normalizer.h"

enum { MLP_MAX_LAYERS = 1024 };

enum bias { BIAS_AUTO, BIAS_ON, BIAS_OFF };

/* What the keys model.* say. */
struct model_config {
    const double *hidden; /* widths of the hidden layers */
    int n_hidden;
    long activation; /* row of its table, of the hidden layers */
    long init;       /* row of its table: the deviation, times init_scale */
    double init_scale;
    long bias; /* enum bias */
};

/* The word of model.init; NULL past the last. */
const char *init_name(int index);
long init_find(const char *name); /* -1: unknown */

struct layer {
    int in, out;
    const struct activation *activation;
    bool has_bias;
    enum norm_placement placement;
    float *W, *b;      /* [in, out], [out] or NULL */
    float *dW, *db;    /* same shapes */
    struct norm *norm; /* among mlp.norms; NULL: none */
};

struct mlp {
    int n_inputs, n_outputs, n_layers;
    struct norm_config norm_config;
    struct layer *layers;
    struct norm *norms; /* [n_norms] of the input, then of the layers: param, grad, shares, state;
                           `saved` is the workspace's */
    int n_norms;
    struct norm *input_norm; /* norms[0], or NULL: none */
    float *params, *grads;   /* n_params floats each; the first n_weights are weight matrices */
    size_t n_weights, n_params;
    float *states; /* running state of all normalizers, n_states floats */
    size_t n_states;
    struct pool pool; /* of layers and norms */
};

/* The buffers of a pass over B rows. Every [B, .] array is row-major. */
struct workspace {
    int B;
    float *x;  /* [B, n_inputs] */
    float *dx; /* [B, n_inputs]; NULL unless the input normalizer learns */
    float **a; /* per layer [B, out]: pre-activation, then normalized and activated in place */
    float **y; /* per layer [B, out]: the layer's output; equals a[k] unless the normalizer comes
                  after the activation, which needs both */
    float **g; /* per layer [B, out]: gradient of the loss; NULL in a forward-only workspace */
    float **saved; /* per normalizer, what it keeps for its backward pass; index as in mlp.norms */
    float **gradient; /* per thread, backward only: a tile of a weight matrix' gradient */
    struct pool pool; /* of the arrays of pointers */
};

/* What becomes of the gradients of weight matrices. They are computed tile by tile, a tile being
 * whole rows of one matrix. */
struct gradient_use {
    bool keep; /* in dW; else they are gone when the pass ends */
    /* Called with each as soon as it is there, while it is in cache, by the thread that computed
     * it: the gradient of params[begin .. begin+n). The pass does not read those any more, so that
     * they may be updated. NULL: nothing. */
    void (*take)(void *argument, size_t begin, size_t n, const float *gradient);
    void *argument;
    /* Where `take` is nothing but a momentum step on params (W) and these velocities, and nothing
     * is kept: product and update may become one. velocities NULL: it is not. */
    float mu, lr, *velocities;
};

/* Has the layer's normalizer a field of this name and length, learned or running? Known before it
 * is in memory. */
bool layer_owns(const struct layer *layer, const char *name, enum norm_length length);

/* Does any layer, or the input, have a normalizer? */
bool mlp_has_norm(const struct mlp *mlp);
/* Does a row's output in training mode depend on the other rows of its mini-batch? */
bool mlp_mixes_rows(const struct mlp *mlp);

/* Asks every normalizer whether it can run with B rows. ERROR_USAGE with its message. */
enum status mlp_check(const struct model_config *model, const struct norm_config *norm,
                      int n_inputs, int n_outputs, int B);

/* A network's shape, not yet in memory; mlp_layout then places it in an arena, called twice (count,
 * then point). Params, then the block of states stand contiguous and first, so that training state
 * is one write. */
void mlp_create(struct mlp *mlp, const struct model_config *model, const struct norm_config *norm,
                int n_inputs, int n_outputs);
void mlp_layout(struct mlp *mlp, struct arena *arena);
/* Gradients, at the same offsets in a block of their own; behind it, what units share of those of a
 * layer's one number. */
void mlp_layout_grads(struct mlp *mlp, struct arena *arena);
void mlp_free(struct mlp *mlp);

/* Initial weights (a pure function of seed, layer and position), biases 0, gamma and beta as
 * configured, state as declared. */
void mlp_init(struct mlp *mlp, const struct model_config *model, uint64_t seed);

/* `from`, with its running state in another block of n_states floats; weights are shared. For
 * statistics on the side. Freed with mlp_free. */
void mlp_with_states(struct mlp *mlp, const struct mlp *from, float *states);
/* State as declared: running means 0, variances 1, ... */
void mlp_reset_states(const struct mlp *mlp);
/* `states`, laid out as mlp->states, with the weight `left` < 1 of what was declared taken out,
 * into `result` (norm/average.h). */
void mlp_debias_states(const struct mlp *mlp, long average, double left, float *states,
                       float *result);

/* Floats of the largest tile of a weight matrix' gradient. */
size_t mlp_gradient_tile(const struct mlp *mlp, int B);
/* Buffers for passes over at most B rows; called twice like mlp_layout. Backward passes by up to
 * `backward_threads` threads; 0: forward only. */
void workspace_layout(struct workspace *workspace, struct arena *arena, const struct mlp *mlp,
                      int B, int backward_threads);
/* Forward passes in evaluation mode only: no room for what a normalizer saves. */
void workspace_layout_eval(struct workspace *workspace, struct arena *arena, const struct mlp *mlp,
                           int B);
void workspace_free(struct workspace *workspace);

/* All of these are called by every thread of the team with the same arguments.
 * forward_train: workspace->x to the outputs in y[last]; running state as step says. */
void mlp_forward_train(struct team team, const struct mlp *mlp, struct workspace *workspace,
                       const struct norm_step *step);
/* Its parts: the input's normalizer, if there is one; linear layer k, from y[k - 1] to y[k]. */
void mlp_forward_input(struct team team, const struct mlp *mlp, struct workspace *workspace,
                       const struct norm_step *step);
void mlp_forward_layer(struct team team, const struct mlp *mlp, struct workspace *workspace, int k,
                       const struct norm_step *step);
/* From g[last] = dL/dy (y: the outputs) to the gradients of all parameters: biases, gamma and beta
 * in mlp->grads, weight matrices as `use` says. */
void mlp_backward(struct team team, const struct mlp *mlp, struct workspace *workspace,
                  const struct gradient_use *use);
/* Evaluation mode, by one thread over the first `rows` rows of the workspace: with the running
 * state in `states` (laid out as mlp->states). */
void mlp_forward_eval(const struct mlp *mlp, struct workspace *workspace, float *states, int rows);
/* The input of layer k's activation (normalized where the normalizer comes before it), after
 * mlp_forward_eval has filled the workspace, into z [rows, out]. */
void mlp_preactivation_eval(const struct mlp *mlp, const struct workspace *workspace, int k,
                            float *states, int rows, float *z);
/* Its parts: layer k's product z = y[k - 1] W + b [rows, out] (y[-1]: x), and what follows from
 * the product in a[k] to the layer's output in y[k]. */
void mlp_linear(const struct mlp *mlp, const struct workspace *workspace, int k, int rows,
                float *z);
void mlp_finish_eval(const struct mlp *mlp, struct workspace *workspace, int k, float *states,
                     int rows);
