/* Chance: the best constant prediction of numbers as targets, and of classes. */
#include <criterion/criterion.h>
#include <math.h>

#include "engine/nn/baseline.h"
#include "tests/support.h"

enum { K = 3, N = 200 };

static double loss_of(const struct dataset *dataset, const float *z) {
    double total = 0;
    for (long i = 0; i < N; i++) {
        struct target target = {.values = dataset_values(dataset, PART_VALIDATION, i)};
        total += loss_get(LOSS_SQUARED)->row(z, K, target, 0, NULL);
    }
    return total / N;
}

Test(nn_constant, no_other_constant_is_nearer_to_numbers) {
    struct test_data *data = test_data_create(880, 4, K, 50, N, 30);
    test_data_take_values(data, 881);
    double best = baseline_loss(&data->dataset, LOSS_SQUARED, PART_VALIDATION, N);
    double nearest = INFINITY;
    for (uint32_t i = 0; i < 500; i++) {
        float z[K];
        test_normal(900 + i, K, 0.5, 0.3, z);
        double loss = loss_of(&data->dataset, z);
        cr_assert(loss >= best, "%g at %g %g %g, less than %g", loss, (double)z[0], (double)z[1],
                  (double)z[2], best);
        nearest = fmin(nearest, loss);
    }
    cr_assert(nearest - best < 0.1, "%g, and no better than %g is found", best, nearest);
    cr_assert(isnan(baseline_error(&data->dataset, PART_TEST)), "an error of numbers");
    cr_assert(baseline_wrong(&data->dataset, PART_TEST, 30) < 0, "wrong rows of numbers");
    test_data_free(data);
}

Test(nn_constant, commonest_class_of_the_training_part) {
    struct test_data *data = test_data_create(890, 4, K, N, 50, 30);
    long train[K], test[K];
    int commonest = 0;
    dataset_class_counts(&data->dataset, PART_TRAIN, N, train);
    dataset_class_counts(&data->dataset, PART_TEST, 30, test);
    for (int k = 1; k < K; k++)
        commonest = train[k] > train[commonest] ? k : commonest;
    double error = baseline_error(&data->dataset, PART_TEST);
    cr_assert(error == (double)(30 - test[commonest]) / 30, "error %.17g", error);
    uint64_t wrong = ~(uint64_t)0;
    baseline_mark_wrong(&data->dataset, PART_TEST, &wrong);
    for (int row = 0; row < 64; row++)
        cr_assert((wrong >> row & 1) == (row < 30 && data->source.test_labels[row] != commonest),
                  "row %d", row);
    test_data_free(data);
}

Test(nn_constant, no_other_class_has_fewer_wrong_rows) {
    struct test_data *data = test_data_create(891, 4, K, N, 50, 30);
    long counts[K], least = 20;
    dataset_class_counts(&data->dataset, PART_VALIDATION, 20, counts);
    for (int k = 0; k < K; k++)
        least = 20 - counts[k] < least ? 20 - counts[k] : least;
    cr_assert(baseline_wrong(&data->dataset, PART_VALIDATION, 20) == least, "%ld, not %ld",
              baseline_wrong(&data->dataset, PART_VALIDATION, 20), least);
    test_data_free(data);
}
