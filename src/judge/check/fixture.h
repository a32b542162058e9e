/* A normalizer of the registry at work on arrays with guards around them, cut into spans at will.
 */
#pragma once

#include "engine/norm/normalizer.h"

enum { FIXTURE_BLOCKS = 16 };

/* An array between its guards. */
struct fixture_block {
    const char *name;    /* "x", "g", "saved", "running_mean": for messages */
    float *memory;       /* [GUARD + n + GUARD] */
    const float *before; /* the same, when fixture_watch was called */
    size_t n;
};

struct fixture {
    struct pool pool;
    struct norm_config config;
    struct norm norm;
    int B, D;
    float *x, *g;  /* [B, D] */
    char name[96]; /* "batch, 3 x 17", with its own keys: for messages */
    struct fixture_block blocks[FIXTURE_BLOCKS];
    int n_blocks;
};

/* The configuration with every key of the row at its default. */
struct norm_config fixture_config(long kind);
/* False where the row refuses this shape. */
bool fixture_allowed(const struct norm_config *config, int B, int D);
/* x, g, gamma and beta from random numbers of `stream`; state as declared and a little more. */
void fixture_create(struct fixture *fixture, const struct norm_config *config, int B, int D,
                    uint32_t stream);
void fixture_free(struct fixture *fixture);
/* x[i] = mean + deviation * normal: what fixtures are filled with. */
void fixture_normal(uint32_t stream, size_t n, double mean, double deviation, float *x);

/* No array was written beyond its ends. */
bool fixture_guards_intact(const struct fixture *fixture);
/* Keeps a copy of every array. */
void fixture_watch(struct fixture *fixture);
/* Numbers that have changed since, in guards and in arrays that are not among `allowed` (ends with
 * NULL); `where` gets the name of the first array, or NULL. */
long fixture_changes(const struct fixture *fixture, const float *const *allowed,
                     const char **where);

/* How the work is cut: whole, one element a span, or at random places in a random order. */
enum cut { CUT_NONE, CUT_SINGLE, CUT_RANDOM };
int cut_spans(enum cut cut, int total, struct span *spans);

/* A step in the middle of training, whose noise comes from `seed`. */
struct norm_step fixture_step(double update, uint64_t seed);
void fixture_forward(struct fixture *fixture, const struct norm_step *step, enum cut cut);
void fixture_forward_train(struct fixture *fixture, double update, enum cut cut);
/* Again, with what stops the gradient as the last pass left it. */
void fixture_forward_held(struct fixture *fixture);
void fixture_forward_eval(struct fixture *fixture, float *const state[], enum cut cut);
void fixture_backward_param(struct fixture *fixture, enum cut cut);
void fixture_backward(struct fixture *fixture, enum cut cut);
/* Both backward kernels after forward_train, as a step of training calls them. */
void fixture_whole_pass(struct fixture *fixture, double update, enum cut cut);
