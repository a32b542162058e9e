/* Forward passes on the side, in training or evaluation mode: the trainer's network as it stands
 * (or changed in a stated way), over mini-batches that are no part of training. */
#pragma once

#include "engine/diagnostics/diagnostics.h"

enum side_pass_stream { STREAM_BATCHES = 0, STREAM_WEIGHTS = 2, STREAM_SHIFTS = 3 };

struct side_pass {
    const struct trainer *trainer;
    struct mlp mlp; /* the trainer's weights; a copy of its running state, which passes leave alone
                     */
    float *states;  /* [mlp.n_states] */
    struct workspace batch; /* of the trainer's B rows, forward only */
    struct target *targets; /* [B] */
};

/* The random numbers of a probe: apart from those of training, the same at every measuring. */
struct random_key side_pass_key(const struct trainer *trainer, enum side_pass_stream stream);

/* Places the buffers: called twice, like every layout. */
void side_pass_layout(void *state, struct arena *arena, const struct trainer *trainer);
/* Once the buffers are in memory. */
void side_pass_begin(void *state, const struct trainer *trainer);
void side_pass_free(void *state);

/* One that diagnostics share; its running state is that of the trainer at each measuring. */
extern const struct diagnostic diagnostic_side_pass; /* struct side_pass */

/* How many mini-batches of B rows the first SAMPLE_ROWS training rows make: at least one. */
int side_pass_batches(const struct trainer *trainer);
/* The running state as it is now. Before the first pass of a measuring. */
void side_pass_refresh(struct side_pass *side);
/* B training rows into batch.x and targets: `rows`, or mini-batch `i` in the file's order where it
 * is NULL. */
void side_pass_gather(struct side_pass *side, const uint32_t *rows, long i);

/* Passes over the gathered rows. `draw` tells apart the noise of normalizers that inject any. */
void side_pass_forward_train(struct side_pass *side, uint32_t draw);
void side_pass_forward_eval(struct side_pass *side);

/* What a pass shows of a layer, x [B, out]: what goes into its activation, and what comes out of
 * its normalizer (the same where the normalizer comes before the activation or is absent). */
enum side_pass_shown { SHOWN_INPUT, SHOWN_NORMALIZED, SHOWN_KINDS };
typedef void side_pass_visitor(void *argument, enum side_pass_shown what, int k, const float *x);
/* side_pass_forward_train, showing both of every layer on the way. */
void side_pass_visit_train(struct side_pass *side, uint32_t draw, side_pass_visitor *visit,
                           void *argument);
