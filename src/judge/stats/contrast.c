#include "judge/stats/contrast.h"

#include <math.h>
#include <string.h>

#include "base/key.h"
#include "lab/table/varied_keys.h"

enum status contrast_transform_find(const char *word, enum contrast_transform *transform) {
    static const char words[] = "none|log2|ratio";
    int index = words_find(words, word);
    if (index < 0)
        return fail(ERROR_USAGE, "no transform '%s'; there are none, log2 and ratio", word);
    *transform = (enum contrast_transform)index;
    return OK;
}

enum { NO_ARM = -1, FIRST, SECOND, ARMS };

struct builder {
    const struct table *table;
    const struct contrast_request *request;
    struct contrast *contrast;
    struct pool *pool; /* the contrast's */
    const struct column *figure;
    const struct column **by, **seed_keys;
    int n_seed_keys;
    int *arm_of;          /* [n_rows] */
    const char **seed_of; /* [n_rows] label of the row's seed */
    int *row[ARMS];       /* [n_strata][n_seeds]; -1: none that is finished */
};

static void *many(struct pool *pool, int n, size_t size) {
    return pool_alloc(pool, ((size_t)n + 1) * size);
}

static const struct arm *arm_get(const struct contrast_request *request, int arm) {
    return arm == FIRST ? &request->first : &request->second;
}

static const char *arm_text(const struct builder *b, int arm) {
    const struct arm *a = arm_get(b->request, arm);
    const char *text = "";
    for (int i = 0; i < a->n; i++)
        text = pool_format(b->pool, "%s%s%s", text, i ? ", " : "", a->conditions[i]);
    return text;
}

/* ---- columns ---- */

static enum status find_columns(struct builder *b) {
    const struct contrast_request *request = b->request;
    struct column *column;
    enum status status = table_require(b->table, request->figure, &column);
    if (status)
        return status;
    if (column->type == TYPE_TEXT)
        return fail(ERROR_USAGE, "'%s' is text: there is no difference of it", column->name);
    b->figure = column;
    b->by = many(b->pool, request->n_by, sizeof *b->by);
    for (int i = 0; i < request->n_by && !status; i++) {
        status = table_require(b->table, request->by[i], &column);
        b->by[i] = column;
    }
    return status;
}

/* Those that tell repetitions apart. */
static void find_seed_keys(struct builder *b) {
    const struct table *table = b->table;
    b->seed_keys = many(b->pool, table->n_columns, sizeof *b->seed_keys);
    for (int i = 0; i < table->n_columns; i++) {
        const struct column *column = &table->columns[i];
        if (key_is_seed(column->name) && key_varies(table, column->name))
            b->seed_keys[b->n_seed_keys++] = column;
    }
}

/* ---- which rows are whose ---- */

static bool is_condition_of(const struct arm *arm, const char *name) {
    for (int i = 0; i < arm->n; i++)
        if (strcspn(arm->conditions[i], "!<>=") == strlen(name) &&
            !strncmp(arm->conditions[i], name, strlen(name)))
            return true;
    return false;
}

/* What makes the arms: a condition of one alone is met by the other's runs or not. */
static bool tells_arms_apart(const struct contrast_request *request, const char *name) {
    return is_condition_of(&request->first, name) && is_condition_of(&request->second, name);
}

/* The numbers of the rows that meet an arm's conditions: those of a copy of the table with the
 * number of each row in a column of its own. */
static enum status mark_arm(struct builder *b, int arm) {
    static const char number[] = "contrast: row";
    const struct arm *a = arm_get(b->request, arm);
    struct table copy, met;
    table_take(b->table, b->table->n_rows, NULL, &copy);
    struct column *numbers = table_add(&copy, number, TYPE_INT, "", "");
    for (int row = 0; row < copy.n_rows; row++)
        numbers->integers[row] = row;
    enum status status = table_where(&copy, a->n, a->conditions, &met);
    table_free(&copy);
    if (status)
        return status;
    if (met.n_rows == 0)
        status = fail(ERROR_USAGE, "no run has %s", arm_text(b, arm));
    for (int i = 0; i < met.n_rows && !status; i++) {
        int *mark = &b->arm_of[table_find(&met, number)->integers[i]];
        if (*mark != NO_ARM)
            status = fail(ERROR_USAGE, "the arms overlap: a run has both %s and %s",
                          arm_text(b, FIRST), arm_text(b, SECOND));
        *mark = arm;
    }
    table_free(&met);
    return status;
}

static enum status mark_arms(struct builder *b) {
    b->arm_of = many(b->pool, b->table->n_rows, sizeof *b->arm_of);
    for (int row = 0; row < b->table->n_rows; row++)
        b->arm_of[row] = NO_ARM;
    enum status status = mark_arm(b, FIRST);
    return status ? status : mark_arm(b, SECOND);
}

/* ---- strata and seeds ---- */

static int find_text(const char *const *texts, int n, const char *text) {
    for (int i = 0; i < n; i++)
        if (!strcmp(texts[i], text))
            return i;
    return -1;
}

/* "3", "3, seeds.order=1"; "" where no seed varies. */
static const char *seed_text(const struct builder *b, int row) {
    const char *text = "";
    for (int i = 0; i < b->n_seed_keys; i++) {
        const struct column *key = b->seed_keys[i];
        const char *value = table_text(key, row, b->pool);
        text = !strcmp(key->name, "seed")
                   ? pool_format(b->pool, "%s%s%s", text, i ? ", " : "", value)
                   : pool_format(b->pool, "%s%s%s=%s", text, i ? ", " : "", key->name, value);
    }
    return text;
}

static void list_seeds(struct builder *b) {
    struct contrast *contrast = b->contrast;
    contrast->seeds = many(b->pool, b->table->n_rows, sizeof *contrast->seeds);
    b->seed_of = many(b->pool, b->table->n_rows, sizeof *b->seed_of);
    for (int row = 0; row < b->table->n_rows; row++) {
        b->seed_of[row] = seed_text(b, row);
        if (b->arm_of[row] != NO_ARM &&
            find_text(contrast->seeds, contrast->n_seeds, b->seed_of[row]) < 0)
            contrast->seeds[contrast->n_seeds++] = b->seed_of[row];
    }
}

static bool lies_in_a_stratum(const struct builder *b, int row) {
    for (int i = 0; i < b->request->n_by; i++)
        if (!key_applies(b->by[i], row))
            return false;
    return b->arm_of[row] != NO_ARM;
}

/* "train.batch_size=4, norm.placement=before" */
static const char *stratum_text(const struct builder *b, int row) {
    const char *text = "";
    for (int i = 0; i < b->request->n_by; i++)
        text = pool_format(b->pool, "%s%s%s=%s", text, i ? ", " : "", b->by[i]->name,
                           table_text(b->by[i], row, b->pool));
    return b->request->n_by ? text : "all";
}

static enum status list_strata(struct builder *b) {
    struct contrast *contrast = b->contrast;
    int n_by = b->request->n_by, n_rows = b->table->n_rows;
    contrast->strata = many(b->pool, n_rows, sizeof *contrast->strata);
    contrast->by_values = many(b->pool, n_rows * n_by, sizeof *contrast->by_values);
    for (int row = 0; row < n_rows; row++) {
        if (!lies_in_a_stratum(b, row))
            continue;
        const char *text = stratum_text(b, row);
        if (find_text(contrast->strata, contrast->n_strata, text) >= 0)
            continue;
        for (int i = 0; i < n_by; i++)
            contrast->by_values[contrast->n_strata * n_by + i] =
                pool_text(b->pool, table_text(b->by[i], row, b->pool));
        contrast->strata[contrast->n_strata++] = text;
    }
    return contrast->n_strata > 0
               ? OK
               : fail(ERROR_USAGE, "the keys of the strata apply to no run of either arm");
}

/* ---- pairs ---- */

/* A key that does not apply to a run says nothing of where it belongs. */
static bool row_is_in(const struct builder *b, int row, int stratum, struct pool *pool) {
    int n_by = b->request->n_by;
    for (int i = 0; i < n_by; i++)
        if (key_applies(b->by[i], row) && strcmp(table_text(b->by[i], row, pool),
                                                 b->contrast->by_values[stratum * n_by + i]) != 0)
            return false;
    return true;
}

static bool is_logged_only(const struct column *column) {
    int key = key_find(column->name);
    return key >= 0 && (key_get(key)->volatile_ || key_get(key)->local);
}

/* Names the first key in which two runs differ that should be told apart. */
static enum status ambiguous(const struct builder *b, int row, int other) {
    struct pool pool = {0};
    enum status status =
        fail(ERROR_USAGE, "%s with seed %s is there twice, with the same configuration",
             arm_text(b, b->arm_of[row]), b->seed_of[row]);
    for (int i = b->table->n_columns - 1; i >= 0; i--) {
        const struct column *column = &b->table->columns[i];
        const char *one = table_text(column, row, &pool), *two = table_text(column, other, &pool);
        if (column_is_key(column->name) && !is_logged_only(column) && strcmp(one, two) != 0)
            status = fail(ERROR_USAGE,
                          "%s varies within %s (%s and %s): make it a key of the strata, or choose "
                          "a value",
                          column->name, arm_text(b, b->arm_of[row]), one, two);
    }
    pool_free(&pool);
    return status;
}

static bool is_finished(const struct table *table, int row) {
    const struct column *status = table_find(table, "status");
    return !status || !strcmp(status->texts[row], "complete") ||
           !strcmp(status->texts[row], "diverged");
}

static enum status place_row(struct builder *b, int row, int stratum) {
    const struct contrast *contrast = b->contrast;
    int seed = find_text(contrast->seeds, contrast->n_seeds, b->seed_of[row]);
    int *cell = &b->row[b->arm_of[row]][stratum * contrast->n_seeds + seed];
    if (*cell >= 0)
        return ambiguous(b, *cell, row);
    *cell = row;
    return OK;
}

static enum status place_rows(struct builder *b) {
    struct pool pool = {0};
    int n_cells = b->contrast->n_strata * b->contrast->n_seeds;
    for (int arm = FIRST; arm < ARMS; arm++) {
        b->row[arm] = many(b->pool, n_cells, sizeof *b->row[arm]);
        for (int i = 0; i < n_cells; i++)
            b->row[arm][i] = -1;
    }
    enum status status = OK;
    for (int row = 0; row < b->table->n_rows && !status; row++)
        for (int s = 0; s < b->contrast->n_strata && !status; s++)
            if (b->arm_of[row] != NO_ARM && row_is_in(b, row, s, &pool))
                status = place_row(b, row, s);
    pool_free(&pool);
    return status;
}

static bool has_runs(const struct builder *b, int arm, int stratum) {
    int n_seeds = b->contrast->n_seeds;
    for (int i = 0; i < n_seeds; i++)
        if (b->row[arm][stratum * n_seeds + i] >= 0)
            return true;
    return false;
}

static bool share_a_stratum(const struct builder *b) {
    for (int s = 0; s < b->contrast->n_strata; s++)
        if (has_runs(b, FIRST, s) && has_runs(b, SECOND, s))
            return true;
    return false;
}

/* Each stratum would have one arm alone: nothing is missing, the question is a wrong one. */
static enum status check_strata(const struct builder *b) {
    const struct contrast_request *request = b->request;
    for (int i = 0; i < request->n_by; i++)
        if (tells_arms_apart(request, request->by[i]) && !share_a_stratum(b))
            return fail(ERROR_USAGE, "%s tells the arms apart: it cannot be a key of the strata",
                        request->by[i]);
    return OK;
}

/* ---- what is missing ---- */

static bool is_missing(const struct builder *b, int arm, int stratum, int seed) {
    int row = b->row[arm][stratum * b->contrast->n_seeds + seed];
    return row < 0 || !is_finished(b->table, row);
}

/* Every missing run in words, and whether its seed lacks any. */
static int list_missing(const struct builder *b, const char **texts, bool *lacks) {
    const struct contrast *contrast = b->contrast;
    int n = 0;
    for (int i = 0; i < contrast->n_seeds; i++)
        for (int s = 0; s < contrast->n_strata; s++)
            for (int arm = FIRST; arm < ARMS; arm++) {
                if (!is_missing(b, arm, s, i))
                    continue;
                lacks[i] = true;
                texts[n++] =
                    b->request->n_by
                        ? pool_format(b->pool, "%s, %s, seed %s", arm_text(b, arm),
                                      contrast->strata[s], contrast->seeds[i])
                        : pool_format(b->pool, "%s, seed %s", arm_text(b, arm), contrast->seeds[i]);
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
    int most = ARMS * contrast->n_strata * contrast->n_seeds;
    const char **texts = many(b->pool, most, sizeof *texts);
    bool *lacks = many(b->pool, contrast->n_seeds, sizeof *lacks);
    int n = list_missing(b, texts, lacks);
    if (n > 0 && !b->request->drop_missing)
        return fail_missing(b, n, texts);
    contrast->n_dropped = n;
    contrast->dropped = texts;
    drop_seeds(b, lacks);
    return contrast->n_seeds > 0 ? OK : fail_missing(b, n, texts);
}

/* ---- values ---- */

bool run_failed(const struct table *table, int row) {
    const struct column *status = table_find(table, "status");
    const struct column *collapsed = table_find(table, "collapsed");
    return (status && !strcmp(status->texts[row], "diverged")) ||
           (collapsed && table_number(collapsed, row) > 0);
}

static double transformed(enum contrast_transform transform, double x) {
    return transform == CONTRAST_LOG2 ? log2(x) : transform == CONTRAST_RATIO ? log(x) : x;
}

static enum status take_value(struct builder *b, int arm, int cell, double *value, bool *failed) {
    int row = b->row[arm][cell];
    *value = table_number(b->figure, row);
    *failed = run_failed(b->table, row);
    bool has_logarithm = b->request->transform == CONTRAST_PLAIN || !(*value <= 0);
    return has_logarithm ? OK
                         : fail(ERROR_RESULTS, "%s of %s, seed %s is %g: it has no logarithm",
                                b->figure->name, arm_text(b, arm), b->seed_of[row], *value);
}

static enum status take_values(struct builder *b) {
    struct contrast *contrast = b->contrast;
    const struct contrast_request *request = b->request;
    int n = contrast->n_strata * contrast->n_seeds;
    double sign = request->higher_is_better ? 1 : -1;
    contrast->first = many(b->pool, n, sizeof *contrast->first);
    contrast->second = many(b->pool, n, sizeof *contrast->second);
    contrast->d = many(b->pool, n, sizeof *contrast->d);
    contrast->failed_first = many(b->pool, n, sizeof *contrast->failed_first);
    contrast->failed_second = many(b->pool, n, sizeof *contrast->failed_second);
    enum status status = OK;
    for (int i = 0; i < n && !status; i++) {
        double *x = &contrast->first[i], *y = &contrast->second[i];
        status = take_value(b, FIRST, i, x, &contrast->failed_first[i]);
        if (!status)
            status = take_value(b, SECOND, i, y, &contrast->failed_second[i]);
        contrast->d[i] =
            sign * (transformed(request->transform, *x) - transformed(request->transform, *y));
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
    contrast->also = many(b->pool, b->table->n_columns, sizeof *contrast->also);
    for (int i = 0; i < b->table->n_columns; i++) {
        const struct column *column = &b->table->columns[i];
        if (column_is_key(column->name) && !is_logged_only(column) &&
            !tells_arms_apart(b->request, column->name) && differs_in_a_pair(b, column))
            contrast->also[contrast->n_also++] = pool_text(b->pool, column->name);
    }
}

/* ---- all together ---- */

static enum status build(struct builder *b) {
    enum status status = find_columns(b);
    if (!status)
        status = mark_arms(b);
    if (status)
        return status;
    find_seed_keys(b);
    list_seeds(b);
    status = list_strata(b);
    if (!status)
        status = place_rows(b);
    if (!status)
        status = check_strata(b);
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
