/* Each arm at its best: the table of ways, and the choice among an arm's runs. */
#include "judge/claim/over.h"

#include <math.h>
#include <string.h>

#include "judge/stats/contrast.h"
#include "lab/table/run_rows.h"

/* ---- the table ---- */

static bool is_less(double value, double than) {
    return value < than;
}

static bool is_more(double value, double than) {
    return value > than;
}

/* Where the metric nowhere is below `at`: half of the smallest value that was tried. */
static double largest_below(int n, const double *keys, const double *values, double at) {
    double largest = NAN, smallest = NAN;
    for (int i = 0; i < n; i++) {
        smallest = fmin(smallest, keys[i]);
        if (values[i] < at)
            largest = fmax(largest, keys[i]);
    }
    return isnan(largest) ? smallest / 2 : largest;
}

static const struct over overs[] = {
    {.name = "min", .sentence = "the run with the smallest metric", .is_better = is_less},
    {.name = "max", .sentence = "the run with the largest metric", .is_better = is_more},
    {.name = "largest_below",
     .sentence = "the largest value of the key of a run whose metric is below `at`",
     .needs_at = true,
     .is_better = is_less,
     .number = largest_below},
};

int over_count(void) {
    return (int)(sizeof overs / sizeof *overs);
}

const struct over *over_get(int index) {
    return &overs[index];
}

const struct over *over_find(const char *name) {
    for (int i = 0; i < over_count(); i++)
        if (!strcmp(overs[i].name, name))
            return &overs[i];
    return NULL;
}

const char *over_name(int index) {
    return index < over_count() ? overs[index].name : NULL;
}

/* ---- the choice ---- */

/* Are two runs of an arm alike but for the key over which one chooses, and what went with it? */
static bool same_but_for(const struct table *table, const char *key, int a, int b) {
    struct pool pool = {0};
    bool same = true;
    for (int i = 0; i < table->n_columns && same; i++) {
        const struct column *column = &table->columns[i];
        bool is_key = strchr(column->name, '.') || !strcmp(column->name, "seed");
        if (!is_key || !strcmp(column->name, key) ||
            !strcmp(column->name, "optimizer.lr_effective"))
            continue;
        same = !strcmp(table_text(column, a, &pool), table_text(column, b, &pool));
    }
    pool_free(&pool);
    return same;
}

/* Is `candidate` to be kept rather than `best`? Of equal metrics (no run reached the target) that
 * of a run that did not fail: it is counted among the failed ones otherwise. */
static bool wins(const struct over *over, const struct table *table, const double *values,
                 int candidate, int best) {
    if (!run_has_group(table, best))
        return false;
    if (values[candidate] == values[best] && run_failed(table, best))
        return !run_failed(table, candidate);
    if (!run_has_group(table, candidate))
        return true;
    return isnan(values[best]) ? !isnan(values[candidate])
                               : over->is_better(values[candidate], values[best]);
}

/* Runs of an arm that differ in the key alone. */
struct alike {
    int n, best; /* best: a row */
    double *keys, *values;
};

static void find_alike(const struct metric *metric, const struct table *table, int first,
                       const double *values, bool *taken, struct alike *alike) {
    const struct column *key = table_find(table, metric->over_key);
    alike->n = 0;
    alike->best = first;
    for (int row = first; row < table->n_rows; row++) {
        if (taken[row] || !same_but_for(table, metric->over_key, first, row))
            continue;
        taken[row] = true;
        alike->keys[alike->n] = key ? table_number(key, row) : NAN;
        alike->values[alike->n++] = values[row];
        if (wins(metric->over, table, values, row, alike->best))
            alike->best = row;
    }
}

void over_choose(const struct metric *metric, struct table *table, double *values) {
    struct pool pool = {0};
    size_t size = (size_t)table->n_rows + 1;
    int *kept = pool_alloc(&pool, size * sizeof *kept), n_kept = 0;
    bool *taken = pool_alloc(&pool, size * sizeof *taken);
    double *chosen = pool_alloc(&pool, size * sizeof *chosen);
    struct alike alike = {.keys = pool_alloc(&pool, size * sizeof *alike.keys),
                          .values = pool_alloc(&pool, size * sizeof *alike.values)};
    for (int first = 0; first < table->n_rows; first++) {
        if (taken[first])
            continue;
        find_alike(metric, table, first, values, taken, &alike);
        chosen[n_kept] = metric->over->number ? metric->over->number(alike.n, alike.keys,
                                                                     alike.values, metric->over_at)
                                              : values[alike.best];
        kept[n_kept++] = alike.best;
    }
    struct table result;
    table_take(table, n_kept, kept, &result);
    table_free(table);
    *table = result;
    memcpy(values, chosen, (size_t)n_kept * sizeof *values);
    pool_free(&pool);
}
