/* A folder of NumPy's four files; what all sources of four arrays share. */
#include "tests/engine/format/npy_content.h"

#include "engine/data/source.h"

TestSuite(four_files);

enum { F = 6, N = 12, N_TEST = 6 };

struct four {
    struct content contents[4];
};

static const char *const npy_names[4] = {"X_train.npy", "y_train.npy", "X_test.npy", "y_test.npy"};

/* The rows of images_u8(N, 3) and images_u8(N_TEST, 90), labels as 64-bit integers. */
static struct four usual(void) {
    int64_t labels[N];
    for (int i = 0; i < N; i++)
        labels[i] = i % 3;
    struct four four = {{
        npy_content("|u1", "False", "(12, 2, 3)", images_u8(N, 3).bytes + 16, N * F),
        npy_content("<i8", "False", "(12,)", labels, sizeof labels),
        npy_content("|u1", "False", "(6, 6)", images_u8(N_TEST, 90).bytes + 16, N_TEST * F),
        npy_content("<i8", "False", "(6, 1)", labels, N_TEST * sizeof *labels),
    }};
    return four;
}

static enum status load(const struct four *four, enum data_targets targets,
                        struct data_source **source) {
    struct folder folder = folder_create();
    for (int i = 0; i < 4; i++)
        folder_write(&folder, npy_names[i], &four->contents[i]);
    const struct data_config config = {.name = DATA_NPY, .dir = folder.path, .targets = targets};
    enum status status = data_source_load(&config, source);
    folder_remove(&folder);
    return status;
}

static void assert_bad(const char *name, const struct four *four, enum data_targets targets,
                       const char *word, const char *word2) {
    struct data_source *source = NULL;
    ASSERT_FAILURE(name, load(four, targets, &source), ERROR_DATA, word, word2);
    cr_assert(!source, "%s: a source from nothing", name);
}

/* The content counts, not the format: seen in a run's identity. */
Test(four_files, npy_is_the_same_as_idx) {
    static const char *const idx_names[4] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                             "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
    struct content contents[4] = {images_u8(N, 3), labels_u8(N, 3), images_u8(N_TEST, 90),
                                  labels_u8(N_TEST, 3)};
    struct folder folder = folder_create();
    for (int i = 0; i < 4; i++)
        folder_write(&folder, idx_names[i], &contents[i]);
    const struct data_config config = {.name = DATA_IDX, .dir = folder.path};
    struct data_source *idx, *npy;
    const struct four four = usual();
    cr_assert(data_source_load(&config, &idx) == OK, "%s", status_message());
    cr_assert(load(&four, TARGETS_AUTO, &npy) == OK, "%s", status_message());
    cr_expect(!strcmp(idx->hash, npy->hash), "%s and %s", idx->hash, npy->hash);
    cr_expect(npy->train_bytes && npy->train_labels && !npy->train_targets && npy->n_classes == 3);
    data_source_free(idx);
    data_source_free(npy);
    folder_remove(&folder);
}

Test(four_files, floats_are_numbers_or_classes) {
    struct four four = usual();
    float targets[N * 2];
    for (int i = 0; i < N * 2; i++)
        targets[i] = (float)(i % 3);
    four.contents[1] = npy_content("<f4", "False", "(12, 2)", targets, sizeof targets);
    four.contents[3] = npy_content("<f4", "False", "(6, 2)", targets, sizeof targets / 2);
    struct data_source *source;
    cr_assert(load(&four, TARGETS_AUTO, &source) == OK, "%s", status_message());
    cr_expect(!source->train_labels && !source->test_labels && source->n_classes == 2);
    cr_expect(!memcmp(source->train_targets, targets, sizeof targets), "other targets");
    data_source_free(source);
    assert_bad("classes", &four, TARGETS_CLASSES, "y_train.npy has rows of 2 values", "one-hot");
    four.contents[1] = npy_content("<f4", "False", "(12,)", targets, sizeof targets / 2);
    four.contents[3] = npy_content("<f4", "False", "(6,)", targets, sizeof targets / 4);
    cr_assert(load(&four, TARGETS_CLASSES, &source) == OK, "%s", status_message());
    cr_expect(source->train_labels && !source->train_targets && source->n_classes == 3);
    data_source_free(source);
    four = usual();
    cr_assert(load(&four, TARGETS_NUMBERS, &source) == OK, "%s", status_message());
    cr_expect(!source->train_labels && source->n_classes == 1);
    cr_expect((int)source->train_targets[5] == 2, "%g", (double)source->train_targets[5]);
    data_source_free(source);
    four.contents[3] = npy_content("<f4", "False", "(6, 2)", targets, sizeof targets / 2);
    assert_bad("widths", &four, TARGETS_NUMBERS, "y_test.npy has targets of 2 numbers",
               "y_train.npy");
}

/* Numbers of the 64-bit integers `labels` in place of the training labels. */
static struct four with_labels(const int64_t labels[N]) {
    struct four four = usual();
    four.contents[1] = npy_content("<i8", "False", "(12,)", labels, N * sizeof *labels);
    return four;
}

Test(four_files, labels_that_are_none) {
    static const struct {
        int64_t labels[N];
        const char *word, *word2;
    } bad[] = {
        {{0, 1, 2, 300, 0, 1, 2}, "y_train.npy: row 3: 300 is no label", "from 0 to 255"},
        {{0, 1, -1}, "row 2: -1 is no label", "y_train.npy"},
        {{0, 1, 2, 4}, "row 3: label 4, but no row has label 3", "without gaps"},
        {{0}, "all labels are 0", "two classes"},
        {{0, 1}, "y_test.npy: row 2: label 2 is out of range", "0 to 1"},
        {{0, 1, 1L << 40}, "row 2: 1.09951e+12 is no label", "data.targets: numbers?"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct four four = with_labels(bad[i].labels);
        assert_bad(bad[i].word, &four, TARGETS_AUTO, bad[i].word, bad[i].word2);
    }
    struct four four = usual();
    const float half[N] = {0, 1, 2, .5f};
    four.contents[1] = npy_content("<f4", "False", "(12,)", half, sizeof half);
    assert_bad("a half", &four, TARGETS_CLASSES, "row 3: 0.5 is no label", "y_train.npy");
    const double nearly[N] = {0, 1, 2, 0, 1.000000001}; /* 1 in float32 */
    four.contents[1] = npy_content("<f8", "False", "(12,)", nearly, sizeof nearly);
    assert_bad("nearly", &four, TARGETS_CLASSES, "row 4: 1.000000001 is no label", "y_train.npy");
}

/* Seconds since 1970 as targets: float32 would make steps of two minutes of them. */
Test(four_files, numbers_that_float32_cannot_tell_apart) {
    int64_t seconds[N];
    for (int i = 0; i < N; i++)
        seconds[i] = 1600000000 + i;
    const struct four four = with_labels(seconds);
    assert_bad("seconds", &four, TARGETS_NUMBERS, "y_train.npy: column 0", "subtract their mean");
}

Test(four_files, arrays_that_do_not_belong_together) {
    struct four four = usual();
    four.contents[0] = npy_content("|u1", "False", "(11, 6)", four.contents[0].bytes, 66);
    assert_bad("rows", &four, TARGETS_AUTO, "X_train.npy has 11 rows", "y_train.npy has 12");
    four = usual();
    four.contents[2] = npy_content("|u1", "False", "(6, 5)", four.contents[0].bytes, 30);
    assert_bad("width", &four, TARGETS_AUTO, "X_test.npy has rows of 5", "has rows of 6");
    four.contents[2] = npy_content("|i1", "False", "(6, 6)", (int8_t[36]){0}, 36);
    assert_bad("type", &four, TARGETS_AUTO, "X_test.npy holds signed bytes", "unsigned bytes");
    four = usual();
    struct content swapped = four.contents[0];
    four.contents[0] = four.contents[1];
    four.contents[1] = swapped;
    assert_bad("swapped", &four, TARGETS_AUTO, "X_test.npy has rows of 6 values",
               "X_train.npy has rows of 1");
}

Test(four_files, a_file_is_missing) {
    struct folder folder = folder_create();
    const struct four four = usual();
    struct data_source *source = NULL;
    const struct data_config config = {.name = DATA_NPY, .dir = folder.path};
    for (int i = 0; i < 4; i++) {
        ASSERT_FAILURE(npy_names[i], data_source_load(&config, &source), ERROR_DATA, folder.path,
                       "data.dir", ".npy");
        folder_write(&folder, npy_names[i], &four.contents[i]);
    }
    cr_assert(data_source_load(&config, &source) == OK, "%s", status_message());
    data_source_free(source);
    folder_remove(&folder);
}
