/* The split into folds: which row lands where, and that everything else about a data set follows.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "engine/data/dataset.h"
#include "tests/support.h"

TestSuite(split);

enum { F = 3, N = 40, N_TEST = 13, ALL = N + N_TEST }; /* 53 rows: 7 * 7 + 4 */

static struct data_config folds(long fold) {
    return (struct data_config){.split = SPLIT_FOLDS,
                                .fold = fold,
                                .train = -1,
                                .validation = 6,
                                .test = -1,
                                .rescale_factor = 1};
}

/* Number of a place among all rows. */
static long number_of(struct row_place place) {
    return (long)place.at + (place.in_test_file ? N : 0);
}

static struct split split_of(const struct data_config *config, long n[3]) {
    const struct data_source source = {.n_train_rows = N, .n_test_rows = N_TEST};
    struct split split;
    cr_assert(!split_set(config, &source, &split, n), "%s", status_message());
    return split;
}

/* By hand: 53 rows, fold 4 is rows 4, 11, 18, 25, 32, 39, 46; there is no row 53 for it. */
Test(split, rows_of_a_fold_worked_by_hand) {
    const struct data_config config = folds(4);
    const long test[] = {4, 11, 18, 25, 32, 39, 46}, train[] = {0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 12},
               validation[] = {47, 48, 49, 50, 51, 52};
    long n[3];
    struct split split = split_of(&config, n);
    cr_assert(n[PART_TEST] == 7 && n[PART_VALIDATION] == 6 && n[PART_TRAIN] == 40, "%ld, %ld, %ld",
              n[PART_TRAIN], n[PART_VALIDATION], n[PART_TEST]);
    for (long i = 0; i < 7; i++)
        cr_assert(number_of(split_place(&split, PART_TEST, i)) == test[i], "test row %ld", i);
    for (long i = 0; i < 11; i++)
        cr_assert(number_of(split_place(&split, PART_TRAIN, i)) == train[i], "row %ld", i);
    for (long i = 0; i < 6; i++)
        cr_assert(number_of(split_place(&split, PART_VALIDATION, i)) == validation[i],
                  "validation row %ld", i);
}

/* Each row is in one part of a fold's data set, and in the test part of one fold. */
Test(split, folds_are_disjoint_and_complete) {
    int tested[ALL] = {0};
    for (long fold = 0; fold < SPLIT_FOLDS_N; fold++) {
        const struct data_config config = folds(fold);
        int used[ALL] = {0};
        long n[3], last = -1;
        struct split split = split_of(&config, n);
        cr_assert(n[PART_TEST] == (fold < 4 ? 8 : 7), "fold %ld has %ld rows", fold, n[PART_TEST]);
        for (enum data_part part = PART_TRAIN; part <= PART_TEST; part++)
            for (long row = 0; row < n[part]; row++) {
                struct row_place place = split_place(&split, part, row);
                long number = number_of(place);
                cr_assert(place.at < (place.in_test_file ? N_TEST : N), "beyond its file");
                cr_assert(number == split_number(&split, place), "number of row %ld", number);
                cr_assert(part == PART_TEST || number > last, "the others in their order");
                last = part == PART_TEST ? last : number;
                used[number]++;
                tested[number] += part == PART_TEST;
            }
        for (int row = 0; row < ALL; row++)
            cr_assert(used[row] == 1, "fold %ld: row %d is used %d times", fold, row, used[row]);
    }
    for (int row = 0; row < ALL; row++)
        cr_assert(tested[row] == 1, "row %d is tested in %d folds", row, tested[row]);
}

/* Training rows the first, validation rows the last, as many as were asked for. */
Test(split, fewer_rows_are_the_first_of_training_and_testing_and_the_last_of_validation) {
    struct data_config config = folds(0);
    long n[3];
    config.train = 5;
    config.validation = 2;
    config.test = 3;
    struct split split = split_of(&config, n);
    cr_assert(n[PART_TRAIN] == 5 && n[PART_VALIDATION] == 2 && n[PART_TEST] == 3, "sizes");
    cr_assert(number_of(split_place(&split, PART_TRAIN, 4)) == 5, "training");
    cr_assert(number_of(split_place(&split, PART_VALIDATION, 0)) == 51 &&
                  number_of(split_place(&split, PART_VALIDATION, 1)) == 52,
              "validation");
    cr_assert(number_of(split_place(&split, PART_TEST, 2)) == 14, "test");
}

Test(split, more_rows_than_a_fold_leaves_are_refused) {
    const struct data_source source = {.n_train_rows = N, .n_test_rows = N_TEST};
    const struct {
        long train, validation, test;
        const char *word;
    } bad[] = {{40, 6, -1, "40 + 6 rows, but there are 45"},
               {-1, 45, -1, "no rows are left to train on (45 in all"},
               {-1, 46, -1, "data.validation: 46 rows, but there are 45"},
               {-1, 6, 9, "data.test: 9 rows, but there are 8"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct data_config config = folds(3);
        struct split split;
        long n[3];
        config.train = bad[i].train;
        config.validation = bad[i].validation;
        config.test = bad[i].test;
        cr_assert(split_set(&config, &source, &split, n) == ERROR_USAGE, "%s", bad[i].word);
        cr_assert(strstr(status_message(), bad[i].word), "'%s' lacks '%s'", status_message(),
                  bad[i].word);
    }
}

/* ---- data sets of folds ---- */

/* Every value tells its row and column. */
struct fixture {
    struct data_source source;
    uint8_t bytes[ALL * F], labels[ALL];
    float values[ALL * F], targets[ALL * 2];
};

static struct fixture *fixture_create(bool floats, bool numbers) {
    struct fixture *fixture = test_memory(1, sizeof *fixture);
    const struct random_key key = {3, RANDOM_TEST, 5};
    for (int i = 0; i < ALL * F; i++) {
        fixture->bytes[i] = (uint8_t)random_below(key, (uint64_t)i, 256);
        fixture->values[i] = (float)i * 0.37f - 11;
        fixture->labels[i / F] = (uint8_t)random_below(key, (uint64_t)(1000 + i / F), 2);
    }
    for (int i = 0; i < ALL * 2; i++)
        fixture->targets[i] = (float)i;
    fixture->source = (struct data_source){
        .n_features = F,
        .n_classes = 2,
        .n_train_rows = N,
        .n_test_rows = N_TEST,
        .train_bytes = floats ? NULL : fixture->bytes,
        .test_bytes = floats ? NULL : fixture->bytes + N * F,
        .train_values = floats ? fixture->values : NULL,
        .test_values = floats ? fixture->values + N * F : NULL,
        .train_labels = numbers ? NULL : fixture->labels,
        .test_labels = numbers ? NULL : fixture->labels + N,
        .train_targets = numbers ? fixture->targets : NULL,
        .test_targets = numbers ? fixture->targets + N * 2 : NULL,
    };
    return fixture;
}

static struct dataset *dataset_of(const struct data_config *config, const struct fixture *fixture) {
    struct dataset *dataset = NULL;
    cr_assert(!dataset_create(config, &fixture->source, &dataset), "%s", status_message());
    return dataset;
}

/* Both files stand one behind the other in the fixture: row i of all is its row i. */
static void check_rows(const struct fixture *fixture, const struct dataset *dataset,
                       enum data_part part) {
    long n = dataset->n[part];
    uint32_t rows[ALL];
    float x[ALL * F];
    struct target targets[ALL];
    for (long i = 0; i < n; i++)
        rows[i] = (uint32_t)(n - 1 - i);
    dataset_gather(dataset, part, rows, n, 0, (struct span){0, (int)n}, x, targets);
    for (long i = 0; i < n; i++) {
        long at = number_of(split_place(&dataset->split, part, n - 1 - i));
        for (int j = 0; j < F; j++) {
            float value = fixture->source.train_bytes ? fixture->bytes[at * F + j]
                                                      : fixture->values[at * F + j];
            float expected = (value - dataset->shift[j]) * dataset->factor[j];
            cr_assert(x[i * F + j] == expected, "part %d, row %ld: %g, not %g", part, i,
                      (double)x[i * F + j], (double)expected);
        }
        if (dataset_has_values(dataset)) {
            cr_assert(targets[i].values == dataset_values(dataset, part, n - 1 - i), "targets");
            cr_assert(targets[i].values[0] == fixture->targets[2 * at], "targets of row %ld", i);
        } else {
            cr_assert(targets[i].label == fixture->labels[at], "label of row %ld", i);
            cr_assert(dataset_labels(dataset, part)[n - 1 - i] == targets[i].label, "labels");
        }
    }
}

Test(split, rows_labels_and_targets_belong_together) {
    for (int variant = 0; variant < 4; variant++) {
        struct fixture *fixture = fixture_create(variant & 1, variant & 2);
        for (long fold = 0; fold < SPLIT_FOLDS_N; fold++) {
            struct data_config config = folds(fold);
            config.scale = SCALE_STANDARDIZE_FEATURES;
            struct dataset *dataset = dataset_of(&config, fixture);
            for (enum data_part part = PART_TRAIN; part <= PART_TEST; part++)
                check_rows(fixture, dataset, part);
            dataset_free(dataset);
        }
        free(fixture);
    }
}

/* Standardized training rows have mean 0 and deviation 1 in each column; what is in the test fold
 * or for validation has no part in that. */
Test(split, scaling_is_of_the_training_rows_alone) {
    for (int floats = 0; floats < 2; floats++) {
        struct fixture *fixture = fixture_create(floats, false);
        struct data_config config = folds(5);
        config.scale = SCALE_STANDARDIZE_FEATURES;
        struct dataset *dataset = dataset_of(&config, fixture);
        float x[ALL * F];
        struct target targets[ALL];
        int n = (int)dataset->n[PART_TRAIN];
        dataset_gather(dataset, PART_TRAIN, NULL, 0, 0, (struct span){0, n}, x, targets);
        for (int j = 0; j < F; j++) {
            double sum = 0, square = 0;
            for (int i = 0; i < n; i++)
                sum += (double)x[i * F + j];
            for (int i = 0; i < n; i++)
                square += pow((double)x[i * F + j] - sum / n, 2);
            cr_assert(fabs(sum / n) < 1e-6 && fabs(sqrt(square / n) - 1) < 1e-6, "column %d", j);
        }
        for (int row = 0; row < ALL; row++)
            if (row % SPLIT_FOLDS_N == 5 || row >= 46) /* tested on, or the last 6 of the rest */
                for (int j = 0; j < F; j++) {
                    fixture->bytes[row * F + j] ^= 255;
                    fixture->values[row * F + j] = 1e6f;
                }
        struct dataset *again = dataset_of(&config, fixture);
        cr_assert(!memcmp(dataset->shift, again->shift, F * sizeof(float)) &&
                      !memcmp(dataset->factor, again->factor, F * sizeof(float)),
                  "rows that are not for training change the scaling");
        config.scale = SCALE_UNIT;
        struct dataset *unit = dataset_of(&config, fixture);
        float largest = floats ? (45 * F + F - 1) * 0.37f - 11 : 255;
        cr_assert(fabs(1 / (double)unit->factor[0] - (double)largest) < 1e-3, "unit is %g, not %g",
                  1 / (double)unit->factor[0], (double)largest);
        dataset_free(dataset);
        dataset_free(again);
        dataset_free(unit);
        free(fixture);
    }
}

Test(split, class_counts_are_of_the_part) {
    struct fixture *fixture = fixture_create(false, false);
    struct data_config config = folds(2);
    struct dataset *dataset = dataset_of(&config, fixture);
    long counts[2], expected = 0;
    for (int row = 2; row < ALL; row += SPLIT_FOLDS_N)
        expected += fixture->labels[row];
    dataset_class_counts(dataset, PART_TEST, dataset->n[PART_TEST], counts);
    cr_assert(counts[1] == expected && counts[0] + counts[1] == 8, "%ld and %ld, not %ld of 8",
              counts[0], counts[1], expected);
    dataset_free(dataset);
    free(fixture);
}

/* A row's own colour is its own wherever it stands, and the test part is coloured as test rows. */
Test(split, colours_follow_rows_and_parts) {
    static const double black[] = {0};
    struct fixture *fixture = fixture_create(true, false);
    struct data_config config = folds(6), plain = config;
    config.colour = (struct colour_config){
        .kind = COLOUR_CLASS, .strength = 8, .black = black, .n_black = 1, .test = 2};
    struct dataset *coloured = dataset_of(&config, fixture), *grey = dataset_of(&plain, fixture);
    for (enum data_part part = PART_TRAIN; part <= PART_TEST; part++) {
        int n = (int)grey->n[part];
        float x[ALL * F], without[ALL * F];
        struct target targets[ALL];
        dataset_gather(coloured, part, NULL, 0, 0, (struct span){0, n}, x, targets);
        dataset_gather(grey, part, NULL, 0, 0, (struct span){0, n}, without, targets);
        for (int i = 0; i < n; i++) {
            bool is_black = (targets[i].label == 0) != (part == PART_TEST); /* swapped there */
            float tint = is_black ? -8 : 8;
            cr_assert(x[i * F] == without[i * F] + tint, "part %d, row %d", part, i);
        }
    }
    dataset_free(coloured);
    dataset_free(grey);
    free(fixture);
}
