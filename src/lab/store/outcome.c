/* Judges a run's file by what stands in it, holds it against its plan, and keeps what /summary says
 * of it. */
#include "lab/store/outcome.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/words.h"
#include "engine/kernel/gemm.h"
#include "io/files.h"
#include "io/version_info.h"
#include "lab/store/store.h"
#include "lab/store/store_seal.h"
#include "lab/table/run_rows.h"
#include "lab/table/summary_check.h"
#include "lab/table/summary_columns.h"

static const char *text_of(const struct attributes *list, const char *name) {
    const struct attribute *attribute = attributes_find(list, name);
    return attribute && attribute->type == TYPE_TEXT && attribute->text ? attribute->text : "";
}

static double number_of(const struct attributes *list, const char *name) {
    const struct attribute *attribute = attributes_find(list, name);
    if (!attribute || attribute->type == TYPE_TEXT)
        return NAN;
    return attribute->type == TYPE_REAL ? attribute->real : (double)attribute->integer;
}

/* A choice's index, stored as its word; -1: not there. */
static long choice_of(const struct attributes *list, const char *name) {
    int index = key_find(name);
    return index < 0 ? -1 : words_find(key_get(index)->words, text_of(list, name));
}

static bool is_other_build(const struct attributes *build) {
    return strcmp(text_of(build, "git_commit"), build_commit) != 0 ||
           number_of(build, "git_dirty") != build_dirty ||
           strcmp(text_of(build, "compiler"), build_compiler) != 0 ||
           strcmp(text_of(build, "flags"), build_flags) != 0 ||
           strcmp(text_of(build, "products"), gemm_kind()) != 0;
}

bool outcome_collapsed(const struct record *record) {
    return number_of(&record->final, "planned_steps") > 0 &&
           number_of(&record->final, "collapsed") == 1;
}

struct outcome outcome_of(const struct record *record, const char *id, struct pool *pool) {
    struct outcome outcome = {0};
    const char *status = text_of(&record->final, "status");
    outcome.diverged = strcmp(status, run_end_name(END_DIVERGED)) == 0;
    bool finished = strcmp(record->id, id) == 0 &&
                    (outcome.diverged || strcmp(status, run_end_name(END_COMPLETE)) == 0);
    outcome.state = finished ? RUN_FINISHED : RUN_DAMAGED;
    outcome.collapsed = outcome_collapsed(record);
    outcome.other_build = is_other_build(&record->provenance);
    outcome.logged.level = choice_of(&record->config, "log.level");
    outcome.logged.test = choice_of(&record->config, "log.test");
    outcome.logged.weights = choice_of(&record->config, "log.weights");
    outcome.logged.probes = pool_text(pool, text_of(&record->config, "log.probes"));
    outcome.test_error = number_of(&record->final, "test_error");
    outcome.seconds = number_of(&record->final, "train_s") + number_of(&record->final, "eval_s") +
                      number_of(&record->final, "log_s");
    if (!finished)
        fail(ERROR_RESULTS, "holds run '%s' with status '%s', not the finished run '%s'",
             record->id, status, id);
    return outcome;
}

static bool is_absent(const char *path) {
    struct stat about;
    return lstat(path, &about) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

static struct outcome outcome_none(enum status status, const char *path) {
    enum run_state state = status == ERROR_UNREADABLE ? RUN_UNREADABLE
                           : is_absent(path)          ? RUN_ABSENT
                                                      : RUN_DAMAGED;
    return (struct outcome){.state = state, .test_error = NAN, .seconds = NAN};
}

struct outcome outcome_confirm(const char *path, const struct outcome *said) {
    int descriptor = -1;
    bool sealed = false;
    enum status status = file_open_listed(path, &descriptor); /* its writer has just named it */
    if (!status)
        status = store_check_seal(descriptor, &sealed);
    if (!status && !sealed)
        status = store_fail_unsealed();
    if (descriptor >= 0)
        close(descriptor); /* only read from */
    if (!status)
        return *said;
    fail_in(status, "%s", path);
    return outcome_none(status, path);
}

struct outcome outcome_read(const char *path, const char *id, struct pool *pool,
                            struct record *record) {
    *record = (struct record){0};
    enum status status = store_peek_run(path, record);
    if (status == ERROR_RESULTS && !is_absent(path))
        status = store_peek_run(path, record); /* it may have got its name just now */
    if (status)
        return outcome_none(status, path);
    struct outcome outcome = outcome_of(record, id, pool);
    if (outcome.state != RUN_FINISHED)
        fail_in(ERROR_RESULTS, "%s", path);
    return outcome;
}

struct outcome outcome_peek(const char *path, const char *id, struct pool *pool) {
    struct record record;
    struct outcome outcome = outcome_read(path, id, pool, &record);
    record_free(&record);
    return outcome;
}

/* none, initial, final and both are the sets of two bits. */
static bool weights_serve(long logged, long asked) {
    return logged >= 0 && (logged & asked) == asked;
}

static bool is_logged(const struct log_config *log, const struct probe *probe) {
    return (long)probe->level <= log->level || probe_selected(probe, log->probes);
}

static bool probes_serve(const struct log_config *logged, const char *asked) {
    for (int i = 0; i < probe_count(); i++)
        if (probe_selected(probe_get(i), asked) && !is_logged(logged, probe_get(i)))
            return false;
    return true;
}

bool outcome_serves(const struct outcome *outcome, const struct log_config *asked) {
    const struct log_config *logged = &outcome->logged;
    return outcome->state == RUN_FINISHED && logged->level >= asked->level &&
           logged->test >= asked->test && weights_serve(logged->weights, asked->weights) &&
           probes_serve(logged, asked->probes);
}

static long larger(long a, long b) {
    return a > b ? a : b;
}

struct log_config outcome_log(const struct outcome *outcome, const struct log_config *asked,
                              struct pool *pool) {
    const struct log_config *logged = &outcome->logged;
    if (outcome->state != RUN_FINISHED)
        return *asked;
    return (struct log_config){.level = larger(logged->level, asked->level),
                               .test = larger(logged->test, asked->test),
                               .weights = larger(logged->weights, 0) | asked->weights,
                               .probes = probe_join_words(logged->probes, asked->probes, pool)};
}

const char *outcome_status(const struct outcome *outcome) {
    assert(outcome->state != RUN_UNREADABLE);
    return run_end_name(outcome->state != RUN_FINISHED ? END_MISSING
                        : outcome->diverged            ? END_DIVERGED
                                                       : END_COMPLETE);
}

/* ---- is the run in the file the planned one? ---- */

static bool is_value(const struct key *key, const struct value *value,
                     const struct attribute *attribute) {
    struct pool pool = {0};
    bool same = attribute->type == key_column_type(key);
    if (same && attribute->type == TYPE_TEXT)
        same = strcmp(attribute->text, value_text(key, value, &pool)) == 0;
    else if (same && attribute->type == TYPE_REAL)
        same = attribute->real == value->real;
    else if (same)
        same = attribute->integer == value->integer;
    pool_free(&pool);
    return same;
}

/* Keys that came later, at their default, are not in files of before. */
static enum status check_values(const struct cell *cell, const struct record *record) {
    for (int i = 0; i < key_count(); i++) {
        const struct key *key = key_get(i);
        const struct attribute *attribute = attributes_find(&record->config, key->name);
        if (key->local || key->volatile_ || !cell->applies[i])
            continue;
        if (attribute ? !is_value(key, &cell->values[i], attribute)
                      : key_identifies(key, &cell->values[i]))
            return fail(ERROR_RESULTS, "its %s is not the planned one", key->name);
    }
    return OK;
}

/* An id is believed where it is that of the configuration and the data. */
static enum status check_identity(const struct cell *cell, const struct record *record) {
    const struct attribute *data = attributes_find(&record->config, "data.hash");
    char id[RUN_ID_SIZE] = "";
    struct pool pool = {0};
    if (data && data->type == TYPE_TEXT)
        run_identity(cell_canonical(cell, &pool), data->text, id);
    pool_free(&pool);
    return strcmp(id, record->id) == 0
               ? OK
               : fail(ERROR_RESULTS, "the planned configuration with its data has the id %s", id);
}

/* ---- what is kept for /summary ---- */

/* The row grows in `scratch`. */
static void keep(struct attributes *row, const struct attributes *list, const char *name,
                 struct pool *pool, struct pool *scratch) {
    const struct attribute *attribute = attributes_find(list, name);
    if (!attribute)
        return;
    row->items = pool_grow(scratch, row->items, row->n, &row->capacity, sizeof *row->items);
    row->items[row->n++] = (struct attribute){
        .name = name,
        .type = attribute->type,
        .integer = attribute->integer,
        .real = attribute->real,
        .text = attribute->text ? pool_text(pool, attribute->text) : NULL,
    };
}

enum status summary_row(const struct record *record, const struct cell *cell, struct pool *pool,
                        struct attributes *row) {
    enum status status = check_values(cell, record);
    if (!status)
        status = check_identity(cell, record);
    if (status)
        return status;
    struct pool scratch = {0};
    struct attributes grown = {0};
    for (int i = 0; i < summary_column_count(); i++)
        keep(&grown, &record->final, summary_column_get(i)->name, pool, &scratch);
    for (int i = 0; i < key_count(); i++)
        if (key_get(i)->volatile_)
            keep(&grown, &record->config, key_get(i)->name, pool, &scratch);
    size_t size = (size_t)grown.n * sizeof *grown.items;
    *row = (struct attributes){grown.n, grown.n, pool_alloc(pool, size + 1)};
    if (size > 0)
        memcpy(row->items, grown.items, size);
    pool_free(&scratch);
    return OK;
}
