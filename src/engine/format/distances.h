/* Columns of doubles as float32: where float32 is too coarse for a column (seconds since 1970 that
 * span a minute), its values become distances from an origin, which is subtracted in double. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* Does float32 tell a column's values apart beside a number of this size? `deviation` is theirs. */
bool distances_fit(double size, double deviation);

/* The origins of the columns of exact [n, F]: the mean where rounding to float32 would change the
 * values by more than 1/65536 of their distances from the mean, else 0; NULL: all are 0.
 * ERROR_DATA: float32 is too coarse for the distances as well. The caller frees them. */
enum status distances_origins(size_t n, size_t F, const double *exact, double **origins);
/* values [n, F] = exact - origins [F], which may be NULL. ERROR_DATA: beyond float32. */
enum status distances_take(size_t n, size_t F, const double *exact, const double *origins,
                           float *values);
