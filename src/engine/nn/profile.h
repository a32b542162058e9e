/* Where a step's time goes: one profile a thread, filled by marks between the phases of a step.
 *
 * A mark gives the time since the last one to a phase, so that the phases add up to all of the time
 * from profile_start to the last mark, and nothing is counted twice. Without a profile (NULL) a
 * mark is one comparison. */
#pragma once

#include <stdint.h>

#if !defined(__x86_64__) && !defined(__aarch64__)
#    include <time.h>
#endif

enum phase {
    PHASE_GATHER,            /* rows out of the data set, scaled */
    PHASE_FORWARD_PRODUCTS,  /* y W, with the bias */
    PHASE_NORM_FORWARD,      /* statistics, normalization, affine map */
    PHASE_ACTIVATION,        /* forward and backward, where it is a pass of its own */
    PHASE_LOSS,              /* of each row, with its gradient */
    PHASE_BACKWARD_PRODUCTS, /* gradients of the weights and of the input */
    PHASE_NORM_BACKWARD,     /* gradients of gamma and beta, and of the normalizer's input */
    PHASE_UPDATE,            /* what is left of the optimizer's work beside the products */
    PHASE_WAITING,           /* for the other threads, at barriers */
    PHASE_OTHER,             /* order of the rows, learning rate, bookkeeping */
    PHASES
};

/* On cache lines of its own, so that threads do not disturb each other by marking. */
struct profile {
    _Alignas(128) uint64_t ticks[PHASES];
    uint64_t last;
};

/* A counter of the processor that every core reads alike and that costs some nanoseconds. */
static inline uint64_t profile_clock(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
#endif
}

/* Time up to here is nobody's: on entering a stretch of steps. */
static inline void profile_start(struct profile *profile) {
    if (profile)
        profile->last = profile_clock();
}

/* What was done since the last mark was `phase`. */
static inline void profile_mark(struct profile *profile, enum phase phase) {
    if (!profile)
        return;
    uint64_t now = profile_clock();
    profile->ticks[phase] += now - profile->last;
    profile->last = now;
}

/* "forward_products" */
const char *phase_name(enum phase phase);

/* Seconds of one tick of profile_clock. Takes some milliseconds to find out: ask once. */
double profile_tick_s(void);
