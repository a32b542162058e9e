/* From a table of runs to paired differences: values, what is missing, what else differs. */
#include "judge/stats/contrast.h"

#include <math.h>
#include <string.h>

#include "base/words.h"
#include "judge/stats/contrast_pairs.h"
#include "lab/table/run_rows.h"
#include "lab/table/varied_keys.h"

enum status contrast_transform_find(const char *word, enum contrast_transform *transform) {
    static const char words[] = "none|log2|ratio";
    int index = words_find(words, word);
    if (index < 0)
        return fail(ERROR_USAGE, "no transform '%s'; there are none, log2 and ratio", word);
    *transform = (enum contrast_transform)index;
    return OK;
}

/* ---- columns ---- */

static enum status find_columns(struct builder *b) {
    const struct contrast_request *request = b->request;
    struct column *column;
    enum status status = table_require(b->table, request->metric, &column);
    if (status)
        return status;
    if (column->type == TYPE_TEXT)
        return fail(ERROR_USAGE, "'%s' is text: there is no difference of it", column->name);
    b->metric = column;
    b->by = contrast_many(b->pool, request->n_by, sizeof *b->by);
    for (int i = 0; i < request->n_by && !status; i++) {
        status = table_require(b->table, request->by[i], &column);
        b->by[i] = column;
    }
    return status;
}

/* ---- what is missing ---- */

/* Why a run cannot be compared, as words behind its name; NULL: it can. Runs without a number are
 * the caller's to judge unless those that are missing are to be left out. */
static const char *why_missing(const struct builder *b, int arm, int stratum, int seed) {
    int row = b->row[arm][stratum * b->contrast->n_seeds + seed];
    if (row >= 0 && run_ended(b->table, row, END_FAILED))
        return " (failed)";
    if (row < 0 || run_ended(b->table, row, END_MISSING))
        return "";
    if (!b->request->drop_missing)
        return NULL;
    double value = table_number(b->metric, row);
    bool log = b->request->transform != CONTRAST_PLAIN;
    if (isfinite(value) && !(log && value <= 0))
        return NULL;
    return pool_format(b->pool, " (%s is %s%s)", b->metric->name,
                       table_text(b->metric, row, b->pool),
                       isnan(value) ? "" : ", which has no logarithm");
}

/* Every missing run in words, and whether its seed lacks any. */
static int list_missing(const struct builder *b, const char **texts, bool *lacks) {
    const struct contrast *contrast = b->contrast;
    int n = 0;
    for (int i = 0; i < contrast->n_seeds; i++)
        for (int s = 0; s < contrast->n_strata; s++)
            for (int arm = FIRST; arm < ARMS; arm++) {
                const char *why = why_missing(b, arm, s, i);
                if (!why)
                    continue;
                lacks[i] = true;
                texts[n++] =
                    b->request->n_by
                        ? pool_format(b->pool, "%s, %s, seed %s%s", contrast_arm_text(b, arm),
                                      contrast->strata[s], contrast->seeds[i], why)
                        : pool_format(b->pool, "%s, seed %s%s", contrast_arm_text(b, arm),
                                      contrast->seeds[i], why);
            }
    return n;
}

static enum status fail_missing(const struct builder *b, int n, const char *const *texts) {
    enum { SHOWN = 4 };
    const char *list = "";
    for (int i = 0; i < n && i < SHOWN; i++)
        list = pool_format(b->pool, "%s%s%s", list, i ? "; " : "", texts[i]);
    return fail(ERROR_RESULTS, "%d %s missing: %s%s", n, n == 1 ? "run is" : "runs are", list,
                n > SHOWN ? "; ..." : "");
}

/* Has the arm a run to compare in this stratum? */
static bool has_any(const struct builder *b, int arm, int stratum) {
    bool any = false;
    for (int i = 0; i < b->contrast->n_seeds && !any; i++)
        any = !why_missing(b, arm, stratum, i);
    return any;
}

/* Without the strata that one arm lacks altogether: said as such, and not run by run. */
static void drop_strata(struct builder *b) {
    struct contrast *contrast = b->contrast;
    int n = contrast->n_seeds, n_by = b->request->n_by, kept = 0;
    for (int s = 0; s < contrast->n_strata; s++) {
        bool first = has_any(b, FIRST, s), second = has_any(b, SECOND, s);
        if (!first || !second) {
            contrast->dropped[contrast->n_dropped++] =
                pool_format(b->pool, "%s: no run of %s", contrast->strata[s],
                            contrast_arm_text(b, first ? SECOND : FIRST));
            continue;
        }
        for (int arm = FIRST; arm < ARMS; arm++)
            memmove(b->row[arm] + kept * n, b->row[arm] + s * n, (size_t)n * sizeof *b->row[arm]);
        memmove(contrast->by_values + kept * n_by, contrast->by_values + s * n_by,
                (size_t)n_by * sizeof *contrast->by_values);
        contrast->strata[kept++] = contrast->strata[s];
    }
    contrast->n_strata = kept;
}

/* Without the seeds that lack a run: they move together, so that every seed is in all strata. */
static void drop_seeds(struct builder *b, const bool *lacks) {
    struct contrast *contrast = b->contrast;
    int old = contrast->n_seeds, kept = 0;
    for (int i = 0; i < old; i++)
        kept += !lacks[i];
    for (int arm = FIRST; arm < ARMS; arm++) /* forwards, so that nothing unread is overwritten */
        for (int s = 0, to = 0; s < contrast->n_strata; s++)
            for (int i = 0; i < old; i++)
                if (!lacks[i])
                    b->row[arm][to++] = b->row[arm][s * old + i];
    for (int i = 0, to = 0; i < old; i++)
        if (!lacks[i])
            contrast->seeds[to++] = contrast->seeds[i];
    contrast->n_seeds = kept;
}

static enum status settle_missing(struct builder *b) {
    struct contrast *contrast = b->contrast;
    int most = (ARMS * contrast->n_seeds + 1) * contrast->n_strata;
    const char **texts = contrast_many(b->pool, most, sizeof *texts);
    bool *lacks = contrast_many(b->pool, contrast->n_seeds, sizeof *lacks);
    int n = list_missing(b, texts, lacks);
    if (n > 0 && !b->request->drop_missing)
        return fail_missing(b, n, texts);
    contrast->dropped = contrast_many(b->pool, most, sizeof *texts);
    drop_strata(b);
    if (contrast->n_strata == 0)
        return fail_missing(b, n, texts);
    memset(lacks, 0, (size_t)contrast->n_seeds * sizeof *lacks);
    n = list_missing(b, contrast->dropped + contrast->n_dropped, lacks);
    contrast->n_dropped += n;
    drop_seeds(b, lacks);
    return contrast->n_seeds > 0 ? OK
                                 : fail_missing(b, n, contrast->dropped + contrast->n_dropped - n);
}

/* ---- values ---- */

static double transformed(enum contrast_transform transform, double x) {
    return transform == CONTRAST_LOG2 ? log2(x) : transform == CONTRAST_RATIO ? log(x) : x;
}

static enum status take_value(struct builder *b, int arm, int cell, double *value, bool *failed) {
    int row = b->row[arm][cell];
    *value = table_number(b->metric, row);
    *failed = run_went_wrong(b->table, row);
    bool has_logarithm = b->request->transform == CONTRAST_PLAIN || !(*value <= 0);
    return has_logarithm
               ? OK
               : fail(ERROR_RESULTS, "%s of %s, seed %s is %g: it has no logarithm",
                      b->metric->name, contrast_arm_text(b, arm), b->seed_of[row], *value);
}

static enum status take_values(struct builder *b) {
    struct contrast *contrast = b->contrast;
    const struct contrast_request *request = b->request;
    int n = contrast->n_strata * contrast->n_seeds;
    double sign = request->higher_is_better ? 1 : -1;
    contrast->first = contrast_many(b->pool, n, sizeof *contrast->first);
    contrast->second = contrast_many(b->pool, n, sizeof *contrast->second);
    contrast->d = contrast_many(b->pool, n, sizeof *contrast->d);
    contrast->first_rows = b->row[FIRST];
    contrast->second_rows = b->row[SECOND];
    contrast->failed_first = contrast_many(b->pool, n, sizeof *contrast->failed_first);
    contrast->failed_second = contrast_many(b->pool, n, sizeof *contrast->failed_second);
    enum status status = OK;
    for (int i = 0; i < n && !status; i++) {
        double *x = &contrast->first[i], *y = &contrast->second[i];
        status = take_value(b, FIRST, i, x, &contrast->failed_first[i]);
        if (!status)
            status = take_value(b, SECOND, i, y, &contrast->failed_second[i]);
        double first = transformed(request->transform, *x);
        double second = transformed(request->transform, *y);
        contrast->d[i] = sign * (first - second);
        contrast->largest = fmax(contrast->largest, fmax(fabs(first), fabs(second)));
    }
    return status;
}

/* ---- what else differs ---- */

static bool differs_in_a_pair(const struct builder *b, const struct column *column) {
    struct pool pool = {0};
    bool differs = false;
    int n = b->contrast->n_strata * b->contrast->n_seeds;
    for (int i = 0; i < n && !differs; i++) {
        int one = b->row[FIRST][i], two = b->row[SECOND][i];
        differs = key_applies(column, one) && key_applies(column, two) &&
                  strcmp(table_text(column, one, &pool), table_text(column, two, &pool)) != 0;
    }
    pool_free(&pool);
    return differs;
}

static void list_also(struct builder *b) {
    struct contrast *contrast = b->contrast;
    contrast->also = contrast_many(b->pool, b->table->n_columns, sizeof *contrast->also);
    for (int i = 0; i < b->table->n_columns; i++) {
        const struct column *column = &b->table->columns[i];
        if (column_is_key(column->name) && !contrast_ignores(column) &&
            !contrast_tells_arms_apart(b->request, column->name) && differs_in_a_pair(b, column))
            contrast->also[contrast->n_also++] = pool_text(b->pool, column->name);
    }
}

/* ---- all together ---- */

static enum status build(struct builder *b) {
    enum status status = find_columns(b);
    if (!status)
        status = contrast_pair(b);
    if (!status)
        status = settle_missing(b);
    if (!status)
        status = take_values(b);
    if (!status)
        list_also(b);
    return status;
}

enum status contrast_build(const struct table *table, const struct contrast_request *request,
                           struct contrast *contrast) {
    struct contrast built = {0};
    struct builder builder = {
        .table = table, .request = request, .contrast = &built, .pool = &built.pool};
    enum status status = build(&builder);
    if (status)
        contrast_free(&built);
    else
        *contrast = built;
    return status;
}

void contrast_free(struct contrast *contrast) {
    pool_free(&contrast->pool);
    *contrast = (struct contrast){0};
}

double *contrast_average(const struct contrast *contrast, const double *values, struct pool *pool) {
    int n = contrast->n_strata, n_seeds = contrast->n_seeds;
    double *average = contrast_many(pool, n_seeds, sizeof *average);
    for (int i = 0; i < n * n_seeds; i++)
        average[i % n_seeds] += values[i] / n;
    return average;
}
