/* Reads banks, and makes of each momentum and kind of average a row like a run's. */
#include "lab/store/bank_members.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "lab/store/store.h"
#include "lab/table/summary_columns.h"
#include "lab/table/varied_keys.h"

static const char group[] = "bank";

/* What members a bank has, and their values of each measure, [n_measures][n]. */
struct bank_values {
    int n;
    const double *momenta; /* [n / n_averages] */
    int n_averages;
    double **values;
};

/* The work in hand; rows grow run by run. */
struct gathering {
    const char *path;
    const struct table *summary;
    int n_measures;
    const char *const *measures;
    struct pool pool;
    const char *absent;         /* a measure that a bank has not; NULL: not known */
    struct bank_values pattern; /* the first bank that was read */
    int n_without;
    int n, capacity;
    int *runs;       /* [n] rows of the summary */
    double *momenta; /* [n] */
    long *averages;  /* [n] which word of norm.average; -1: the run's own */
    double **values; /* [n_measures][n] */
};

/* ---- rows ---- */

static void *grown(struct gathering *work, const void *old, size_t size) {
    void *memory = pool_alloc(&work->pool, (size_t)work->capacity * size);
    if (work->n)
        memcpy(memory, old, (size_t)work->n * size);
    return memory;
}

static int add_row(struct gathering *work, int run, double momentum, long average) {
    if (work->n == work->capacity) {
        work->capacity = work->capacity ? 2 * work->capacity : 256;
        work->runs = grown(work, work->runs, sizeof *work->runs);
        work->momenta = grown(work, work->momenta, sizeof *work->momenta);
        work->averages = grown(work, work->averages, sizeof *work->averages);
        for (int m = 0; m < work->n_measures; m++)
            work->values[m] = grown(work, work->values[m], sizeof *work->values[m]);
    }
    work->runs[work->n] = run;
    work->momenta[work->n] = momentum;
    work->averages[work->n] = average;
    for (int m = 0; m < work->n_measures; m++)
        work->values[m][work->n] = NAN;
    return work->n++;
}

/* `values` NULL: the run has none. */
static void add_members(struct gathering *work, int run, const struct bank_values *bank,
                        double *const *values) {
    for (int i = 0; i < bank->n; i++) {
        int row = add_row(work, run, bank->momenta[i / bank->n_averages], i % bank->n_averages);
        for (int m = 0; values && m < work->n_measures; m++)
            work->values[m][row] = values[m][i];
    }
}

/* ---- runs ---- */

static bool same_cell(const struct column *column, int row, int other) {
    if (column->type == TYPE_TEXT)
        return !strcmp(column->texts[row], column->texts[other]);
    double a = table_number(column, row), b = table_number(column, other);
    return a == b || (isnan(a) && isnan(b));
}

/* Has an earlier row the same bank? `keys` [n]: what tells banks apart. */
static bool was_seen(const struct gathering *work, int run, int n,
                     const struct column *const *keys) {
    for (int i = 0; i < work->n; i++) {
        int same = 0;
        while (same < n && same_cell(keys[same], work->runs[i], run))
            same++;
        if (same == n)
            return true;
    }
    return false;
}

static const double *reals(struct gathering *work, const struct series *series) {
    size_t n = series->dims[0] * (series->n_dims > 1 ? series->dims[1] : 1);
    double *copy = pool_alloc(&work->pool, (n + 1) * sizeof *copy);
    memcpy(copy, series->data, n * sizeof *copy);
    return copy;
}

/* The run's bank; n = 0: it has none, or not with all the measures. */
static enum status read_bank(struct gathering *work, const char *run, struct bank_values *bank) {
    *bank = (struct bank_values){0};
    bank->values = pool_alloc(&work->pool, ((size_t)work->n_measures + 1) * sizeof *bank->values);
    for (int m = 0; m < work->n_measures; m++) {
        const char *pattern = pool_format(&work->pool, "%s/%s", group, work->measures[m]);
        struct record record = {0};
        enum status status = store_read_series_of(work->path, run, pattern, &record);
        const struct series *series = record_find_series(&record, group, work->measures[m]);
        const struct series *momenta = record_find_series(&record, group, "momentum");
        bool found = !status && series && momenta;
        if (found) {
            bank->values[m] = (double *)reals(work, series);
            bank->momenta = reals(work, momenta);
            bank->n_averages = (int)series->dims[1];
            bank->n = (int)(series->dims[0] * series->dims[1]);
        }
        record_free(&record);
        if (!found) {
            bank->n = 0;
            work->absent = m > 0 ? work->measures[m] : work->absent;
            return status;
        }
    }
    return OK;
}

static bool may_have_bank(const struct gathering *work, int run) {
    const struct column *momenta = table_find(work->summary, "eval.momenta");
    return momenta && momenta->type == TYPE_TEXT && *momenta->texts[run];
}

/* Keys that tell banks apart. */
static int bank_keys(struct gathering *work, const struct column **keys) {
    int n = summary_varied(work->summary, keys), kept = 0;
    for (int i = 0; i < n; i++)
        if (strcmp(keys[i]->name, "norm.momentum") != 0 &&
            strcmp(keys[i]->name, "norm.average") != 0)
            keys[kept++] = keys[i];
    return kept;
}

static enum status gather(struct gathering *work) {
    const struct column *ids = table_find(work->summary, "run");
    size_t most = (size_t)work->summary->n_columns + 1;
    const struct column **keys = pool_alloc(&work->pool, most * sizeof *keys);
    int n_keys = bank_keys(work, keys);
    for (int run = 0; run < work->summary->n_rows; run++) {
        if (run_has_status(work->summary, run, "failed") ||
            run_has_status(work->summary, run, "missing"))
            continue;
        if (was_seen(work, run, n_keys, keys))
            continue;
        struct bank_values bank;
        enum status status = read_bank(work, ids->texts[run], &bank);
        if (status)
            return status;
        work->n_without += bank.n == 0;
        if (work->pattern.n == 0)
            work->pattern = bank;
        add_members(work, run, &bank, bank.values);
    }
    for (int run = 0; run < work->summary->n_rows; run++) {
        bool failed = run_has_status(work->summary, run, "failed"),
             missing = run_has_status(work->summary, run, "missing");
        if (!may_have_bank(work, run) || was_seen(work, run, n_keys, keys))
            continue;
        if (failed)
            add_members(work, run, &work->pattern, NULL);
        else if (missing)
            add_row(work, run, NAN, -1);
    }
    return OK;
}

/* ---- the table ---- */

/* A column of this type, there or new. */
static struct column *column_of(struct table *members, const char *name, enum cell_type type) {
    struct column *column = table_find(members, name);
    return column ? column : table_add(members, name, type, "", "");
}

static void fill(const struct gathering *work, struct table *members) {
    table_take(work->summary, work->n, work->runs, members);
    const char **averages = column_of(members, "norm.average", TYPE_TEXT)->texts;
    double *momenta = column_of(members, "norm.momentum", TYPE_REAL)->reals;
    long *collapsed = column_of(members, "collapsed", TYPE_BOOL)->integers;
    const struct key *key = key_get(key_find("norm.average"));
    for (int i = 0; i < work->n; i++) {
        collapsed[i] = 0;
        if (work->averages[i] < 0)
            continue;
        momenta[i] = work->momenta[i];
        averages[i] = words_get(key->words, work->averages[i], &members->pool);
    }
    for (int m = 0; m < work->n_measures; m++)
        memcpy(column_of(members, work->measures[m], TYPE_REAL)->reals, work->values[m],
               (size_t)work->n * sizeof *work->values[m]);
}

enum status members_table(const char *path, const struct table *summary, int n,
                          const char *const *measures, struct table *members, int *n_without) {
    struct gathering work = {
        .path = path, .summary = summary, .n_measures = n, .measures = measures};
    work.values = pool_alloc(&work.pool, ((size_t)n + 1) * sizeof *work.values);
    enum status status = gather(&work);
    if (!status && work.pattern.n == 0)
        status = fail(ERROR_USAGE,
                      "no run has %s/%s; with eval.momenta runs have %s/test_error and "
                      "%s/validation_error, each also _debiased",
                      group, work.absent ? work.absent : measures[0], group, group);
    if (!status)
        fill(&work, members);
    *n_without = work.n_without;
    pool_free(&work.pool);
    return status;
}
