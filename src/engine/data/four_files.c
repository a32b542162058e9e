/* Four files in a folder: IDX, as Fashion-MNIST is, or NumPy's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/data/four_arrays.h"
#include "engine/format/idx.h"
#include "engine/format/npy.h"
#include "io/files.h"

enum { N_ENDINGS = 2 };

/* What a folder of four files consists of. */
struct four_files {
    const char *const (*names)[FOUR_NAMES]; /* [FOUR] */
    const char *endings[N_ENDINGS];         /* with which each of the names may stand */
    const char *with_ending;                /* the same in a sentence */
    enum status (*read)(const char *path, enum four which, const struct array *like,
                        struct array *array);
};

static enum status check_dir(const struct source_kind *kind, const char *dir) {
    struct stat info;
    if (stat(dir, &info))
        return fail(data_missing(errno), "data folder %s: %s; %s", dir, strerror(errno), kind->how);
    if (!S_ISDIR(info.st_mode))
        return fail(ERROR_DATA, "data folder %s: is not a folder; %s", dir, kind->how);
    return OK;
}

/* ---- the files of one name ---- */

/* A file beside its copy, plain and .gz say: which of them is meant makes no difference. */
static enum status check_same(const struct four_files *files, const char *path, const char *other,
                              enum four which) {
    struct array first = {0}, second = {0};
    enum status status = files->read(path, which, NULL, &first);
    if (!status)
        status = files->read(other, which, NULL, &second);
    if (!status && !array_same(&first, &second))
        status = fail(ERROR_DATA, "%s and %s hold different data; remove the one not meant", path,
                      other);
    array_free(&first);
    array_free(&second);
    return status;
}

/* A path that may be that of the file; takes it where there is one. */
static enum status try_path(const struct four_files *files, enum four which, const char *tried,
                            const char **path) {
    bool exists;
    enum status status = data_exists(tried, &exists);
    if (status || !exists)
        return status;
    if (*path)
        return check_same(files, *path, tried, which);
    *path = tried;
    return OK;
}

static enum status find_file(const struct source_kind *kind, const struct four_files *files,
                             const char *dir, enum four which, struct pool *pool,
                             const char **path) {
    const char *const *names = files->names[which];
    const char *found = NULL;
    enum status status = OK;
    for (int i = 0; i < FOUR_NAMES && names[i]; i++)
        for (int k = 0; k < N_ENDINGS && files->endings[k] && !status; k++)
            status =
                try_path(files, which,
                         pool_format(pool, "%s/%s%s", dir, names[i], files->endings[k]), &found);
    if (!status && !found)
        return fail(ERROR_DATA, "data folder %s: has no %s%s; %s", dir,
                    four_names_text(names, pool), files->with_ending, kind->how);
    *path = found;
    return status;
}

/* ---- the folder ---- */

static enum status open_folder(const struct source_kind *kind, const struct four_files *files,
                               const struct data_config *config, struct data_source *source) {
    struct pool pool = {0};
    struct named_array four[FOUR] = {0};
    const char *dir;
    enum status status = data_source_path(config, &pool, &dir);
    if (!status)
        status = check_dir(kind, dir);
    for (int i = 0; !status && i < FOUR; i++)
        status = find_file(kind, files, dir, (enum four)i, &pool, &four[i].name);
    for (int i = 0; !status && i < FOUR; i++)
        status = files->read(four[i].name, (enum four)i, i == TEST_X ? &four[TRAIN_X].array : NULL,
                             &four[i].array);
    if (status)
        for (int i = 0; i < FOUR; i++)
            array_free(&four[i].array);
    else
        status = four_arrays_take(config, four, source);
    pool_free(&pool);
    return status;
}

/* ---- IDX ---- */

static enum status read_idx(const char *path, enum four which, const struct array *like,
                            struct array *array) {
    bool labels = which == TRAIN_Y || which == TEST_Y;
    return labels ? idx_read_labels(path, array) : idx_read_images(path, like, array);
}

/* The names of MNIST's relatives. */
static const char *const idx_names[FOUR][FOUR_NAMES] = {
    {"train-images-idx3-ubyte", "train-images.idx3-ubyte", "train-images.idx"},
    {"train-labels-idx1-ubyte", "train-labels.idx1-ubyte", "train-labels.idx"},
    {"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte", "test-images-idx3-ubyte",
     "test-images.idx3-ubyte", "test-images.idx"},
    {"t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte", "test-labels-idx1-ubyte",
     "test-labels.idx1-ubyte", "test-labels.idx"},
};

static const struct four_files idx_files = {
    .names = idx_names,
    .endings = {"", ".gz"},
    .with_ending = " (plain or .gz)",
    .read = read_idx,
};

static enum status open_idx(const struct source_kind *kind, const struct data_config *config,
                            struct data_source *source) {
    return open_folder(kind, &idx_files, config, source);
}

static const char *describe_idx(struct pool *pool) {
    return pool_format(pool, "a folder of four IDX files, plain or with .gz: %s",
                       four_names_all(idx_names, pool));
}

const struct source_kind source_fashion_mnist = {
    .name = "fashion-mnist",
    .title = "Fashion-MNIST",
    .reads = READS_DIR,
    .dir = "/usr/share/datasets/fashion-mnist", /* of Debian's package */
    .how =
        "install Fashion-MNIST (apt-get install dataset-fashion-mnist) or name the folder of its "
        "four IDX files in data.dir",
    .open = open_idx,
};

const struct source_kind source_mnist = {
    .name = "mnist",
    .title = "MNIST",
    .reads = READS_DIR,
    .dir = "~/.local/share/normlab/mnist", /* Debian has no package of it */
    .how = "put the four IDX files of MNIST there or name their folder in data.dir",
    .open = open_idx,
};

const struct source_kind source_idx = {
    .name = "idx",
    .title = "any four IDX files",
    .reads = READS_DIR,
    .how = "name the folder of the four IDX files in data.dir",
    .holds = describe_idx,
    .open = open_idx,
};

/* ---- NumPy ---- */

static enum status read_npy(const char *path, enum four which, const struct array *like,
                            struct array *array) {
    (void)which; /* targets may be of any type */
    return npy_read(path, like, array);
}

static const struct four_files npy_files = {
    .names = four_names,
    .endings = {".npy"},
    .with_ending = " (with .npy)",
    .read = read_npy,
};

static enum status open_npy(const struct source_kind *kind, const struct data_config *config,
                            struct data_source *source) {
    return open_folder(kind, &npy_files, config, source);
}

static const char *describe_npy(struct pool *pool) {
    return pool_format(pool, "a folder of four files of NumPy, each with .npy: %s",
                       four_names_all(four_names, pool));
}

const struct source_kind source_npy = {
    .name = "npy",
    .title = "four files of NumPy",
    .reads = READS_DIR | READS_TARGETS,
    .how = "name the folder of the four .npy files in data.dir",
    .holds = describe_npy,
    .open = open_npy,
};
