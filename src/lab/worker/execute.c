#include "lab/worker/execute.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/clock.h"
#include "engine/kernel/gemm.h"
#include "engine/nn/baseline.h"
#include "io/machine.h"
#include "io/version_info.h"
#include "lab/store/store.h"
#include "lab/table/summary_columns.h"
#include "lab/worker/observer.h"
#include "lab/worker/weights.h"

static long training_rows_evaluated(const struct trainer *trainer) {
    long n = trainer->dataset->n[PART_TRAIN];
    return n < EVALUATE_ROWS ? n : EVALUATE_ROWS;
}

/* No better than a constant; where one class is all there is, a constant is as good as anything. */
static bool is_collapsed(const struct trainer *trainer, double train_loss) {
    double chance = constant_loss(trainer->dataset, trainer->config.train.loss, PART_TRAIN,
                                  training_rows_evaluated(trainer));
    return chance > 0 && train_loss >= 0.98 * chance;
}

struct finals {
    struct evaluation train;
    struct epoch_point last;
    long diverged_at_step;
    bool collapsed;
    double test_error_scored;
};

/* Figures of a run that diverged: none; the step says when. But where it trained to the end, the
 * running statistics alone may be at fault. */
static void finals_diverged(const struct observer *observer, struct finals *f) {
    struct epoch_point last = observer_no_point(0);
    last.debiased = observer_kept(observer, f->last.debiased);
    last.population = observer_kept(observer, f->last.population);
    last.batch = observer_kept(observer, f->last.batch);
    f->train = (struct evaluation){NAN, NAN};
    f->last = last;
}

static enum status finals_measure(struct observer *observer, struct finals *f) {
    const struct trainer *trainer = observer->trainer;
    enum status status = OK;
    double begin = clock_seconds();
    f->diverged_at_step = trainer->diverged_at_step;
    if (f->diverged_at_step < 0) {
        status = evaluate(trainer, PART_TRAIN, training_rows_evaluated(trainer), NULL, &f->train);
        if (!isfinite(f->train.loss))
            f->diverged_at_step = trainer->step; /* the last update or the statistics did it */
        if (observer->n_epochs)
            f->last = observer->epochs[observer->n_epochs - 1];
    }
    f->collapsed = f->diverged_at_step < 0 && is_collapsed(trainer, f->train.loss);
    observer->diverged = f->diverged_at_step >= 0;
    if (observer->diverged)
        finals_diverged(observer, f);
    f->test_error_scored = f->last.test_error;
    if (f->diverged_at_step >= 0 && observer->log.test != LOG_TEST_NEVER)
        f->test_error_scored = constant_error(trainer->dataset, PART_TEST);
    observer->eval_s += clock_seconds() - begin;
    return status;
}

static void add_real(struct record *record, enum run_metric row, double value) {
    const struct summary_column *final = summary_column_get((int)row);
    attributes_add_real(record, &record->final, final->name, value, final->unit, final->doc);
}

static void add_integer(struct record *record, enum run_metric row, long value) {
    const struct summary_column *final = summary_column_get((int)row);
    attributes_add_int(record, &record->final, final->name, value, final->unit, final->doc);
}

static void write_sources(const struct epoch_point *last, struct record *record) {
    add_real(record, METRIC_TEST_ERROR_DEBIASED, last->debiased.test);
    add_real(record, METRIC_TEST_ERROR_POPULATION, last->population.test);
    add_real(record, METRIC_TEST_ERROR_BATCH, last->batch.test);
    add_real(record, METRIC_VALIDATION_ERROR_DEBIASED, last->debiased.validation);
    add_real(record, METRIC_VALIDATION_ERROR_POPULATION, last->population.validation);
    add_real(record, METRIC_VALIDATION_ERROR_BATCH, last->batch.validation);
}

static void write_finals(const struct observer *observer, const struct finals *f, int concurrency,
                         struct record *record) {
    const struct summary_column *status = summary_column_get(METRIC_STATUS);
    const struct summary_column *collapsed = summary_column_get(METRIC_COLLAPSED);
    attributes_add_text(record, &record->final, status->name,
                        f->diverged_at_step < 0 ? "complete" : "diverged", status->doc);
    attributes_add_bool(record, &record->final, collapsed->name, f->collapsed, collapsed->doc);
    add_integer(record, METRIC_DIVERGED_AT_STEP, f->diverged_at_step);
    add_integer(record, METRIC_STEPS, observer->trainer->step);
    add_real(record, METRIC_LR_EFFECTIVE, observer->trainer->lr_effective);
    add_real(record, METRIC_TRAIN_LOSS, f->train.loss);
    add_real(record, METRIC_TRAIN_ERROR, f->train.error);
    add_real(record, METRIC_VALIDATION_LOSS, f->last.validation_loss);
    add_real(record, METRIC_VALIDATION_ERROR, f->last.validation_error);
    add_real(record, METRIC_TEST_LOSS, f->last.test_loss);
    add_real(record, METRIC_TEST_ERROR, f->last.test_error);
    add_real(record, METRIC_TEST_ERROR_SCORED, f->test_error_scored);
    write_sources(&f->last, record);
    add_real(record, METRIC_TRAIN_S, observer->train_s);
    add_real(record, METRIC_EVAL_S, observer->eval_s);
    add_real(record, METRIC_LOG_S, observer->log_s);
    add_integer(record, METRIC_CONCURRENCY, concurrency);
}

static void write_key(const struct planned_run *planned, int index, struct record *record) {
    const struct key *key = key_get(index);
    const struct value *value = &planned->cell.values[index];
    struct attributes *list = key->local ? &record->provenance : &record->config;
    switch (key->type) {
    case KEY_BOOL:
        attributes_add_bool(record, list, key->name, value->integer != 0, NULL);
        break;
    case KEY_INT:
        attributes_add_int(record, list, key->name, value->integer, NULL, NULL);
        break;
    case KEY_REAL:
        attributes_add_real(record, list, key->name, value->real, NULL, NULL);
        break;
    case KEY_CHOICE:
    case KEY_TEXT:
    case KEY_INTS:
    case KEY_REALS:
        attributes_add_text(record, list, key->name, value_text(key, value, &record->pool), NULL);
        break;
    }
}

static void write_config(const struct planned_run *planned, struct record *record) {
    memcpy(record->id, planned->id, sizeof record->id);
    for (int i = 0; i < key_count(); i++)
        if (planned->cell.applies[i])
            write_key(planned, i, record);
    const struct run_config *config = &planned->config.run;
    attributes_add_real(record, &record->config, summary_column_get(METRIC_LR_EFFECTIVE)->name,
                        optimizer_lr_effective(&config->optimizer, config->train.batch_size), NULL,
                        NULL);
    attributes_add_text(record, &record->config, "data.hash", planned->dataset->source->hash, NULL);
    attributes_add_int(record, &record->config, "numerics", NUMERICS, NULL, NULL);
}

static void write_scaling(const struct dataset *dataset, struct record *record) {
    size_t n = (size_t)dataset->n_features;
    struct pool pool = {0};
    long *index = pool_alloc(&pool, n * sizeof *index);
    for (size_t j = 0; j < n; j++)
        index[j] = (long)j;
    const struct series series[] = {
        {"data",
         "feature",
         "1",
         "column of the input, from 0",
         SERIES_I64,
         1,
         {n},
         {"feature"},
         index},
        {"data",
         "shift",
         "1",
         "x = (pixel - shift) * factor",
         SERIES_F32,
         1,
         {n},
         {"feature"},
         dataset->shift},
        {"data",
         "factor",
         "1",
         "x = (pixel - shift) * factor",
         SERIES_F32,
         1,
         {n},
         {"feature"},
         dataset->factor},
    };
    for (size_t i = 0; i < sizeof series / sizeof *series; i++)
        record_add_series(record, &series[i]);
    pool_free(&pool);
}

static void text(struct record *record, const char *name, const char *value) {
    attributes_add_text(record, &record->provenance, name, value, NULL);
}

/* The shared object that the normalizer came from. */
static void write_object(long kind, struct record *record) {
    struct norm_object object = normalizer_object(kind);
    if (!object.hash)
        return;
    text(record, "plugin", object.file);
    text(record, "plugin_hash", object.hash);
}

static void write_provenance(int n_threads, time_t started, struct record *record) {
    struct utsname machine;
    uname(&machine);
    char time_text[32];
    strftime(time_text, sizeof time_text, "%Y-%m-%dT%H:%M:%SZ", gmtime(&started));
    text(record, "started", time_text);
    time_t now = time(NULL);
    strftime(time_text, sizeof time_text, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
    text(record, "finished", time_text);
    text(record, "version", build_version);
    text(record, "git_commit", build_commit);
    attributes_add_bool(record, &record->provenance, "git_dirty", build_dirty, NULL);
    text(record, "compiler", build_compiler);
    text(record, "flags", build_flags);
    text(record, "products", gemm_kind());
    text(record, "hdf5", store_hdf5_version());
    text(record, "system",
         pool_format(&record->pool, "%s %s %s", machine.sysname, machine.release, machine.machine));
    text(record, "processor", machine_processor(&record->pool));
    attributes_add_int(record, &record->provenance, "threads", n_threads, NULL, NULL);
}

enum status run_execute(const struct planned_run *planned, int n_threads, int concurrency,
                        struct record *record) {
    struct observer observer = {0};
    struct trainer *trainer = NULL;
    struct finals f = {0};
    time_t started = time(NULL);
    long weights = planned->config.log.weights;
    enum status status =
        trainer_create(&trainer, &planned->config.run, planned->dataset, n_threads);
    if (status)
        return status;
    if (getenv("NORMLAB_FULL_TEAM")) /* for checks that are about threads */
        trainer->team_size = n_threads;
    *record = (struct record){0};
    write_config(planned, record);
    write_scaling(planned->dataset, record);
    if (weights == LOG_WEIGHTS_INITIAL || weights == LOG_WEIGHTS_BOTH)
        weights_write(&trainer->mlp, "initial", record);
    status = observer_create(&observer, trainer, &planned->config.log);
    if (!status)
        status = observer_train(&observer);
    if (!status)
        status = finals_measure(&observer, &f);
    if (status)
        goto done;
    if (weights == LOG_WEIGHTS_FINAL || weights == LOG_WEIGHTS_BOTH)
        weights_write(&trainer->mlp, "final", record);
    observer_write(&observer, record);
    write_finals(&observer, &f, concurrency, record);
    write_provenance(trainer->team_size, started, record);
    write_object(planned->config.run.norm.kind, record);
done:
    if (status)
        record_free(record);
    observer_free(&observer);
    trainer_free(trainer);
    return status;
}
