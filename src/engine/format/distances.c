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

/* [F] each, of all columns. They are summed along with the rows, which lie behind each other. */
struct columns {
    double *mean, *origin;
    double *rounding; /* sums of what rounding x - origin to float32 changes */
    double *distance; /* sums of |x - mean| */
};

static void find_means(size_t n, size_t F, const double *exact, double *mean) {
    for (size_t j = 0; j < F; j++)
        mean[j] = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < F; j++)
            mean[j] += exact[i * F + j] - exact[j];
    for (size_t j = 0; j < F; j++)
        mean[j] = exact[j] + mean[j] / (double)n;
}

static void sum_distances(size_t n, size_t F, const double *exact, const struct columns *columns) {
    double *restrict rounding = columns->rounding, *restrict distance = columns->distance;
    const double *restrict mean = columns->mean, *restrict origin = columns->origin;
    for (size_t j = 0; j < F; j++)
        rounding[j] = distance[j] = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < F; j++) {
            double x = exact[i * F + j], value = x - origin[j];
            rounding[j] += fabs((double)(float)value - value);
            distance[j] += fabs(x - mean[j]);
        }
}

/* Does rounding x - origin to float32 change little of the distances from the mean? */
static bool is_fine(const struct columns *columns, size_t j) {
    return columns->distance[j] == 0 ||
           columns->rounding[j] <= most_rounding * columns->distance[j];
}

/* Sets the origins: 0, else the mean. */
static enum status find_origins(size_t n, size_t F, const double *exact,
                                const struct columns *columns, bool *any) {
    find_means(n, F, exact, columns->mean);
    for (size_t j = 0; j < F; j++)
        columns->origin[j] = 0;
    sum_distances(n, F, exact, columns);
    for (size_t j = 0; j < F; j++) {
        columns->origin[j] = is_fine(columns, j) ? 0 : columns->mean[j];
        *any = *any || columns->origin[j] != 0;
    }
    if (*any)
        sum_distances(n, F, exact, columns);
    for (size_t j = 0; j < F && *any; j++)
        if (columns->origin[j] != 0 && !is_fine(columns, j))
            return fail(ERROR_DATA,
                        "column %zu: its values, about %g, are closer together than float32 can "
                        "tell",
                        j, columns->mean[j]);
    return OK;
}

enum status distances_origins(size_t n, size_t F, const double *exact, double **origins) {
    double *found = malloc(F * sizeof *found), *sums = malloc(3 * F * sizeof *sums);
    bool any = false;
    if (!found || !sums) {
        free(found);
        free(sums);
        return fail(ERROR_RUN, "out of memory for %zu columns", F);
    }
    const struct columns columns = {sums, found, sums + F, sums + 2 * F};
    enum status status = find_origins(n, F, exact, &columns, &any);
    free(sums);
    if (status || !any)
        free(found);
    if (!status)
        *origins = any ? found : NULL;
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
