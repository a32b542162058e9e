/* From the words of a line to a set of data: what the place is, and what the keys say of it. */
#include "cli/data_request.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/words.h"
#include "cli/data_sets.h"
#include "engine/format/gz_file.h"
#include "io/files.h"
#include "lab/config/cell.h"
#include "lab/config/key_describe.h"
#include "lab/config/override.h"

/* ---- which source ---- */

/* Can it be named by itself? */
static bool is_alone(const char *name) {
    static const char *const ends[] = {".csv", ".csv.gz", ".h5", ".hdf5"};
    bool ends_so = false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        ends_so |= text_ends_in(name, ends[i]);
    return ends_so;
}

/* None of several files is there. */
static enum status fail_folder(const char *path, const char *alone) {
    if (alone)
        return fail(ERROR_DATA, "%s: has no train.csv; is one file of it meant, such as %s?", path,
                    alone);
    return fail(ERROR_DATA,
                "%s: has none of the files that data in a folder consist of: train.csv and "
                "test.csv, four of NumPy (X_train.npy, ...) or four IDX files; for their names see "
                "normlab describe data.dir",
                path);
}

/* By the names in it; those of IDX files have idx in them. */
static enum status guess_folder(const char *path, struct pool *pool, enum data_name *name) {
    const char **names = NULL, *alone = NULL;
    int n = 0;
    bool found = false;
    enum status status = folder_names(path, pool, &names, &n);
    *name = DATA_IDX;
    for (int i = 0; i < n; i++) {
        bool npy = text_ends_in(names[i], ".npy");
        bool csv = !strcmp(names[i], "train.csv") || !strcmp(names[i], "train.csv.gz");
        if (npy || csv)
            *name = npy ? DATA_NPY : DATA_CSV;
        found |= npy || csv || strstr(names[i], "idx");
        if (!alone && is_alone(names[i]))
            alone = names[i];
    }
    if (status)
        return status == ERROR_RESULTS ? ERROR_DATA : status;
    return found ? OK : fail_folder(path, alone);
}

/* By how it begins, unpacked where it is packed. */
static enum status guess_file(const char *path, enum data_name *name) {
    static const char hdf5[] = "\x89HDF", npy[] = "\x93NUMPY", idx[] = {0, 0};
    char begin[8] = "";
    struct gz_file file;
    size_t n = 0;
    enum status status = gz_open(path, &file);
    if (status)
        return status;
    status = gz_read(&file, sizeof begin, "its first bytes", begin, &n);
    gz_close(&file);
    if (status)
        return fail_in(status, "%s", path);
    if (!memcmp(begin, npy, sizeof npy - 1) || (n >= 2 && !memcmp(begin, idx, sizeof idx)))
        return fail(ERROR_USAGE, "%s: is one of four files; name their folder", path);
    *name = memcmp(begin, hdf5, sizeof hdf5 - 1) ? DATA_CSV : DATA_HDF5;
    return OK;
}

static enum status guess_name(const char *path, struct pool *pool, enum data_name *name) {
    struct stat about;
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        return guess_folder(path, pool, name);
    return guess_file(path, name);
}

/* ---- keys ---- */

/* Into the cell, at whose key `given` is then true. */
static enum status set_key(const char *text, struct pool *pool, struct cell *cell, bool *given) {
    struct override override;
    enum status status = override_read(text, pool, &override);
    if (status)
        return status;
    const char *key = key_get(override.key)->name;
    if (!strcmp(key, "data.dir"))
        return fail(ERROR_USAGE,
                    "data: what data.dir names stands here as PATH, and data.name=WORD "
                    "says what it is");
    if (strncmp(key, "data.", 5) != 0)
        return fail(ERROR_USAGE, "data: '%s' is no key of data.*", key);
    if (override.n_values != 1)
        return fail(ERROR_USAGE, "data: %s has %d values; one belongs here", key,
                    override.n_values);
    cell->values[override.key] = override.values[0];
    given[override.key] = true;
    return OK;
}

/* What is said of data has an effect, or a note. */
static void take_keys(const struct cell *cell, const bool *given, struct pool *pool,
                      struct data_request *request) {
    request->keys = "";
    for (int i = 0; i < key_count(); i++) {
        const char *name = key_get(i)->name;
        if (!given[i] || !strcmp(name, "data.name"))
            continue;
        if (cell->applies[i])
            request->keys = pool_format(pool, "%s, %s: %s", request->keys, name + strlen("data."),
                                        value_yaml(key_get(i), &cell->values[i], pool));
        else
            note(&request->notes, pool, "%s has no effect; where it applies: %s", name,
                 key_when_text(i, pool));
    }
}

/* ---- the whole ---- */

/* What names neither a set nor a place: a word that is like a set's, or a format. */
static enum status check_place(const char *place) {
    const char *near = data_sets_near(place);
    bool format = false;
    for (int i = 0; i < source_kind_count(); i++)
        format |= !strcmp(source_kind_name(i), place);
    if ((!near && !format) || access(place, F_OK) == 0)
        return OK;
    if (format)
        return fail(ERROR_DATA,
                    "%s: no such file or folder; it is a format: name the file or the folder of "
                    "your data",
                    place);
    return fail(ERROR_DATA,
                "%s: no such file or folder, and no set of this name (did you mean '%s'?)", place,
                near);
}

/* A set by its name, or where its files are; the place is "" where the set has a usual one. */
static enum status find_source(const char **place, struct pool *pool, struct cell *cell,
                               bool *given, struct notes *notes) {
    long set = data_sets_find(*place);
    enum data_name name = DATA_IDX;
    enum status status = set < 0 ? check_place(*place) : OK;
    if (!status && set < 0)
        status = guess_name(*place, pool, &name);
    if (status)
        return status;
    if (set >= 0 && access(*place, F_OK) == 0)
        note(notes, pool, "%s is the set of this name; ./%s is the path", *place, *place);
    if (set >= 0)
        *place = "";
    const char *word = source_kind_get(set < 0 ? (long)name : set)->name;
    return set_key(pool_format(pool, "data.name=%s", word), pool, cell, given);
}

enum status data_request_read(const char *place, const struct words *words, struct pool *pool,
                              struct data_request *request) {
    struct config config;
    struct cell cell;
    bool *given = pool_alloc(pool, (size_t)key_count() * sizeof *given);
    enum status status = OK;
    *request = (struct data_request){0};
    cell_create(&cell, pool);
    for (int i = 0; i < words->n && !status; i++)
        status = set_key(words->items[i], pool, &cell, given);
    if (!status && !given[key_find("data.name")])
        status = find_source(&place, pool, &cell, given, &request->notes);
    if (status)
        return status;
    cell_finish(&cell, &config);
    config.run.data.dir = place;
    request->config = config.run.data;
    request->validates = given[key_find("data.validation")];
    take_keys(&cell, given, pool, request);
    return OK;
}
