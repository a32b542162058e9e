/* Gaussian clusters, one a class, in any number of features. */
#include <math.h>
#include <stdlib.h>

#include "engine/data/generated_rows.h"

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
static void fill_clusters(const struct data_config *config, const void *context,
                          struct random_key key, long n, const uint8_t *labels, float *values) {
    const double *centres = context;
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

static enum status open_clusters(const struct source_kind *kind, const struct data_config *config,
                                 struct data_source *source) {
    (void)kind;
    int F = (int)config->features, K = (int)config->classes;
    double *centres = malloc((size_t)K * (size_t)F * sizeof *centres);
    if (!centres)
        return fail(ERROR_RUN, "out of memory for %d centres", K);
    fill_centres(generated_key(config, GENERATED_CENTRES), K, F, centres);
    enum status status = generated_fill(config, F, fill_clusters, centres, source);
    free(centres);
    return status;
}

const struct source_kind source_clusters = {
    .name = "clusters",
    .title = "Gaussian clusters",
    .reads = READS_SIZES | READS_FEATURES | READS_SPREAD | READS_CONDITION,
    .open = open_clusters,
};
