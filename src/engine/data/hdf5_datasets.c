/* Four datasets in an HDF5 file. */
#include <unistd.h>

#include "engine/data/four_arrays.h"
#include "engine/format/hdf5_array.h"
#include "io/files.h"

static const char *describe_hdf5(struct pool *pool) {
    return pool_format(pool, "an HDF5 file with four datasets: %s",
                       four_names_all(four_names, pool));
}

static enum status find_dataset(const struct hdf5_file *file, enum four which, struct pool *pool,
                                const char **name) {
    const char *found = NULL;
    for (int i = 0; i < FOUR_NAMES; i++) {
        if (!hdf5_has(file->id, four_names[which][i]))
            continue;
        if (found)
            return fail(ERROR_DATA, "has both '%s' and '%s'; remove the one not meant", found,
                        four_names[which][i]);
        found = four_names[which][i];
    }
    *name = found;
    return found ? OK
                 : fail(ERROR_DATA, "has no dataset %s", four_names_text(four_names[which], pool));
}

static enum status read_datasets(const char *path, const struct hdf5_file *file, struct pool *pool,
                                 struct named_array four[FOUR]) {
    const char *found[FOUR] = {NULL};
    enum status status = OK;
    for (int i = 0; i < FOUR && !status; i++)
        status = find_dataset(file, (enum four)i, pool, &found[i]);
    for (int i = 0; i < FOUR && !status; i++) {
        four[i].name = pool_format(pool, "%s: dataset '%s'", path, found[i]);
        status = hdf5_array_read(file, found[i], i == TEST_X ? &four[TRAIN_X].array : NULL,
                                 &four[i].array);
    }
    return status;
}

static enum status read_file(const char *path, struct pool *pool, struct named_array four[FOUR]) {
    struct hdf5_file file = hdf5_no_file;
    int descriptor;
    enum status status = file_open(path, &descriptor);
    if (status)
        return fail_in(status, "%s: cannot be opened", path);
    status = hdf5_check(descriptor);
    if (!status)
        status = hdf5_open(descriptor, &file);
    if (!status) {
        status = read_datasets(path, &file, pool, four);
        status = hdf5_close_file(&file, status);
    }
    close(descriptor); /* only read from */
    return status ? fail_in(status, "%s", path) : OK;
}

static enum status open_hdf5(const struct source_kind *kind, const struct data_config *config,
                             struct data_source *source) {
    (void)kind;
    struct pool pool = {0};
    struct named_array four[FOUR] = {0};
    const char *path;
    enum status status = data_source_path(config, &pool, &path);
    if (!status)
        status = read_file(path, &pool, four);
    if (status)
        for (int i = 0; i < FOUR; i++)
            array_free(&four[i].array);
    else
        status = four_arrays_take(config, four, source);
    pool_free(&pool);
    return status == ERROR_RESULTS ? ERROR_DATA : status;
}

const struct source_kind source_hdf5 = {
    .name = "hdf5",
    .title = "an HDF5 file with four datasets",
    .reads = READS_DIR | READS_TARGETS,
    .how = "name the file in data.dir",
    .holds = describe_hdf5,
    .open = open_hdf5,
};
