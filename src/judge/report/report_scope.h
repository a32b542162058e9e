/* What all claims of a page are about: how many they are, where they stand, on what they were
 * tried, and which parts of the method they use. */
#pragma once

#include <stdio.h>

#include "judge/report/report.h"

struct scope {
    const char *counts;       /* "45 claims in 47 readings and 8 experiments of papers" */
    const char *short_counts; /* without the readings */
    int n_claims, n_papers;   /* files of each kind */
    int n_sources;
    const char *const *sources; /* [n_sources], the words of `notes`, sorted */
    /* A figure comes first only where somebody has chosen it for several claims. */
    bool figure_first;
    /* Does a claim use it? */
    bool has_runs, has_looks, has_rows, has_seen_before, has_premise, has_strata, has_doublings,
        has_protocols;
    bool has_figures; /* has one something to draw? */
};

void scope_find(const struct report *report, struct pool *pool, struct scope *scope);
/* Data, networks, normalizers, training, what was varied where `varied`, seeds and runs, as the
 * rows of a table of HTML; nothing where no claim has runs. */
void scope_put(FILE *out, const struct report *report, bool varied);
