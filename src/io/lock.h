/* One `normlab run` at a time in a folder of runs, one writer of results at a time in a folder of
 * results. */
#pragma once

#include <stdbool.h>

#include "base/status.h"

struct lock {
    int descriptor; /* -1: none */
};

/* Takes `<dir>/.lock`. ERROR_RUN: another process has it; the message says which. Where the file
 * system has no locks there is nothing to wait for: OK. */
enum status lock_take(const char *dir, struct lock *lock);
/* Takes the folder itself, for as long as it takes to look what is there and to write; waits for a
 * minute at most, then ERROR_RUN. Where folders cannot be locked: OK. */
enum status lock_take_folder(const char *folder, struct lock *lock);
/* flock with this operation (LOCK_SH, LOCK_EX), asked for again every hundredth of a second. 0: it
 * is taken; EWOULDBLOCK: another has had it all the time; another errno: there are no locks here.
 */
int lock_wait(int descriptor, int operation, int tries);
/* Does every process that can reach the file see its locks? Those of a network file system may be
 * known to this machine only (NFS with nolock, Lustre with localflock). */
bool lock_is_common(int descriptor);
void lock_release(struct lock *lock);
