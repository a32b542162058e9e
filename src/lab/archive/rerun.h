/* A run trained once more from its results alone: with what it was given, by this program, here. */
#pragma once

#include "lab/merge/record_diff.h"
#include "lab/plan/plan.h"

/* A run as it can be trained again. */
struct rerun {
    struct record then; /* what its file says */
    struct experiment experiment;
    struct plan plan; /* of one run */
};

/* Reads run `id` of a results file and plans it anew. Nothing that the file names is opened: the
 * folder of the data is `data_dir` (NULL: the default one), a plugin has been loaded before.
 * ERROR_USAGE: a normalizer or a key that this program does not know, a value that it does not
 * take; ERROR_DATA: the data are not those that the run had; ERROR_RESULTS, ERROR_UNREADABLE: the
 * file. */
enum status rerun_prepare(const char *path, const char *id, const char *data_dir,
                          struct rerun *rerun);
/* Trains it, on at most `n_threads`, and compares. ERROR_RUN: out of memory. */
enum status rerun_train(const struct rerun *rerun, int n_threads, struct record_diff *diff);
void rerun_free(struct rerun *rerun);
