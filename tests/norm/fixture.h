/* A normalizer of the registry at work on arrays with guards around them, cut into spans at will.
 */
#pragma once

#include <stdio.h>

#include "norm/normalizer.h"

enum { FIXTURE_BLOCKS = 16 };

struct fixture {
    struct norm_config config;
    struct norm norm;
    int B, D;
    float *x, *g;                  /* [B, D] */
    char name[96];                 /* "batch [-1], 3 x 17", with its own keys: for messages */
    float *blocks[FIXTURE_BLOCKS]; /* every array, guards included */
    size_t sizes[FIXTURE_BLOCKS];
    int n_blocks;
};

/* The configuration with every key of the row at its default. */
struct norm_config fixture_config(long kind);
/* Configurations that every law is tried on: each row's default, then others of rows with keys of
 * their own. */
int fixture_config_count(void);
struct norm_config fixture_config_get(int index);
/* One of the row's own keys. */
void fixture_set(struct norm_config *config, const char *key, double value);
/* False where the row refuses this shape. */
bool fixture_allowed(const struct norm_config *config, int B, int D);
/* x, g, gamma and beta from random numbers of `stream`; state as declared and a little more. */
void fixture_create(struct fixture *fixture, const struct norm_config *config, int B, int D,
                    uint32_t stream);
void fixture_free(struct fixture *fixture);
/* No array was written beyond its ends. */
bool fixture_guards_intact(const struct fixture *fixture);

/* How the work is cut: whole, one element a span, or at random places in a random order. */
enum cut { CUT_NONE, CUT_SINGLE, CUT_RANDOM };
int cut_spans(enum cut cut, int total, struct span *spans);

void fixture_forward_train(struct fixture *fixture, double update, enum cut cut);
/* Again, with what stops the gradient as the last pass left it. */
void fixture_forward_held(struct fixture *fixture);
void fixture_forward_eval(struct fixture *fixture, float *const state[], enum cut cut);
void fixture_backward_param(struct fixture *fixture, enum cut cut);
void fixture_backward(struct fixture *fixture, enum cut cut);
