/* What made a run: a processor, and a program as it was built. With AVX2 and AVX-512 the bits of a
 * run are the same; other builds may round differently. */
#pragma once

#include "lab/store/record.h"

struct run_kind {
    const char *processor; /* "AMD EPYC"; "unknown" */
    const char *build;     /* "normlab 0.1.0 (38a79e2775f1, gcc 12.2.0, AVX-512)" */
};

/* Texts are in the pool. */
struct run_kind run_kind_of(const struct attributes *provenance, struct pool *pool);
bool run_kind_same(const struct run_kind *a, const struct run_kind *b);

/* How many runs each has made, in the order in which they came. */
struct kind_count {
    const char *word;
    int n_runs;
};

struct kind_counts {
    int n, capacity;
    struct kind_count *items;
};

struct run_kinds {
    struct kind_counts processors, builds;
};

void run_kinds_add(struct run_kinds *kinds, const struct run_kind *kind, struct pool *pool);
/* "2 processors: AMD EPYC (3 runs), Intel Xeon (1); 2 builds: ..."; NULL: there is one of each. */
const char *run_kinds_text(const struct run_kinds *kinds, struct pool *pool);
