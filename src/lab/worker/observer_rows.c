/* Wrong test rows as series: along words of 64 rows, and along the bank's members. */
#include "lab/worker/observer_rows.h"

#include <math.h>
#include <string.h>

#include "engine/nn/baseline.h"
#include "lab/worker/observer_eval.h"

struct writer {
    const struct observer *observer;
    struct record *record;
    size_t words;
    uint64_t *constant; /* [words]: of the best constant prediction */
    struct pool pool;   /* while writing */
};

/* Of what has no error because the run diverged the constant prediction's; NULL: there is none for
 * another reason. */
static const uint64_t *rows_of(const struct writer *writer, struct evaluation_pair pair,
                               const uint64_t *wrong) {
    if (!isnan(pair.test.error))
        return wrong;
    return writer->observer->diverged ? writer->constant : NULL;
}

/* The series of a source, along words alone: others add what is before them. */
static struct series series_of(struct writer *writer, const char *group, int source) {
    const char *suffix = evaluation_source_get(source)->suffix;
    const char *name = pool_format(&writer->pool, "wrong%s", suffix);
    const struct probe *probe = probe_find(PROBE_ROWS, name);
    return (struct series){.group = group,
                           .name = name,
                           .unit = probe->unit,
                           .doc = probe->doc,
                           .type = SERIES_I64,
                           .n_dims = 1,
                           .dims = {writer->words},
                           .dim_names = {"word"}};
}

static void add(struct writer *writer, const struct series *series) {
    if (!record_find_series(writer->record, series->group, "word"))
        record_add_count(writer->record, series->group, "word", "word of 64 test rows, from 0",
                         writer->words, 0);
    record_add_series(writer->record, series);
}

static void write_own(struct writer *writer, int source) {
    const struct observer *observer = writer->observer;
    struct series series = series_of(writer, "rows", source);
    series.data = rows_of(writer, observer_last(observer, source), observer->wrong[source]);
    if (series.data)
        add(writer, &series);
}

/* Members side by side, [momentum, average, word]; of one without an error no row. */
static void write_bank(struct writer *writer, int source) {
    const struct observer *observer = writer->observer;
    const struct bank *bank = &observer->trainer->bank;
    size_t words = writer->words, size = words * sizeof(uint64_t);
    uint64_t *all = pool_alloc(&writer->pool, (size_t)bank->n * size);
    memset(all, 0, (size_t)bank->n * size);
    for (int i = 0; i < bank->n; i++) {
        struct evaluation_pair pair = observer_bank_last(observer, i, source);
        const uint64_t *wrong = rows_of(writer, pair, observer_bank_wrong(observer, source, i));
        if (wrong)
            memcpy(all + (size_t)i * words, wrong, size);
    }
    struct series series = series_of(writer, "bank", source);
    series.doc = pool_format(&writer->pool,
                             "test rows that are wrong in the end with the bank's statistics%s, as "
                             "bits like those of rows/wrong",
                             evaluation_source_get(source)->bank);
    series.n_dims = 3;
    series.dims[0] = (size_t)bank->n_momenta;
    series.dims[1] = NORM_AVERAGES;
    series.dims[2] = words;
    series.dim_names[0] = "momentum";
    series.dim_names[1] = "average";
    series.dim_names[2] = "word";
    series.data = all;
    add(writer, &series);
}

void observer_write_rows(const struct observer *observer, struct record *record) {
    const struct dataset *dataset = observer->trainer->dataset;
    struct writer writer = {observer, record, evaluate_words(dataset->n[PART_TEST]), NULL, {0}};
    if (observer->diverged && !dataset_has_values(dataset)) {
        writer.constant = pool_alloc(&writer.pool, writer.words * sizeof *writer.constant);
        baseline_mark_wrong(dataset, PART_TEST, writer.constant);
    }
    for (int i = 0; i < SOURCE_COUNT; i++) {
        if (observer->wrong[i])
            write_own(&writer, i);
        if (observer->bank_wrong[i])
            write_bank(&writer, i);
    }
    pool_free(&writer.pool);
}
