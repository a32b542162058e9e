/* Files beside the results, and data: plan.json, the journal, IDX. */
#include <stdlib.h>

#include "engine/data/source.h"
#include "engine/format/gz_file.h"
#include "engine/format/idx.h"
#include "engine/format/npy.h"
#include "lab/journal/journals.h"
#include "lab/plan/plan_file.h"
#include "tests/fuzz/targets.h"

void fuzz_plan(const char *text, size_t size) {
    struct plan_file plan;
    fuzz_file("plan.json", text, size);
    if (!plan_file_read(fuzz_folder, &plan))
        plan_file_free(&plan);
}

void fuzz_journal(const char *text, size_t size) {
    struct journals journals;
    fuzz_file("journal.host.1.0123456789abcdef.jsonl", text, size);
    if (journals_read(1, (const char *const[]){fuzz_folder}, NULL, &journals))
        return;
    journal_run_failed(journals_find(&journals, "r3b59a0bd6c2e"));
    journals_free(&journals);
}

void fuzz_idx(const char *text, size_t size) {
    struct array idx;
    const char *path = fuzz_file("data.idx", text, size);
    if (!idx_read_images(path, NULL, &idx))
        array_free(&idx);
    if (!idx_read_labels(path, &idx))
        array_free(&idx);
}

void fuzz_npy(const char *text, size_t size) {
    struct array array;
    if (!npy_read(fuzz_file("data.npy", text, size), NULL, &array))
        array_free(&array);
}

void fuzz_hdf5_data(const char *text, size_t size) {
    struct data_source *source;
    const struct data_config config = {.name = DATA_HDF5, .dir = fuzz_file("data.h5", text, size)};
    if (!data_source_load(&config, &source))
        data_source_free(source);
}

/* Packed bytes: as what is the same as itself, as IDX, and as both tables of a folder. */
void fuzz_gz(const char *text, size_t size) {
    struct array idx;
    struct data_source *source;
    bool same = false;
    const char *path = fuzz_file("test.csv.gz", text, size);
    if (!gz_same(path, path, &same) && !same)
        abort();
    if (!idx_read_images(path, NULL, &idx))
        array_free(&idx);
    fuzz_file("train.csv.gz", text, size);
    const struct data_config config = {
        .name = DATA_CSV, .dir = fuzz_folder, .target = "", .header = true};
    if (!data_source_load(&config, &source))
        data_source_free(source);
}

/* The same bytes as a table with names and without, of classes and of numbers. */
void fuzz_csv(const char *text, size_t size) {
    const char *path = fuzz_file("data.csv", text, size);
    for (int way = 0; way < 6; way++) {
        struct data_source *source;
        const struct data_config config = {.name = DATA_CSV,
                                           .dir = path,
                                           .target = way < 3 ? "" : "0",
                                           .header = way % 2 == 0,
                                           .targets = way % 3,
                                           .test_share = .3};
        if (!data_source_load(&config, &source))
            data_source_free(source);
    }
}
