/* The points of a figure: numbers of runs at their places. */
#pragma once

#include "lab/figure/figure_places.h"
#include "lab/figure/figure_source.h"

/* One point of one run; ranks say where it stands in the figure. */
struct point {
    int panel, row, arm, metric, run; /* run: row of drawing->runs */
    double x;                         /* a number, or the rank of a word */
    double value;
};

struct points {
    struct pool pool;
    int n, capacity;
    struct point *items;
};

/* One point a run and metric; a run to which x does not apply has one at every x, if the figure's
 * kind says so. */
void points_of_summary(const struct drawing *drawing, const struct places *places,
                       struct points *points);
/* One point for each number of the drawing's series. ERROR_RESULTS. */
enum status points_of_series(const struct figure_source *source, const struct drawing *drawing,
                             const struct places *places, struct points *points);
/* By panel, row, metric, arm, x and run. */
void points_sort(struct points *points);

void points_add(struct points *points, struct point point);
struct point point_of(const struct places *places, int run, int metric, double x, double value);
