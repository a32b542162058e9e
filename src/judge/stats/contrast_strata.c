/* Which keys have to be strata, where nobody names them: those that tell the runs of an arm apart.
 */
#include "judge/stats/contrast_strata.h"

#include <string.h>

#include "lab/table/row_filter.h"
#include "lab/table/varied_keys.h"

/* The runs of either arm, as a table. */
static enum status take_arms(const struct table *table, const struct contrast_request *request,
                             struct pool *pool, struct table *runs) {
    struct rows first = {0}, second = {0};
    enum status status =
        rows_where(table, NULL, request->first.n, request->first.conditions, pool, &first);
    if (!status)
        status =
            rows_where(table, NULL, request->second.n, request->second.conditions, pool, &second);
    if (status)
        return status;
    int n = first.n + second.n;
    int *rows = pool_alloc(pool, ((size_t)n + 1) * sizeof *rows);
    memcpy(rows, first.items, (size_t)first.n * sizeof *rows);
    memcpy(rows + first.n, second.items, (size_t)second.n * sizeof *rows);
    table_take(table, n, rows, runs);
    return OK;
}

static void add_given(const struct table *runs, const char *name, const struct column **given,
                      int *n) {
    const struct column *column = table_find(runs, name);
    if (column)
        given[(*n)++] = column;
}

static void add_conditions(const struct table *runs, const struct arm *arm, struct pool *pool,
                           const struct column **given, int *n) {
    for (int i = 0; i < arm->n; i++) {
        const char *condition = arm->conditions[i];
        int size = (int)strcspn(condition, "!<>=");
        add_given(runs, pool_format(pool, "%.*s", size, condition), given, n);
    }
}

enum status contrast_open_keys(const struct table *table, const struct contrast_request *request,
                               struct pool *pool, int *n, const char ***keys) {
    struct table runs = {0};
    enum status status = take_arms(table, request, pool, &runs);
    if (status)
        return status;
    int n_given = 0,
        most = runs.n_columns + request->n_by + request->first.n + request->second.n + 1;
    const struct column **given = pool_alloc(pool, (size_t)most * sizeof *given);
    const struct column **open = pool_alloc(pool, (size_t)most * sizeof *open);
    add_conditions(&runs, &request->first, pool, given, &n_given);
    add_conditions(&runs, &request->second, pool, given, &n_given);
    for (int i = 0; i < request->n_by; i++)
        add_given(&runs, request->by[i], given, &n_given);
    *n = summary_arms(&runs, n_given, given, open);
    *keys = pool_alloc(pool, ((size_t)*n + 1) * sizeof **keys);
    for (int i = 0; i < *n; i++)
        (*keys)[i] = pool_text(pool, open[i]->name);
    table_free(&runs);
    return OK;
}
