/* Opens results files: whether one is ours, whole, and of a schema that this program reads. */
#include "lab/store/store_reader.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/visible.h"
#include "base/words.h"
#include "io/draft.h"
#include "io/files.h"
#include "lab/store/store.h"
#include "lab/store/store_seal.h"

static enum status check_schema(const struct reader *reader) {
    static const char name[] = "normlab_schema";
    struct pool pool = {0};
    struct hdf5_value schema;
    if (!hdf5_has_attribute(reader->file.id, name))
        return fail(ERROR_RESULTS, "not a results file of normlab (no attribute normlab_schema)");
    enum status status = hdf5_read_attribute(reader->file.id, name, &pool, &schema);
    pool_free(&pool);
    if (status)
        return status;
    if (schema.type != HDF5_INT64)
        return fail(ERROR_RESULTS, "attribute '%s': not a whole number", name);
    if (schema.integer != SCHEMA)
        return fail(ERROR_RESULTS, "schema %ld, but this normlab reads schema %d: %s",
                    schema.integer, SCHEMA,
                    schema.integer > SCHEMA ? "it was written by a newer normlab" : "run it again");
    return OK;
}

/* A descriptor whose bytes are what they were. */
static enum status open_hdf5(struct reader *reader, int descriptor) {
    enum status status = hdf5_open(descriptor, &reader->file);
    reader->left = hdf5_allowance(reader->file.size);
    if (!status)
        status = check_schema(reader);
    reader->has_comments = !status && hdf5_has_attribute(reader->file.id, CONVENTIONS_ATTRIBUTE);
    return status;
}

static bool unsealed_accepted;

void store_accept_unsealed(bool accepted) {
    unsealed_accepted = accepted;
}

/* A run's file has always had a seal, a merged one has it since it says so. */
static enum status check_unsealed(const struct reader *reader, const char *path) {
    static bool said;
    if (hdf5_has_attribute(reader->file.id, SEALED_ATTRIBUTE) ||
        (hdf5_has(reader->file.id, "runs") && !hdf5_has(reader->file.id, "summary")))
        return store_fail_unsealed();
    notice_once(&said, "%s has no seal (an earlier normlab wrote it): damage may go unnoticed",
                path);
    return OK;
}

static enum status open_and_check(struct reader *reader, const char *path) {
    bool sealed = false;
    enum status status = file_open(path, &reader->descriptor);
    if (!status)
        status = hdf5_check(reader->descriptor);
    if (!status && !unsealed_accepted)
        status = store_check_seal(reader->descriptor, &sealed);
    if (!status)
        status = open_hdf5(reader, reader->descriptor);
    if (!status && !sealed && !unsealed_accepted)
        status = check_unsealed(reader, path);
    return status;
}

/* results/x of results/x.h5, of results/x+seed=0.h5, and of itself. */
const char *store_unmerged(const char *path, struct pool *pool) {
    const char *name = path_name(path);
    size_t size = strlen(name);
    if (text_ends_in(name, ".h5"))
        size = strcspn(name, "+") < size ? strcspn(name, "+") : size - 3;
    const char *dir = pool_format(pool, "%.*s%.*s", (int)(name - path), path, (int)size, name);
    bool planned =
        !run_id_begins(name) && access(pool_format(pool, "%s/plan.json", dir), F_OK) == 0;
    return planned ? dir : NULL;
}

/* There is no such file: its runs may be under way. */
static void explain_absence(const char *path) {
    struct pool pool = {0};
    const char *dir = store_unmerged(path, &pool);
    if (dir) {
        const char *word = text_quoted(dir, &pool);
        const char *what = strcmp(dir, path) == 0 ? "holds runs"
                                                  : pool_format(&pool, "%s, but runs are in %s",
                                                                status_message(), dir);
        fail(ERROR_RESULTS,
             "%s: `normlab status %s` says how far they are, `normlab merge %s` makes a results "
             "file of those that are done",
             what, word, word);
    }
    pool_free(&pool);
}

enum status reader_open(struct reader *reader, const char *path) {
    *reader = (struct reader){.descriptor = -1, .file = hdf5_no_file};
    enum status status = open_and_check(reader, path);
    if (status == ERROR_RESULTS && reader->descriptor < 0)
        explain_absence(path);
    return status ? fail_in(reader_close(reader, status), "%s", path) : OK;
}

enum status reader_open_written(struct reader *reader, int descriptor) {
    bool sealed;
    *reader = (struct reader){.descriptor = -1, .file = hdf5_no_file};
    enum status status = store_check_seal(descriptor, &sealed);
    if (!status && !sealed)
        status = store_fail_unsealed();
    return status ? status : open_hdf5(reader, descriptor);
}

enum status reader_close(struct reader *reader, enum status status) {
    status = hdf5_close_file(&reader->file, status);
    if (reader->descriptor >= 0)
        close(reader->descriptor); /* only read from */
    reader->descriptor = -1;
    return status;
}

/* Before files named their conventions, long_name was the sentence. */
enum status reader_sentence(struct reader *reader, hdf5_id dataset, struct pool *pool,
                            const char **text) {
    const char *name = reader->has_comments ? "comment" : "long_name";
    return hdf5_read_text(dataset, name, &reader->left, pool, text);
}

/* The names below /runs, in the order in which they were written. */
struct id_list {
    int n;
    char *first;
};

static enum status visit_run(hdf5_id runs, const char *name, void *context) {
    (void)runs;
    struct id_list *list = context;
    if (list->n++ == 0)
        snprintf(list->first, RUN_ID_SIZE, "%s", name);
    return OK;
}

enum status reader_single_run(const struct reader *reader, char id[RUN_ID_SIZE]) {
    struct id_list list = {.first = id};
    hdf5_id runs = -1;
    if (!hdf5_has(reader->file.id, "runs"))
        return fail(ERROR_RESULTS, "it has no group /runs");
    enum status status = hdf5_open_group(reader->file.id, "runs", &runs);
    if (!status)
        status = hdf5_each_name(runs, "runs", visit_run, &list);
    status = hdf5_close(runs, status);
    if (!status && list.n != 1)
        status = fail(ERROR_RESULTS, "it has no summary, and %d runs where a run's file has one",
                      list.n);
    return status;
}
