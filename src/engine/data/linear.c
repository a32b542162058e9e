#include "engine/data/linear.h"

#include <stdlib.h>

#include "base/random.h"

/* One stream of random numbers for each thing that is drawn, apart from those of generated.c. */
enum stream { MATRIX = 16, TRAIN_VALUES, TEST_VALUES };

static struct random_key stream_key(const struct data_config *config, enum stream stream) {
    return (struct random_key){(uint64_t)config->seed, RANDOM_DATA, stream};
}

static void fill_normal(struct random_key key, size_t n, float *values) {
    for (size_t i = 0; i < n; i++)
        values[i] = (float)random_normal(key, i);
}

/* t[i,k] = sum_j A[k,j] x[i,j], A[k,j] drawn where it is needed */
static void fill_targets(struct random_key key, size_t n, size_t F, size_t K, const float *x,
                         double *row_of_A, float *t) {
    for (size_t k = 0; k < K; k++) {
        for (size_t j = 0; j < F; j++)
            row_of_A[j] = random_normal(key, k * F + j);
        for (size_t i = 0; i < n; i++) {
            double sum = 0;
            for (size_t j = 0; j < F; j++)
                sum += row_of_A[j] * (double)x[i * F + j];
            t[i * K + k] = (float)sum;
        }
    }
}

enum status linear_fill(const struct data_config *config, struct data_source *source) {
    size_t F = (size_t)config->features, K = (size_t)config->classes;
    size_t n_train = (size_t)config->rows, n_test = (size_t)config->test_rows;
    float *train_values = malloc(n_train * F * sizeof(float));
    float *test_values = malloc(n_test * F * sizeof(float));
    float *train_targets = malloc(n_train * K * sizeof(float));
    float *test_targets = malloc(n_test * K * sizeof(float));
    double *row_of_A = malloc(F * sizeof *row_of_A);
    enum status status = OK;
    source->n_features = (int)F;
    source->n_classes = (int)K;
    source->n_train_rows = config->rows;
    source->n_test_rows = config->test_rows;
    source->train_values = train_values;
    source->test_values = test_values;
    source->train_targets = train_targets;
    source->test_targets = test_targets;
    if (!train_values || !test_values || !train_targets || !test_targets || !row_of_A) {
        status = fail(ERROR_RUN, "out of memory for %zu rows", n_train + n_test);
        goto done;
    }
    fill_normal(stream_key(config, TRAIN_VALUES), n_train * F, train_values);
    fill_normal(stream_key(config, TEST_VALUES), n_test * F, test_values);
    fill_targets(stream_key(config, MATRIX), n_train, F, K, train_values, row_of_A, train_targets);
    fill_targets(stream_key(config, MATRIX), n_test, F, K, test_values, row_of_A, test_targets);
done:
    free(row_of_A);
    return status;
}
