/* From a results file to its figures: which ones it gets, and the two tables that each is drawn
 * from. */
#pragma once

#include <string.h>

#include "lab/plan/experiment.h"
#include "lab/plan/figure_kind.h"
#include "lab/store/record.h"
#include "lab/table/table.h"

enum {
    FIGURE_METRICS = 8, /* most metrics in one figure */
    FIGURE_ARMS = 64,   /* most arms, panels and rows: arrays of scripts/figures/style.gp */
    FIGURE_SCRIPT_OPTIONS = 16,
};

/* A figure with everything decided. Columns are those of `runs`. */
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
    int n_missing;        /* rows that would be, had they been trained */
    int n_left_out;       /* rows to which x, panel or row do not apply, or runs without a bank */
    const char *left_out; /* what they have not: a key, or "bank" */
    const char *title, *x_label, *y_label;
    const char *second; /* what the second metric is called; NULL: there is none */
    int n_options;      /* handed to the script as they are */
    const char *option_names[FIGURE_SCRIPT_OPTIONS], *option_values[FIGURE_SCRIPT_OPTIONS];
};

/* Is the second metric the first with the statistics of the population? */
static inline bool second_is_population(const struct drawing *drawing) {
    return drawing->n_metrics > 1 && !strcmp(drawing->metrics[1], "test_error_population");
}

struct figure_source {
    struct pool pool;
    const char *path;
    const char *title;
    struct table summary;
    bool has_experiment;
    struct experiment experiment; /* what the file was made from, for its figures */
    struct record shapes; /* a finished run with the names of its series, without their data */
};

/* Opens a results file for drawing. ERROR_RESULTS. */
enum status figure_source_open(const char *path, struct figure_source *source);
void figure_source_close(struct figure_source *source);

/* The figures of a results file: those of its experiment, or else what suits what varies. With
 * `only`: the one of that name, or the kind of that name though it would not be drawn by itself.
 * `options` are "key=value" as in an experiment file's figures, and win over it. ERROR_USAGE,
 * ERROR_RESULTS. */
enum status figure_list(const struct figure_source *source, const char *only, int n_options,
                        const char *const *options, struct pool *pool, struct figure **figures,
                        int *n);

/* Decides what the figure leaves open. ERROR_USAGE: no such column, nothing to draw, or not what
 * the script can draw: x does not vary, or is a word where a number is needed. */
enum status figure_prepare(const struct figure_source *source, const struct figure *figure,
                           struct pool *pool, struct drawing *drawing);
void drawing_free(struct drawing *drawing);

/* The two tables, long: points (panel row arm measure x seed value status collapsed), one row a
 * point of a run; and data (panel row arm measure x median low high n runs failed coverage), one
 * row a group. */
enum status figure_data(const struct figure_source *source, const struct drawing *drawing,
                        struct table *points, struct table *data);

/* "4/8 none at 2; 1/8 batch at 2": which arms failed where, of the first metric; "" where none
 * did. In a series: as many as failed by its end. */
const char *figure_failures(const struct drawing *drawing, const struct table *data,
                            struct pool *pool);

/* What must be said below the figure: n, interval and coverage, steps, failed and missing runs. */
const char *figure_caption(const struct drawing *drawing, const struct table *data,
                           struct pool *pool);
