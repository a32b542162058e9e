#include <math.h>

#include "base/random.h"
#include "engine/data/dataset.h"
#include "tests/engine/data/idx_files.h"

TestSuite(dataset);

enum { N = 200, N_TEST = 50, F = 7, CONSTANT = 4 };

/* A source in memory: bytes of very different columns, one of them constant, and the same as
 * floats. */
struct fixture {
    struct data_source source;
    uint8_t bytes[N * F], test_bytes[N_TEST * F], labels[N], test_labels[N_TEST];
    float values[N * F], test_values[N_TEST * F];
};

static struct fixture *fixture_create(bool floats) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct random_key key = {0, RANDOM_TEST, 0};
    for (int i = 0; i < N * F; i++) {
        int j = i % F;
        uint32_t value = random_below(key, (uint64_t)i, j == 5 ? 3 : 40 * (uint32_t)j + 1);
        fixture->bytes[i] = (uint8_t)(j == CONSTANT ? 93 : value);
        fixture->values[i] = floats ? (float)(fixture->bytes[i] - 100) * 0.37f : 0;
        fixture->labels[i / F] = (uint8_t)(i / F % 3);
    }
    for (int i = 0; i < N_TEST * F; i++) {
        fixture->test_bytes[i] = (uint8_t)(255 - fixture->bytes[i]);
        fixture->test_values[i] = 1000 * fixture->values[i];
        fixture->test_labels[i / F] = (uint8_t)(i / F % 2);
    }
    fixture->source = (struct data_source){
        .n_features = F,
        .n_classes = 3,
        .n_train_rows = N,
        .n_test_rows = N_TEST,
        .train_bytes = floats ? NULL : fixture->bytes,
        .test_bytes = floats ? NULL : fixture->test_bytes,
        .train_values = floats ? fixture->values : NULL,
        .test_values = floats ? fixture->test_values : NULL,
        .train_labels = fixture->labels,
        .test_labels = fixture->test_labels,
    };
    return fixture;
}

static struct data_config fixture_config(enum data_scale scale) {
    return (struct data_config){.name = DATA_IDX,
                                .scale = scale,
                                .train = 150,
                                .validation = 30,
                                .test = -1,
                                .rescale_factor = 1};
}

static struct dataset *create(const struct data_config *config, const struct fixture *fixture) {
    struct dataset *dataset = NULL;
    cr_assert(dataset_create(config, &fixture->source, &dataset) == OK, "%s", status_message());
    return dataset;
}

/* All training rows, scaled. */
static void gather_train(const struct dataset *dataset, float *x) {
    struct target targets[N];
    int n = (int)dataset->n[PART_TRAIN];
    dataset_gather(dataset, PART_TRAIN, NULL, 0, 0, (struct span){0, n}, x, targets);
}

/* Mean and deviation (divisor n) of every `stride`-th of n numbers. */
static void moments(const float *x, int n, int stride, double *mean, double *deviation) {
    double sum = 0, square = 0;
    for (int i = 0; i < n; i++)
        sum += (double)x[i * stride];
    *mean = sum / n;
    for (int i = 0; i < n; i++)
        square += ((double)x[i * stride] - *mean) * ((double)x[i * stride] - *mean);
    *deviation = sqrt(square / n);
}

Test(dataset, split) {
    struct fixture *fixture = fixture_create(false);
    struct data_config config = fixture_config(SCALE_NONE);
    struct dataset *dataset = create(&config, fixture);
    cr_assert(dataset->n[PART_TRAIN] == 150 && dataset->split.first[PART_TRAIN] == 0, "train");
    cr_assert(dataset->n[PART_VALIDATION] == 30 && dataset->split.first[PART_VALIDATION] == 170,
              "validation rows are not the file's last");
    cr_assert(dataset->n[PART_TEST] == N_TEST && dataset->split.first[PART_TEST] == 0, "test");
    dataset_free(dataset);
    config.train = -1;
    config.test = 8;
    dataset = create(&config, fixture);
    cr_assert(dataset->n[PART_TRAIN] == 170 && dataset->n[PART_TEST] == 8, "all, and 8");
    dataset_free(dataset);
    config.validation = 0;
    dataset = create(&config, fixture);
    cr_assert(dataset->n[PART_TRAIN] == N && dataset->n[PART_VALIDATION] == 0, "no validation");
    dataset_free(dataset);
    free(fixture);
}

Test(dataset, split_that_does_not_fit) {
    const struct {
        long train, validation, test;
        const char *word, *word2;
    } bad[] = {
        {171, 30, -1, "171 + 30 rows", "there are 200"},
        {150, 201, -1, "data.validation: 201", "there are 200"},
        {-1, 200, -1, "data.train", "no rows are left"},
        {0, 10, -1, "data.train", "no rows are left"},
        {10, 10, 51, "data.test: 51", "there are 50"},
    };
    struct fixture *fixture = fixture_create(false);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct data_config config = fixture_config(SCALE_NONE);
        config.train = bad[i].train;
        config.validation = bad[i].validation;
        config.test = bad[i].test;
        struct dataset *dataset = NULL;
        ASSERT_FAILURE(bad[i].word, dataset_create(&config, &fixture->source, &dataset),
                       ERROR_USAGE, bad[i].word, bad[i].word2);
        cr_assert(dataset == NULL, "%s: a dataset all the same", bad[i].word);
    }
    free(fixture);
}

Test(dataset, none_and_unit) {
    float x[N * F];
    for (int floats = 0; floats < 2; floats++) {
        struct fixture *fixture = fixture_create(floats);
        float largest = 0;
        for (int i = 0; i < 150 * F; i++)
            largest = fmaxf(largest, fabsf(fixture->values[i]));
        for (enum data_scale scale = SCALE_NONE; scale <= SCALE_UNIT; scale++) {
            struct data_config config = fixture_config(scale);
            struct dataset *dataset = create(&config, fixture);
            gather_train(dataset, x);
            float unit = scale == SCALE_NONE ? 1 : floats ? largest : 255;
            for (int i = 0; i < 150 * F; i++) {
                float raw = floats ? fixture->values[i] : (float)fixture->bytes[i];
                cr_assert(fabsf(x[i] - raw / unit) <= 1e-7f * fabsf(raw), "scale %d, value %d: %g",
                          scale, i, (double)x[i]);
            }
            dataset_free(dataset);
        }
        free(fixture);
    }
}

Test(dataset, standardize) {
    float x[N * F];
    for (int floats = 0; floats < 2; floats++) {
        struct fixture *fixture = fixture_create(floats);
        struct data_config config = fixture_config(SCALE_STANDARDIZE);
        struct dataset *dataset = create(&config, fixture);
        double mean, deviation;
        gather_train(dataset, x);
        moments(x, 150 * F, 1, &mean, &deviation);
        cr_assert(fabs(mean) <= 1e-6 && fabs(deviation - 1) <= 1e-6, "mean %g, deviation %g", mean,
                  deviation);
        for (int j = 1; j < F; j++)
            cr_assert(dataset->shift[j] == dataset->shift[0] &&
                          dataset->factor[j] == dataset->factor[0],
                      "feature %d has a scale of its own", j);
        dataset_free(dataset);
        free(fixture);
    }
}

/* Means of up to 46 deviations, rounded to float32: 46 * 2^-24 = 3e-6. */
Test(dataset, standardize_features) {
    float x[N * F];
    for (int floats = 0; floats < 2; floats++) {
        struct fixture *fixture = fixture_create(floats);
        struct data_config config = fixture_config(SCALE_STANDARDIZE_FEATURES);
        struct dataset *dataset = create(&config, fixture);
        gather_train(dataset, x);
        for (int j = 0; j < F; j++) {
            /* Columns 0 (below 1) and CONSTANT never change. */
            double mean, deviation, expected = j == 0 || j == CONSTANT ? 0 : 1;
            moments(x + j, 150, F, &mean, &deviation);
            cr_assert(fabs(mean) <= 5e-6 && fabs(deviation - expected) <= 1e-6,
                      "feature %d: mean %g, deviation %g", j, mean, deviation);
        }
        cr_assert(dataset->factor[CONSTANT] == 1, "a deviation of 0 counts as %g, not 1",
                  1 / (double)dataset->factor[CONSTANT]);
        dataset_free(dataset);
        free(fixture);
    }
}

/* Many rows of bytes at their largest: sums and squares that would overflow 32 bits, and a
 * deviation that E[x^2] - E[x]^2 in float would lose. */
Test(dataset, standardize_many_large_bytes) {
    enum { ROWS = 300000 };
    uint8_t *bytes = malloc(ROWS), *labels = calloc(ROWS, 1);
    memset(bytes, 255, ROWS);
    bytes[ROWS - 1] = 254;
    struct data_source source = {.n_features = 1,
                                 .n_classes = 2,
                                 .n_train_rows = ROWS,
                                 .n_test_rows = 1,
                                 .train_bytes = bytes,
                                 .test_bytes = bytes,
                                 .train_labels = labels,
                                 .test_labels = labels};
    struct data_config config = fixture_config(SCALE_STANDARDIZE);
    config.train = -1;
    config.validation = 0;
    struct dataset *dataset;
    cr_assert(dataset_create(&config, &source, &dataset) == OK, "%s", status_message());
    double p = 1.0 / ROWS, deviation = sqrt(p * (1 - p));
    cr_assert(fabs((double)dataset->shift[0] - (255 - p)) <= 2e-5, "%g", (double)dataset->shift[0]);
    cr_assert(fabs((double)dataset->factor[0] * deviation - 1) <= 1e-6, "deviation %g, not %g",
              1 / (double)dataset->factor[0], deviation);
    dataset_free(dataset);
    free(bytes);
    free(labels);
}

/* Constant float columns of awkward values, and one whose deviation is too small for float32. */
Test(dataset, constant_feature_is_never_nan) {
    enum { ROWS = 1000, COLUMNS = 5 };
    const float constants[COLUMNS] = {0.1f, -1e30f, 1e-40f, 0, 16777217.0f};
    float *values = malloc(ROWS * COLUMNS * sizeof *values),
          *x = malloc(ROWS * COLUMNS * sizeof *x);
    struct target *targets = malloc(ROWS * sizeof *targets);
    uint8_t *labels = calloc(ROWS, 1);
    for (int i = 0; i < ROWS * COLUMNS; i++)
        values[i] = constants[i % COLUMNS];
    values[2] = 2e-40f;
    struct data_source source = {.n_features = COLUMNS,
                                 .n_classes = 2,
                                 .n_train_rows = ROWS,
                                 .n_test_rows = 1,
                                 .train_values = values,
                                 .test_values = values,
                                 .train_labels = labels,
                                 .test_labels = labels};
    for (enum data_scale scale = SCALE_NONE; scale <= SCALE_STANDARDIZE_FEATURES; scale++) {
        struct data_config config = fixture_config(scale);
        config.train = -1;
        config.validation = 0;
        struct dataset *dataset;
        cr_assert(dataset_create(&config, &source, &dataset) == OK, "%s", status_message());
        dataset_gather(dataset, PART_TRAIN, NULL, 0, 0, (struct span){0, ROWS}, x, targets);
        for (int i = 0; i < ROWS * COLUMNS; i++)
            cr_assert(isfinite(x[i]), "scale %d, column %d: %g", scale, i % COLUMNS, (double)x[i]);
        for (int j = 0; scale == SCALE_STANDARDIZE_FEATURES && j < COLUMNS; j++)
            cr_assert(fabsf(x[COLUMNS + j]) <= 1e-30f && dataset->factor[j] == 1,
                      "column %d: a constant is %g, with the factor %g", j, (double)x[COLUMNS + j],
                      (double)dataset->factor[j]);
        dataset_free(dataset);
    }
    free(values);
    free(x);
    free(targets);
    free(labels);
}

Test(dataset, statistics_ignore_validation_and_test_rows) {
    for (int floats = 0; floats < 2; floats++)
        for (enum data_scale scale = SCALE_UNIT; scale <= SCALE_STANDARDIZE_FEATURES; scale++) {
            struct fixture *fixture = fixture_create(floats);
            struct data_config config = fixture_config(scale);
            struct dataset *before = create(&config, fixture);
            for (int i = 150 * F; i < N * F; i++) {
                fixture->bytes[i] = (uint8_t)~fixture->bytes[i];
                fixture->values[i] = 1e6f;
            }
            memset(fixture->test_bytes, 200, sizeof fixture->test_bytes);
            fixture->test_values[0] = -1e7f;
            struct dataset *after = create(&config, fixture);
            cr_assert(!memcmp(before->shift, after->shift, F * sizeof(float)), "shift");
            cr_assert(!memcmp(before->factor, after->factor, F * sizeof(float)), "factor");
            fixture->bytes[0] ^= 128;
            fixture->values[1] += 1000;
            struct dataset *changed = create(&config, fixture);
            cr_assert((!floats && scale == SCALE_UNIT) ||
                          memcmp(before->factor, changed->factor, F * sizeof(float)) != 0,
                      "scale %d: the statistics ignore the training rows too", scale);
            dataset_free(before);
            dataset_free(after);
            dataset_free(changed);
            free(fixture);
        }
}

Test(dataset, rescale_chosen_features) {
    const double features[] = {1, 6};
    float plain[N * F], x[N * F];
    for (enum data_scale scale = SCALE_NONE; scale <= SCALE_STANDARDIZE_FEATURES; scale++) {
        struct fixture *fixture = fixture_create(false);
        struct data_config config = fixture_config(scale);
        struct dataset *dataset = create(&config, fixture);
        gather_train(dataset, plain);
        dataset_free(dataset);
        config.rescale_features = features;
        config.n_rescale_features = 2;
        config.rescale_factor = -100;
        config.rescale_offset = 5;
        dataset = create(&config, fixture);
        gather_train(dataset, x);
        for (int i = 0; i < 150 * F; i++) {
            bool chosen = i % F == 1 || i % F == 6;
            float expected = chosen ? -100 * plain[i] + 5 : plain[i];
            float tolerance = chosen ? 1e-6f * (fabsf(expected) + 100) : 0;
            cr_assert(fabsf(x[i] - expected) <= tolerance, "scale %d, value %d: %g instead of %g",
                      scale, i, (double)x[i], (double)expected);
        }
        dataset_free(dataset);
        free(fixture);
    }
}

Test(dataset, rescale_that_is_refused) {
    const struct {
        double features[2], factor, offset;
        const char *word, *word2;
    } bad[] = {
        {{0, 7}, 2, 0, "data.rescale_features", "no feature 7; they are 0 to 6"},
        {{0, -1}, 2, 0, "data.rescale_features", "no feature -1"},
        {{0, 1.5}, 2, 0, "data.rescale_features", "no feature 1.5"},
        {{3, 3}, 2, 0, "data.rescale_features", "feature 3 is named twice"},
        {{0, 1}, 0, 0, "data.rescale_factor", "may not be 0"},
        {{0, 1}, (double)NAN, 0, "data.rescale_factor", "finite"},
        {{0, 1}, 1, (double)INFINITY, "data.rescale_offset", "finite"},
        {{0, 1}, 1e-60, 0, "data.rescale_factor", "beyond float32"},
        {{0, 1}, 1e60, 0, "data.rescale_factor", "beyond float32"},
        {{0, 1}, 1e-10, 1e30, "data.rescale_offset", "beyond float32"},
        {{0, 1}, 1, 1e7, "data.rescale_offset", "column 1 would be about 1e+07"},
    };
    struct fixture *fixture = fixture_create(false);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct data_config config = fixture_config(SCALE_NONE);
        config.rescale_features = bad[i].features;
        config.n_rescale_features = 2;
        config.rescale_factor = bad[i].factor;
        config.rescale_offset = bad[i].offset;
        struct dataset *dataset = NULL;
        ASSERT_FAILURE(bad[i].word2, dataset_create(&config, &fixture->source, &dataset),
                       ERROR_USAGE, bad[i].word, bad[i].word2);
    }
    free(fixture);
}

/* The row of the file, scaled by the formula in the header, bit for bit. */
static void assert_row(const struct dataset *dataset, const struct fixture *fixture,
                       enum data_part part, long row, const float *x, int label) {
    bool test = part == PART_TEST, floats = fixture->source.train_values != NULL;
    long at = (long)dataset->split.first[part] + row;
    cr_assert(label == (test ? fixture->test_labels : fixture->labels)[at], "label of row %ld", at);
    for (int j = 0; j < F; j++) {
        float value = floats ? (test ? fixture->test_values : fixture->values)[at * F + j]
                             : (float)(test ? fixture->test_bytes : fixture->bytes)[at * F + j];
        float expected = (value - dataset->shift[j]) * dataset->factor[j];
        cr_assert(x[j] == expected, "part %d, row %ld, feature %d: %g instead of %g", part, row, j,
                  (double)x[j], (double)expected);
    }
}

Test(dataset, gather) {
    enum { B = 9 };
    const uint32_t rows[B] = {29, 0, 3, 3, 17, 28, 1, 2, 11};
    for (int floats = 0; floats < 2; floats++) {
        struct fixture *fixture = fixture_create(floats);
        struct data_config config = fixture_config(SCALE_STANDARDIZE_FEATURES);
        struct dataset *dataset = create(&config, fixture);
        for (enum data_part part = PART_TRAIN; part <= PART_TEST; part++)
            for (int shuffled = 0; shuffled < 2; shuffled++) {
                float x[B * F];
                struct target targets[B];
                /* In two spans, as two threads would. */
                dataset_gather(dataset, part, shuffled ? rows : NULL, B, 20, (struct span){4, B}, x,
                               targets);
                dataset_gather(dataset, part, shuffled ? rows : NULL, B, 20, (struct span){0, 4}, x,
                               targets);
                for (int i = 0; i < B; i++)
                    assert_row(dataset, fixture, part, shuffled ? (long)rows[i] : 20 + i, x + i * F,
                               targets[i].label);
            }
        dataset_free(dataset);
        free(fixture);
    }
}

Test(dataset, gather_writes_its_span_only) {
    struct fixture *fixture = fixture_create(false);
    struct data_config config = fixture_config(SCALE_UNIT);
    struct dataset *dataset = create(&config, fixture);
    float x[6 * F];
    struct target targets[6];
    for (int i = 0; i < 6 * F; i++)
        x[i] = -7, targets[i / F].label = -7;
    dataset_gather(dataset, PART_TRAIN, NULL, 0, 0, (struct span){2, 4}, x, targets);
    for (int i = 0; i < 6 * F; i++) {
        bool inside = i / F == 2 || i / F == 3;
        cr_assert(inside == (x[i] != -7) && inside == (targets[i / F].label != -7), "value %d", i);
    }
    dataset_free(dataset);
    free(fixture);
}

Test(dataset, class_counts) {
    struct fixture *fixture = fixture_create(false);
    struct data_config config = fixture_config(SCALE_NONE);
    struct dataset *dataset = create(&config, fixture);
    long counts[3];
    dataset_class_counts(dataset, PART_TRAIN, 4, counts);
    cr_assert(counts[0] == 2 && counts[1] == 1 && counts[2] == 1, "the first four rows");
    dataset_class_counts(dataset, PART_TRAIN, 150, counts);
    cr_assert(counts[0] == 50 && counts[1] == 50 && counts[2] == 50, "training");
    dataset_class_counts(dataset, PART_VALIDATION, 2, counts); /* rows 170, 171: labels 2, 0 */
    cr_assert(counts[0] == 1 && counts[1] == 0 && counts[2] == 1, "validation");
    dataset_class_counts(dataset, PART_TEST, 50, counts);
    cr_assert(counts[0] == 25 && counts[1] == 25 && counts[2] == 0, "test");
    dataset_free(dataset);
    free(fixture);
}
