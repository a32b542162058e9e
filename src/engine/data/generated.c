#include "engine/data/generated.h"

#include <math.h>
#include <stdlib.h>

#include "base/pages.h"
#include "base/random.h"
#include "engine/data/linear.h"
#include "engine/data/order.h"

/* One stream of random numbers for each thing that is drawn. */
enum stream { CENTRES, TRAIN_VALUES, TEST_VALUES, TRAIN_LABELS, TEST_LABELS };

static const uint64_t max_size_bytes = (uint64_t)4 << 30;
static const double spiral_turns = 1.0;

bool generated_is(const struct data_config *config) {
    return config->name == DATA_CLUSTERS || config->name == DATA_SPIRALS ||
           config->name == DATA_LINEAR;
}

static struct random_key stream_key(const struct data_config *config, enum stream stream) {
    return (struct random_key){(uint64_t)config->seed, RANDOM_DATA, stream};
}

/* Labels i mod K in random order. */
static enum status fill_labels(struct random_key key, long n, int K, uint8_t *labels) {
    uint32_t *order = malloc((size_t)n * sizeof *order);
    if (!order)
        return fail(ERROR_RUN, "out of memory for %ld labels", n);
    order_shuffle(key, (uint32_t)n, order);
    for (long i = 0; i < n; i++)
        labels[i] = (uint8_t)(order[i] % (uint32_t)K);
    free(order);
    return OK;
}

/* Centres [K, F]: normal numbers, each feature brought to mean 0 and deviation 1 over the classes,
 * so that all features tell the classes apart equally well before they are stretched. */
static void fill_centres(struct random_key key, int K, int F, double *centres) {
    for (int j = 0; j < F; j++) {
        double mean = 0, variance = 0;
        for (int k = 0; k < K; k++)
            mean += random_normal(key, (uint64_t)k * (uint64_t)F + (uint64_t)j) / K;
        for (int k = 0; k < K; k++) {
            double *centre = &centres[(size_t)k * (size_t)F + (size_t)j];
            *centre = random_normal(key, (uint64_t)k * (uint64_t)F + (uint64_t)j) - mean;
            variance += *centre * *centre / K;
        }
        for (int k = 0; k < K; k++)
            centres[(size_t)k * (size_t)F + (size_t)j] /= sqrt(variance);
    }
}

/* The stretch of each feature, from 1 down to 1/condition in equal ratios. */
static double feature_stretch(const struct data_config *config, int j) {
    return config->features < 2 ? 1.0 : pow(config->condition, -j / (double)(config->features - 1));
}

/* x[i,j] = stretch[j] (centre[label i, j] + spread z), z normal: with centres of deviation 1 the
 * deviation of feature j is stretch[j] sqrt(1 + spread^2). */
static void fill_clusters(const struct data_config *config, struct random_key key,
                          const double *centres, long n, const uint8_t *labels, float *values) {
    int F = (int)config->features;
    for (int j = 0; j < F; j++) {
        double stretch = feature_stretch(config, j);
        for (long i = 0; i < n; i++) {
            size_t at = (size_t)i * (size_t)F + (size_t)j;
            double centre = centres[(size_t)labels[i] * (size_t)F + (size_t)j];
            values[at] = (float)(stretch * (centre + config->spread * random_normal(key, at)));
        }
    }
}

/* Arm k of K: radius r uniform in 0..1, angle 2 pi (turns r + k/K), and noise on both coordinates.
 */
static void fill_spirals(const struct data_config *config, struct random_key key, long n,
                         const uint8_t *labels, float *values) {
    const double two_pi = 6.283185307179586;
    for (long i = 0; i < n; i++) {
        uint64_t index = 3 * (uint64_t)i;
        double r = random_uniform(key, index);
        double angle = two_pi * (spiral_turns * r + labels[i] / (double)config->classes);
        values[2 * i] = (float)(r * cos(angle) + config->spread * random_normal(key, index + 1));
        values[2 * i + 1] =
            (float)(r * sin(angle) + config->spread * random_normal(key, index + 2));
    }
}

static enum status fill_part(const struct data_config *config, const double *centres, bool test,
                             long n, float *values, uint8_t *labels) {
    enum status status = fill_labels(stream_key(config, test ? TEST_LABELS : TRAIN_LABELS), n,
                                     (int)config->classes, labels);
    if (status)
        return status;
    struct random_key key = stream_key(config, test ? TEST_VALUES : TRAIN_VALUES);
    if (centres)
        fill_clusters(config, key, centres, n, labels, values);
    else
        fill_spirals(config, key, n, labels, values);
    return OK;
}

static enum status check(const struct data_config *config) {
    if (config->classes < 2 || config->classes > 256)
        return fail(ERROR_USAGE, "data.classes: %ld is not in 2..256", config->classes);
    if (config->rows < 1 || config->test_rows < 1 || config->rows > INT32_MAX ||
        config->test_rows > INT32_MAX)
        return fail(ERROR_USAGE, "data.rows and data.test_rows: not in 1..%d", INT32_MAX);
    if (!(config->spread >= 0) || !isfinite(config->spread))
        return fail(ERROR_USAGE, "data.spread: %g is not a deviation", config->spread);
    if (config->name == DATA_SPIRALS)
        return OK;
    bool stretched = config->name == DATA_CLUSTERS;
    if (stretched && (!(config->condition >= 1) || !isfinite(config->condition)))
        return fail(ERROR_USAGE, "data.condition: %g is not a ratio of at least 1",
                    config->condition);
    uint64_t n = (uint64_t)(config->rows + config->test_rows);
    if (config->features < 1 || (uint64_t)config->features > max_size_bytes / sizeof(float) / n)
        return fail(
            ERROR_USAGE,
            "data.features: %ld columns of %ld + %ld rows are not between one column and 4 GiB",
            config->features, config->rows, config->test_rows);
    return OK;
}

/* Clusters and spirals. */
static enum status fill_classes(const struct data_config *config, struct data_source *source) {
    enum status status = OK;
    bool clusters = config->name == DATA_CLUSTERS;
    int F = clusters ? (int)config->features : 2;
    size_t n_train = (size_t)config->rows, n_test = (size_t)config->test_rows;
    float *train_values = malloc(n_train * (size_t)F * sizeof(float));
    float *test_values = malloc(n_test * (size_t)F * sizeof(float));
    uint8_t *train_labels = malloc(n_train), *test_labels = malloc(n_test);
    double *centres = clusters ? malloc((size_t)(config->classes * F) * sizeof(double)) : NULL;
    source->n_features = F;
    source->n_classes = (int)config->classes;
    source->n_train_rows = config->rows;
    source->n_test_rows = config->test_rows;
    source->train_values = train_values;
    source->test_values = test_values;
    source->train_labels = train_labels;
    source->test_labels = test_labels;
    if (!train_values || !test_values || !train_labels || !test_labels || (clusters && !centres)) {
        status = fail(ERROR_RUN, "out of memory for %zu rows", n_train + n_test);
        goto done;
    }
    pages_large(train_values, n_train * (size_t)F * sizeof(float));
    if (clusters)
        fill_centres(stream_key(config, CENTRES), source->n_classes, F, centres);
    status = fill_part(config, centres, false, config->rows, train_values, train_labels);
    if (!status)
        status = fill_part(config, centres, true, config->test_rows, test_values, test_labels);
done:
    free(centres);
    return status;
}

enum status generated_fill(const struct data_config *config, struct data_source *source) {
    enum status status = check(config);
    if (status)
        return status;
    return config->name == DATA_LINEAR ? linear_fill(config, source) : fill_classes(config, source);
}

bool generated_same(const struct data_config *a, const struct data_config *b) {
    bool same = a->seed == b->seed && a->classes == b->classes && a->rows == b->rows &&
                a->test_rows == b->test_rows && a->spread == b->spread;
    bool plane = a->name == DATA_SPIRALS;
    return same && (plane || (a->features == b->features && a->condition == b->condition));
}
