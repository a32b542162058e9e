/* What may crash or never end, in a process of its own: a function of ours, or another program. */
#pragma once

#include <stddef.h>

#include "base/pool.h"
#include "io/workers.h"

/* Zeroed memory in which a trial's process leaves its results; NULL: there is none. */
void *sandbox_memory(size_t size);
void sandbox_memory_free(void *memory, size_t size);

/* OK where `function` returned OK. Its own status and message else; ERROR_RUN where it crashed or
 * took longer than limit_s (*hangs; NULL: never mind); STOPPED_* where somebody asked to stop. A
 * process that ends itself with _exit(0) looks like OK: let `function` leave a mark in
 * sandbox_memory as its last act. */
enum status sandbox_run(worker_function *function, void *argument, double limit_s, bool *hangs);

/* What a program wrote, each with a zero behind it. */
struct program_output {
    const char *bytes; /* standard output, all of it */
    size_t size;
    const char *said;  /* standard error, its first 64 KiB */
    bool is_installed; /* false: nothing of that name is on the PATH */
};

/* Runs the program arguments[0], looked for on the PATH, to its end; no shell reads its arguments.
 * OK: its exit status was 0. ERROR_RUN: it was not, or a signal killed it, or it cannot be started,
 * as the message says; what it wrote until then is in `output`. */
enum status program_run(const char *const *arguments, struct pool *pool,
                        struct program_output *output);
