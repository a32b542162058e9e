/* Which rows belong to which arm, stratum and seed. */
#include "judge/stats/contrast_pairs.h"

#include <string.h>

#include "lab/table/row_filter.h"
#include "lab/table/varied_keys.h"

void *contrast_many(struct pool *pool, int n, size_t size) {
    return pool_alloc(pool, ((size_t)n + 1) * size);
}

static const struct arm *arm_get(const struct contrast_request *request, int arm) {
    return arm == FIRST ? &request->first : &request->second;
}

const char *contrast_arm_text(const struct builder *b, int arm) {
    const struct arm *a = arm_get(b->request, arm);
    if (a->name)
        return pool_format(b->pool, "'%s'", a->name);
    const char *text = "";
    for (int i = 0; i < a->n; i++)
        text = pool_format(b->pool, "%s%s%s", text, i ? ", " : "", a->conditions[i]);
    return text;
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
bool contrast_tells_arms_apart(const struct contrast_request *request, const char *name) {
    return is_condition_of(&request->first, name) && is_condition_of(&request->second, name);
}

/* "; norm.kind is none or batch", of an arm with one condition. */
static const char *others_text(const struct builder *b, const struct arm *arm) {
    enum { MOST = 8 };
    const char *condition = arm->conditions[0], *text = "";
    const char *key = pool_format(b->pool, "%.*s", (int)strcspn(condition, "!<>="), condition);
    const struct column *column = arm->n == 1 && !arm->name ? table_find(b->table, key) : NULL;
    const struct column_value *values;
    int n = column ? column_values(b->table, column, b->pool, &values) : 0;
    for (int i = 0; i < n && n <= MOST; i++)
        text = pool_format(b->pool, "%s%s%s", text,
                           i == 0       ? ""
                           : i == n - 1 ? " or "
                                        : ", ",
                           values[i].text);
    return *text ? pool_format(b->pool, "; %s is %s", key, text) : "";
}

static enum status mark_arm(struct builder *b, int arm) {
    const struct arm *a = arm_get(b->request, arm);
    struct rows met = {0};
    enum status status = rows_where(b->table, NULL, a->n, a->conditions, b->pool, &met);
    if (!status && met.n == 0)
        status = fail(ERROR_USAGE, "no run has %s%s", contrast_arm_text(b, arm), others_text(b, a));
    for (int i = 0; i < met.n && !status; i++) {
        int *mark = &b->arm_of[met.items[i]];
        if (*mark != NO_ARM)
            status = fail(ERROR_USAGE, "the arms overlap: a run has both %s and %s",
                          contrast_arm_text(b, FIRST), contrast_arm_text(b, SECOND));
        *mark = arm;
    }
    return status;
}

static enum status mark_arms(struct builder *b) {
    b->arm_of = contrast_many(b->pool, b->table->n_rows, sizeof *b->arm_of);
    for (int row = 0; row < b->table->n_rows; row++)
        b->arm_of[row] = NO_ARM;
    enum status status = mark_arm(b, FIRST);
    return status ? status : mark_arm(b, SECOND);
}

/* ---- strata and seeds ---- */

/* Those that tell repetitions apart. */
static void find_seed_keys(struct builder *b) {
    const struct table *table = b->table;
    b->seed_keys = contrast_many(b->pool, table->n_columns, sizeof *b->seed_keys);
    for (int i = 0; i < table->n_columns; i++) {
        const struct column *column = &table->columns[i];
        if (key_is_seed(column->name) && key_varies(table, column->name))
            b->seed_keys[b->n_seed_keys++] = column;
    }
}

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
    contrast->seeds = contrast_many(b->pool, b->table->n_rows, sizeof *contrast->seeds);
    b->seed_of = contrast_many(b->pool, b->table->n_rows, sizeof *b->seed_of);
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
    contrast->strata = contrast_many(b->pool, n_rows, sizeof *contrast->strata);
    contrast->by_values = contrast_many(b->pool, n_rows * n_by, sizeof *contrast->by_values);
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

bool contrast_ignores(const struct column *column) {
    int key = key_find(column->name);
    return key >= 0 && (key_get(key)->volatile_ || key_get(key)->local);
}

/* Names the first key in which two runs differ that should be told apart. */
static enum status ambiguous(const struct builder *b, int row, int other) {
    struct pool pool = {0};
    enum status status =
        fail(ERROR_USAGE, "%s with seed %s is there twice, with the same configuration",
             contrast_arm_text(b, b->arm_of[row]), b->seed_of[row]);
    for (int i = b->table->n_columns - 1; i >= 0; i--) {
        const struct column *column = &b->table->columns[i];
        const char *one = table_text(column, row, &pool), *two = table_text(column, other, &pool);
        if (column_is_key(column->name) && !contrast_ignores(column) && strcmp(one, two) != 0)
            status = fail(ERROR_USAGE, "%s varies within %s (%s and %s): %s", column->name,
                          contrast_arm_text(b, b->arm_of[row]), one, two,
                          contrast_tells_arms_apart(b->request, column->name)
                              ? "give each arm one value of it"
                              : "make it a key of the strata, or choose a value");
    }
    pool_free(&pool);
    return status;
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
        b->row[arm] = contrast_many(b->pool, n_cells, sizeof *b->row[arm]);
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
        if (contrast_tells_arms_apart(request, request->by[i]) && !share_a_stratum(b))
            return fail(ERROR_USAGE, "%s tells the arms apart: it cannot be a key of the strata",
                        request->by[i]);
    return OK;
}

/* ---- all together ---- */

enum status contrast_pair(struct builder *b) {
    enum status status = mark_arms(b);
    if (status)
        return status;
    find_seed_keys(b);
    list_seeds(b);
    status = list_strata(b);
    if (!status)
        status = place_rows(b);
    return status ? status : check_strata(b);
}
