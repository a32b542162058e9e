/* The data set of deep linear networks: a matrix to be learned (Santurkar et al. 2018, the 25-layer
 * network of their appendix). */
#include <stdlib.h>

#include "engine/data/generated_rows.h"
#include "engine/kernel/reduce.h"

enum stream { MATRIX = GENERATED_OWN, TRAIN_VALUES, TEST_VALUES };

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
                sum = plus_product(sum, row_of_A[j], (double)x[i * F + j]);
            t[i * K + k] = (float)sum;
        }
    }
}

/* x [rows, data.features] normal, A [data.classes, data.features] normal, targets A x; all a
 * function of data.seed. */
static enum status open_linear(const struct source_kind *kind, const struct data_config *config,
                               struct data_source *source) {
    (void)kind;
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
    fill_normal(generated_key(config, TRAIN_VALUES), n_train * F, train_values);
    fill_normal(generated_key(config, TEST_VALUES), n_test * F, test_values);
    fill_targets(generated_key(config, MATRIX), n_train, F, K, train_values, row_of_A,
                 train_targets);
    fill_targets(generated_key(config, MATRIX), n_test, F, K, test_values, row_of_A, test_targets);
done:
    free(row_of_A);
    return status;
}

const struct source_kind source_linear = {
    .name = "linear",
    .title = "linear",
    .note =
        "The targets of linear are numbers and no classes: A x, with x and the matrix A normal; "
        "it takes train.loss squared, and there are no errors, only losses.",
    .reads = READS_SIZES | READS_FEATURES,
    .open = open_linear,
};
