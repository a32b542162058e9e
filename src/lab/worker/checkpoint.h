/* A run in the middle, in a file: what it takes to go on after the machine or the process is gone,
 * with the same bits.
 *
 *     lines of text   what it is of: run, program, what is logged, bytes that follow
 *     bytes           observer_pieces, in their order
 *     the seal        as a run file's
 *
 * Written by way of a draft, so that the one before it stays until the new one is whole. */
#pragma once

#include "lab/plan/plan.h"
#include "lab/worker/observation.h"

struct checkpoint {
    const char *path;
    double every_s; /* 0: none is written */
    /* Hears sentences that a person should know. NULL: nobody does. */
    void (*say)(void *argument, const char *sentence);
    void *argument;
    /* What follows is checkpoint_resume's. */
    const struct planned_run *planned;
    double written_s;
    bool failed; /* the last one could not be written */
};

/* Brings a new observer and its new trainer to where the run was, if there is a checkpoint, and
 * lets the observer write more; says so. One that is of no use (of another program, run or log, or
 * damaged) is said, and the run begins anew. ERROR_UNREADABLE: it cannot be read now. */
enum status checkpoint_resume(struct checkpoint *checkpoint, const struct planned_run *planned,
                              struct observer *observer);
bool checkpoint_is_due(const struct checkpoint *checkpoint);
/* ERROR_RUN, which was said: the one before it is still there. */
enum status checkpoint_write(struct checkpoint *checkpoint, struct observer *observer);
/* Where there is one. */
void checkpoint_remove(const char *path);
