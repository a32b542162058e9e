/* Loss and error of the best constant prediction. */
#include "engine/nn/baseline.h"

#include <math.h>
#include <string.h>

#include "base/pool.h"

/* p [n_classes]: class frequencies. */
static double *frequencies(const struct dataset *dataset, enum data_part part, long n,
                           struct pool *pool) {
    size_t K = (size_t)dataset->n_classes;
    long *counts = pool_alloc(pool, K * sizeof *counts);
    double *p = pool_alloc(pool, K * sizeof *p);
    dataset_class_counts(dataset, part, n, counts);
    for (size_t k = 0; k < K; k++)
        p[k] = (double)counts[k] / (double)n;
    return p;
}

/* mean [n_classes] of the targets: a loss of numbers is the squared one, and least there. */
static float *mean_values(const struct dataset *dataset, enum data_part part, long n,
                          struct pool *pool) {
    size_t K = (size_t)dataset->n_classes;
    double *sum = pool_alloc(pool, K * sizeof *sum);
    float *mean = pool_alloc(pool, K * sizeof *mean);
    for (size_t k = 0; k < K; k++)
        sum[k] = 0;
    for (long i = 0; i < n; i++)
        for (size_t k = 0; k < K; k++)
            sum[k] += (double)dataset_values(dataset, part, i)[k];
    for (size_t k = 0; k < K; k++)
        mean[k] = (float)(sum[k] / (double)n);
    return mean;
}

static double loss_of_mean(const struct dataset *dataset, const struct loss_kind *loss,
                           enum data_part part, long n, struct pool *pool) {
    const float *mean = mean_values(dataset, part, n, pool);
    double total = 0;
    for (long i = 0; i < n; i++) {
        struct target target = {.values = dataset_values(dataset, part, i)};
        total += loss->row(mean, dataset->n_classes, target, 0, NULL);
    }
    return total / (double)n;
}

double baseline_loss(const struct dataset *dataset, long loss, enum data_part part, long n) {
    const struct loss_kind *kind = loss_get(loss);
    struct pool pool = {0};
    double chance = dataset_has_values(dataset)
                        ? loss_of_mean(dataset, kind, part, n, &pool)
                        : kind->baseline(frequencies(dataset, part, n, &pool), dataset->n_classes);
    pool_free(&pool);
    return chance;
}

static int commonest(const long *counts, int n_classes) {
    int most = 0;
    for (int k = 1; k < n_classes; k++)
        if (counts[k] > counts[most])
            most = k;
    return most;
}

long baseline_wrong(const struct dataset *dataset, enum data_part part, long n) {
    if (dataset_has_values(dataset))
        return -1;
    struct pool pool = {0};
    long *counts = pool_alloc(&pool, (size_t)dataset->n_classes * sizeof *counts);
    dataset_class_counts(dataset, part, n, counts);
    long wrong = n - counts[commonest(counts, dataset->n_classes)];
    pool_free(&pool);
    return wrong;
}

/* The class that is commonest in the training part, the first of several. */
static int commonest_class(const struct dataset *dataset) {
    struct pool pool = {0};
    long *counts = pool_alloc(&pool, (size_t)dataset->n_classes * sizeof *counts);
    dataset_class_counts(dataset, PART_TRAIN, dataset->n[PART_TRAIN], counts);
    int class = commonest(counts, dataset->n_classes);
    pool_free(&pool);
    return class;
}

double baseline_error(const struct dataset *dataset, enum data_part part) {
    if (dataset_has_values(dataset))
        return NAN;
    const uint8_t *labels = dataset_labels(dataset, part);
    int class = commonest_class(dataset);
    long n = dataset->n[part], wrong = 0;
    for (long i = 0; i < n; i++)
        wrong += labels[i] != class;
    return (double)wrong / (double)n; /* as evaluation counts: they tie */
}

void baseline_mark_wrong(const struct dataset *dataset, enum data_part part, uint64_t *wrong) {
    const uint8_t *labels = dataset_labels(dataset, part);
    int class = commonest_class(dataset);
    long n = dataset->n[part];
    memset(wrong, 0, evaluate_words(n) * sizeof *wrong);
    for (long i = 0; i < n; i++)
        if (labels[i] != class)
            evaluate_mark(wrong, i);
}
