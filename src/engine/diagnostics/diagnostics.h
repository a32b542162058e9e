/* Diagnostics: what is measured beside training, for probes that need more than the network itself.
 * A row says how large its state is, where that stands in memory and how it is measured. Measuring
 * changes nothing in training.
 *
 * To add one: a file with a struct for its state and a row, and the row's name in diagnostics.c.
 */
#pragma once

#include "engine/nn/trainer.h"

struct diagnostics;

enum { DIAGNOSTIC_READS = 2, DIAGNOSTICS_MOST = 32 };

struct diagnostic {
    const char *name;
    /* Rows whose states it reads. They stand before it in the list, and are measured before it. */
    const struct diagnostic *reads[DIAGNOSTIC_READS];
    size_t size; /* of its state, which begins as zeros */
    /* It is about the last step, which is then made alone: after `before_step`, and leaving all
     * gradients. */
    bool of_last_step;
    /* NULL: nothing to do. */
    void (*layout)(void *state, struct arena *arena, const struct trainer *trainer); /* twice */
    void (*begin)(void *state, const struct trainer *trainer); /* once all is in memory */
    void (*before_step)(void *state, const struct trainer *trainer);
    enum status (*measure)(void *state, const struct diagnostics *all);
    /* What a measuring reads of the one before it. NULL: nothing. */
    void (*pieces)(void *state, struct pieces *pieces);
    void (*free)(void *state); /* what is not in the arena */
};

/* The list. A set of its rows is a sum of bits. */
int diagnostic_count(void);
const struct diagnostic *diagnostic_get(int index);
/* This row and all that it reads; of NULL: none. */
unsigned diagnostic_set(const struct diagnostic *row);
unsigned diagnostic_set_of_all(void);
bool diagnostic_set_of_last_step(unsigned set);

/* Those of one trainer, in memory. */
struct diagnostics {
    const struct trainer *trainer;
    unsigned set;
    struct arena arena;
    struct pool pool; /* of the states */
    void *states[DIAGNOSTICS_MOST];
};

/* Bytes that diagnostics_create takes: the same counting pass. The trainer may be an outline. */
size_t diagnostics_memory(const struct trainer *trainer, unsigned set);
/* ERROR_RUN: out of memory. */
enum status diagnostics_create(struct diagnostics *all, const struct trainer *trainer,
                               unsigned set);
void diagnostics_free(struct diagnostics *all);
/* Before a step that diagnostics of the last step are to see. */
void diagnostics_before_step(struct diagnostics *all);
/* Measures those of the set, a part of what was created. ERROR_RUN: out of memory. */
enum status diagnostics_measure(struct diagnostics *all, unsigned set);
/* What the measurings to come read of those before, at this moment: they move. */
void diagnostics_pieces(struct diagnostics *all, struct pieces *pieces);
/* The state of a row, or NULL where it was not created. */
void *diagnostics_state(const struct diagnostics *all, const struct diagnostic *row);
