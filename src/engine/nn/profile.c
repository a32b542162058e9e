/* The clock of the phases of a step. */
#include "engine/nn/profile.h"

#include "base/clock.h"

const char *phase_name(enum phase phase) {
    static const char *const names[PHASES] = {
        [PHASE_GATHER] = "gather",
        [PHASE_FORWARD_PRODUCTS] = "forward_products",
        [PHASE_NORM_FORWARD] = "norm_forward",
        [PHASE_ACTIVATION] = "activation",
        [PHASE_LOSS] = "loss",
        [PHASE_BACKWARD_PRODUCTS] = "backward_products",
        [PHASE_NORM_BACKWARD] = "norm_backward",
        [PHASE_UPDATE] = "update",
        [PHASE_WAITING] = "waiting",
        [PHASE_OTHER] = "other",
    };
    return names[phase];
}

/* Against the clock for durations, over long enough that reading it costs nothing. */
double profile_tick_s(void) {
    const double long_enough_s = 0.01;
    double begin_s = clock_seconds(), end_s = begin_s;
    uint64_t begin = profile_clock(), end = begin;
    while (end_s - begin_s < long_enough_s) {
        end_s = clock_seconds();
        end = profile_clock();
    }
    return (end_s - begin_s) / (double)(end - begin);
}
