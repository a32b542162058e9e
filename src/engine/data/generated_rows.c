/* Labels and memory of a generated set of classes; what its values are says its own file. */
#include "engine/data/generated_rows.h"

#include <stdlib.h>

#include "base/pages.h"
#include "engine/data/order.h"

struct random_key generated_key(const struct data_config *config, unsigned stream) {
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

enum status generated_fill(const struct data_config *config, int F, generated_function *fill,
                           const void *context, struct data_source *source) {
    size_t n_train = (size_t)config->rows, n_test = (size_t)config->test_rows;
    float *train_values = malloc(n_train * (size_t)F * sizeof(float));
    float *test_values = malloc(n_test * (size_t)F * sizeof(float));
    uint8_t *train_labels = malloc(n_train), *test_labels = malloc(n_test);
    int K = (int)config->classes;
    source->n_features = F;
    source->n_classes = K;
    source->n_train_rows = config->rows;
    source->n_test_rows = config->test_rows;
    source->train_values = train_values;
    source->test_values = test_values;
    source->train_labels = train_labels;
    source->test_labels = test_labels;
    if (!train_values || !test_values || !train_labels || !test_labels)
        return fail(ERROR_RUN, "out of memory for %zu rows", n_train + n_test);
    pages_large(train_values, n_train * (size_t)F * sizeof(float));
    enum status status =
        fill_labels(generated_key(config, GENERATED_TRAIN_LABELS), config->rows, K, train_labels);
    if (!status)
        status = fill_labels(generated_key(config, GENERATED_TEST_LABELS), config->test_rows, K,
                             test_labels);
    if (status)
        return status;
    fill(config, context, generated_key(config, GENERATED_TRAIN_VALUES), config->rows, train_labels,
         train_values);
    fill(config, context, generated_key(config, GENERATED_TEST_VALUES), config->test_rows,
         test_labels, test_values);
    return OK;
}
