#include "tests/lab/store/sample.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"

enum { MOST = 40 };

const struct store_header sample_header = {
    .name = "sample",
    .title = "Größe und Näherung",
    .source = "normlab 0.1.0",
    .history = "normlab 0.1.0: run files merged",
    .yaml = "schema: 1\nname: sample\n",
    .resolved = "{\"name\": \"sample\"}",
    .plan = "0123456789abcdef",
    .file = "sample.yaml",
    .overrides = "seed=0,1",
};

void sample_folder(char path[64]) {
    strcpy(path, "/tmp/normlab-test-XXXXXX");
    cr_assert(mkdtemp(path), "mkdtemp failed");
}

void sample_remove(const char *path) {
    char inner[512];
    DIR *folder = opendir(path);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (unlink(inner) != 0)
            sample_remove(inner);
    }
    if (folder)
        closedir(folder);
    rmdir(path);
}

static void add_config(int index, struct record *record) {
    static const char *const kinds[] = {"none", "batch", "layer"};
    struct attributes *config = &record->config;
    attributes_add_text(record, config, "norm.kind", kinds[index % 3], NULL);
    attributes_add_text(record, config, "model.hidden", "100-100-100", NULL);
    attributes_add_text(record, config, "data.dir", "", NULL);
    attributes_add_bool(record, config, "norm.affine", index % 2 == 0, NULL);
    attributes_add_int(record, config, "train.batch_size", 2L << (index % 2), "rows", NULL);
    attributes_add_real(record, config, "optimizer.lr", 0.1, NULL, NULL);
    attributes_add_int(record, config, "seed", -9007199254740993L, NULL, NULL);
    for (int i = 0; i < 30; i++) { /* more than fit into an object's header */
        char name[32];
        snprintf(name, sizeof name, "more.key%d", i);
        attributes_add_real(record, config, name, i / 7.0, NULL, NULL);
    }
}

static void add_final(int index, struct record *record) {
    struct attributes *final = &record->final;
    bool diverged = index == 5;
    attributes_add_text(record, final, "status", diverged ? "diverged" : "complete",
                        "how it ended");
    attributes_add_bool(record, final, "collapsed", index == 4, "no better than a constant");
    attributes_add_int(record, final, "planned_steps", 20, "1", "what it was to make");
    attributes_add_real(record, final, "test_error", diverged ? NAN : 0.125 + 0.001 * index, "1",
                        "share of wrong answers");
    attributes_add_real(record, final, "train_loss", diverged ? INFINITY : 0.25, "nats", "loss");
}

static void add(struct record *record, const char *group, const char *name, enum series_type type,
                size_t rows, const char *row_name, size_t columns, const char *column_name,
                const void *data) {
    struct series series = {.group = group,
                            .name = name,
                            .unit = type == SERIES_I64 ? "" : "nats",
                            .doc = "a sentence",
                            .type = type,
                            .n_dims = column_name ? 2
                                      : row_name  ? 1
                                                  : 0,
                            .dims = {rows, columns},
                            .dim_names = {row_name, column_name},
                            .data = data};
    record_add_series(record, &series);
}

static void add_layers(int index, struct record *record, size_t epochs, const long *count,
                       const double *real, const float *single) {
    for (int layer = 0; layer < 2; layer++) {
        char group[64];
        snprintf(group, sizeof group, "layer%d", layer);
        add(record, group, "epoch", SERIES_I64, epochs, "epoch", 0, NULL, count + 1);
        add(record, group, "unit", SERIES_I64, 4, "unit", 0, NULL, count);
        add(record, group, "gamma", SERIES_F64, epochs, "epoch", 4, "unit", real + layer);
        snprintf(group, sizeof group, "weights/final/layer%d", layer);
        add(record, group, "in", SERIES_I64, 3, "in", 0, NULL, count);
        add(record, group, "out", SERIES_I64, 5, "out", 0, NULL, count);
        add(record, group, "W", SERIES_F32, 3, "in", 5, "out", single + layer);
    }
    if (index == 0) {
        add(record, "trace", "step", SERIES_I64, 2, "step", 0, NULL, count);
        add(record, "trace", "input_p50", SERIES_F64, 2, "step", 0, NULL, real);
    }
}

void sample_record(int index, struct record *record) {
    long count[MOST];
    double real[MOST];
    float single[MOST];
    struct random_key key = {(uint64_t)index, RANDOM_TEST, 7};
    for (int i = 0; i < MOST; i++) {
        count[i] = i;
        real[i] = random_normal(key, (uint64_t)i);
        single[i] = (float)real[i];
    }
    size_t steps = index % 2 ? 20 : 10, epochs = index == 5 ? 0 : 3;
    *record = (struct record){0};
    snprintf(record->id, sizeof record->id, "r%012x", 0xa0 + 7 * index);
    add_config(index, record);
    add_final(index, record);
    /* A scale after the series that lie along it: any order will do. */
    add(record, "step", "train_loss", SERIES_F64, steps, "step", 0, NULL, real);
    add(record, "step", "step", SERIES_I64, steps, "step", 0, NULL, count);
    real[3] = NAN;
    real[4] = -INFINITY;
    add(record, "step", "lr", SERIES_F64, steps, "step", 0, NULL, real);
    add(record, "epoch", "epoch", SERIES_I64, epochs, "epoch", 0, NULL, count + 1);
    add(record, "epoch", "test_error", SERIES_F64, epochs, "epoch", 0, NULL, real);
    add(record, "epoch", "steps", SERIES_I64, epochs, "epoch", 0, NULL, count + 5);
    add(record, "data", "shift", SERIES_F64, 0, NULL, 0, NULL, real);
    add_layers(index, record, epochs, count, real, single);
    attributes_add_text(record, &record->provenance, "host", "somewhere", NULL);
    attributes_add_int(record, &record->provenance, "pid", 1234, NULL, NULL);
}

void sample_summary(struct table *summary) {
    table_create(summary, SAMPLE_RUNS + 1);
    table_add(summary, "run", TYPE_TEXT, "", "the run's id");
    table_add(summary, "norm.kind", TYPE_TEXT, "", "normalizer");
    table_add(summary, "train.batch_size", TYPE_INT, "rows", "rows of a mini-batch");
    table_add(summary, "norm.affine", TYPE_BOOL, "", "gamma and beta");
    table_add(summary, "optimizer.lr", TYPE_REAL, "", "learning rate");
    table_add(summary, "status", TYPE_TEXT, "", "how it ended");
    table_add(summary, "collapsed", TYPE_BOOL, "", "no better than a constant");
    table_add(summary, "test_error", TYPE_REAL, "1", "share of wrong answers");
    table_add(summary, "planned_steps", TYPE_INT, "1", "what it was to make");
    for (int row = 0; row <= SAMPLE_RUNS; row++) {
        struct record record;
        sample_record(row, &record);
        struct column *c = summary->columns;
        struct pool *pool = &summary->pool;
        bool missing = row == SAMPLE_RUNS;
        const struct attributes *config = &record.config, *final = &record.final;
        c[0].texts[row] = pool_text(pool, record.id);
        c[1].texts[row] = pool_text(pool, attributes_find(config, "norm.kind")->text);
        c[2].integers[row] = attributes_find(config, "train.batch_size")->integer;
        c[3].integers[row] = attributes_find(config, "norm.affine")->integer;
        c[4].reals[row] = attributes_find(config, "optimizer.lr")->real;
        c[5].texts[row] =
            missing ? "missing" : pool_text(pool, attributes_find(final, "status")->text);
        c[6].integers[row] = missing ? -1 : attributes_find(final, "collapsed")->integer;
        c[7].reals[row] = missing ? NAN : attributes_find(final, "test_error")->real;
        c[8].integers[row] = missing ? -1 : attributes_find(final, "planned_steps")->integer;
        record_free(&record);
    }
}

void sample_results(const char *dir, char path[128]) {
    char paths[SAMPLE_RUNS][128];
    const char *run_paths[SAMPLE_RUNS];
    for (int i = 0; i < SAMPLE_RUNS; i++) {
        struct record record;
        sample_record(i, &record);
        enum status status = store_write_run(dir, &record);
        cr_assert(!status, "run %d: %s", i, status_message());
        snprintf(paths[i], sizeof paths[i], "%s/%s.h5", dir, record.id);
        run_paths[i] = paths[i];
        record_free(&record);
    }
    struct table summary;
    sample_summary(&summary);
    snprintf(path, 128, "%s/merged.h5", dir);
    enum status status = store_write_merged(path, &sample_header, &summary, SAMPLE_RUNS, run_paths);
    cr_assert(!status, "merged: %s", status_message());
    table_free(&summary);
}

static void compare_lists(const char *what, const struct attributes *a,
                          const struct attributes *b) {
    cr_assert(a->n == b->n, "%s: %d and %d attributes", what, a->n, b->n);
    for (int i = 0; i < a->n; i++) {
        const struct attribute *x = &a->items[i], *y = &b->items[i];
        cr_assert(strcmp(x->name, y->name) == 0, "%s: %s and %s", what, x->name, y->name);
        cr_assert(x->type == y->type, "%s: types of %s", what, x->name);
        bool same = x->type == TYPE_TEXT   ? strcmp(x->text, y->text) == 0
                    : x->type == TYPE_REAL ? memcmp(&x->real, &y->real, sizeof x->real) == 0
                                           : x->integer == y->integer;
        cr_assert(same, "%s: values of %s", what, x->name);
    }
}

static void compare_series(const struct series *x, const struct series *y) {
    cr_assert(y, "%s/%s is not there", x->group, x->name);
    cr_assert(x->type == y->type && x->n_dims == y->n_dims, "%s/%s: type or dimensions", x->group,
              x->name);
    for (int d = 0; d < x->n_dims; d++) {
        cr_assert(x->dims[d] == y->dims[d], "%s/%s: dimension %d", x->group, x->name, d);
        cr_assert(strcmp(x->dim_names[d], y->dim_names[d]) == 0, "%s/%s: %s and %s", x->group,
                  x->name, x->dim_names[d], y->dim_names[d]);
    }
    cr_assert(strcmp(x->unit, y->unit) == 0, "%s/%s: unit", x->group, x->name);
    cr_assert(strcmp(x->doc, y->doc) == 0, "%s/%s: sentence", x->group, x->name);
    size_t size = series_count(x) * series_element_size(x->type);
    cr_assert(memcmp(x->data, y->data, size) == 0, "%s/%s: values", x->group, x->name);
}

void sample_compare(const struct record *a, const struct record *b) {
    cr_assert(strcmp(a->id, b->id) == 0, "ids %s and %s", a->id, b->id);
    compare_lists("config", &a->config, &b->config);
    compare_lists("final", &a->final, &b->final);
    compare_lists("provenance", &a->provenance, &b->provenance);
    cr_assert(a->n_series == b->n_series, "%d and %d series", a->n_series, b->n_series);
    for (int i = 0; i < a->n_series; i++) {
        const struct series *x = &a->series[i];
        compare_series(x, record_find_series(b, x->group, x->name));
    }
}
