/* What runs and tables hold, as a hash: equal fingerprints, equal contents. Taken of what is
 * written and of what is read back. */
#pragma once

#include "base/hash.h"
#include "lab/store/store.h"

/* Parts in any order: a file keeps the series of a group together, a record need not. */
struct fingerprint {
    struct pool pool;
    int n, capacity;
    const char **parts;
};

void fingerprint_series(struct fingerprint *print, const struct series *series);
/* The attributes of a run; not its series. */
void fingerprint_attributes(struct fingerprint *print, const struct record *record);
void fingerprint_header(struct fingerprint *print, const struct store_header *header);
void fingerprint_table(struct fingerprint *print, const struct table *table);
/* The hash of all parts; frees them. */
void fingerprint_end(struct fingerprint *print, char text[HASH_TEXT_SIZE]);
