/* Which figures a results file gets. */
#pragma once

#include "lab/figure/figure_source.h"

/* The figures of a results file: those of its experiment, or else what suits what varies. With
 * `only`: the one of that name, or the kind of that name, even where nobody would draw it unasked.
 * `options` are "key=value" as in an experiment file's figures, and win over it. ERROR_USAGE,
 * ERROR_RESULTS. */
enum status figure_list(const struct figure_source *source, const char *only, int n_options,
                        const char *const *options, struct pool *pool, struct figure **figures,
                        int *n);
