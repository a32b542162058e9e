/* One `normlab run` at a time in a folder of runs. */
#pragma once

#include "base/status.h"

struct lock {
    int descriptor; /* -1: none */
};

/* Takes `<dir>/.lock`. ERROR_RUN: another process has it; the message says which. Where the file
 * system has no locks there is nothing to wait for: OK. */
enum status lock_take(const char *dir, struct lock *lock);
void lock_release(struct lock *lock);
