/* Which four arrays are a data set: as many targets as rows, alike for training and testing, labels
 * without gaps. */
#include "engine/data/four_arrays.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/files.h"

enum { MAX_LABELS = UINT8_MAX + 1 };

/* ---- names ---- */

const char *const four_names[FOUR][FOUR_NAMES] = {
    {"X_train", "x_train", "train_x", "train-images", "train_images"},
    {"y_train", "Y_train", "train_y", "train-labels", "train_labels"},
    {"X_test", "x_test", "test_x", "test-images", "test_images"},
    {"y_test", "Y_test", "test_y", "test-labels", "test_labels"},
};

const char *four_names_text(const char *const names[FOUR_NAMES], struct pool *pool) {
    const char *text = names[0];
    for (int i = 1; i < FOUR_NAMES && names[i]; i++)
        text = pool_format(pool, "%s%s%s", text, i + 1 < FOUR_NAMES && names[i + 1] ? ", " : " or ",
                           names[i]);
    return text;
}

const char *four_names_all(const char *const names[FOUR][FOUR_NAMES], struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < FOUR; i++)
        text = pool_format(pool, "%s%s%s", text, i ? "; " : "", four_names_text(names[i], pool));
    return text;
}

/* ---- inputs ---- */

static enum status check_count(const struct named_array *x, const struct named_array *y) {
    if (x->array.n_rows != y->array.n_rows)
        return fail(ERROR_DATA,
                    "%s has %ld rows, but %s has %ld targets; they must belong together", x->name,
                    x->array.n_rows, y->name, y->array.n_rows);
    return OK;
}

static enum status check_alike(const struct named_array *train, const struct named_array *test) {
    if (train->array.n_features != test->array.n_features)
        return fail(ERROR_DATA, "%s has rows of %d values, but %s has rows of %d", test->name,
                    test->array.n_features, train->name, train->array.n_features);
    if (train->array.type != test->array.type)
        return fail(ERROR_DATA, "%s holds %s, but %s holds %s", test->name,
                    number_type_name(test->array.type), train->name,
                    number_type_name(train->array.type));
    return OK;
}

/* ---- classes ---- */

enum status data_missing(int error) {
    return file_error(error) == ERROR_UNREADABLE ? ERROR_UNREADABLE : ERROR_DATA;
}

enum status data_exists(const char *path, bool *exists) {
    *exists = access(path, F_OK) == 0;
    if (!*exists && data_missing(errno) == ERROR_UNREADABLE)
        return fail(ERROR_UNREADABLE, "%s: %s", path, strerror(errno));
    return OK;
}

/* The numbers become bytes. */
static enum status make_labels(struct named_array *y) {
    struct array *array = &y->array;
    if (array->n_features != 1)
        return fail(ERROR_DATA,
                    "%s has rows of %d values, but a label is one number; of one-hot rows take "
                    "the place of the 1",
                    y->name, array->n_features);
    if (array->bytes)
        return OK;
    if (array->fraction != 0)
        return fail(ERROR_DATA, "%s: row %ld: %.10g is no label, which is a whole number", y->name,
                    array->fraction_row, array->fraction);
    uint8_t *labels = malloc((size_t)array->n_rows);
    if (!labels)
        return fail(ERROR_RUN, "out of memory for labels");
    array->bytes = labels;
    for (long i = 0; i < array->n_rows; i++) {
        double value = (double)array->values[i] + (array->origins ? array->origins[0] : 0);
        if (!(value >= 0 && value < MAX_LABELS) || value != floor(value))
            return fail(ERROR_DATA,
                        "%s: row %ld: %g is no label; labels are whole numbers from 0 to %d%s",
                        y->name, i, value, MAX_LABELS - 1,
                        number_type_is_float(array->type) ? "" : " (data.targets: numbers?)");
        labels[i] = (uint8_t)value;
    }
    return OK;
}

/* Classes are 0 .. largest training label, and each of them occurs: one damaged label would
 * otherwise add classes that nothing belongs to. */
static enum status count_classes(const struct named_array *y, int *n_classes) {
    const struct array *labels = &y->array;
    long first_row[MAX_LABELS]; /* of each label; -1: none */
    for (int k = 0; k < MAX_LABELS; k++)
        first_row[k] = -1;
    for (long i = labels->n_rows - 1; i >= 0; i--)
        first_row[labels->bytes[i]] = i;
    int K = 0;
    while (K < MAX_LABELS && first_row[K] >= 0)
        K++;
    int next = K; /* the first label beyond a gap */
    while (next < MAX_LABELS && first_row[next] < 0)
        next++;
    if (K == 0 && next == 1)
        return fail(ERROR_DATA,
                    "%s: row %ld: label 1, but no row has label 0; labels are 0, 1, 2, ... "
                    "without gaps: where they count from 1, subtract 1",
                    y->name, first_row[1]);
    if (next < MAX_LABELS) {
        char last[16] = "";
        if (next > K + 1)
            snprintf(last, sizeof last, " to %d", next - 1);
        return fail(ERROR_DATA,
                    "%s: row %ld: label %d, but no row has label%s %d%s; labels are 0, 1, 2, ... "
                    "without gaps: is the file damaged?",
                    y->name, first_row[next], next, *last ? "s" : "", K, last);
    }
    if (K < 2)
        return fail(ERROR_DATA, "%s: all labels are 0; there must be two classes or more", y->name);
    *n_classes = K;
    return OK;
}

/* A label that no training row has could never be predicted. */
static enum status check_test_labels(const struct named_array *y, int K) {
    for (long i = 0; i < y->array.n_rows; i++)
        if (y->array.bytes[i] >= K)
            return fail(ERROR_DATA,
                        "%s: row %ld: label %d is out of range: the training labels are 0 to %d",
                        y->name, i, y->array.bytes[i], K - 1);
    return OK;
}

static enum status take_labels(struct named_array *train, struct named_array *test,
                               int *n_classes) {
    enum status status = make_labels(train);
    if (!status)
        status = make_labels(test);
    if (!status)
        status = count_classes(train, n_classes);
    return status ? status : check_test_labels(test, *n_classes);
}

/* ---- numbers ---- */

static enum status make_numbers(struct named_array *y) {
    struct array *array = &y->array;
    size_t n = (size_t)array->n_rows * (size_t)array->n_features;
    for (int k = 0; k < array->n_features && array->origins; k++)
        if (array->origins[k] != 0)
            return fail(ERROR_DATA,
                        "%s: column %d: its values, about %g, are closer together than float32 can "
                        "tell; subtract their mean",
                        y->name, k, array->origins[k]);
    if (array->values)
        return OK;
    float *values = malloc(n * sizeof *values);
    if (!values)
        return fail(ERROR_RUN, "out of memory for targets");
    for (size_t i = 0; i < n; i++)
        values[i] = array->bytes[i];
    array->values = values;
    return OK;
}

static enum status take_numbers(struct named_array *train, struct named_array *test,
                                int *n_columns) {
    if (train->array.n_features != test->array.n_features)
        return fail(ERROR_DATA, "%s has targets of %d numbers, but %s has targets of %d",
                    test->name, test->array.n_features, train->name, train->array.n_features);
    *n_columns = train->array.n_features;
    enum status status = make_numbers(train);
    return status ? status : make_numbers(test);
}

/* ---- the whole ---- */

static bool are_numbers(const struct data_config *config, enum number_type type) {
    return config->targets == TARGETS_AUTO ? number_type_is_float(type)
                                           : config->targets == TARGETS_NUMBERS;
}

static enum status check(const struct data_config *config, struct named_array four[FOUR],
                         struct data_source *source) {
    enum status status = check_count(&four[TRAIN_X], &four[TRAIN_Y]);
    if (!status)
        status = check_count(&four[TEST_X], &four[TEST_Y]);
    if (!status)
        status = check_alike(&four[TRAIN_X], &four[TEST_X]);
    if (status)
        return status;
    return are_numbers(config, four[TRAIN_Y].array.type)
               ? take_numbers(&four[TRAIN_Y], &four[TEST_Y], &source->n_classes)
               : take_labels(&four[TRAIN_Y], &four[TEST_Y], &source->n_classes);
}

/* Of targets the source has labels or numbers. */
static void move_targets(struct array *y, bool numbers, const uint8_t **labels,
                         const float **targets) {
    *labels = numbers ? NULL : y->bytes;
    *targets = numbers ? y->values : NULL;
    free(numbers ? (void *)y->bytes : (void *)y->values);
    free(y->origins);
    *y = (struct array){0};
}

enum status four_arrays_take(const struct data_config *config, struct named_array four[FOUR],
                             struct data_source *source) {
    bool numbers = are_numbers(config, four[TRAIN_Y].array.type);
    enum status status = check(config, four, source);
    struct array *train = &four[TRAIN_X].array, *test = &four[TEST_X].array;
    source->n_features = train->n_features;
    source->n_train_rows = train->n_rows;
    source->n_test_rows = test->n_rows;
    source->train_bytes = train->bytes;
    source->train_values = train->values;
    source->origins = train->origins;
    source->test_bytes = test->bytes;
    source->test_values = test->values;
    *train = *test = (struct array){0};
    move_targets(&four[TRAIN_Y].array, numbers, &source->train_labels, &source->train_targets);
    move_targets(&four[TEST_Y].array, numbers, &source->test_labels, &source->test_targets);
    return status;
}
