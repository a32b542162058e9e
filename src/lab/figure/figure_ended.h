/* Runs that ended early, in a figure of series. */
#pragma once

#include "lab/figure/figure_points.h"

/* Points of series, not sorted yet. A run that ended early lacks points at its end, or all of them,
 * and would not be counted there: the runs that survive would look like all. It gets points without
 * values where the other runs of its arm have theirs. */
void points_complete_ended(const struct drawing *drawing, const struct places *places,
                           struct points *points);
