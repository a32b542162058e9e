/* One run that stands finished in two folders, because two machines have trained it: do both say
 * the same? */
#pragma once

#include "lab/merge/run_kind.h"

/* Two names of one file: no copy. */
bool run_copies_one_file(const char *path, const char *copy);
/* Where they differ. */
struct run_difference {
    int n;                    /* values; 0: nowhere */
    const char *name, *a, *b; /* the first, as texts */
    struct run_kind made_a, made_b;
};

/* Compares two files of one run in all but provenance and clocks. Of copies that log different
 * things, what both have is compared. Texts are in the pool. ERROR_RESULTS, ERROR_UNREADABLE. */
enum status run_copies_compare(const char *path, const char *copy, struct pool *pool,
                               struct run_difference *difference);
/* The same of a run in memory and a file of it. */
enum status run_copies_compare_record(const char *path, const struct record *record,
                                      struct pool *pool, struct run_difference *difference);
/* One of the two, and the machine that trained it; "": not known. */
struct run_copy {
    const char *path, *host;
};
/* "test_error is 0.5 in A (host n1, AMD EPYC, normlab ...) and 0.25 in B (...)" */
const char *run_difference_text(const struct run_difference *difference, const struct run_copy *a,
                                const struct run_copy *b, struct pool *pool);
