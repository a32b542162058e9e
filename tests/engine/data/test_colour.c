/* Whose colour it is: of a row, a mini-batch, a class; and what gathering makes of it. */
#include <math.h>

#include "engine/data/dataset.h"
#include "tests/engine/data/idx_files.h"

TestSuite(colour);

enum { K = 5, N = 4000 };
static const float strength = 0.375f;

static struct colour make(enum data_colour kind, enum test_colour test) {
    static const double black[] = {1, 3};
    const struct colour_config config = {
        .kind = kind, .strength = 0.375, .black = black, .n_black = 2, .seed = 7, .test = test};
    struct colour colour;
    cr_assert(colour_set(&config, K, &colour) == OK, "%s", status_message());
    return colour;
}

static bool is_black(const struct colour *colour, const struct colour_batch *batch, bool test,
                     long row, int label) {
    float tint = colour_tint(colour, batch, test, row, label);
    cr_assert(tint == strength || tint == -strength, "tint %g", (double)tint);
    return tint < 0;
}

/* Two series of n fair coins that have nothing to do with each other. */
static void assert_independent(int n, const bool *a, const bool *b, const char *what) {
    int ones = 0, equal = 0;
    for (int i = 0; i < n; i++) {
        ones += a[i];
        equal += a[i] == b[i];
    }
    double tolerance = 4.5 * sqrt(n / 4.0);
    cr_assert(fabs(ones - n / 2.0) <= tolerance, "%s: %d of %d are black", what, ones, n);
    cr_assert(fabs(equal - n / 2.0) <= tolerance, "%s: %d of %d are equal", what, equal, n);
}

Test(colour, none_tints_nothing) {
    struct colour colour = make(COLOUR_NONE, TEST_COLOUR_SWAPPED);
    const struct colour_batch batch = {3, 4};
    for (int label = 0; label < K; label++) {
        cr_assert(colour_tint(&colour, &batch, false, 8, label) == 0, "training");
        cr_assert(colour_tint(&colour, NULL, true, 8, label) == 0, "test");
    }
}

/* Each row's own: a function of seed, file and row, whatever its label and mini-batch. */
Test(colour, of_a_row) {
    struct colour colour = make(COLOUR_ROW, TEST_COLOUR_BOUND), other = colour;
    static bool own[N], next[N], of_test[N], of_seed[N];
    other.seed = 8;
    for (int i = 0; i < N; i++) {
        const struct colour_batch batch = {5, i};
        own[i] = is_black(&colour, NULL, false, i, 0);
        cr_assert(own[i] == is_black(&colour, &batch, false, i, 3), "row %d in a mini-batch", i);
        next[i] = is_black(&colour, NULL, false, i + 1, 0);
        of_test[i] = is_black(&colour, NULL, true, i, 0);
        of_seed[i] = is_black(&other, NULL, false, i, 0);
    }
    assert_independent(N, own, next, "row and next row");
    assert_independent(N, own, of_test, "training and test file");
    assert_independent(N, own, of_seed, "two seeds");
}

Test(colour, of_a_mini_batch) {
    struct colour colour = make(COLOUR_BATCH, TEST_COLOUR_BOUND), other = colour;
    static bool now[N], next[N], of_seed[N], own[N];
    other.seed = 8;
    for (int i = 0; i < N; i++) {
        const struct colour_batch batch = {5, i}, later = {5, i + 1}, elsewhere = {6, i};
        now[i] = is_black(&colour, &batch, false, 0, 0);
        for (int row = 1; row < 10; row++)
            cr_assert(now[i] == is_black(&other, &batch, false, row, row % K),
                      "step %d has two colours", i);
        next[i] = is_black(&colour, &later, false, 0, 0);
        of_seed[i] = is_black(&colour, &elsewhere, false, 0, 0);
        own[i] = is_black(&colour, NULL, false, i, 0);
        cr_assert(own[i] == is_black(&colour, NULL, false, i, 1), "evaluated row %d", i);
    }
    assert_independent(N, now, next, "step and next step");
    assert_independent(N, now, of_seed, "two seeds");
    assert_independent(N, own, now, "evaluated rows and mini-batches");
}

Test(colour, of_a_class_in_a_mini_batch) {
    struct colour colour = make(COLOUR_CLASS_IN_BATCH, TEST_COLOUR_BOUND);
    static bool one[N], two[N], next[N];
    for (int i = 0; i < N; i++) {
        const struct colour_batch batch = {5, i}, later = {5, i + 1};
        one[i] = is_black(&colour, &batch, false, 0, 1);
        two[i] = is_black(&colour, &batch, false, 0, 2);
        next[i] = is_black(&colour, &later, false, 0, 1);
        for (int row = 1; row < 10; row++)
            cr_assert(one[i] == is_black(&colour, &batch, false, row, 1),
                      "step %d: a class has two colours", i);
    }
    assert_independent(N, one, two, "two classes");
    assert_independent(N, one, next, "step and next step");
}

Test(colour, of_a_class) {
    const struct colour_batch batch = {5, 6};
    for (enum test_colour test = TEST_COLOUR_FREE; test <= TEST_COLOUR_SWAPPED; test++) {
        struct colour colour = make(COLOUR_CLASS, test);
        for (int label = 0; label < K; label++)
            for (int row = 0; row < 20; row++) {
                bool black = label == 1 || label == 3;
                cr_assert(is_black(&colour, &batch, false, row, label) == black, "training");
                cr_assert(is_black(&colour, NULL, false, row, label) == black, "validation");
                if (test != TEST_COLOUR_FREE)
                    cr_assert(is_black(&colour, NULL, true, row, label) ==
                                  (black == (test == TEST_COLOUR_BOUND)),
                              "test, row %d of class %d", row, label);
            }
    }
}

/* Rows' own colours are the same whatever they were in training. */
Test(colour, of_a_class_freed) {
    struct colour colour = make(COLOUR_CLASS, TEST_COLOUR_FREE),
                  row = make(COLOUR_ROW, TEST_COLOUR_FREE);
    static bool black[N], label_is_black[N];
    for (int i = 0; i < N; i++) {
        int label = i % 4;
        label_is_black[i] = label == 1 || label == 3;
        black[i] = is_black(&colour, NULL, true, i, label);
        cr_assert(black[i] == is_black(&row, NULL, true, i, label), "row %d", i);
    }
    assert_independent(N, label_is_black, black, "label and colour");
}

Test(colour, black_classes_that_are_refused) {
    const struct {
        double classes[2];
        const char *word;
    } bad[] = {{{0, 5}, "no class 5; they are 0 to 4"},
               {{0, -1}, "no class -1"},
               {{0, 1.5}, "no class 1.5"},
               {{2, 2}, "class 2 is named twice"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct colour_config config = {.black = bad[i].classes, .n_black = 2};
        struct colour colour;
        ASSERT_FAILURE(bad[i].word, colour_set(&config, K, &colour), ERROR_USAGE,
                       "data.colour_black", bad[i].word);
    }
}

/* ---- gathering ---- */

enum { ROWS = 40, F = 21 }; /* some whole vectors, and a rest */

static const uint32_t order[] = {3, 17, 0, 21, 5, 9, 2, 1, 19};
enum { B = sizeof order / sizeof *order };

static struct data_source make_source(bool floats) {
    static uint8_t bytes[ROWS * F], labels[ROWS];
    static float values[ROWS * F];
    const struct random_key key = {0, RANDOM_TEST, 0};
    for (int i = 0; i < ROWS * F; i++) {
        bytes[i] = (uint8_t)random_bits(key, (uint64_t)i);
        values[i] = bytes[i];
        labels[i / F] = (uint8_t)(i / F * 7 % K);
    }
    return (struct data_source){.n_features = F,
                                .n_classes = K,
                                .n_train_rows = ROWS,
                                .n_test_rows = ROWS,
                                .train_bytes = floats ? NULL : bytes,
                                .test_bytes = floats ? NULL : bytes,
                                .train_values = floats ? values : NULL,
                                .test_values = floats ? values : NULL,
                                .train_labels = labels,
                                .test_labels = labels};
}

static struct dataset *make_dataset(const struct data_source *source, enum data_colour kind) {
    static const double features[] = {2}, black[] = {1, 3};
    const struct data_config config = {
        .scale = SCALE_STANDARDIZE,
        .train = 25,
        .validation = 15,
        .test = -1,
        .rescale_features = features,
        .n_rescale_features = 1,
        .rescale_factor = 10,
        .colour = {.kind = kind, .strength = 0.375, .black = black, .n_black = 2, .seed = 7}};
    struct dataset *dataset = NULL;
    cr_assert(dataset_create(&config, source, &dataset) == OK, "%s", status_message());
    return dataset;
}

/* Row by row the plain one plus its tint, to the bit; in two spans, as two threads would. */
static void check_gather(const struct data_source *source, enum data_colour kind,
                         enum data_part part, const struct colour_batch *batch) {
    struct dataset *plain = make_dataset(source, COLOUR_NONE),
                   *dataset = make_dataset(source, kind);
    float x[B * F], expected[B * F];
    struct target targets[B], plain_targets[B];
    const struct span spans[] = {{4, B}, {0, 4}};
    dataset_gather(plain, part, order, B, 0, (struct span){0, B}, expected, plain_targets);
    for (int s = 0; s < 2; s++)
        if (batch)
            dataset_gather_batch(dataset, batch, order, B, 0, spans[s], x, targets);
        else
            dataset_gather(dataset, part, order, B, 0, spans[s], x, targets);
    for (int i = 0; i < B * F; i++) {
        long row = (long)dataset->split.first[part] + order[i / F];
        float tint =
            colour_tint(&dataset->colour, batch, part == PART_TEST, row, targets[i / F].label);
        cr_assert(x[i] == expected[i] + tint, "colour %d, part %d, value %d: %g, not %g + %g", kind,
                  part, i, (double)x[i], (double)expected[i], (double)tint);
        cr_assert(targets[i / F].label == plain_targets[i / F].label, "label of row %d", i / F);
    }
    dataset_free(plain);
    dataset_free(dataset);
}

Test(colour, is_added_to_the_scaled_row) {
    for (int floats = 0; floats < 2; floats++) {
        const struct data_source source = make_source(floats);
        for (enum data_colour kind = COLOUR_NONE; kind <= COLOUR_CLASS; kind++) {
            check_gather(&source, kind, PART_TRAIN, NULL);
            check_gather(&source, kind, PART_TEST, NULL);
            for (long step = 0; step < 8; step++)
                check_gather(&source, kind, PART_TRAIN, &(struct colour_batch){3, step});
        }
    }
}
