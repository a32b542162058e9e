/* The section figures of an experiment file: which figures are drawn of its results. */
#pragma once

#include "io/yaml_tree.h"
#include "lab/config/fields.h"

/* A figure asked for: a script of scripts/figures and its options as they stand in the file. */
struct figure {
    const char *script; /* "error_vs_batch" */
    const char *name;   /* of the output file; default: the script's */
    bool own; /* a script by its path: named on the command line or in the user's own file, so that
                 it may be run */
    bool asked; /* for by its name: drawn though it may have one point only */
    int n_options;
    const char *const *option_names, *const *option_values;
};

extern const struct section figures_section;

enum status figures_read(const struct yaml_node *section, struct pool *pool, int *n,
                         const struct figure **figures);
