/* Scaling: none, unit, standardized by one deviation or by each column's; then features rescaled.
 */
#include "engine/data/scaling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/format/distances.h"

enum { BLOCK = 1024 }; /* rows whose squares fit 32 bits: 1024 * 255^2 < 2^32 */

/* What each column, or the whole, looks like over the training rows. */
struct moments {
    double mean, variance; /* divisor n */
};

/* The training rows. */
struct rows {
    const struct data_source *source;
    const struct split *split;
    long n;
};

static const uint8_t *bytes_of(const struct rows *rows, long row) {
    struct row_place place = split_place(rows->split, PART_TRAIN, row);
    const uint8_t *bytes =
        place.in_test_file ? rows->source->test_bytes : rows->source->train_bytes;
    return bytes + place.at * (size_t)rows->source->n_features;
}

static const float *values_of(const struct rows *rows, long row) {
    struct row_place place = split_place(rows->split, PART_TRAIN, row);
    const float *values =
        place.in_test_file ? rows->source->test_values : rows->source->train_values;
    return values + place.at * (size_t)rows->source->n_features;
}

/* Adds a row's values and their squares, by column. */
static void add_bytes(int F, const uint8_t *restrict bytes, uint32_t *restrict sum,
                      uint32_t *restrict square) {
    for (int j = 0; j < F; j++) {
        uint32_t value = bytes[j];
        sum[j] += value;
        square[j] += value * value;
    }
}

/* variance = (n sum x^2 - (sum x)^2) / n^2: in integers, so nothing cancels. */
static struct moments exact_moments(uint64_t n, uint64_t sum, uint64_t square) {
    unsigned __int128 numerator =
        (unsigned __int128)n * square - (unsigned __int128)sum * (unsigned __int128)sum;
    double count = (double)n;
    return (struct moments){(double)sum / count, (double)numerator / count / count};
}

static enum status byte_moments(const struct rows *rows, struct moments *columns) {
    int F = rows->source->n_features;
    long n = rows->n;
    size_t width = (size_t)F;
    uint32_t *block = malloc(2 * width * sizeof *block);
    uint64_t *total = calloc(2 * width, sizeof *total); /* [2, F]: sums, squares */
    if (!block || !total) {
        free(block);
        free(total);
        return fail(ERROR_RUN, "out of memory for the statistics of %d columns", F);
    }
    for (long first = 0; first < n; first += BLOCK) {
        memset(block, 0, 2 * width * sizeof *block);
        for (long row = first; row < n && row < first + BLOCK; row++)
            add_bytes(F, bytes_of(rows, row), block, block + width);
        for (size_t j = 0; j < 2 * width; j++)
            total[j] += block[j];
    }
    for (size_t j = 0; j < width; j++)
        columns[j] = exact_moments((uint64_t)n, total[j], total[width + j]);
    free(block);
    free(total);
    return OK;
}

/* Two passes, both over the distance from the first row: a constant column has variance 0 exactly.
 */
static void float_moments(const struct rows *rows, struct moments *columns) {
    int F = rows->source->n_features;
    const float *first = values_of(rows, 0);
    memset(columns, 0, (size_t)F * sizeof *columns);
    for (long i = 0; i < rows->n; i++) {
        const float *values = values_of(rows, i);
        for (int j = 0; j < F; j++)
            columns[j].mean += (double)values[j] - (double)first[j];
    }
    for (int j = 0; j < F; j++)
        columns[j].mean /= (double)rows->n;
    for (long i = 0; i < rows->n; i++) {
        const float *values = values_of(rows, i);
        for (int j = 0; j < F; j++) {
            double x = (double)values[j] - (double)first[j];
            columns[j].variance += (x - columns[j].mean) * (x - columns[j].mean);
        }
    }
    for (int j = 0; j < F; j++) {
        columns[j].variance /= (double)rows->n;
        columns[j].mean += (double)first[j];
    }
}

/* As the columns were before their origins were taken away. */
static void add_origins(int F, const double *origins, struct moments *columns) {
    for (int j = 0; j < F; j++)
        columns[j].mean += origins[j];
}

/* The moments of each column, as far as bytes and floats go. */
static enum status column_moments(const struct rows *rows, struct moments *columns) {
    if (rows->source->train_bytes)
        return byte_moments(rows, columns);
    float_moments(rows, columns);
    return OK;
}

/* Of all columns together: the mean of their variances, and the variance of their means. */
static struct moments whole_moments(int F, const struct moments *columns) {
    struct moments whole = {0, 0};
    for (int j = 0; j < F; j++)
        whole.mean += (columns[j].mean - columns[0].mean) / F;
    whole.mean += columns[0].mean;
    for (int j = 0; j < F; j++) {
        double distance = columns[j].mean - whole.mean;
        whole.variance += (columns[j].variance + distance * distance) / F;
    }
    return whole;
}

/* 1/deviation; a deviation of 0, or one too small for float32, counts as 1. */
static double inverse_deviation(double variance) {
    double inverse = 1 / sqrt(variance);
    return isfinite((float)inverse) ? inverse : 1;
}

static enum status standardize(enum data_scale scale, const struct rows *rows, double *shift,
                               double *factor) {
    int F = rows->source->n_features;
    struct moments *columns = malloc((size_t)F * sizeof *columns);
    if (!columns)
        return fail(ERROR_RUN, "out of memory for the statistics of %d columns", F);
    enum status status = column_moments(rows, columns);
    if (!status && rows->source->origins)
        add_origins(F, rows->source->origins, columns);
    if (!status) {
        struct moments whole = whole_moments(F, columns);
        for (int j = 0; j < F; j++) {
            struct moments moments = scale == SCALE_STANDARDIZE ? whole : columns[j];
            shift[j] = moments.mean;
            factor[j] = inverse_deviation(moments.variance);
        }
    }
    free(columns);
    return status;
}

static double largest_magnitude(const struct rows *rows) {
    const double *origins = rows->source->origins;
    double largest = 0;
    if (rows->source->train_bytes)
        return 255;
    for (long i = 0; i < rows->n; i++)
        for (int j = 0; j < rows->source->n_features; j++)
            largest =
                fmax(largest, fabs((double)values_of(rows, i)[j] + (origins ? origins[j] : 0)));
    return largest > 0 ? largest : 1;
}

static enum status scale(const struct data_config *config, const struct rows *rows, double *shift,
                         double *factor) {
    double unit = config->scale == SCALE_UNIT ? 1 / largest_magnitude(rows) : 1;
    for (int j = 0; j < rows->source->n_features; j++) {
        shift[j] = 0;
        factor[j] = unit;
    }
    if (config->scale == SCALE_NONE || config->scale == SCALE_UNIT)
        return OK;
    return standardize((enum data_scale)config->scale, rows, shift, factor);
}

static enum status check_feature(const struct data_config *config, int i, int F) {
    double feature = config->rescale_features[i];
    if (!(feature >= 0 && feature < F) || feature != floor(feature))
        return fail_key(ERROR_USAGE, "data.rescale_features", "no feature %g; they are 0 to %d",
                        feature, F - 1);
    for (int k = 0; k < i; k++)
        if (config->rescale_features[k] == feature)
            return fail_key(ERROR_USAGE, "data.rescale_features", "feature %g is named twice",
                            feature);
    return OK;
}

/* ((v - shift) factor) a + b = (v - (shift - b / (factor a))) (factor a) */
static enum status rescale(const struct data_config *config, int F, double *shift, double *factor) {
    double a = config->rescale_factor, b = config->rescale_offset;
    if (config->n_rescale_features > 0 && !(isfinite(a) && a != 0 && isfinite(b)))
        return fail_key(ERROR_USAGE, "data.rescale_factor|data.rescale_offset",
                        "%g and %g; "
                        "the factor may not be 0, both must be finite",
                        a, b);
    for (int i = 0; i < config->n_rescale_features; i++) {
        enum status status = check_feature(config, i, F);
        if (status)
            return status;
        int j = (int)config->rescale_features[i];
        factor[j] *= a;
        shift[j] -= b / factor[j];
        if (!isnormal((float)factor[j]) || !isfinite((float)shift[j]))
            return fail_key(ERROR_USAGE, "data.rescale_factor|data.rescale_offset",
                            "feature %d would need the "
                            "factor %g and the shift %g, beyond float32",
                            j, factor[j], shift[j]);
    }
    return OK;
}

/* Is something left of each column, beside what is added to it? */
static enum status check_columns(const struct data_source *source, const struct moments *columns,
                                 const double *shift, const double *factor) {
    for (int j = 0; j < source->n_features; j++) {
        double offset = columns[j].mean - shift[j], deviation = sqrt(columns[j].variance);
        if (!distances_fit(offset, deviation))
            return fail_key(ERROR_USAGE, "data.scale|data.rescale_offset",
                            "column %d would be about %g with a deviation of %g, which float32 "
                            "cannot hold; data.scale: standardize_features takes its mean away",
                            j, offset * factor[j], deviation * factor[j]);
    }
    return OK;
}

static enum status check_fit(const struct data_config *config, const struct rows *rows,
                             const double *shift, const double *factor) {
    const struct data_source *source = rows->source;
    if (!source->origins && config->n_rescale_features == 0)
        return OK;
    struct moments *columns = malloc((size_t)source->n_features * sizeof *columns);
    if (!columns)
        return fail(ERROR_RUN, "out of memory for the statistics of %d columns",
                    source->n_features);
    enum status status = column_moments(rows, columns);
    if (!status)
        status = check_columns(source, columns, shift, factor);
    free(columns);
    return status;
}

enum status scaling_set(const struct data_config *config, const struct data_source *source,
                        const struct split *split, long n, float *shift, float *factor) {
    const struct rows rows = {source, split, n};
    int F = source->n_features;
    double *exact = malloc(2 * (size_t)F * sizeof *exact); /* [2, F]: shifts, factors */
    if (!exact)
        return fail(ERROR_RUN, "out of memory for the scaling of %d columns", F);
    enum status status = scale(config, &rows, exact, exact + F);
    for (int j = 0; j < F && !status && source->origins; j++)
        exact[j] -= source->origins[j];
    if (!status)
        status = rescale(config, F, exact, exact + F);
    if (!status)
        status = check_fit(config, &rows, exact, exact + F);
    for (int j = 0; !status && j < F; j++) {
        shift[j] = (float)exact[j];
        factor[j] = (float)exact[F + j];
    }
    free(exact);
    return status;
}
