/* Takes: the ways in which a run's series becomes one metric. A table; a new take is a function and
 * a row in take.c, and claim files, messages, documents and tests know it from there. */
#pragma once

#include <stdbool.h>

/* One run's series: values over places (steps, epochs), in the order in which they were taken. */
struct curve {
    int n;
    double *at, *value; /* room for as many points as are added */
};

/* Adds a point; a value that is no number is none. */
void curve_add(struct curve *curve, double at, double value);

struct take {
    const char *name, *sentence; /* "median", "the median" */
    bool in_order;               /* the order of the points matters: one point at each place */
    bool needs_at;               /* has a target, the field `at` */
    bool is_place;  /* the number is the step at which the target was reached: a run that never gets
                       there counts as its planned steps, or as twice these, and one that diverged
                       later has reached it all the same */
    int points;     /* that it needs; 0: one */
    double example; /* what it gives of take_example(), worked by hand: a test compares */
    double (*number)(const struct curve *curve, double at); /* at least one point; NaN: none */
};

/* Points of which a target's curve is the mean: a first touch of a noisy one says little. */
enum { TAKE_SMOOTHED = 5 };

/* 4, 1, 3, 3, 9 at the places 0, 10, 20, 40, 50; the target is 5. */
enum { TAKE_EXAMPLE_AT = 5 };
struct curve take_example(void);

int take_count(void);
const struct take *take_get(int index);         /* the first is the default */
const struct take *take_find(const char *name); /* NULL: unknown */
/* The index's name, NULL behind the last: for words_join. */
const char *take_name(int index);
/* NaN where the curve has no point, or too few of them. */
double take_number(const struct take *take, const struct curve *curve, double at);
