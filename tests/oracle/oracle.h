/* The oracle: a multilayer perceptron with normalizers in plain double precision.
 *
 * Written from the papers' formulas and the conventions of the project alone; it shares no code and
 * no header with src/. Slow and obvious on purpose: every backward pass starts from the stored
 * inputs of its forward pass and follows the chain rule term by term.
 *
 *   batch norm   Ioffe & Szegedy 2015, algorithm 1 and the chain rule below it (section 3)
 *   layer norm   Ba, Kiros & Hinton 2016, equation 3
 *   group norm   Wu & He 2018, equations 2 to 7
 *   rms norm     Zhang & Sennrich 2019, equation 4
 *   batch renorm Ioffe 2017, algorithm 1
 *   population   Luo et al. 2019: `mean` and `var` are given, and constants
 *   dyt, derf    Zhu et al. 2025; Chen et al. 2025: tanh(alpha x), erf(alpha x + s)
 *   Adam         Kingma & Ba 2015, algorithm 1, with the epsilon where PyTorch has it
 *
 * `noise` turns it into a model of a float32 program: every intermediate value is then off by a
 * random relative error of up to that size. What changes between two such runs is the accuracy that
 * float32 can have at all, and the tests take their tolerances from it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/oracle/activations.h"

enum oracle_kind {
    ORACLE_UNKNOWN = -1,
    ORACLE_NONE,
    ORACLE_BATCH,
    ORACLE_LAYER,
    ORACLE_GROUP,
    ORACLE_RMS,
    ORACLE_BATCH_RENORM,
    ORACLE_LITERAL_VARIANCE,
    ORACLE_LITERAL_SQUARE,
    ORACLE_LITERAL_BOTH,
    ORACLE_WHOLE,
    ORACLE_BATCH_NOISY,
    ORACLE_DROPOUT,
    ORACLE_POPULATION,
    ORACLE_DYT,
    ORACLE_DERF,
    ORACLE_KINDS
};
enum oracle_loss { ORACLE_CROSS_ENTROPY, ORACLE_SQUARED };

/* The row of the registry of that name; ORACLE_UNKNOWN where there is no formula for it here. */
enum oracle_kind oracle_kind_find(const char *name);
/* Is it a function of each value by itself? */
bool oracle_kind_is_element_wise(enum oracle_kind kind);

/* n learned numbers: value, gradient, optimizer state. n 0: absent. */
struct oracle_tensor {
    size_t n;
    bool is_weight; /* a weight matrix: always decays */
    double *w, *g, *m, *v;
};

/* A source of rounding errors; size 0: exact. */
struct oracle_noise {
    double size;
    uint64_t state;
};

struct oracle_norm {
    enum oracle_kind kind;
    int D;
    double eps;
    bool biased; /* divisor of the running variance: as many as there are instead of one less */
    int rows;    /* that share their statistics in a kind that works by columns; 0: all */
    int groups;  /* of units, in group norm */
    struct oracle_tensor gamma, beta; /* [D] or absent */
    struct oracle_tensor alpha, s;    /* [1] or absent, of functions of each value by itself */
    double fixed_alpha;               /* where alpha is absent */
    double *mean, *var;               /* [D] running statistics of kinds that have them: mean, and
                                         variance, deviation or mean square */
    double *r, *d; /* [B/rows, D] batch renorm's correction: constants; NULL: 1, 0 */
    const double *factor, *addend; /* [B, D] noise on the output, y <- factor y + addend; or NULL */
};

/* What of Ioffe's r and d follows from x and the running statistics: [B/rows, D] each. */
void oracle_norm_correct(const struct oracle_norm *norm, int B, const double *x, double r_max,
                         double d_max, double *r, double *d);
/* What the terms of an output, or of a gradient, sum up to in absolute value: [B, D] each. */
void oracle_norm_sizes(const struct oracle_norm *norm, int B, const double *x, const double *dy,
                       double *y_size, double *dx_size);

/* x, y, dy, dx are [B, D]; y may not be x. dgamma, dbeta, dalpha and ds go to the
 * tensors' g. */
void oracle_norm_forward(const struct oracle_norm *norm, struct oracle_noise *noise, int B,
                         const double *x, double *y);
void oracle_norm_backward(struct oracle_norm *norm, struct oracle_noise *noise, int B,
                          const double *x, const double *dy, double *dx);
/* state <- (1 - update) state + update batch; what is given (population) changes by update 1 alone.
 */
void oracle_norm_running(struct oracle_norm *norm, int B, const double *x, double update);
void oracle_norm_eval(const struct oracle_norm *norm, int B, const double *x, double *y);

struct oracle_config {
    int n_inputs, n_outputs;
    int n_hidden;
    int hidden[8];
    const struct oracle_activation *activation;
    enum oracle_loss loss;

    enum oracle_kind kind;
    bool after; /* normalizer after the activation */
    bool affine, on_output, on_input;
    bool biased;
    int rows, groups; /* as in struct oracle_norm */
    double alpha;     /* where it starts, or stays */
    double norm_eps, norm_momentum;
    enum { ORACLE_BIAS_AUTO, ORACLE_BIAS_ON, ORACLE_BIAS_OFF } bias;

    bool adam;
    double momentum;
    bool nesterov;
    double beta1, beta2, adam_eps;
    double weight_decay;
    bool decay_all;
    double clip;
};

struct oracle_layer {
    int in, out;
    const struct oracle_activation *activation;
    bool has_norm, after;
    struct oracle_tensor W, b;
    struct oracle_norm norm;
    double *z, *mid, *y; /* [B, out]: z = x W + b; between normalizer and activation; output */
};

enum { ORACLE_LAYERS = 9, ORACLE_TENSORS = 6 * ORACLE_LAYERS + 4 };

struct oracle {
    struct oracle_config config;
    struct oracle_noise noise;
    int n_layers, max_rows;
    struct oracle_norm input_norm; /* kind none where there is none */
    struct oracle_layer layers[ORACLE_LAYERS];
    struct oracle_tensor *tensors[ORACLE_TENSORS]; /* all that are present */
    int n_tensors;
    double *x, *y0;        /* [B, n_inputs]: the input, and normalized */
    double *output;        /* [B, n_outputs] of the last forward pass */
    double *dy, *dx;       /* scratch */
    const double *targets; /* [B, n_outputs] in place of labels; NULL: labels */
    double r_max, d_max;   /* batch renorm's bounds in the next training pass; at first 1 and 0 */
    double kink; /* smallest |input| of a kinked activation in the last forward pass, but for 0:
                    what was dropped is 0 in any precision */
};

struct oracle *oracle_create(const struct oracle_config *config, int max_rows);
void oracle_free(struct oracle *oracle);

/* Training mode over [B, n_inputs]; update: weight of this batch in the running statistics. Where
 * statistics are given, update 1 first makes them this batch's. */
void oracle_forward(struct oracle *oracle, int B, const double *x, double update);
void oracle_forward_eval(struct oracle *oracle, int B, const double *x);
/* Of the last forward pass: mean loss over the rows; share of rows whose first largest output is
 * not the label. */
double oracle_loss(const struct oracle *oracle, int B, const int *labels);
double oracle_error(const struct oracle *oracle, int B, const int *labels);
/* Is that so of row b? */
bool oracle_wrong(const struct oracle *oracle, int b, int label);
/* Gradients of the mean loss, of the last training forward pass, into every tensor's g. */
void oracle_backward(struct oracle *oracle, int B, const int *labels);
/* Adds the gradient of weight decay's penalty: 0.5 weight_decay |w|^2. */
double oracle_penalty(const struct oracle *oracle);
/* Clips, decays, and makes update `step` (0-based). */
void oracle_update(struct oracle *oracle, double lr, long step);
/* Forward, backward, update; the loss before the update. */
double oracle_step(struct oracle *oracle, int B, const double *x, const int *labels, double lr,
                   long step);
