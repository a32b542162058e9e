/* Which columns need an origin, and the distances from it. */
#include "engine/format/distances.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* Of a column: what rounding to float32 may change, as a share of what its values differ by. */
static const double most_rounding = 1.0 / 65536;
/* And what may be lost beside an offset, in scaling. */
static const double most_loss = 1.0 / 1024;

bool distances_fit(double size, double deviation) {
    return deviation == 0 || fabs(size) * (double)FLT_EPSILON / 2 <= most_loss * deviation;
}

static double column_mean(size_t n, size_t F, const double *column) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += column[i * F] - column[0];
    return column[0] + sum / (double)n;
}

/* Does rounding v - origin to float32 change little of the distances from the mean? */
static bool is_fine(size_t n, size_t F, const double *column, double mean, double origin) {
    double rounding = 0, distance = 0;
    for (size_t i = 0; i < n; i++) {
        double value = column[i * F] - origin;
        rounding += fabs((double)(float)value - value);
        distance += fabs(column[i * F] - mean);
    }
    return distance == 0 || rounding <= most_rounding * distance;
}

static enum status find_origin(size_t n, size_t F, const double *exact, size_t j, double *origin) {
    const double *column = exact + j;
    double mean = column_mean(n, F, column);
    *origin = is_fine(n, F, column, mean, 0) ? 0 : mean;
    if (*origin == 0 || is_fine(n, F, column, mean, mean))
        return OK;
    return fail(ERROR_DATA,
                "column %zu: its values, about %g, are closer together than float32 can tell", j,
                mean);
}

enum status distances_origins(size_t n, size_t F, const double *exact, double **origins) {
    double *found = malloc(F * sizeof *found);
    if (!found)
        return fail(ERROR_RUN, "out of memory for %zu columns", F);
    enum status status = OK;
    bool any = false;
    for (size_t j = 0; j < F && !status; j++) {
        status = find_origin(n, F, exact, j, &found[j]);
        any = any || (!status && found[j] != 0);
    }
    if (status || !any) {
        free(found);
        found = NULL;
    }
    if (!status)
        *origins = found;
    return status;
}

enum status distances_take(size_t n, size_t F, const double *exact, const double *origins,
                           float *values) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < F; j++) {
            float value = (float)(exact[i * F + j] - (origins ? origins[j] : 0));
            if (!isfinite(value))
                return fail(ERROR_DATA, "row %zu, column %zu: not a finite number in float32", i,
                            j);
            values[i * F + j] = value;
        }
    return OK;
}
