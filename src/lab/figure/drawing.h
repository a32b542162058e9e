/* A figure with everything decided: which runs, which columns, which words; and what the steps on
 * the way to it share. */
#pragma once

#include <string.h>

#include "lab/figure/figure_source.h"
#include "lab/plan/figure_kind.h"
#include "lab/table/table.h"

enum {
    FIGURE_METRICS = 8, /* most metrics in one figure */
    FIGURE_ARMS = 64,   /* most arms, panels and rows: arrays of scripts/figures/style.gp */
    FIGURE_SCRIPT_OPTIONS = 16,
    FIGURE_OPTIONS = FIGURE_SCRIPT_OPTIONS + 12, /* and those that normlab adds */
};

/* Columns are those of `runs`. */
struct drawing {
    const char *script, *name; /* "error_vs_batch"; of the output file */
    const struct figure_kind *kind;
    const char *group; /* where the metrics are: "epoch", "trace", "step", ...; NULL: the summary */
    int n_metrics;
    const char *metrics[FIGURE_METRICS];  /* summary columns, or series of the group */
    const char *x_name;                   /* a key, or the scale of the series: "epoch", "step" */
    const struct column *x, *panel, *row; /* x NULL: a series' scale; panel, row NULL: none */
    int n_arm_columns, n_arms;
    const struct column **arm_columns; /* what tells the arms apart */
    const char *mixed;    /* keys that vary within a point, though no seeds: "a, b"; "" as a rule */
    struct table runs;    /* the summary's rows that are drawn */
    int n_missing;        /* rows that have not been trained */
    int n_left_out;       /* rows to which x, panel or row do not apply, or runs without a bank */
    const char *left_out; /* what they lack: a key, or "bank" */
    const char *title, *x_label, *y_label;
    const char *panel_label, *row_label; /* NULL without them */
    const char *second;                  /* what the second metric is called; NULL: there is none */
    int n_options;                       /* handed to the script as they are */
    const char *option_names[FIGURE_SCRIPT_OPTIONS], *option_values[FIGURE_SCRIPT_OPTIONS];
};

/* Is the second metric the first with the statistics of the population? */
static inline bool second_is_population(const struct drawing *drawing) {
    return drawing->n_metrics > 1 && !strcmp(drawing->metrics[1], "test_error_population");
}

/* A figure in preparation. */
struct preparing {
    const struct figure_source *source;
    const struct figure *figure;
    const struct figure_kind *kind;
    struct pool *pool;
    struct drawing *drawing;
};

/* An option of the figure; NULL: not given. */
static inline const char *preparing_option(const struct preparing *work, const char *name) {
    for (int i = 0; i < work->figure->n_options; i++)
        if (!strcmp(work->figure->option_names[i], name))
            return work->figure->option_values[i];
    return NULL;
}

/* Is the script one of ours? A script of the user's own draws what it wants. */
static inline bool preparing_is_ours(const struct preparing *work) {
    return figure_kind_find(work->figure->script) != NULL;
}
