/* Scaling: none, unit, standardized by one deviation or by each column's; then features rescaled.
 */
#include "engine/data/scaling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/data/distances.h"

enum { BLOCK = 1024 }; /* rows whose squares fit 32 bits: 1024 * 255^2 < 2^32 */

/* What each column, or the whole, looks like over the training rows. */
struct moments {
    double mean, variance; /* divisor n */
};

/* Sums and sums of squares of a block of bytes, by column. */
static void add_block(const uint8_t *restrict bytes, long n, int F, uint32_t *restrict sum,
                      uint32_t *restrict square) {
    for (long i = 0; i < n; i++)
        for (int j = 0; j < F; j++) {
            uint32_t value = bytes[(size_t)i * (size_t)F + (size_t)j];
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

static enum status byte_moments(const uint8_t *bytes, long n, int F, struct moments *columns) {
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
        add_block(bytes + (size_t)first * width, n - first < BLOCK ? n - first : BLOCK, F, block,
                  block + width);
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
static void float_moments(const float *values, long n, int F, struct moments *columns) {
    memset(columns, 0, (size_t)F * sizeof *columns);
    for (long i = 0; i < n; i++)
        for (int j = 0; j < F; j++)
            columns[j].mean +=
                (double)values[(size_t)i * (size_t)F + (size_t)j] - (double)values[j];
    for (int j = 0; j < F; j++)
        columns[j].mean /= (double)n;
    for (long i = 0; i < n; i++)
        for (int j = 0; j < F; j++) {
            double x = (double)values[(size_t)i * (size_t)F + (size_t)j] - (double)values[j];
            columns[j].variance += (x - columns[j].mean) * (x - columns[j].mean);
        }
    for (int j = 0; j < F; j++) {
        columns[j].variance /= (double)n;
        columns[j].mean += (double)values[j];
    }
}

/* As the columns were before their origins were taken away. */
static void add_origins(int F, const double *origins, struct moments *columns) {
    for (int j = 0; j < F; j++)
        columns[j].mean += origins[j];
}

/* The moments of each column, as far as bytes and floats go. */
static enum status column_moments(const struct data_source *source, long n,
                                  struct moments *columns) {
    int F = source->n_features;
    if (source->train_bytes)
        return byte_moments(source->train_bytes, n, F, columns);
    float_moments(source->train_values, n, F, columns);
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

static enum status standardize(enum data_scale scale, const struct data_source *source, long n,
                               double *shift, double *factor) {
    int F = source->n_features;
    struct moments *columns = malloc((size_t)F * sizeof *columns);
    if (!columns)
        return fail(ERROR_RUN, "out of memory for the statistics of %d columns", F);
    enum status status = column_moments(source, n, columns);
    if (!status && source->origins)
        add_origins(F, source->origins, columns);
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

static double largest_magnitude(const struct data_source *source, long n) {
    size_t count = (size_t)n * (size_t)source->n_features;
    size_t F = (size_t)source->n_features;
    double largest = 0;
    if (source->train_bytes)
        return 255;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs((double)source->train_values[i] +
                                     (source->origins ? source->origins[i % F] : 0)));
    return largest > 0 ? largest : 1;
}

static enum status scale(const struct data_config *config, const struct data_source *source, long n,
                         double *shift, double *factor) {
    double unit = config->scale == SCALE_UNIT ? 1 / largest_magnitude(source, n) : 1;
    for (int j = 0; j < source->n_features; j++) {
        shift[j] = 0;
        factor[j] = unit;
    }
    if (config->scale == SCALE_NONE || config->scale == SCALE_UNIT)
        return OK;
    return standardize((enum data_scale)config->scale, source, n, shift, factor);
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

static enum status check_fit(const struct data_config *config, const struct data_source *source,
                             long n, const double *shift, const double *factor) {
    if (!source->origins && config->n_rescale_features == 0)
        return OK;
    struct moments *columns = malloc((size_t)source->n_features * sizeof *columns);
    if (!columns)
        return fail(ERROR_RUN, "out of memory for the statistics of %d columns",
                    source->n_features);
    enum status status = column_moments(source, n, columns);
    if (!status)
        status = check_columns(source, columns, shift, factor);
    free(columns);
    return status;
}

enum status scaling_set(const struct data_config *config, const struct data_source *source, long n,
                        float *shift, float *factor) {
    int F = source->n_features;
    double *exact = malloc(2 * (size_t)F * sizeof *exact); /* [2, F]: shifts, factors */
    if (!exact)
        return fail(ERROR_RUN, "out of memory for the scaling of %d columns", F);
    enum status status = scale(config, source, n, exact, exact + F);
    for (int j = 0; j < F && !status && source->origins; j++)
        exact[j] -= source->origins[j];
    if (!status)
        status = rescale(config, F, exact, exact + F);
    if (!status)
        status = check_fit(config, source, n, exact, exact + F);
    for (int j = 0; !status && j < F; j++) {
        shift[j] = (float)exact[j];
        factor[j] = (float)exact[F + j];
    }
    free(exact);
    return status;
}
