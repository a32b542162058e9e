/* A bench at work: what takes turns, and how long each turn took. */
#pragma once

#include "engine/nn/profile.h"
#include "engine/nn/trainer.h"
#include "lab/bench/bench_cell.h"
#include "lab/bench/bench_data.h"
#include "lab/bench/bench_limits.h"

/* What takes turns. Each does n steps, or passes. */
enum activity {
    TRAIN,
    PRODUCTS,
    UPDATE,
    READ,
    PEAK,
    PROFILED,    /* training with marks */
    ECONOMY_RUN, /* short runs from their beginning, as `normlab run` has them: one logs nothing, */
    STANDARD_RUN, /* one records each step, */
    FULL_RUN,     /* one also takes diagnostics now and then */
    ACTIVITIES
};

struct bench_turns {
    const struct bench_cell *cell;
    const struct bench_options *options;
    const struct bench_data *data;
    struct pool pool;
    struct config config;
    struct trainer *trainer;
    struct limits limits;
    struct profile *profiles; /* [n_threads], or NULL */
    double rate;              /* factor on the learning rate */
    enum status status;       /* of the runs that were observed */
    bool run_diverged;        /* one of them */
    int repetitions;
    long n[ACTIVITIES];          /* steps of a repetition; 0: not asked for */
    double *seconds[ACTIVITIES]; /* [repetitions] of one step */
    double wall_s, cpu_s;        /* of training, all repetitions together */
    long n_diagnostics;          /* of the last full run: trace points and ends of epochs */
};

/* Finds the faster library for each product, and how many steps make a repetition of each activity
 * that was asked for: some 50 us, or one step, so that many come to their end before the scheduler
 * gives the processor to another process. */
void turns_calibrate(struct bench_turns *turns);
/* Repeats all of them for the time there is, at least a few times. */
void turns_take(struct bench_turns *turns);
/* Has a run diverged, so that its training ended? The learning rate is then too high. */
bool turns_diverged(const struct bench_turns *turns);
