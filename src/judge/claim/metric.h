/* A number a run: what a question is about. A column of /summary, or a series reduced to one
 * number. */
#pragma once

#include "lab/table/table.h"

/* What is taken of a series. */
enum take {
    TAKE_LAST,
    TAKE_FIRST,
    TAKE_MEAN,
    TAKE_SUM,
    TAKE_MIN,
    TAKE_MAX,
    TAKE_MEDIAN,
    TAKE_SPIKE,       /* largest over median */
    TAKE_ROUGHNESS,   /* standard deviation of the differences of neighbours */
    TAKE_VARIATION,   /* sum of the absolute differences of neighbours: how far it has wandered */
    TAKE_FIRST_BELOW, /* the place (step, epoch) of the first value <= `at`, by interpolation; a run
                         that never gets there counts as twice its budget */
    TAKES,
};
#define TAKE_WORDS "last|first|mean|sum|min|max|median|spike|roughness|variation|first_below"

/* What is taken of several runs that differ in one key: each arm at its best. */
enum over { OVER_NONE, OVER_MIN, OVER_MAX, OVER_LARGEST_BELOW, OVERS };
#define OVER_WORDS "none|min|max|largest_below"

struct metric {
    const char *column; /* of /summary; NULL: */
    const char *series; /* "group/name" */
    long take;          /* enum take */
    double at;          /* TAKE_FIRST_BELOW: the target */
    int n_where;
    const char *const *where; /* conditions on a series' points: "layer=1", "step>100" */
    const char *minus;        /* another column of /summary, subtracted; or NULL */
    bool has_diverged;
    double diverged;      /* the number of a run that diverged: where it has no finite one, and
                             always in place of one from a series that broke off (but for
                             TAKE_FIRST_BELOW). Without it such a series counts as far as it goes */
    bool spread;          /* |figure - its median over the seeds of the arm and stratum| */
    const char *over_key; /* NULL: runs are not chosen among */
    long over;            /* enum over */
    double over_at; /* OVER_LARGEST_BELOW: the largest value of the key (binary logarithm) of a run
                       with a figure below this */
};

/* The figure of every row of the summary, into values [n_rows]; NaN: it has none, or the run is
 * missing. Neither `spread` nor `over`. ERROR_USAGE: no such column or series, or a series with
 * several points at a place of which one is to be the last, say. */
enum status metric_rows(const char *path, const struct table *summary, const struct metric *metric,
                        double *values);
/* Is the figure of this row that of a run which never got to the target (TAKE_FIRST_BELOW)? */
bool metric_missed(const struct table *summary, const struct metric *metric, int row, double value);
/* What it is, for people. */
const char *metric_words(const struct table *summary, const struct metric *metric,
                         struct pool *pool);
