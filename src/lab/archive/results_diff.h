/* What two results files say differently, and nothing else. */
#pragma once

#include "lab/merge/record_diff.h"

struct results_difference {
    const char *part; /* file, definition, runs, and those of struct record_difference */
    const char *name, *a, *b;
    int n_runs;      /* runs that differ in it, whose a and b are furthest apart; 0: not of runs */
    double relative; /* of metrics and series, the largest; otherwise NaN */
};

struct results_diff {
    struct pool pool;
    int n, capacity;
    struct results_difference *items;
    int n_both, n_only_a, n_only_b; /* runs */
};

/* Runs of one id are compared; where the ids differ, runs of one configuration (another build's,
 * other data), and two files of one run each in any case. Either may be a merged file or a run's
 * own. ERROR_RESULTS, ERROR_UNREADABLE. */
enum status results_compare(const char *path_a, const char *path_b, struct results_diff *diff);
void results_diff_free(struct results_diff *diff);
