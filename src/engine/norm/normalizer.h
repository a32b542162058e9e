/* The normalizer table: the one interface between a normalizer and everything else.
 *
 * A normalizer is a row: its name, the vectors it owns, configuration keys of its own, and its
 * kernels. Kernels are plain serial C over a span of columns or rows: they never allocate, print or
 * fail, know nothing of threads, and remember nothing but what is in the declared state. From the
 * declared fields (name, unit, doc, initial value) follow memory, optimizer, results file and help.
 *
 * To add one: copy none.c or batch.c, add a line to registry.c (recipe in CONTRIBUTING.md).
 *
 * Shapes: x and g are [B, D] row-major, x[b*D + j]; vectors have D floats. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/key.h"
#include "base/random.h"
#include "base/span.h"
#include "base/status.h"

enum {
    NORM_FIELDS = 4,   /* most vectors of one kind (learned, or running) */
    NORM_OWN_KEYS = 8, /* most keys of its own */
};

/* How many numbers a field has. */
enum norm_length {
    NORM_OF_UNIT,  /* D: one of each unit */
    NORM_OF_LAYER, /* 1: the layer's one number; of learned fields alone */
};

/* A vector of D floats, or one float. */
struct norm_field {
    const char *name, *unit, *doc;
    float initial;
    enum norm_length length;
    const char *initial_key; /* the own key that says where it starts; NULL: `initial`, or for gamma
                                and beta the keys that all share */
};

/* Along what the work of forward and backward may be cut. */
enum norm_axis {
    NORM_COLUMNS, /* each unit by itself: statistics over the mini-batch */
    NORM_ROWS,    /* each example by itself: statistics over the units */
    NORM_WHOLE,   /* not at all: one thread does it */
};

enum norm_placement { NORM_BEFORE, NORM_AFTER };

/* What the keys norm.* say. */
struct norm_config {
    long kind;        /* row of the registry */
    long placement;   /* enum norm_placement: before or after the activation */
    bool affine;      /* param[] are learned; else they are absent */
    bool on_output;   /* also on the last linear layer */
    bool on_input;    /* also on the input */
    double eps;       /* inside the root */
    double momentum;  /* share of the OLD running value: r <- m*r + (1-m)*batch */
    long running_var; /* enum running_var: the divisor of the running variance */
    long average;     /* enum norm_average: what is averaged beside the mean */
    double gamma_initial, beta_initial;
    long refresh; /* of rows that declare needs_population: steps from one refresh to the next */
    long population_rows;      /* and their rows, at most; -1: the training part */
    double own[NORM_OWN_KEYS]; /* values of the row's own keys, in their order */
};

enum running_var { RUNNING_VAR_UNBIASED, RUNNING_VAR_BIASED };
enum norm_average { AVERAGE_VARIANCE, AVERAGE_DEVIATION, AVERAGE_SECOND_MOMENT };
enum { NORM_AVERAGES = AVERAGE_SECOND_MOMENT + 1 };

/* A normalizer at work on one layer. */
struct norm {
    const struct normalizer *kind;
    const struct norm_config *config;
    int D;
    float *param[NORM_FIELDS];   /* [D] or [1], as declared; NULL where absent (affine off) */
    float *grad[NORM_FIELDS];    /* beside param */
    double *shares[NORM_FIELDS]; /* [D], beside a param of the layer; NULL beside the others */
    float *state[NORM_FIELDS];   /* [D] each */
    float *saved;                /* saved_size floats, from forward_train to backward */
};

/* A running state that follows the mini-batches beside the normalizer's own (norm/average.h). */
struct norm_follower {
    double update;    /* as norm_step's */
    long average;     /* enum norm_average */
    ptrdiff_t offset; /* its vectors stand so many floats after those of the state */
};

/* What a step may know beyond its rows. */
struct norm_step {
    long step, total_steps; /* for schedules; 0-based */
    double update;         /* weight of this batch in the running state: state <- (1-update)*state +
                              update*batch; 0: leave it alone */
    struct random_key key; /* counter-based, for injected noise (declare draws_noise); its stream is
                              the layer, so that no two layers draw the same numbers */
    bool measure; /* the rows are there to be measured, all as one mini-batch: no sub-batches, no
                     correction towards the running state, no noise */
    bool hold;    /* what stops_gradient stands in `saved` and is taken from there: so that
                     differences of the forward pass can be held against backward */
    const struct norm_follower *followers; /* [n_followers], of rows that declare `averages` */
    int n_followers;
};

struct normalizer {
    const char *name, *summary, *source;
    enum norm_axis axis;
    bool mixes_rows;     /* an example's output depends on the other examples of its mini-batch */
    bool cancels_bias;   /* a constant added to a unit's column has no effect */
    bool uses_eps;       /* norm.eps applies */
    bool draws_noise;    /* training draws random numbers, from step->key; seeds.noise applies */
    bool averages;       /* its state is kept by average_update, and training never reads it:
                            norm.average and eval.momenta apply */
    bool takes_one_row;  /* forward_train does what it says with one row as well, though `check`
                            refuses to train on it */
    bool stops_gradient; /* backward takes parts of the forward pass for constants; with step->hold
                            they are */
    bool needs_population; /* its state is statistics of the training rows, which the trainer takes
                              every norm.refresh steps, by step->measure; other steps only read it,
                              and training is then evaluation with that state, the same bits */
    const struct key *own_keys;           /* up to NORM_OWN_KEYS, ends with a NULL name; or NULL */
    struct norm_field param[NORM_FIELDS]; /* learned: gamma, beta */
    struct norm_field state[NORM_FIELDS]; /* running: running_mean, running_var */

    /* Can it run? Asked once, before memory is touched; ERROR_USAGE with a message, by fail_key
     * where the value of one of its keys is wrong. NULL: always. */
    enum status (*check)(const struct norm_config *config, int B, int D);
    /* Floats kept from forward_train to backward. NULL: none. */
    size_t (*saved_size)(const struct norm_config *config, int B, int D);

    /* The five kernels. `span` is along `axis`: columns, rows, or {0, D} for NORM_WHOLE.
     * forward_train: x [B,D] in place; saves what backward needs; updates state with step->update.
     * forward_eval: x [B,D] in place with the given state vectors; writes only x.
     * backward_param: gradients of param from g = dL/dy [B,D]; always cut by columns, whatever the
     *     axis; overwrites grad. Called before backward, never when param are absent. NULL: no
     *     param, or axis is NORM_COLUMNS and backward writes grad itself (batch.c: both need the
     *     same sums). Of a param of the layer it writes, in place of grad, what each unit of the
     *     span adds to the gradient: shares[i][j] (dyt.c). The caller adds those of all units up,
     *     in double and in their order, so that the bits do not depend on the cut.
     * backward: g [B,D] in place, from dL/dy to dL/dx. */
    void (*forward_train)(const struct norm *norm, const struct norm_step *step, struct span span,
                          int B, float *x);
    void (*forward_eval)(const struct norm *norm, float *const state[], struct span span, int B,
                         float *x);
    void (*backward_param)(const struct norm *norm, struct span span, int B, const float *g);
    void (*backward)(const struct norm *norm, struct span span, int B, float *g);
};

/* The registry: the one list. */
int normalizer_count(void);
const struct normalizer *normalizer_get(long index);
long normalizer_find(const char *name); /* -1: unknown */
/* The word of norm.kind; NULL past the last. */
const char *normalizer_name(int index);

/* Where a row came from. */
struct norm_object {
    const char *file; /* the shared object, as it was named; NULL: the program itself */
    const char *hash; /* of its bytes */
};
enum { NORM_ADDED = 32 }; /* most rows from shared objects */
/* Appends a row. Only while the program starts: what is made from the registry, the table of keys
 * first, is made once. Row and texts must last. ERROR_USAGE: the name is taken or no name, or the
 * registry is full. */
enum status normalizer_add(const struct normalizer *row, struct norm_object object);
struct norm_object normalizer_object(long index);

/* How many of a row's fields are declared. */
int norm_fields(const struct norm_field fields[NORM_FIELDS]);
/* Which of them has this name; -1: none. */
int norm_field_find(const struct norm_field fields[NORM_FIELDS], const char *name);
/* Floats of a field in a layer of D units. */
int norm_field_size(const struct norm_field *field, int D);
/* Where a learned field starts. */
double norm_field_initial(const struct normalizer *kind, const struct norm_config *config,
                          const struct norm_field *field);
/* The gradients of the layer's own numbers from their shares; nothing where it has none. */
void norm_add_shares(const struct norm *norm);
/* Floats of `saved`, 0 where the row keeps nothing. */
size_t norm_saved_size(const struct normalizer *kind, const struct norm_config *config, int B,
                       int D);
