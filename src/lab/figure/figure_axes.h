/* What a figure draws, and along what. */
#pragma once

#include "lab/figure/drawing.h"

/* Sets the drawing's metrics and their group. ERROR_USAGE, ERROR_RESULTS: no run has values. */
enum status figure_metrics(struct preparing *work, const struct table *rows);
/* Sets x_name; panel and row: the names of keys, NULL: none. After figure_metrics. ERROR_USAGE. */
enum status figure_axes(struct preparing *work, const struct table *rows, const char **panel,
                        const char **row);
/* Can the script draw these axes of the drawing's runs? ERROR_USAGE. */
enum status figure_axes_check(const struct preparing *work);
