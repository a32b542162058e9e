/* A worker's signs of life: memory that it shares with its parent (sandbox_memory). */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "lab/store/outcome.h"

/* `steps`: updates done, written several times a second while the worker trains; evaluations and
 * diagnostics do not move it. `stop`: the parent asks the worker to leave. `outcome`: its last
 * word, for when it has ended; `logged` is not in it, whose texts are the worker's. */
struct heartbeat {
    _Alignas(64) atomic_long steps;
    atomic_long total; /* steps of the run; 0: not yet known */
    atomic_bool stop;
    struct outcome outcome;
};
