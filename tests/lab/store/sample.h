/* What the tests of the store and of its readers share: records like those of real runs, and a
 * folder that goes away. */
#pragma once

#include "lab/store/store.h"

enum { SAMPLE_RUNS = 6 };

/* A new empty folder; `sample_remove` takes it away with its files and one level of folders. */
void sample_folder(char path[64]);
void sample_remove(const char *path);

/* Run `index`: every type of attribute and series, nested groups, NaN and infinities, an empty
 * text. Runs of an odd index have twice the steps; run 5 diverged before its first epoch ended: its
 * epoch scales are empty. */
void sample_record(int index, struct record *record);
/* The /summary of SAMPLE_RUNS runs and one more that is missing. */
void sample_summary(struct table *summary);
/* Run files in `dir` and `<dir>/merged.h5`, whose path is written to `path`. */
void sample_results(const char *dir, char path[128]);
/* Fails the test unless both hold the same. */
void sample_compare(const struct record *a, const struct record *b);

extern const struct store_header sample_header;
