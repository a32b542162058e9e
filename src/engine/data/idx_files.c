/* Four IDX files in a folder: Fashion-MNIST, where its package puts it, or any others. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/data/idx.h"
#include "engine/data/source.h"
#include "io/files.h"

enum { PATH_SIZE = 4096, N_NAMES = 3 };
enum file { TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS, N_FILES };

/* The names under which MNIST's relatives are handed round; each also with .gz. The first found
 * wins. */
static const char *const names[N_FILES][N_NAMES] = {
    {"train-images-idx3-ubyte", "train-images.idx3-ubyte", "train-images.idx"},
    {"train-labels-idx1-ubyte", "train-labels.idx1-ubyte", "train-labels.idx"},
    {"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte", "test-images.idx"},
    {"t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte", "test-labels.idx"},
};

struct path {
    char text[PATH_SIZE];
};

/* Is it not there, or can nobody tell now? */
static enum status missing(int error) {
    return file_error(error) == ERROR_UNREADABLE ? ERROR_UNREADABLE : ERROR_DATA;
}

static enum status check_dir(const struct source_kind *kind, const char *dir) {
    struct stat info;
    if (!dir[0])
        return fail_key(ERROR_USAGE, "data.dir", "is empty, but data.name: %s needs it: %s",
                        kind->name, kind->how);
    if (stat(dir, &info))
        return fail(missing(errno), "data folder %s: %s; %s", dir, strerror(errno), kind->how);
    if (!S_ISDIR(info.st_mode))
        return fail(ERROR_DATA, "data folder %s: is not a folder; %s", dir, kind->how);
    return OK;
}

static enum status find_file(const struct source_kind *kind, const char *dir, enum file file,
                             struct path *path) {
    for (int i = 0; i < N_NAMES; i++)
        for (int gz = 0; gz < 2; gz++) {
            int length = snprintf(path->text, sizeof path->text, "%s/%s%s", dir, names[file][i],
                                  gz ? ".gz" : "");
            if (length >= PATH_SIZE)
                continue;
            if (access(path->text, F_OK) == 0)
                return OK;
            if (missing(errno) == ERROR_UNREADABLE)
                return fail(ERROR_UNREADABLE, "%s: %s", path->text, strerror(errno));
        }
    return fail(ERROR_DATA, "data folder %s: has no %s, %s or %s (plain or .gz); %s", dir,
                names[file][0], names[file][1], names[file][2], kind->how);
}

static enum status find_files(const struct source_kind *kind, const char *dir,
                              struct path paths[N_FILES]) {
    enum status status = check_dir(kind, dir);
    for (int file = 0; !status && file < N_FILES; file++)
        status = find_file(kind, dir, (enum file)file, &paths[file]);
    return status;
}

static enum status read_files(const struct path paths[N_FILES], struct idx idx[N_FILES]) {
    enum status status = OK;
    for (int file = 0; !status && file < N_FILES; file++)
        status = file == TRAIN_LABELS || file == TEST_LABELS
                     ? idx_read_labels(paths[file].text, &idx[file])
                     : idx_read_images(paths[file].text,
                                       file == TEST_IMAGES ? &idx[TRAIN_IMAGES] : NULL, &idx[file]);
    return status;
}

static enum status check_counts(const struct path *images_path, const struct idx *images,
                                const struct path *labels_path, const struct idx *labels) {
    if (images->n_rows != labels->n_rows)
        return fail(ERROR_DATA,
                    "%s has %ld images, but %s has %ld labels; they must belong together",
                    images_path->text, images->n_rows, labels_path->text, labels->n_rows);
    return OK;
}

static enum status check_images(const struct path paths[N_FILES], const struct idx idx[N_FILES]) {
    const struct idx *train = &idx[TRAIN_IMAGES], *test = &idx[TEST_IMAGES];
    if (train->n_features != test->n_features)
        return fail(ERROR_DATA, "%s has rows of %d values, but %s has rows of %d",
                    paths[TEST_IMAGES].text, test->n_features, paths[TRAIN_IMAGES].text,
                    train->n_features);
    if (train->type != test->type)
        return fail(ERROR_DATA, "%s holds %s, but %s holds %s", paths[TEST_IMAGES].text,
                    idx_type_name(test->type), paths[TRAIN_IMAGES].text,
                    idx_type_name(train->type));
    return OK;
}

/* Classes are 0 .. largest training label, and each of them occurs: one damaged label would
 * otherwise add classes that nothing belongs to. */
static enum status count_classes(const struct path *path, const struct idx *labels,
                                 int *n_classes) {
    enum { MAX_LABELS = UINT8_MAX + 1 };
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
    if (next < MAX_LABELS) {
        char last[16] = "";
        if (next > K + 1)
            snprintf(last, sizeof last, " to %d", next - 1);
        return fail(ERROR_DATA,
                    "%s: row %ld: label %d, but no row has label%s %d%s; labels are 0, 1, 2, ... "
                    "without gaps: is the file damaged?",
                    path->text, first_row[next], next, *last ? "s" : "", K, last);
    }
    if (K < 2)
        return fail(ERROR_DATA, "%s: all labels are 0; there must be two classes or more",
                    path->text);
    *n_classes = K;
    return OK;
}

/* A label that no training row has could never be predicted. */
static enum status check_test_labels(const struct path *path, const struct idx *labels, int K) {
    for (long i = 0; i < labels->n_rows; i++)
        if (labels->bytes[i] >= K)
            return fail(ERROR_DATA,
                        "%s: row %ld: label %d is out of range: the training labels are 0 to %d",
                        path->text, i, labels->bytes[i], K - 1);
    return OK;
}

static enum status check_labels(const struct path paths[N_FILES], const struct idx idx[N_FILES],
                                int *n_classes) {
    enum status status = count_classes(&paths[TRAIN_LABELS], &idx[TRAIN_LABELS], n_classes);
    return status ? status : check_test_labels(&paths[TEST_LABELS], &idx[TEST_LABELS], *n_classes);
}

static enum status check_files(const struct path paths[N_FILES], const struct idx idx[N_FILES],
                               int *n_classes) {
    enum status status = check_counts(&paths[TRAIN_IMAGES], &idx[TRAIN_IMAGES],
                                      &paths[TRAIN_LABELS], &idx[TRAIN_LABELS]);
    if (!status)
        status = check_counts(&paths[TEST_IMAGES], &idx[TEST_IMAGES], &paths[TEST_LABELS],
                              &idx[TEST_LABELS]);
    if (!status)
        status = check_images(paths, idx);
    return status ? status : check_labels(paths, idx, n_classes);
}

static enum status open_files(const struct source_kind *kind, const struct data_config *config,
                              struct data_source *source) {
    struct path paths[N_FILES];
    struct idx idx[N_FILES] = {0};
    enum status status = find_files(kind, data_source_dir(config), paths);
    if (!status)
        status = read_files(paths, idx);
    if (!status)
        status = check_files(paths, idx, &source->n_classes);
    source->n_features = idx[TRAIN_IMAGES].n_features;
    source->n_train_rows = idx[TRAIN_IMAGES].n_rows;
    source->n_test_rows = idx[TEST_IMAGES].n_rows;
    source->train_bytes = idx[TRAIN_IMAGES].bytes;
    source->train_values = idx[TRAIN_IMAGES].values;
    source->origins = idx[TRAIN_IMAGES].origins;
    source->train_labels = idx[TRAIN_LABELS].bytes;
    source->test_bytes = idx[TEST_IMAGES].bytes;
    source->test_values = idx[TEST_IMAGES].values;
    source->test_labels = idx[TEST_LABELS].bytes;
    return status;
}

const struct source_kind source_fashion_mnist = {
    .name = "fashion-mnist",
    .title = "Fashion-MNIST",
    .reads = READS_DIR,
    .dir = "/usr/share/datasets/fashion-mnist", /* of Debian's package */
    .how =
        "install Fashion-MNIST (apt-get install dataset-fashion-mnist) or name the folder of its "
        "four IDX files in data.dir",
    .open = open_files,
};

const struct source_kind source_idx = {
    .name = "idx",
    .title = "any four IDX files",
    .reads = READS_DIR,
    .how = "name the folder of the four IDX files in data.dir",
    .open = open_files,
};
