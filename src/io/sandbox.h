/* Something that may crash or never end, tried in a process of its own. */
#pragma once

#include <stddef.h>

#include "io/workers.h"

/* Zeroed memory in which a trial's process leaves its results; NULL: there is none. */
void *sandbox_memory(size_t size);
void sandbox_memory_free(void *memory, size_t size);

/* OK where `function` returned OK. Its own status and message else; ERROR_RUN where it crashed or
 * took longer than limit_s (*hangs; NULL: never mind); STOPPED_* where somebody asked to stop. A
 * process that ends itself with _exit(0) looks like OK: let `function` leave a mark in
 * sandbox_memory as its last act. */
enum status sandbox_run(worker_function *function, void *argument, double limit_s, bool *hangs);
