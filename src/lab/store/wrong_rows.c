/* Reads wrong rows, and holds them against the errors that count them. */
#include "lab/store/wrong_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/config/condition.h"
#include "lab/store/store.h"
#include "lab/table/run_rows.h"
#include "lab/table/summary_columns.h"

/* ---- which series ---- */

/* Which source's rows test_error<...> counts; -1: none. */
static int source_of(const char *metric) {
    static const char test[] = "test_error";
    bool scored = !strcmp(metric, "test_error_scored");
    int source = scored                                     ? SOURCE_RUNNING
                 : strncmp(metric, test, strlen(test)) != 0 ? -1
                                                            : evaluation_source_find(metric);
    return source >= 0 && evaluation_source_get(source)->states ? source : -1;
}

const char *wrong_rows_series(const char *metric, struct pool *pool) {
    const char *member = bank_metric(metric);
    int source = source_of(member ? member : metric);
    if (source < 0 || (member && !evaluation_source_get(source)->bank))
        return NULL;
    return pool_format(pool, "%s/wrong%s", member ? "bank" : "rows",
                       evaluation_source_get(source)->suffix);
}

/* ---- which member ---- */

/* The place on a scale that "momentum=0.999" names; -1: none, or it is about another scale. */
static long place_on(const struct series *scale, const char *where) {
    struct pool pool = {0};
    struct condition condition;
    char *end = NULL;
    long place = -1;
    bool named = condition_read(where, &pool, &condition) == OK && condition.relation == EQUAL &&
                 condition.n_values == 1 && !strcmp(condition.name, scale->name);
    double wanted = named ? strtod(condition.values[0], &end) : NAN;
    for (size_t i = 0; named && !*end && place < 0 && i < series_count(scale); i++)
        if (series_number(scale, i) == wanted)
            place = (long)i;
    pool_free(&pool);
    return place;
}

/* Where the numbers [inner] of the member begin that the conditions name: one for each dimension
 * but the `n_inner` last. */
static enum status find_member(const struct record *record, const struct series *series,
                               int n_inner, int n_where, const char *const *where, size_t *member) {
    size_t found = 0;
    int n_outer = series->n_dims - n_inner, n_named = 0;
    for (int d = 0; d < n_outer; d++) {
        const struct series *scale =
            record_find_series(record, series->group, series->dim_names[d]);
        long place = -1;
        for (int i = 0; i < n_where && place < 0; i++)
            place = place_on(scale, where[i]);
        found = found * series->dims[d] + (size_t)place;
        n_named += place >= 0;
    }
    if (n_named != n_outer || n_where != n_outer)
        return fail(ERROR_USAGE,
                    "rows of '%s/%s' are of one member, such as where: [momentum=0.9, average=0]",
                    series->group, series->name);
    *member = found;
    return OK;
}

/* ---- a run ---- */

struct request {
    const char *path, *id, *metric;
    int n_where;
    const char *const *where;
};

static long whole_of(const struct attributes *list, const char *name) {
    const struct attribute *attribute = attributes_find(list, name);
    return attribute && attribute->type == TYPE_INT ? attribute->integer : -1;
}

static int fold_of(const struct record *record) {
    const struct attribute *split = attributes_find(&record->config, "data.split");
    bool folds = split && split->type == TYPE_TEXT && !strcmp(split->text, "folds");
    return folds ? (int)(whole_of(&record->config, "seed") % SPLIT_FOLDS_N) : -1;
}

/* Of whole numbers, a row a bit, none beyond the last row. */
static enum status check_words(const struct request *request, const struct series *series, long m) {
    size_t words = m > 0 ? evaluate_words(m) : 0;
    bool fits = series->type == SERIES_I64 && words > 0 && series->n_dims > 0 &&
                series->dims[series->n_dims - 1] == words;
    const uint64_t *all = series->data;
    for (size_t i = words; fits && m % 64 && i <= series_count(series); i += words)
        fits = all[i - 1] >> m % 64 == 0;
    return fits ? OK
                : fail(ERROR_RESULTS, "%s: run %s: '%s/%s' is not of %ld test rows", request->path,
                       request->id, series->group, series->name, m);
}

/* The share that the run says is wrong; NaN: it does not. */
static enum status read_error(const struct request *request, const struct record *record,
                              double *error) {
    const struct attribute *attribute = attributes_find(&record->final, request->metric);
    const char *member = bank_metric(request->metric);
    size_t at = 0;
    if (!member) {
        *error = attribute && attribute->type == TYPE_REAL ? attribute->real : NAN;
        return OK;
    }
    struct record bank = {0};
    enum status status = store_read_series_of(request->path, request->id, request->metric, &bank);
    if (status)
        return status;
    const struct series *series = record_find_series(&bank, "bank", member);
    status = series ? find_member(&bank, series, 0, request->n_where, request->where, &at)
                    : fail(ERROR_RESULTS, "%s: run %s: there is no series '%s'", request->path,
                           request->id, request->metric);
    if (!status)
        *error = series_number(series, at);
    record_free(&bank);
    return status;
}

/* As evaluation counts: to the last bit. A run that trained to the end has no rows where it has no
 * error. */
static enum status check_count(const struct request *request, const struct record *record,
                               struct wrong_rows *rows) {
    const struct attribute *ended = attributes_find(&record->final, "status");
    double error = NAN, counted = (double)wrong_rows_count(rows) / (double)rows->m;
    enum status status = read_error(request, record, &error);
    if (!status && isnan(error) && ended && !strcmp(ended->text, run_end_name(END_COMPLETE)))
        rows->bits = NULL;
    if (!status && !isnan(error) && error != counted)
        status = fail(ERROR_RESULTS, "%s: run %s: '%s' is %.17g, and %.17g of the rows are wrong",
                      request->path, request->id, request->metric, error, counted);
    return status;
}

static enum status take_rows(const struct request *request, const struct record *record,
                             const struct series *series, struct pool *pool,
                             struct wrong_rows *rows) {
    long m = whole_of(&record->final, "test_rows");
    size_t member = 0;
    enum status status = check_words(request, series, m);
    if (!status)
        status = find_member(record, series, 1, request->n_where, request->where, &member);
    if (status)
        return status;
    size_t words = evaluate_words(m);
    uint64_t *bits = pool_alloc(pool, words * sizeof *bits);
    memcpy(bits, (const uint64_t *)series->data + member * words, words * sizeof *bits);
    *rows = (struct wrong_rows){m, fold_of(record), bits};
    return check_count(request, record, rows);
}

enum status wrong_rows_read(const char *path, const char *id, const char *metric, int n_where,
                            const char *const *where, struct pool *pool, struct wrong_rows *rows) {
    const struct request request = {path, id, metric, n_where, where};
    const char *name = wrong_rows_series(metric, pool);
    struct record record = {0};
    struct wrong_rows found = {0, -1, NULL};
    if (!name)
        return fail(ERROR_USAGE, "'%s' does not count rows", metric);
    enum status status = store_read_series_of(path, id, name, &record);
    const char *slash = strchr(name, '/');
    const struct series *series =
        status ? NULL
               : record_find_series(&record, pool_format(pool, "%.*s", (int)(slash - name), name),
                                    slash + 1);
    if (series)
        status = take_rows(&request, &record, series, pool, &found);
    record_free(&record);
    if (status)
        return status;
    *rows = found;
    return OK;
}

long wrong_rows_count(const struct wrong_rows *rows) {
    long n = 0;
    for (size_t i = 0; i < evaluate_words(rows->m); i++)
        n += __builtin_popcountll(rows->bits[i]);
    return n;
}
