/* Numbers as targets: the generated matrix, which rows get which, and what has no meaning. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "engine/data/dataset.h"

enum { F = 2, K = 3, ROWS = 4000, TEST_ROWS = 1000 };
static const struct data_config linear = {.name = DATA_LINEAR,
                                          .seed = 4,
                                          .classes = K,
                                          .features = F,
                                          .rows = ROWS,
                                          .test_rows = TEST_ROWS,
                                          .train = -1,
                                          .validation = 500,
                                          .test = -1};

static struct data_source *load(const struct data_config *config) {
    struct data_source *source = NULL;
    cr_assert(!data_source_load(config, &source), "%s", status_message());
    return source;
}

/* t = A x of two rows, solved for row k of A. */
static void solve(const float *x, const float *t, int k, double a[F]) {
    double x00 = (double)x[0], x01 = (double)x[1], x10 = (double)x[F], x11 = (double)x[F + 1];
    double t0 = (double)t[k], t1 = (double)t[K + k], determinant = x00 * x11 - x01 * x10;
    a[0] = (t0 * x11 - x01 * t1) / determinant;
    a[1] = (x00 * t1 - t0 * x10) / determinant;
}

static void check_rows(const float *x, const float *t, long n, const double A[K][F]) {
    for (long i = 0; i < n; i++)
        for (int k = 0; k < K; k++) {
            double expected = A[k][0] * (double)x[i * F] + A[k][1] * (double)x[i * F + 1];
            double error = fabs((double)t[i * K + k] - expected);
            cr_assert(error <= 1e-5, "row %ld, output %d: off by %g", i, k, error);
        }
}

Test(linear, one_matrix_makes_the_targets_of_all_rows) {
    struct data_source *source = load(&linear);
    double A[K][F], size = 0;
    cr_assert(source->n_classes == K && source->n_features == F, "shape");
    cr_assert(!source->train_labels && !source->test_labels, "labels of numbers");
    for (int k = 0; k < K; k++) {
        solve(source->train_values, source->train_targets, k, A[k]);
        size += A[k][0] * A[k][0] + A[k][1] * A[k][1];
    }
    cr_assert(size > 0.1 && size < 60, "entries of A are not of deviation 1: sum of squares %g",
              size);
    check_rows(source->train_values, source->train_targets, ROWS, A);
    check_rows(source->test_values, source->test_targets, TEST_ROWS, A);
    data_source_free(source);
}

Test(linear, input_is_standard_normal) {
    struct data_source *source = load(&linear);
    double sum = 0, square = 0, fourth = 0, products = 0, n = ROWS * F;
    for (long i = 0; i < ROWS * F; i++) {
        double x = (double)source->train_values[i];
        sum += x / n;
        square += x * x / n;
        fourth += x * x * x * x / n;
    }
    for (long i = 0; i < TEST_ROWS * F; i++)
        products += (double)source->train_values[i] * (double)source->test_values[i];
    cr_assert(fabs(sum) < 5 / sqrt(n), "mean %g", sum);
    cr_assert(fabs(square - 1) < 5 * sqrt(2 / n), "variance %g", square);
    cr_assert(fabs(fourth - 3) < 5 * sqrt(96 / n), "fourth moment %g", fourth);
    cr_assert(fabs(products) < 5 * sqrt(TEST_ROWS * F), "test rows repeat training rows");
    data_source_free(source);
}

Test(linear, seed_decides_all_of_it) {
    struct data_config other = linear;
    other.seed = 5;
    struct data_source *a = load(&linear), *b = load(&linear), *c = load(&other);
    cr_assert(data_source_same(&linear, &linear) && !data_source_same(&linear, &other), "sharing");
    cr_assert(!strcmp(a->hash, b->hash) && strcmp(a->hash, c->hash) != 0, "hashes %s %s %s",
              a->hash, b->hash, c->hash);
    cr_assert(!memcmp(a->train_targets, b->train_targets, ROWS * K * sizeof(float)), "targets");
    data_source_free(a);
    data_source_free(b);
    data_source_free(c);
}

static void check_gathered(const struct dataset *dataset, enum data_part part, long first_row) {
    enum { B = 6 };
    static const uint32_t rows[B] = {3, 77, 0, 12, 498, 12};
    const struct data_source *source = dataset->source;
    const float *file = part == PART_TEST ? source->test_targets : source->train_targets;
    const float *file_x = part == PART_TEST ? source->test_values : source->train_values;
    struct target targets[B];
    float x[B * F];
    dataset_gather(dataset, part, rows, B, 0, (struct span){0, B}, x, targets);
    for (int b = 0; b < B; b++) {
        long at = first_row + rows[b];
        cr_assert(!memcmp(targets[b].values, file + at * K, K * sizeof(float)), "part %d, row %u",
                  part, rows[b]);
        cr_assert(targets[b].values == dataset_values(dataset, part, rows[b]), "another row");
        cr_assert(x[b * F] == file_x[at * F], "input of row %u", rows[b]);
    }
}

Test(linear, targets_go_with_their_rows) {
    struct data_source *source = load(&linear);
    struct dataset *dataset = NULL;
    cr_assert(!dataset_create(&linear, source, &dataset), "%s", status_message());
    cr_assert(dataset_has_values(dataset) && !dataset_labels(dataset, PART_TEST), "labels");
    check_gathered(dataset, PART_TRAIN, 0);
    check_gathered(dataset, PART_VALIDATION, ROWS - 500);
    check_gathered(dataset, PART_TEST, 0);
    dataset_free(dataset);
    data_source_free(source);
}
