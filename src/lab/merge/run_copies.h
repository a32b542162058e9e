/* One run that stands finished in two folders, because two machines have trained it: do both say
 * the same? */
#pragma once

#include "lab/store/record.h"

/* Two names of one file: no copy. */
bool run_copies_one_file(const char *path, const char *copy);
/* Compares two files of one run in all but provenance and clocks. *difference: "test_error is 0.5
 * in A (made by ...) and 0.25 in B (...)"; NULL: none. Of copies that log
 * different things, what both have is compared. ERROR_RESULTS, ERROR_UNREADABLE. */
enum status run_copies_compare(const char *path, const char *copy, struct pool *pool,
                               const char **difference);
