/* Reads banks, and makes of each momentum and kind of average a row like a run's. */
#include "lab/store/bank_members.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "lab/store/store.h"
#include "lab/table/run_rows.h"
#include "lab/table/summary_columns.h"
#include "lab/table/table_join.h"
#include "lab/table/varied_keys.h"

static const char group[] = "bank";

/* What members a bank has, and their values of each metric, [n_metrics][n]. */
struct bank_values {
    int n;
    const double *momenta; /* [n / n_averages] */
    int n_averages;
    double **values;
};

/* A row of the table to be. */
struct member {
    int run; /* row of the summary */
    double momentum;
    long average;   /* which word of norm.average; -1: the run's own */
    double *values; /* [n_metrics] */
};

/* The work in hand; members come run by run. */
struct gathering {
    const char *path; /* NULL: the rows say (run_file) */
    const struct table *summary;
    int n_metrics;
    const char *const *metrics;
    struct pool pool;
    const char *absent;         /* a metric that a bank has not; NULL: not known */
    struct bank_values pattern; /* the first bank that was read */
    int n_without;
    int n, capacity;
    struct member *members; /* [n] */
};

/* ---- members ---- */

static struct member *add_member(struct gathering *work, int run, double momentum, long average) {
    work->members =
        pool_grow(&work->pool, work->members, work->n, &work->capacity, sizeof *work->members);
    struct member *member = &work->members[work->n++];
    double *values = pool_alloc(&work->pool, ((size_t)work->n_metrics + 1) * sizeof *values);
    for (int m = 0; m < work->n_metrics; m++)
        values[m] = NAN;
    *member = (struct member){run, momentum, average, values};
    return member;
}

/* `values` NULL: the run has none. */
static void add_members(struct gathering *work, int run, const struct bank_values *bank,
                        double *const *values) {
    for (int i = 0; i < bank->n; i++) {
        struct member *member =
            add_member(work, run, bank->momenta[i / bank->n_averages], i % bank->n_averages);
        for (int m = 0; values && m < work->n_metrics; m++)
            member->values[m] = values[m][i];
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
        while (same < n && same_cell(keys[same], work->members[i].run, run))
            same++;
        if (same == n)
            return true;
    }
    return false;
}

static const double *reals(struct gathering *work, const struct series *series) {
    size_t n = series_count(series);
    double *copy = pool_alloc(&work->pool, (n + 1) * sizeof *copy);
    memcpy(copy, series->data, n * sizeof *copy);
    return copy;
}

/* Reals, [momentum, average], of all metrics alike. */
static enum status check_bank(const struct gathering *work, int run, const struct bank_values *bank,
                              const struct series *series, const struct series *momenta) {
    size_t n = series_count(series);
    bool fits = series->type == SERIES_F64 && momenta->type == SERIES_F64 && series->n_dims == 2 &&
                strcmp(series->dim_names[0], momenta->name) == 0 &&
                series->dims[1] == NORM_AVERAGES && n <= INT_MAX &&
                (bank->n == 0 || (size_t)bank->n == n);
    return fits ? OK
                : fail(ERROR_RESULTS, "%s: run %s: '%s/%s' is not of the shape of a bank",
                       run_file(work->summary, run, work->path),
                       table_find(work->summary, "run")->texts[run], group, series->name);
}

/* The run's bank; n = 0: it has none, or not with all the metrics. */
static enum status read_bank(struct gathering *work, int run, struct bank_values *bank) {
    const char *path = run_file(work->summary, run, work->path),
               *id = table_find(work->summary, "run")->texts[run];
    *bank = (struct bank_values){0};
    bank->values = pool_alloc(&work->pool, ((size_t)work->n_metrics + 1) * sizeof *bank->values);
    for (int m = 0; m < work->n_metrics; m++) {
        const char *pattern = pool_format(&work->pool, "%s/%s", group, work->metrics[m]);
        struct record record = {0};
        enum status status = store_read_series_of(path, id, pattern, &record);
        const struct series *series = record_find_series(&record, group, work->metrics[m]);
        const struct series *momenta = record_find_series(&record, group, "momentum");
        bool found = !status && series && momenta;
        if (found)
            status = check_bank(work, run, bank, series, momenta);
        if (found && !status) {
            bank->values[m] = (double *)reals(work, series);
            bank->momenta = reals(work, momenta);
            bank->n_averages = (int)series->dims[1];
            bank->n = (int)(series->dims[0] * series->dims[1]);
        }
        record_free(&record);
        if (!found || status) {
            bank->n = 0;
            work->absent = m > 0 ? work->metrics[m] : work->absent;
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
    size_t most = (size_t)work->summary->n_columns + 1;
    const struct column **keys = pool_alloc(&work->pool, most * sizeof *keys);
    int n_keys = bank_keys(work, keys);
    for (int run = 0; run < work->summary->n_rows; run++) {
        if (!run_has_group(work->summary, run) || was_seen(work, run, n_keys, keys))
            continue;
        struct bank_values bank;
        enum status status = read_bank(work, run, &bank);
        if (status)
            return status;
        work->n_without += bank.n == 0;
        if (work->pattern.n == 0)
            work->pattern = bank;
        add_members(work, run, &bank, bank.values);
    }
    for (int run = 0; run < work->summary->n_rows; run++) {
        if (!may_have_bank(work, run) || was_seen(work, run, n_keys, keys))
            continue;
        if (run_ended(work->summary, run, END_FAILED))
            add_members(work, run, &work->pattern, NULL);
        else if (run_ended(work->summary, run, END_MISSING))
            add_member(work, run, NAN, -1);
    }
    return OK;
}

/* ---- the table ---- */

/* A column of this type, there or new. */
static struct column *column_of(struct table *members, const char *name, enum cell_type type) {
    struct column *column = table_find(members, name);
    return column ? column : table_add(members, name, type, "", "");
}

static void fill(struct gathering *work, struct table *members) {
    int *runs = pool_alloc(&work->pool, ((size_t)work->n + 1) * sizeof *runs);
    for (int i = 0; i < work->n; i++)
        runs[i] = work->members[i].run;
    table_take(work->summary, work->n, runs, members);
    const char **averages = column_of(members, "norm.average", TYPE_TEXT)->texts;
    double *momenta = column_of(members, "norm.momentum", TYPE_REAL)->reals;
    long *collapsed = column_of(members, "collapsed", TYPE_BOOL)->integers;
    const struct key *key = key_get(key_find("norm.average"));
    for (int i = 0; i < work->n; i++) {
        const struct member *member = &work->members[i];
        collapsed[i] = -1;
        if (member->average < 0)
            continue;
        momenta[i] = member->momentum;
        averages[i] = words_get(key->words, member->average, &members->pool);
    }
    for (int m = 0; m < work->n_metrics; m++) {
        double *values = column_of(members, work->metrics[m], TYPE_REAL)->reals;
        for (int i = 0; i < work->n; i++)
            values[i] = work->members[i].values[m];
    }
}

/* "each also _debiased": the suffixes of what banks have beside the plain errors. */
static const char *other_suffixes(struct pool *pool) {
    const char *text = "";
    for (int i = 0; i < SOURCE_COUNT; i++)
        if (i != SOURCE_RUNNING && evaluation_source_get(i)->bank)
            text = pool_format(pool, "%s%s%s", text, *text ? ", " : "",
                               evaluation_source_get(i)->suffix);
    return text;
}

enum status bank_members_table(const char *path, const struct table *summary, int n,
                               const char *const *metrics, struct table *members, int *n_without) {
    struct gathering work = {.path = path, .summary = summary, .n_metrics = n, .metrics = metrics};
    enum status status = gather(&work);
    if (!status && work.pattern.n == 0)
        status = fail(ERROR_USAGE,
                      "no run has %s/%s; with eval.momenta runs have %s/test_error and "
                      "%s/validation_error, each also %s",
                      group, work.absent ? work.absent : metrics[0], group, group,
                      other_suffixes(&work.pool));
    if (!status)
        fill(&work, members);
    *n_without = work.n_without;
    pool_free(&work.pool);
    return status;
}
