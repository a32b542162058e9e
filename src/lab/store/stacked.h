/* The series of all runs as one array each, so that whoever reads the merged file needs one read
 * for a curve of every run: /series/<group>/<name> [run, ...].
 *
 * Stacked is what lies along one or two of epoch, layer, momentum, average and step. Along `step`
 * points are put side by side by number, since runs of unlike mini-batches have other steps: the
 * dimension is `point`, and the series `step` [run, point] says where each lies. Along all others
 * values stand where their place on the scale is, which holds the places of all runs, upwards. A
 * run that has no such point has NaN there, or -1 in a series of whole numbers. */
#pragma once

#include "lab/store/record.h"

enum { STACKED_DIMS = 2 };

/* Places of all runs along a dimension. */
struct stacked_scale {
    const char *name, *doc; /* name: of the runs' own scale */
    const char *point;      /* what the dimension is called where points count; NULL: its name */
    enum series_type type;
    int n, capacity;
    double *values; /* [n] as they came; where points count, none: they are 0, 1, ... */
    struct stacked_series *array; /* where points count: which place each point of a run has */
};

/* What one run has of a series: data [dims], and where along each dimension it goes. */
struct stacked_row {
    size_t dims[STACKED_DIMS];
    const int *at[STACKED_DIMS]; /* [dims] indices of the scale's values; NULL: 0, 1, ... */
    const void *data;            /* NULL: nothing */
};

struct stacked_series {
    struct pool pool;
    const char *name, *unit, *doc;
    enum series_type type;
    int n_dims;
    int scales[STACKED_DIMS]; /* numbers of the group's */
    bool left_out;
    struct stacked_row *rows; /* [n_runs] */
};

struct stacked_group {
    const char *name;
    int n_scales, scale_capacity, n_series, series_capacity;
    struct stacked_scale *scales;
    struct stacked_series **series;
};

struct stacks {
    struct pool pool;
    int n_runs;
    size_t limit; /* bytes */
    int n_groups, capacity;
    struct stacked_group **groups;
};

/* Of `n_runs` runs. The arrays take at most `limit` bytes together, and so do the copies of what
 * the runs have: where they would take more, the largest are left out, `step` only behind all that
 * lies along its points. */
void stacks_begin(struct stacks *stacks, int n_runs, size_t limit);
void stacks_free(struct stacks *stacks);
/* Copies what is to be stacked of a run, which is number `row` of all. */
void stacks_add(struct stacks *stacks, int row, const struct record *record);
/* Puts groups and series in the order of their names, whatever came first. */
void stacks_sort(struct stacks *stacks);
/* The arrays of a group with their scales, as a record of no run; `ids` [n_runs] is the scale
 * `run`. */
void stacks_take(const struct stacks *stacks, int group, const char *const *ids,
                 struct record *arrays);
/* Names of what was left out, "group/name" with commas between them; "": nothing. */
const char *stacks_left_out(const struct stacks *stacks, struct pool *pool);
