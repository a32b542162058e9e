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

enum { PATH_SIZE = 4096, N_NAMES = 5 };
enum file { TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS, N_FILES };

/* The names under which MNIST's relatives are handed round; each also with .gz. */
static const char *const names[N_FILES][N_NAMES] = {
    {"train-images-idx3-ubyte", "train-images.idx3-ubyte", "train-images.idx"},
    {"train-labels-idx1-ubyte", "train-labels.idx1-ubyte", "train-labels.idx"},
    {"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte", "test-images-idx3-ubyte",
     "test-images.idx3-ubyte", "test-images.idx"},
    {"t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte", "test-labels-idx1-ubyte",
     "test-labels.idx1-ubyte", "test-labels.idx"},
};

/* "a, b or c" */
static const char *names_text(enum file file, struct pool *pool) {
    const char *text = names[file][0];
    for (int i = 1; i < N_NAMES && names[file][i]; i++)
        text = pool_format(pool, "%s%s%s", text,
                           i + 1 < N_NAMES && names[file][i + 1] ? ", " : " or ", names[file][i]);
    return text;
}

const char *idx_file_names(struct pool *pool) {
    const char *text = "";
    for (int file = 0; file < N_FILES; file++)
        text =
            pool_format(pool, "%s%s%s", text, file ? "; " : "", names_text((enum file)file, pool));
    return text;
}

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

/* ---- the files of one name ---- */

static enum status read_file(const char *path, enum file file, const struct idx *like,
                             struct idx *idx) {
    bool labels = file == TRAIN_LABELS || file == TEST_LABELS;
    return labels ? idx_read_labels(path, idx) : idx_read_images(path, like, idx);
}

static bool same_content(const struct idx *a, const struct idx *b) {
    size_t n = (size_t)a->n_rows * (size_t)a->n_features;
    if (a->type != b->type || a->n_rows != b->n_rows || a->n_features != b->n_features)
        return false;
    return a->bytes ? !memcmp(a->bytes, b->bytes, n)
                    : !memcmp(a->values, b->values, n * sizeof *a->values);
}

/* A file beside its copy, plain and .gz say: which of them is meant makes no difference. */
static enum status check_same(const char *path, const char *other, enum file file) {
    struct idx first = {0}, second = {0};
    enum status status = read_file(path, file, NULL, &first);
    if (!status)
        status = read_file(other, file, NULL, &second);
    if (!status && !same_content(&first, &second))
        status = fail(ERROR_DATA, "%s and %s hold different data; remove the one not meant", path,
                      other);
    idx_free(&first);
    idx_free(&second);
    return status;
}

static enum status find_file(const struct source_kind *kind, const char *dir, enum file file,
                             struct path *path) {
    struct pool pool = {0};
    enum status status = OK;
    path->text[0] = '\0';
    for (int i = 0; i < 2 * N_NAMES && names[file][i / 2] && !status; i++) {
        const char *found =
            pool_format(&pool, "%s/%s%s", dir, names[file][i / 2], i % 2 ? ".gz" : "");
        bool there = access(found, F_OK) == 0;
        if (there && path->text[0])
            status = check_same(path->text, found, file);
        else if (there && strlen(found) < PATH_SIZE)
            strcpy(path->text, found);
        else if (!there && missing(errno) == ERROR_UNREADABLE)
            status = fail(ERROR_UNREADABLE, "%s: %s", found, strerror(errno));
    }
    if (!status && !path->text[0])
        status = fail(ERROR_DATA, "data folder %s: has no %s (plain or .gz); %s", dir,
                      names_text(file, &pool), kind->how);
    pool_free(&pool);
    return status;
}

/* ---- the folder ---- */

/* "~/data", "$HOME/data" and "${HOME}/data", as a shell has them. */
static enum status expand(const char *dir, struct pool *pool, const char **expanded) {
    static const char *const homes[] = {"~", "$HOME", "${HOME}"};
    *expanded = dir;
    for (size_t i = 0; i < sizeof homes / sizeof *homes; i++) {
        size_t size = strlen(homes[i]);
        if (strncmp(dir, homes[i], size) != 0 || !strchr("/", dir[size]))
            continue;
        const char *home = getenv("HOME");
        if (!home || !*home)
            return fail_key(ERROR_USAGE, "data.dir", "begins with %s, and HOME is not set",
                            homes[i]);
        *expanded = pool_format(pool, "%s%s", home, dir + size);
    }
    return OK;
}

static enum status find_files(const struct source_kind *kind, const char *dir,
                              struct path paths[N_FILES]) {
    struct pool pool = {0};
    const char *folder;
    enum status status = expand(dir, &pool, &folder);
    if (!status)
        status = check_dir(kind, folder);
    for (int file = 0; !status && file < N_FILES; file++)
        status = find_file(kind, folder, (enum file)file, &paths[file]);
    pool_free(&pool);
    return status;
}

static enum status read_files(const struct path paths[N_FILES], struct idx idx[N_FILES]) {
    enum status status = OK;
    for (int file = 0; !status && file < N_FILES; file++)
        status = read_file(paths[file].text, (enum file)file,
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
