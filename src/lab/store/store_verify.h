/* Reads back what was written before it gets its name: HDF5 has published zeros without a word. */
#pragma once

#include "lab/store/fingerprint.h"

/* A run that a file is to hold. */
struct written_run {
    char id[RUN_ID_SIZE], fingerprint[HASH_TEXT_SIZE];
};

/* The fingerprint of a record with its series. */
struct written_run written_run(const struct record *record);
/* Does a sealed file hold these runs? And what `beside` is the fingerprint of, its header and its
 * summary, and `stacks`, of what is stacked; NULL: no look at these. The descriptor stays open.
 * ERROR_RUN. */
enum status store_verify(int descriptor, int n, const struct written_run *runs, const char *beside,
                         const char *stacks);
