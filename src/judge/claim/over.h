/* Overs: the ways in which an arm is taken at its best among runs that differ in one key, such as
 * the learning rate. A table; a new one is a row in over.c. */
#pragma once

#include "judge/claim/metric.h"

struct over {
    const char *name, *sentence;
    bool needs_at;                                /* has a field `at` */
    bool (*is_better)(double value, double than); /* of two runs' metrics: which run is kept? */
    /* The arm's metric, from the key's values [n] and the runs' metrics [n]; NULL: the kept run's.
     */
    double (*number)(int n, const double *keys, const double *values, double at);
};

int over_count(void);
const struct over *over_get(int index);
const struct over *over_find(const char *name); /* NULL: unknown */
/* The index's name, NULL behind the last: for words_join. */
const char *over_name(int index);
/* Keeps one row of those that differ in metric->over_key alone; values [n_rows] are the rows'
 * metrics, and then the arm's. A run that is missing is kept: what is best cannot be said before it
 * is there.
 *
 * With metric->choosing the key's value is chosen on the runs of these seeds, the best in the
 * interquartile mean over them, of equal ones the smaller value; all other seeds keep their run
 * with it. (What is no choice, largest_below, each seed finds for itself.) Rows of these seeds go,
 * also where nothing is chosen. */
void over_choose(const struct metric *metric, struct table *table, double *values);
