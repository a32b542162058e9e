/* Forward passes on the side, in training or evaluation mode: the trainer's network as it stands
 * (or changed in a stated way), over mini-batches that are no part of training. */
#pragma once

#include "engine/nn/trainer.h"

enum rehearsal_stream { STREAM_BATCHES = 0, STREAM_WEIGHTS = 2, STREAM_SHIFTS = 3 };

struct rehearsal {
    const struct trainer *trainer;
    struct mlp mlp; /* the trainer's weights; a copy of its running state, which passes leave alone
                     */
    float *states;  /* [mlp.n_states] */
    struct workspace batch; /* of the trainer's B rows, forward only */
    struct target *targets; /* [B] */
};

/* The random numbers of a probe: apart from those of training, the same at every look. */
struct random_key rehearsal_key(const struct trainer *trainer, enum rehearsal_stream stream);

/* Places the buffers: called twice, like every layout. */
void rehearsal_layout(struct rehearsal *rehearsal, struct arena *arena,
                      const struct trainer *trainer);
/* Once the buffers are in memory. */
void rehearsal_begin(struct rehearsal *rehearsal, const struct trainer *trainer);
void rehearsal_free(struct rehearsal *rehearsal);

/* How many mini-batches of B rows the first SAMPLE_ROWS training rows make: at least one. */
int rehearsal_batches(const struct trainer *trainer);
/* The running state as it is now. Before the first pass of a look. */
void rehearsal_refresh(struct rehearsal *rehearsal);
/* B training rows into batch.x and targets: `rows`, or mini-batch `i` in the file's order where it
 * is NULL. */
void rehearsal_gather(struct rehearsal *rehearsal, const uint32_t *rows, long i);

/* Passes over the gathered rows. `draw` tells apart the noise of normalizers that inject any. */
void rehearsal_forward_train(struct rehearsal *rehearsal, uint32_t draw);
void rehearsal_forward_eval(struct rehearsal *rehearsal);

/* What a pass shows of a layer, x [B, out]: what goes into its activation, and what comes out of
 * its normalizer (the same where the normalizer comes before the activation or is absent). */
enum rehearsal_shown { SHOWN_INPUT, SHOWN_NORMALIZED, REHEARSAL_SHOWN };
typedef void rehearsal_visitor(void *argument, enum rehearsal_shown what, int k, const float *x);
/* rehearsal_forward_train, showing both of every layer on the way. */
void rehearsal_visit_train(struct rehearsal *rehearsal, uint32_t draw, rehearsal_visitor *visit,
                           void *argument);
