#include "lab/members.h"

#include <stdlib.h>
#include <string.h>

#include "lab/keys.h"
#include "lab/store.h"

static const char group[] = "bank";

/* The work in hand; rows grow run by run. */
struct gathering {
    const char *path;
    const struct table *summary;
    int n_measures;
    const char *const *measures;
    struct pool pool;
    int n, capacity;
    int *runs;       /* [n] rows of the summary */
    double *momenta; /* [n] */
    long *averages;  /* [n] which word of norm.average */
    double **values; /* [n_measures][n] */
};

const char *members_measure(const char *name) {
    size_t size = strlen(group);
    return !strncmp(name, group, size) && name[size] == '/' ? name + size + 1 : NULL;
}

static void *grown(struct gathering *work, const void *old, size_t size) {
    void *memory = pool_alloc(&work->pool, (size_t)work->capacity * size);
    if (work->n)
        memcpy(memory, old, (size_t)work->n * size);
    return memory;
}

static void make_room(struct gathering *work, size_t more) {
    if (work->n + (int)more <= work->capacity)
        return;
    work->capacity = 2 * (work->n + (int)more);
    work->runs = grown(work, work->runs, sizeof *work->runs);
    work->momenta = grown(work, work->momenta, sizeof *work->momenta);
    work->averages = grown(work, work->averages, sizeof *work->averages);
    for (int i = 0; i < work->n_measures; i++)
        work->values[i] = grown(work, work->values[i], sizeof *work->values[i]);
}

/* Every measure of the run's bank; `found`: it has one. */
static enum status read_measures(struct gathering *work, const char *run, struct record *records,
                                 bool *found) {
    enum status status = OK;
    *found = true;
    for (int i = 0; i < work->n_measures && !status && *found; i++) {
        const char *pattern = pool_format(&work->pool, "%s/%s", group, work->measures[i]);
        status = store_read_series_of(work->path, run, pattern, &records[i]);
        *found = !status && record_find_series(&records[i], group, work->measures[i]) &&
                 record_find_series(&records[i], group, "momentum");
    }
    return status;
}

static void add_members(struct gathering *work, int run, const struct record *records) {
    const struct series *first = record_find_series(&records[0], group, work->measures[0]);
    const double *momenta = record_find_series(&records[0], group, "momentum")->data;
    size_t n = first->dims[0] * first->dims[1];
    make_room(work, n);
    for (size_t i = 0; i < n; i++) {
        work->runs[work->n] = run;
        work->momenta[work->n] = momenta[i / first->dims[1]];
        work->averages[work->n] = (long)(i % first->dims[1]);
        for (int m = 0; m < work->n_measures; m++) {
            const struct series *series = record_find_series(&records[m], group, work->measures[m]);
            work->values[m][work->n] = ((const double *)series->data)[i];
        }
        work->n++;
    }
}

static enum status gather(struct gathering *work) {
    const struct column *ids = table_find(work->summary, "run");
    const struct column *states = table_find(work->summary, "status");
    struct record *records =
        pool_alloc(&work->pool, ((size_t)work->n_measures + 1) * sizeof *records);
    enum status status = OK;
    for (int run = 0; run < work->summary->n_rows && !status; run++) {
        if (states &&
            (!strcmp(states->texts[run], "failed") || !strcmp(states->texts[run], "missing")))
            continue; /* it left nothing behind */
        bool found;
        memset(records, 0, (size_t)work->n_measures * sizeof *records);
        status = read_measures(work, ids->texts[run], records, &found);
        if (!status && found)
            add_members(work, run, records);
        for (int i = 0; i < work->n_measures; i++)
            record_free(&records[i]);
    }
    return status;
}

/* A column of this type in place of what the summary has. */
static struct column *replace(struct table *members, const char *name, enum cell_type type) {
    struct column *column = table_find(members, name);
    return column ? column : table_add(members, name, type, "", "");
}

static void fill(const struct gathering *work, struct table *members) {
    table_take(work->summary, work->n, work->runs, members);
    const char **averages = replace(members, "norm.average", TYPE_TEXT)->texts;
    double *momenta = replace(members, "norm.momentum", TYPE_REAL)->reals;
    const struct key *key = key_get(key_find("norm.average"));
    for (int i = 0; i < work->n; i++) {
        momenta[i] = work->momenta[i];
        averages[i] = words_get(key->words, work->averages[i], &members->pool);
    }
    for (int m = 0; m < work->n_measures && work->n > 0; m++)
        memcpy(replace(members, work->measures[m], TYPE_REAL)->reals, work->values[m],
               (size_t)work->n * sizeof *work->values[m]);
}

enum status members_table(const char *path, const struct table *summary, int n,
                          const char *const *measures, struct table *members) {
    struct gathering work = {
        .path = path, .summary = summary, .n_measures = n, .measures = measures};
    work.values = pool_alloc(&work.pool, ((size_t)n + 1) * sizeof *work.values);
    enum status status = gather(&work);
    if (!status && work.n == 0)
        status = fail(ERROR_USAGE,
                      "no run has %s/%s; with eval.momenta runs have %s/test_error and "
                      "%s/validation_error, each also _debiased",
                      group, measures[0], group, group);
    if (!status)
        fill(&work, members);
    pool_free(&work.pool);
    return status;
}
